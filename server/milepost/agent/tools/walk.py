"""The files and folders of a tree as git would list them: ignored ones, links and `.git` left out, in order."""

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pathspec

from milepost.agent.tools.matcher import open_beneath, read_beneath
from milepost.workspace.paths import is_git_entry

IGNORE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder of the tree."""

    path: str
    is_folder: bool


Rule = tuple[int, pathspec.GitIgnoreSpec]
"""How many names deep the folder of an ignore file lies, and what it ignores."""


def walk(root: Path, start: Sequence[str], excludes: str = "", *, deepest: int = 1_000) -> Iterator[Entry]:
    """Everything below a folder, a folder before what is in it; `excludes` are ignore lines beside those of the tree.

    `deepest` is how many names a path may have.
    """
    rules: list[Rule] = [(0, pathspec.GitIgnoreSpec.from_lines(excludes.splitlines()))]
    for depth in range(len(start)):
        rules += ignore_file(root, start[:depth])
    # Who names an ignored folder wants to see it.
    hidden = any(ignored(rules, start[: n + 1], is_folder=True) for n in range(len(start)))
    yield from below(root, tuple(start), None if hidden else rules, deepest)


def below(root: Path, folder: tuple[str, ...], rules: list[Rule] | None, deepest: int) -> Iterator[Entry]:
    """What is in one folder and under it."""
    if rules is not None:
        rules = [*rules, *ignore_file(root, folder)]
    for name, is_folder in listing(root, folder):
        path = (*folder, name)
        if rules is not None and ignored(rules, path, is_folder):
            continue
        yield Entry("/".join(path), is_folder)
        if is_folder and len(path) < deepest:
            yield from below(root, path, rules, deepest)


def listing(root: Path, folder: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Names in a folder and whether each is a folder; links out of reach and what is no text are left out."""
    try:
        descriptor = open_beneath(str(root), folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        # Gone or swapped for a link while we walked: it has nothing to list.
        return []
    try:
        with os.scandir(descriptor) as entries:
            found = [(e.name, e.is_dir(follow_symlinks=False)) for e in entries if shown(e)]
    finally:
        os.close(descriptor)
    return sorted(found)


def shown(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is listed: a file, a folder or a link, with a name that is text."""
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except FileNotFoundError:
        # Gone since the folder was read: it is not there.
        return False
    plain = stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode)
    return plain and entry.name.isprintable() and not is_git_entry(entry.name)


def ignore_file(root: Path, folder: Sequence[str]) -> list[Rule]:
    """The rules of a folder's own `.gitignore`, if it has one."""
    try:
        data = read_beneath(str(root), [*folder, ".gitignore"], IGNORE_BYTES)
    except OSError:
        return []
    lines = (data or b"").decode("utf-8", "replace").splitlines()
    return [(len(folder), pathspec.GitIgnoreSpec.from_lines(lines))] if lines else []


def ignored(rules: Sequence[Rule], path: Sequence[str], is_folder: bool) -> bool:
    """Whether the deepest rule that speaks of a path ignores it."""
    for depth, spec in reversed(rules):
        said = spec.check_file("/".join(path[depth:]) + "/" * is_folder).include
        if said is not None:
            return said
    return False
