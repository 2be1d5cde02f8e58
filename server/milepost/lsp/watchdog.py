"""Watches the client's process: its death ends the server, also where the pipe stays open in somebody else's hands."""

import logging
import os
import select
import threading
from collections.abc import Callable

log = logging.getLogger(__name__)
SECONDS = 1.0
"""Between two looks, where the system cannot tell by itself."""


class Watchdog(threading.Thread):
    """Calls `gone` once, when the process is dead."""

    def __init__(self, process: int, gone: Callable[[], object]) -> None:
        super().__init__(name="lsp-watchdog", daemon=True)
        self._process = process
        self._gone = gone
        self._descriptor = _descriptor(process)
        self._stopped = threading.Event()

    def run(self) -> None:
        if self._descriptor is not None:
            select.select([self._descriptor], [], [])
        elif not alive(self._process):
            # A client in a container of its own names a process that is none here.
            log.warning("the client's process %d cannot be seen from here: it is not watched", self._process)
            return
        else:
            while alive(self._process):
                self._stopped.wait(SECONDS)
        log.warning("the client's process %d is gone", self._process)
        self._gone()


def alive(process: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _descriptor(process: int) -> int | None:
    """One that becomes readable when the process ends; None where there is no such thing, or no such process."""
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:
        return None
