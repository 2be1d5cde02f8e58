"""Watching what is really there: processes, descriptors, files."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path


def living(word: str) -> list[int]:
    """Processes that have the word on their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if word.encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
    return found


def odd_seconds() -> str:
    """A time to sleep that no other process on this machine sleeps."""
    return f"{1000 + secrets.randbelow(10**9)}"


def open_files() -> int:
    """How many descriptors this process holds."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def until(condition: Callable[[], object], within_s: float = 10) -> None:
    """Lets the loop turn until the condition holds."""
    async with asyncio.timeout(within_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0)


async def gone(word: str) -> bool:
    """Whether all such processes end within a few seconds."""
    await until(lambda: not living(word), 5)
    return True
