"""Which files of a tree came, changed or went between two looks at it."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from milepost.drivers.plain import plain

SHOWN_FILES = 50
NAME_CHARACTERS = 240
MOST_FILES = 100_000
"""Of a tree that are compared; a program may write more than anybody can look at."""
_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})

Listing = dict[str, tuple[int, int, int]]
"""Path to size, time of change and mode."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Files that came, changed or went while a command ran."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    partial: bool = False
    """Whether there were more files than are compared."""

    def __str__(self) -> str:
        named = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        lines = [
            f"{what}: {', '.join(map(readable, paths[:SHOWN_FILES]))}{_more(paths)}" for what, paths in named if paths
        ]
        lines += [f"[only the first {MOST_FILES} files were compared]"] if self.partial else []
        return "\n".join(lines) or "no file was touched"


def listing(root: Path) -> Listing:
    """Every file below a folder with its size, time and mode, folders of dependencies and caches left out."""
    found: Listing = {}
    for name, seen in _walk(str(root), ""):
        found[name] = (seen.st_size, seen.st_mtime_ns, seen.st_mode)
        if len(found) >= MOST_FILES:
            break
    return found


def compare(before: Listing, after: Listing) -> Touched:
    """What is different between two listings."""
    return Touched(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(path for path in after.keys() & before.keys() if after[path] != before[path])),
        removed=tuple(sorted(before.keys() - after.keys())),
        partial=max(len(before), len(after)) >= MOST_FILES,
    )


def readable(path: str) -> str:
    """A path as it can be printed: it may hold anything, and be as long as nobody would read."""
    shown = plain(path).replace("\n", "\\n").replace("\t", "\\t")
    if len(shown) > NAME_CHARACTERS:
        shown = f"{shown[:NAME_CHARACTERS // 2]}…{shown[-NAME_CHARACTERS // 2:]}"
    return f"'{shown}'" if shown != path or "," in path or path != path.strip() else path


def _walk(root: str, below: str) -> Iterator[tuple[str, os.stat_result]]:
    """Files and links, not followed, folder by folder; what goes while it is looked at is not there."""
    folders = [below]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(f"{root}/{folder}" if folder else root) as entries:
                for entry in entries:
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        with contextlib.suppress(FileNotFoundError):
                            yield name, entry.stat(follow_symlinks=False)
                    elif entry.name not in _LEFT_OUT:
                        folders.append(name)
        except OSError:
            # Gone meanwhile, not for us, or deeper than a path can be long.
            continue


def _more(paths: tuple[str, ...]) -> str:
    return f" and {len(paths) - SHOWN_FILES} more" if len(paths) > SHOWN_FILES else ""
