"""What a process prints, within bounds: the head and the tail are kept, the middle of a flood is only counted."""

import asyncio
import os
from collections.abc import Callable

MAX_OUTPUT = 16 * 1024 * 1024
"""How many bytes of output are kept by default."""
FLOOD = 256 * 1024 * 1024
"""How many bytes a command may print before it is ended."""
_CHUNK = 256 * 1024


class Capture:
    """Bytes as they come, of which at most `limit` are kept: the first half of it and the last."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit // 2
        self._tail_limit = limit - self._head_limit
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._head_limit - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        self._tail += data
        if len(self._tail) > 2 * self._tail_limit + _CHUNK:
            self._trim()

    @property
    def truncated(self) -> bool:
        return self.total > self._head_limit + self._tail_limit

    def output(self) -> bytes:
        """Everything, or head and tail with a line between them that says how much is missing."""
        if not self.truncated:
            return bytes(self._head + self._tail)
        self._trim()
        left_out = self.total - len(self._head) - len(self._tail)
        return bytes(self._head) + b"\n... %d bytes left out ...\n" % left_out + bytes(self._tail)

    def _trim(self) -> None:
        del self._tail[: len(self._tail) - self._tail_limit]


class Drain:
    """Moves what arrives in a pipe into a capture while the event loop turns, and takes the rest at the end."""

    def __init__(self, fd: int, capture: Capture, on_flood: Callable[[], None]) -> None:
        self._fd = fd
        self._capture = capture
        self._on_flood = on_flood
        self._loop = asyncio.get_running_loop()
        os.set_blocking(fd, False)
        self._loop.add_reader(fd, self._read)

    @property
    def flooded(self) -> bool:
        return self._capture.total > FLOOD

    def _read(self) -> bool:
        try:
            data = os.read(self._fd, _CHUNK)
        except BlockingIOError:
            return False
        if not data:
            self._loop.remove_reader(self._fd)
            return False
        self._capture.add(data)
        if self.flooded:
            self._on_flood()
        return True

    def close(self) -> None:
        """Takes what is already in the pipe. Whoever still holds its other end is not waited for."""
        self._loop.remove_reader(self._fd)
        for _ in range(16):
            if not self._read():
                break
        os.close(self._fd)
