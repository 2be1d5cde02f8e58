"""Frames in a stream of bytes, read with patience: whatever a client sends, the next good frame is found again.

A header counts in any case, with or without a space, with `\\r\\n` or `\\n`, after any garbage (defect 11).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

LARGEST = 64 * 2**20
"""Bytes of the largest message that is read; a longer one is skipped."""
_ABSURD = 2**30
"""A length beyond this is no length: waiting for so many bytes would be deafness."""
_LONGEST_LINE = 8192
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,19})[ \t]*\r?\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Oversized:
    """A message that was skipped."""

    length: int


def frame(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Frames:
    """Takes bytes as they come and gives the bodies in them; knows no input and no output."""

    def __init__(self, largest: int = LARGEST) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._seen = 0
        """Bytes of the buffer that hold no end of a line."""
        self._length: int | None = None
        self._in_body = False
        self._skip = 0
        self.garbage = 0
        """Bytes that were neither header nor body."""

    def feed(self, chunk: bytes) -> Iterator[bytes | Oversized]:
        """The bodies that are whole with this chunk."""
        self._buffer += chunk
        while True:
            if self._skip:
                dropped = min(self._skip, len(self._buffer))
                del self._buffer[:dropped]
                self._skip -= dropped
                if self._skip:
                    return
            if self._in_body and self._length is not None:
                if len(self._buffer) < self._length:
                    return
                body = bytes(self._buffer[:self._length])
                del self._buffer[:self._length]
                self._in_body, self._length = False, None
                yield body
            elif (line := self._line()) is None:
                return
            elif (oversized := self._header(line)) is not None:
                yield oversized

    def _line(self) -> bytes | None:
        """The next line without its `\\n`; None until there is one."""
        end = self._buffer.find(b"\n", self._seen)
        if end < 0:
            if len(self._buffer) > _LONGEST_LINE:
                # A header may have begun in the last few bytes of what is no line at all.
                self.garbage += len(self._buffer) - 64
                del self._buffer[:-64]
            self._seen = len(self._buffer)
            return None
        line = bytes(self._buffer[:end])
        del self._buffer[:end + 1]
        self._seen = 0
        return line

    def _header(self, line: bytes) -> Oversized | None:
        if found := _LENGTH.search(line):
            self.garbage += found.start()
            self._length = int(found[1])
        elif line.strip(b"\r"):
            # Another header, or garbage: without a length before the empty line it leads nowhere.
            self.garbage += 0 if self._length is not None or line.lower().startswith(b"content-") else len(line)
        elif self._length is not None:
            return self._start()
        return None

    def _start(self) -> Oversized | None:
        """The empty line after a length: the body begins."""
        length = self._length or 0
        if length <= self._largest:
            self._in_body = True
            return None
        self._length = None
        self._skip = length if length <= _ABSURD else 0
        return Oversized(length)
