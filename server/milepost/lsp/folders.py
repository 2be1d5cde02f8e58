"""From a folder of an editor to the missions of its repository, without running git."""

from collections.abc import Iterable
from pathlib import Path

from milepost.domain.hashes import repository_key
from milepost.log.folder import MissionFolder

POINTER = "gitdir:"


def common_dir(folder: Path) -> Path | None:
    """The real path of the git directory that all worktrees of the repository around a folder share; None in none."""
    for above in (folder, *folder.parents):
        place = above / ".git"
        if place.is_dir():
            return place.resolve()
        if place.is_file():
            return shared(pointed(place))
    return None


def pointed(file: Path) -> Path:
    """Where a `.git` file says that the git directory is."""
    text = first_line(file).removeprefix(POINTER).strip()
    return (file.parent / text).resolve()


def shared(git_dir: Path) -> Path:
    """The common directory of a linked worktree's git directory."""
    text = first_line(git_dir / "commondir")
    return (git_dir / text).resolve() if text else git_dir


def first_line(file: Path) -> str:
    """The first line of a small file; empty where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape").partition("\n")[0].strip()
    except OSError:
        return ""


def key_of(folder: Path) -> str | None:
    """The key of the repository around a folder."""
    common = common_dir(folder)
    return repository_key(str(common)) if common else None


def missions_of(state_dir: Path, folders: Iterable[Path]) -> list[MissionFolder]:
    """The missions of the repositories around these folders; and of the mission that a folder lies in."""
    found: dict[Path, MissionFolder] = {}
    for folder in folders:
        inside = mission_around(state_dir, folder)
        key = key_of(folder)
        roots = [inside.root] if inside else []
        if key is not None:
            roots += [p.parent for p in (state_dir / "missions" / key).glob("*/mission.db")]
        found |= {root: MissionFolder(root) for root in roots}
    return sorted(found.values(), key=lambda m: m.root.name)


def mission_around(state_dir: Path, path: Path) -> MissionFolder | None:
    """The mission that a file or folder belongs to, by its place; None where it belongs to none."""
    try:
        parts = path.resolve().relative_to((state_dir / "missions").resolve()).parts
    except ValueError:
        return None
    if len(parts) < 2:
        return None
    folder = MissionFolder(state_dir / "missions" / parts[0] / parts[1])
    return folder if folder.database.exists() else None
