"""Watches the client's process: its death ends the server, also where the pipe stays open in somebody else's hands."""

import logging
import os
import threading
from collections.abc import Callable

from milepost.lsp.patience import until_readable

log = logging.getLogger(__name__)
SECONDS = 1.0
"""Between two looks, where the system cannot tell by itself."""


def alive(process: int) -> bool:
    """Whether there is such a process."""
    if process <= 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def descriptor_of(process: int) -> int | None:
    """One that becomes readable when the process ends; None where there is no such thing, or no such process."""
    if process <= 0 or not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(process)
    except OSError:
        return None


class Watchdog(threading.Thread):
    """Calls `gone` once, when the process is dead."""

    def __init__(
        self, process: int, gone: Callable[[], object],
        descriptor: Callable[[int], int | None] = descriptor_of,
    ) -> None:
        super().__init__(name="lsp-watchdog", daemon=True)
        self._process = process
        self._gone = gone
        self._descriptor = descriptor(process)
        self._never = threading.Event()

    def run(self) -> None:
        if self._descriptor is not None:
            until_readable(self._descriptor)
        elif not alive(self._process):
            # A client in a container of its own names a process that is none here.
            log.warning("the client's process %d cannot be seen from here: it is not watched", self._process)
            return
        else:
            while alive(self._process):
                self._never.wait(SECONDS)
        log.warning("the client's process %d is gone", self._process)
        self._gone()
