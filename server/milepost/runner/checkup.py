"""Whether this machine and this repository can carry a mission: each thing looked at, with what to do about it."""

import platform
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from milepost.domain.errors import WorkspaceError
from milepost.domain.shape import Shape
from milepost.drivers import browser_program
from milepost.log import engine
from milepost.workspace.git import Git
from milepost.workspace.preflight import RepositoryFacts, inspect, refusal
from milepost.workspace.sandbox import sandbox_available

GIT = (2, 38)
PYTHON = (3, 11)
SCARCE, TOO_LITTLE = 5 * 2**30, 500 * 2**20
"""Free bytes of the state folder's disk below which we warn, and below which no mission should start."""
REMOTE = ("nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.rclone", "afs")
"""File systems on which locks and a write-ahead log cannot be trusted (F15)."""
State = Literal["ok", "warn", "fail"]


class Finding(Shape):
    """One thing that was looked at."""

    name: str
    state: State
    text: str
    mend: str = ""
    """What to do, where something is to be done."""


async def checkup(cwd: Path, state_dir: Path, named: Path | None = None) -> list[Finding]:
    """Look at everything; nothing is changed. `named` is the browser of the user's settings."""
    machine = [python(), await git(), sandbox(), browser(named), sqlite(), *disk(state_dir)]
    return [*machine, *await repository(cwd, state_dir)]


def python() -> Finding:
    """The interpreter."""
    found = platform.python_version()
    if sys.version_info[:2] >= PYTHON:
        return Finding(name="python", state="ok", text=found)
    return Finding(name="python", state="fail", text=found, mend="install Python 3.11 or newer")


async def git() -> Finding:
    """The git program."""
    mend = "install git 2.38 or newer"
    try:
        found = (await Git.users(Path("/")).text("--version")).removeprefix("git version ")
    except WorkspaceError as error:
        return Finding(name="git", state="fail", text=str(error), mend=mend)
    if tuple(int(part) for part in found.split(".")[:2] if part.isdigit()) >= GIT:
        return Finding(name="git", state="ok", text=found)
    return Finding(name="git", state="fail", text=found, mend=mend)


def sandbox() -> Finding:
    """Bubblewrap, and whether this system lets it work."""
    problem = sandbox_available()
    if problem is None:
        return Finding(name="sandbox", state="ok", text="bubblewrap works, user namespaces are allowed")
    what, _, mend = problem.partition(": ")
    return Finding(name="sandbox", state="fail", text=what, mend=mend)


def browser(named: Path | None) -> Finding:
    """The browser that testers of web applications use, and what drives it; other missions need neither."""
    try:
        found = browser_program.find(named)
    except WorkspaceError as error:
        what, _, mend = str(error).partition(": ")
        return Finding(name="browser", state="warn", text=f"{what}; only web applications need one", mend=mend)
    if find_spec("playwright") is None:
        text = f"{str(found)!r} is there, Playwright, which drives it, is not; only web applications need it"
        return Finding(name="browser", state="warn", text=text, mend="pip install 'milepost[browser]'")
    return Finding(name="browser", state="ok", text=str(found))


def sqlite() -> Finding:
    """The database engine."""
    found = ".".join(str(part) for part in engine.version())
    if engine.version() >= engine.NEEDED:
        return Finding(name="sqlite", state="ok", text=found)
    return Finding(name="sqlite", state="fail", text=found, mend="use a Python that is built with SQLite 3.38 or newer")


def disk(state_dir: Path) -> list[Finding]:
    """Room and kind of the disk that missions are kept on."""
    place = next(p for p in (state_dir, *state_dir.parents) if p.is_dir())
    free = shutil.disk_usage(place).free
    state: State = "fail" if free < TOO_LITTLE else "warn" if free < SCARCE else "ok"
    mend = "" if state == "ok" else "make room (`milepost prune` removes ended missions), or set MILEPOST_STATE_DIR"
    found = [Finding(name="disk", state=state, text=f"{free / 2**30:.1f} GB free for {str(state_dir)!r}", mend=mend)]
    kind = file_system(place)
    if kind in REMOTE:
        mend = "set MILEPOST_STATE_DIR to a folder on a disk of this machine"
        found.append(Finding(name="disk", state="fail", text=f"{str(place)!r} is on {kind}", mend=mend))
    return found


def file_system(place: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system a folder is on, where the system tells."""
    if not mounts.exists():
        return ""
    rows = [line.split(" ") for line in mounts.read_text().splitlines()]
    real = place.resolve()
    on = [(len(row[1]), row[2]) for row in rows if real.is_relative_to(row[1].replace("\\040", " "))]
    return max(on)[1] if on else ""


async def repository(cwd: Path, state_dir: Path) -> list[Finding]:
    """What is there to work on."""
    try:
        facts = await inspect(cwd)
    except WorkspaceError as error:
        return [Finding(name="repository", state="fail", text=str(error))]
    problem = refusal(facts)
    if problem is not None or facts.common_dir is None:
        what, _, mend = (problem or "").rpartition(": ")
        return [Finding(name="repository", state="fail", text=what or problem or "", mend=mend if what else "")]
    text = f"{facts.top} on {facts.branch}, {facts.n_files} files"
    return [Finding(name="repository", state="ok", text=text), *dirt(facts), clone(facts.common_dir, state_dir)]


def dirt(facts: RepositoryFacts) -> list[Finding]:
    """What is not committed, and so is not part of a mission."""
    if not facts.dirty:
        return []
    text = f"not committed, so not part of a mission: {len(facts.dirty)} ({', '.join(facts.dirty[:3])})"
    return [Finding(name="repository", state="warn", text=text, mend="commit them first, or start with --in-place")]


def clone(common_dir: Path, state_dir: Path) -> Finding:
    """How the private clone of a mission comes to be: by links, or by copies that take room."""
    place = next(p for p in (state_dir, *state_dir.parents) if p.is_dir())
    if place.stat().st_dev == common_dir.stat().st_dev:
        return Finding(name="clone", state="ok", text="by hard links, which take no room")
    size = sum(p.stat().st_size for p in (common_dir / "objects").rglob("*") if p.is_file())
    text = f"by copies, {size / 2**20:.0f} MB for each mission: the state folder is on another disk"
    mend = "set MILEPOST_STATE_DIR to a folder on the disk of the repository, if that is too much"
    return Finding(name="clone", state="warn", text=text, mend=mend)
