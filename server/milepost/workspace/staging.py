"""From a folder to a tree: what differs from an index, what may be committed of it, and the index with it staged."""

import os
import stat
from collections.abc import Collection, Iterable
from pathlib import Path

from milepost.domain.errors import ToolError
from milepost.workspace.git import Git, joined
from milepost.workspace.paths import is_control, is_git_entry
from milepost.workspace.trees import put_entries

BIG_BYTES = 1_000_000


async def changed(git: Git, root: Path, *, look_inside: bool = True) -> list[str]:
    """The paths under `root` that differ from the index or are new, without ignored ones and without any `.git`.

    A folder that is a repository of its own counts as its files; without `look_inside` it is listed as `folder/`.
    """
    listed = await git.fields("ls-files", "-z", "--modified", "--deleted", "--others", "--exclude-standard")
    found = {path for path in listed if not (look_inside and path.endswith("/"))}
    inside = [path for folder in set(listed) - found for path in _files_below(root, folder)]
    found.update(set(inside) - await _ignored(git, inside))
    return sorted(path for path in found if not is_git_entry(path))


async def stage(git: Git, root: Path, paths: Iterable[str]) -> str:
    """Takes those paths into the index of `git` as they are in the folder, and returns the tree that makes."""
    paths = list(paths)
    present = {path for path in paths if _committable(root, path)}
    if gone := [path for path in paths if path not in present and not path.endswith("/")]:
        await put_entries(git, dict.fromkeys(gone))
    if present:
        await git.run("update-index", "-z", "--add", "--replace", "--stdin", stdin=joined(sorted(present)))
    return await git.text("write-tree")


def refuse_unfit(root: Path, paths: Iterable[str], *, named: Collection[str], approved: Collection[str]) -> None:
    """Raises ToolError for control paths not approved, files of over 1 MB not named, and names that are no text."""
    problems = [p for path in paths if (p := _unfit(root, path, named, approved))]
    if problems:
        raise ToolError("nothing was committed:\n" + "\n".join(f"- {problem}" for problem in problems))


def _unfit(root: Path, path: str, named: Collection[str], approved: Collection[str]) -> str | None:
    if path.endswith("/"):
        return f"{path!r} is a git repository of its own: delete '{path}.git' so that its files can be committed"
    if is_control(path) and path not in approved:
        return f"{path!r} steers tools and is not yours to change: put it back, and propose the change in the handoff"
    if not _is_text(path):
        return f"{path!r} has a name that is not UTF-8: rename it"
    size = _size(root / path)
    if size > BIG_BYTES and path not in named:
        return (
            f"{path!r} has {size} bytes, and more than {BIG_BYTES} are refused: delete it, add it to .gitignore, "
            "or name it in `paths` if it belongs in the repository"
        )
    return None


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _committable(root: Path, path: str) -> bool:
    # A path behind a symbolic link is not in the tree, wherever the link leads.
    if any((root / parent).is_symlink() for parent in Path(path).parents):
        return False
    try:
        mode = (root / path).lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    return stat.S_ISREG(mode) or stat.S_ISLNK(mode)


async def _ignored(git: Git, paths: list[str]) -> set[str]:
    if not paths:
        return set()
    # It alone reads names as patterns and knows no way to stop that, but none begins with `./`.
    plain = git.having(GIT_LITERAL_PATHSPECS="0")
    listing = joined(f"./{path}" for path in paths)
    reply = await plain.run("check-ignore", "-z", "--stdin", "--no-index", stdin=listing, ok=(0, 1))
    return {path.removeprefix("./") for path in reply.fields}


def _files_below(root: Path, folder: str) -> list[str]:
    found = []
    for where, folders, files in os.walk(root / folder):
        links = [name for name in folders if Path(where, name).is_symlink()]
        folders[:] = [name for name in folders if name not in (".git", *links)]
        found += [str(Path(where, name).relative_to(root)) for name in (*files, *links)]
    return found
