"""The small file that tells readers how far the log has come, so that they need not ask the database (D20)."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

HEAD = "head"
LOOK_S = 0.1
FALLBACK_S = 1.0


class Head(NamedTuple):
    """How far the log has come, and in which file."""

    seq: int
    inode: int
    """Of the database; a changed one means that it was replaced and must be opened again."""


class HeadFile:
    """The writer's side: overwritten in place after each commit, without waiting for the disk."""

    def __init__(self, folder: Path, inode: int) -> None:
        self._file = os.open(folder / HEAD, os.O_RDWR | os.O_CREAT, 0o600)
        self._inode = inode

    def write(self, seq: int) -> None:
        """Tell readers of the newest event."""
        # It is a hint: the event is committed already, and readers look for themselves once a second.
        with suppress(OSError):
            os.pwrite(self._file, f"{seq:20} {self._inode:20}\n".encode(), 0)

    def close(self) -> None:
        """Let go of the file; it stays."""
        os.close(self._file)


def read_head(folder: Path) -> Head | None:
    """How far the log has come, or None where nobody has said so yet."""
    try:
        seq, inode = (folder / HEAD).read_text("ascii").split()
        return Head(int(seq), int(inode))
    except (OSError, ValueError):
        return None


async def watch_head(
    folder: Path, *, look_s: float = LOOK_S, fallback_s: float = FALLBACK_S
) -> AsyncIterator[Head | None]:
    """Yields at once, whenever `head` changes, and at least once in `fallback_s`.

    The last is for a writer that died between its commit and `head`; the reader then looks into the log itself.
    """
    last, quiet = read_head(folder), 0.0
    yield last
    while True:
        await asyncio.sleep(look_s)
        now, quiet = read_head(folder), quiet + look_s
        if now != last or quiet >= fallback_s:
            last, quiet = now, 0.0
            yield now
