"""The user's own checkout, moved from one commit to another without touching what they have not committed."""

import os
import shutil
import stat
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.errors import Refused, WorkspaceError
from milepost.workspace.found import blob_id
from milepost.workspace.git import Git
from milepost.workspace.preflight import dirty_paths
from milepost.workspace.repository import Repository
from milepost.workspace.trees import Entry, entries, put_entries

_AT_ONCE = 200


@dataclass(frozen=True)
class Overlap:
    """Paths with uncommitted changes that a move would change too: in its way, or already as it wants them."""

    differing: list[str]
    same: dict[str, Entry | None]


async def find_overlap(user: Git, target: dict[str, Entry | None], head: str) -> Overlap:
    """Compares the checkout with a move; `target` has an entry, or None for gone, for each path it changes."""
    dirty = set(await dirty_paths(user, untracked=False))
    known = await entries(user, head)
    # An untracked file is in the way too, ignored or not, and so is a file where a folder has to be.
    suspects = [p for p in target if p in dirty or (p not in known and _is_in_the_way(user.cwd, p, target))]
    same = await _already_there(user, {path: target[path] for path in suspects})
    blocking = {parent for path in target for parent in _files_above(user.cwd, path) if parent not in target}
    differing = sorted({*(path for path in suspects if path not in same), *blocking})
    return Overlap(differing, {path: target[path] for path in suspects if path in same})


async def move_checkout(
    repository: Repository, user: Git, old: str, new: str, overlap: Overlap, swap: Callable[[bool], Awaitable[None]]
) -> None:
    """Tries the move on a copy of the index, has `swap(True)` move the branch, then does it; `swap(False)` goes back.

    Raises Refused, with everything as it was, when git finds something in the way.
    """
    index = Path(await user.text("rev-parse", "--path-format=absolute", "--git-path", "index"))
    with tempfile.TemporaryDirectory(prefix="index-", dir=repository.git_dir) as folder:
        before = Path(folder) / "index"
        shutil.copy2(index, before)
        await _refusing(_move(user.having(GIT_INDEX_FILE=str(before)), old, new, overlap, "--dry-run"))
    await _refusing(user.run("update-index", "--refresh", "-q", ok=(0, 1)))
    await swap(True)
    try:
        await _refusing(_move(user, old, new, overlap))
    except Refused:
        await swap(False)
        raise


async def _move(user: Git, old: str, new: str, overlap: Overlap, *options: str) -> None:
    await user.run("update-index", "--refresh", "-q", ok=(0, 1))
    if overlap.same:
        await put_entries(user, overlap.same)
    await user.run("read-tree", "-m", "-u", *options, old, new)


async def _refusing(step: Awaitable[object]) -> None:
    try:
        await step
    except WorkspaceError as error:
        raise Refused(f"your checkout cannot be updated, and nothing was moved: {error}") from error


async def _already_there(user: Git, wanted: dict[str, Entry | None]) -> set[str]:
    gone = {path for path, entry in wanted.items() if entry is None and not _is_there(user.cwd / path)}
    regular = [path for path, entry in wanted.items() if entry and _mode(user.cwd / path) == entry.mode != "120000"]
    hashes: dict[str, str] = {}
    for start in range(0, len(regular), _AT_ONCE):
        batch = regular[start : start + _AT_ONCE]
        hashes |= dict(zip(batch, (await user.text("hash-object", "--", *batch)).split("\n"), strict=True))
    for path, entry in wanted.items():
        if entry and entry.mode == "120000" == _mode(user.cwd / path):
            hashes[path] = blob_id(os.fsencode((user.cwd / path).readlink()), entry.blob)
    return gone | {path for path, found in hashes.items() if (entry := wanted[path]) and entry.blob == found}


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _mode(path: Path) -> str | None:
    try:
        mode = path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    if stat.S_ISLNK(mode):
        return "120000"
    return ("100755" if mode & 0o100 else "100644") if stat.S_ISREG(mode) else None


def _is_in_the_way(root: Path, path: str, target: dict[str, Entry | None]) -> bool:
    place = root / path
    if place.is_symlink() or not place.is_dir():
        return os.path.lexists(place)
    # A folder gives way to a file if all that lies in it goes anyway.
    below = (Path(where, name) for where, _, files in os.walk(place) for name in files)
    return any(str(file.relative_to(root)) not in target for file in below)


def _files_above(root: Path, path: str) -> list[str]:
    above = [str(parent) for parent in Path(path).parents if str(parent) != "."]
    return [parent for parent in above if _mode(root / parent) is not None]
