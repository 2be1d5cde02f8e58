"""The thread that writes: a client that does not read blocks this thread and nothing else (defect 15).

What waits is bounded. A message with a key is droppable: a newer one of that key takes its place. When too much
waits all the same, or the client has read nothing for long, it is given up as lost.
"""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable

from milepost.lsp.framing import frame
from milepost.lsp.patience import until_writable

log = logging.getLogger(__name__)
LARGEST_BACKLOG = 64 * 2**20
_CHUNK = 2**16


class Writer(threading.Thread):
    """Takes bodies from any thread; `lost` is called once, from any thread, when the client is given up."""

    def __init__(
        self, descriptor: int, lost: Callable[[], object], largest: int = LARGEST_BACKLOG,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(name="lsp-writer", daemon=True)
        self._descriptor = descriptor
        self._lost = lost
        self._largest = largest
        self._clock = clock
        self._waiting: dict[Hashable, bytes] = {}
        self._numbers = itertools.count()
        self._bytes = 0
        self._idle = True
        self._moved = clock()
        self._closing = False
        self._broken = False
        self._changed = threading.Condition()

    def send(self, body: bytes, key: Hashable = None) -> None:
        """Queue a body; with a key, in place of the one of that key that waits."""
        with self._changed:
            if self._broken or self._closing:
                return
            slot: Hashable = next(self._numbers) if key is None else ("key", key)
            # Taken out first: the newer one belongs behind all that was said before it.
            self._bytes += len(body) - len(self._waiting.pop(slot, b""))
            if self._still():
                self._moved = self._clock()
            self._waiting[slot] = body
            self._changed.notify_all()
            full = self._bytes > self._largest
        if full:
            self._give_up(f"{self._bytes} bytes wait for a client that does not read them")

    def stalled(self) -> float:
        """Seconds for which something has been waiting and the client has read nothing."""
        with self._changed:
            return 0.0 if self._still() else self._clock() - self._moved

    def close(self, seconds: float) -> bool:
        """Take no more; whether all that waited was written in time."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._broken or self._still(), seconds)
            return not self._broken and self._still()

    def _still(self) -> bool:
        return self._idle and not self._waiting

    def run(self) -> None:
        while (body := self._next()) is not None:
            if not self._write(frame(body)):
                return

    def _next(self) -> bytes | None:
        with self._changed:
            self._idle = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._waiting or self._closing or self._broken)
            if self._broken or not self._waiting:
                return None
            self._idle = False
            body = self._waiting.pop(next(iter(self._waiting)))
            self._bytes -= len(body)
            return body

    def _write(self, data: bytes) -> bool:
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest[:_CHUNK]):]
                self._moved = self._clock()
            except BlockingIOError:
                until_writable(self._descriptor)
            except OSError as error:
                self._give_up(f"writing ended: {error}")
                return False
        return True

    def _give_up(self, reason: str) -> None:
        with self._changed:
            if self._broken:
                return
            self._broken = True
            self._waiting.clear()
            self._changed.notify_all()
        log.warning("the client is lost: %s", reason)
        self._lost()
