"""Wakes whoever asks when something changes in a few folders: no polling of the disk while nothing happens (D20)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

from watchfiles import Change, awatch

from milepost.log.head import HEAD
from milepost.log.lease import LOCK

SETTLE_MS = 20
"""How long changes are gathered before they are told."""
FALLBACK_S = 1.0
"""A writer may die between its commit and `head`: then we look ourselves."""
TELLING = frozenset({HEAD, LOCK, "mission.db"})


def telling(change: Change, path: str) -> bool:
    """Whether a change says that a log grew, a runner came or went, or a mission was made."""
    return change is Change.added or path.rpartition("/")[2] in TELLING


async def changes(folders: Iterable[Path], stop: asyncio.Event) -> AsyncIterator[set[Path]]:
    """The folders in which something changed; an empty set where it is time to look all the same.

    Ends when `stop` is set. Folders that are not there are left out.
    """
    watched = [folder for folder in folders if folder.is_dir()]
    if not watched:
        while not stop.is_set():
            await paused(stop)
            yield set()
        return
    async for found in awatch(
        *watched, watch_filter=telling, debounce=SETTLE_MS, step=SETTLE_MS, stop_event=stop, recursive=False,
        rust_timeout=int(FALLBACK_S * 1000), yield_on_timeout=True,
    ):
        yield {Path(path).parent for _, path in found}


async def paused(stop: asyncio.Event) -> None:
    """Wait for a while, or until `stop` is set."""
    try:
        await asyncio.wait_for(stop.wait(), FALLBACK_S)
    except TimeoutError:
        return
