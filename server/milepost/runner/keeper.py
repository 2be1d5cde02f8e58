"""Keeps a detached runner alive: restarts it when it dies, and holds the mission when that leads nowhere (D23)."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from milepost.log.folder import MissionFolder

DEATHS = 3
"""Deaths in a row with no new fact in between before the mission is held."""


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
    deaths, reached = 0, size(folder.database)
    while True:
        code = subprocess.call([sys.executable, "-m", "milepost", *arguments], stdin=subprocess.DEVNULL)
        if code == 0:
            return 0
        now = size(folder.database)
        deaths = 1 if now != reached else deaths + 1
        reached = now
        if deaths >= DEATHS:
            return code


def size(path: Path) -> int:
    """Newest row of a log, read without opening it: the writer's `head` file names it."""
    try:
        return int((path.parent / "head").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0
