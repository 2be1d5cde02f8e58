"""Wakes whoever asks when something changes in a few folders, from a thread that dies with the process (D20)."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from watchfiles import Change, watch

from milepost.log.head import HEAD
from milepost.log.lease import LOCK

SETTLE_MS = 50
"""How long changes are gathered before they are told; the watching thread wakes that often, also for nothing."""
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
    found: asyncio.Queue[set[Path]] = asyncio.Queue()
    halt, loop = threading.Event(), asyncio.get_running_loop()

    def tell(places: set[Path]) -> None:
        with suppress(RuntimeError):  # the loop is closed: nobody listens any more
            loop.call_soon_threadsafe(found.put_nowait, places)

    if watched:
        threading.Thread(target=look, args=(watched, halt, tell), name="watch", daemon=True).start()
    try:
        while not stop.is_set():
            for places in await gathered(found, stop):
                yield places
    finally:
        halt.set()


def look(folders: Sequence[Path], halt: threading.Event, tell: Callable[[set[Path]], None]) -> None:
    """Tell of changes until halted; in a thread of its own."""
    for found in watch(
        *folders, watch_filter=telling, debounce=SETTLE_MS, step=SETTLE_MS, stop_event=halt, recursive=False,
        raise_interrupt=False, ignore_permission_denied=True,
    ):
        tell({Path(path).parent for _, path in found})


async def gathered(found: "asyncio.Queue[set[Path]]", stop: asyncio.Event) -> list[set[Path]]:
    """What was told, or that it is time to look; nothing once `stop` is set."""
    told = asyncio.ensure_future(found.get())
    ended = asyncio.ensure_future(stop.wait())
    done, waiting = await asyncio.wait((told, ended), timeout=FALLBACK_S, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()
    if ended in done:
        return []
    return [told.result()] if told in done else [set()]
