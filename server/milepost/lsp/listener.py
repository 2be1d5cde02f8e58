"""The thread that reads: nothing the loop or a worker does can keep it from hearing the client (defect 2)."""

import logging
import os
import threading
from collections.abc import Callable

from milepost.lsp.arrivals import Arrivals
from milepost.lsp.envelope import INVALID_REQUEST, Malformed, Message, read
from milepost.lsp.framing import Frames, Oversized
from milepost.lsp.patience import until_readable

log = logging.getLogger(__name__)
_CHUNK = 2**18


class Listener(threading.Thread):
    """Reads until the end of the stream, and says so; also if it should fail itself."""

    def __init__(self, descriptor: int, frames: Frames, arrivals: Arrivals, at_end: Callable[[], object]) -> None:
        super().__init__(name="lsp-listener", daemon=True)
        self._descriptor = descriptor
        self._frames = frames
        self._arrivals = arrivals
        self._at_end = at_end

    def run(self) -> None:
        try:
            while chunk := _read(self._descriptor):
                self._hear(chunk)
        finally:
            self._at_end()
            self._arrivals.end()

    def _hear(self, chunk: bytes) -> None:
        before = self._frames.garbage
        self._arrivals.put([_message(found) for found in self._frames.feed(chunk)])
        if self._frames.garbage > before:
            log.warning("skipped %d bytes that belong to no message", self._frames.garbage - before)


def _message(found: bytes | Oversized) -> tuple[Message, int]:
    if isinstance(found, Oversized):
        return Malformed(INVALID_REQUEST, f"a message of {found.length} bytes is too long: it was skipped"), 0
    return read(found), len(found)


def _read(descriptor: int) -> bytes:
    """What has come, at least a byte; nothing at the end, or where the client is gone."""
    while True:
        try:
            return os.read(descriptor, _CHUNK)
        except BlockingIOError:
            until_readable(descriptor)
        except OSError as error:
            log.warning("reading ended: %s", error)
            return b""
