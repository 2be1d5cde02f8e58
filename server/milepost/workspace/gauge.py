"""What the machine has free, and what each cell takes of it: by the system's own books, so only where it keeps them."""

import contextlib
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.admission import Headroom
from milepost.workspace.child import descendants

GLANCE_S = 0.1
"""How long processors are watched to see how many are idle."""
_PROC = Path("/proc")
_CGROUP = Path("/sys/fs/cgroup")
_MB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Footprints:
    """Memory in MB: of each cell, and of everything that this process started."""

    cells: Mapping[str, int]
    together: int


def headroom(taken_mb: int = 0) -> Headroom:
    """What is free now; it takes a moment, since idle processors are only seen over time."""
    free = [mb for mb in (free_memory(), free_in_group()) if mb is not None]
    return Headroom(min(free) if free else None, idle_processors(), taken_mb)


def free_memory(meminfo: Path = _PROC / "meminfo") -> int | None:
    """MB that programs can get without anything being swapped out."""
    with contextlib.suppress(OSError, ValueError):
        for line in meminfo.read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) // 1024
    return None


def free_in_group(root: Path = _CGROUP, own: Path = _PROC / "self" / "cgroup") -> int | None:
    """MB left to the tightest of the groups this process is in; None where none of them is limited."""
    with contextlib.suppress(OSError):
        for line in own.read_text().splitlines():
            if line.startswith("0::"):
                folder = root / line[3:].strip().lstrip("/")
                groups = [folder, *folder.parents]
                left = [mb for group in groups if group.is_relative_to(root) and (mb := left_in(group)) is not None]
                return min(left, default=None)
    return None


def left_in(group: Path) -> int | None:
    """MB left in one group; what it holds of files that can be read again counts as free."""
    try:
        most = (group / "memory.max").read_text().strip()
        if most == "max":
            return None
        held = int((group / "memory.current").read_text())
        rows = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return max(0, int(most) - held + int(rows.get("inactive_file", 0))) // _MB
    except (OSError, ValueError):
        return None


def idle_processors(stat: Path = _PROC / "stat") -> float | None:
    """How many of the processors this process may use had nothing to do."""
    try:
        before = ticks(stat)
        time.sleep(GLANCE_S)
        after = ticks(stat)
    except (OSError, ValueError, IndexError):
        return None
    idle, whole = after[0] - before[0], after[1] - before[1]
    mine, all_of_them = len(os.sched_getaffinity(0)), os.cpu_count() or 1
    return min(float(mine), all_of_them * idle / whole) if whole > 0 else None


def ticks(stat: Path) -> tuple[int, int]:
    """Ticks in which the processors were idle, and ticks in all."""
    fields = [int(field) for field in stat.read_text().splitlines()[0].split()[1:9]]
    return fields[3] + fields[4], sum(fields)


def footprints(places: Mapping[str, Path]) -> Footprints:
    """What the processes of each cell take, found by the folder that the cell works in; shared pages are shared out."""
    below = set(descendants(os.getpid()))
    cells = dict.fromkeys(places, 0)
    together = 0
    for pid in running():
        owner = next((name for name, place in places.items() if works_in(pid, place)), None)
        if owner is None and pid not in below:
            continue
        taken = proportional(pid)
        together += taken
        if owner is not None:
            cells[owner] += taken
    return Footprints({name: kb // 1024 for name, kb in cells.items()}, together // 1024)


def running() -> Iterable[int]:
    """Every process of this machine."""
    return (int(entry.name) for entry in _PROC.glob("[0-9]*"))


def works_in(pid: int, place: Path) -> bool:
    """Whether a process sees that folder as its tree: in a sandbox by what is mounted there, otherwise as its home."""
    with contextlib.suppress(OSError):
        # Of a mount its place in its own file system is told, which may leave out what comes before.
        tail = f"/{place.parent.name}/{place.name}"
        for line in (_PROC / str(pid) / "mountinfo").read_text().splitlines():
            fields = line.split(" ")
            if fields[3].endswith(tail) and fields[4] == "/tree":
                return True
        home = f"HOME={place}.home/".encode()
        return any(entry.startswith(home) for entry in (_PROC / str(pid) / "environ").read_bytes().split(b"\0"))
    return False


def proportional(pid: int) -> int:
    """KB of a process, of each shared page its part; 0 where it is gone."""
    with contextlib.suppress(OSError, ValueError):
        for line in (_PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
