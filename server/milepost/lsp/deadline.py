"""The end of the process by force, where a worker or a handler would keep it from ending (defect 9)."""

import os
import threading
from collections.abc import Callable

SECONDS = 2.0


class Deadline:
    """Once armed, the process is gone after some time, whatever it does; may be armed from any thread, again too."""

    def __init__(self, code: Callable[[], int], seconds: float = SECONDS) -> None:
        self._code = code
        self._seconds = seconds
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()

    def arm(self) -> None:
        with self._lock:
            if self._timer is None:
                self._timer = threading.Timer(self._seconds, self._fall)
                self._timer.daemon = True
                self._timer.start()

    def lift(self) -> None:
        """All ended well."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()

    def _fall(self) -> None:
        os._exit(self._code())
