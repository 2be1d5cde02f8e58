"""Keeps a detached runner alive: restarts it when it dies, and gives up when that leads nowhere (D23)."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence

from milepost.domain.errors import LogCorrupt, LogUnavailable
from milepost.log.folder import MissionFolder
from milepost.log.store import EventLog

DEATHS = 3
"""Deaths in a row with nothing new in between before the mission is held."""
BEGINNINGS = frozenset({"runner_started", "runner_stopped", "attempt_started", "turn_started", "tool_started"})
"""Events that only say that something was tried."""


def detach(folder: MissionFolder, arguments: Sequence[str]) -> int:
    """Start a process of ours in a session of its own that outlives us; its pid. It prints into the runner's log."""
    with folder.runner_log.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "milepost", *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True, cwd=folder.root,
        )
    return process.pid


def keep(folder: MissionFolder, arguments: Sequence[str]) -> int:
    """Run a runner until it leaves by itself; its exit code, or that of the last death."""
    deaths, reached = 0, progress(folder)
    while True:
        code = subprocess.call([sys.executable, "-m", "milepost", *arguments], stdin=subprocess.DEVNULL)
        if code == 0:
            return 0
        now = progress(folder)
        deaths = 1 if now != reached else deaths + 1
        reached = now
        if deaths >= DEATHS:
            return code


def progress(folder: MissionFolder) -> int:
    """The newest event that is more than a beginning; 0 where the log cannot be read."""
    try:
        return asyncio.run(newest(folder))
    except (LogCorrupt, LogUnavailable):
        return 0


async def newest(folder: MissionFolder) -> int:
    """The sequence number of that event."""
    async with await EventLog.open(folder.root, folder.mission, write=False) as log:
        after = log.last_seq
        while after > 0:
            after = max(0, after - 50)
            found = [r.seq for r in await log.records(after, 50) if r.event.kind not in BEGINNINGS]
            if found:
                return found[-1]
    return 0
