"""`list_files`: what lies in the tree, as git would list it."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

from pathspec import GitIgnoreSpec
from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.place import Place, locate
from milepost.agent.tools.seated import ALL
from milepost.agent.tools.walk import Entry, walk
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape, Text

SHOWN = 500
DEPTH = 3


class ListFiles(Shape):
    """Arguments of list_files."""

    path: Text = "."
    glob: Text | None = None
    """Such as `*.py` or `src/**/test_*`."""
    depth: Annotated[int, Field(ge=1)] | None = None
    """Default 3; all with a glob."""


async def run(desk: Desk, args: ListFiles) -> Shown:
    """List a folder."""
    place = locate(desk.tree, args.path)
    folder = place.root / place.path
    if not folder.is_dir():
        raise ToolError(f"{args.path!r} is {'a file' if folder.exists() else 'not there'}; expected a folder")
    return Shown(await asyncio.to_thread(listed, place, args, excludes(desk)))


def excludes(desk: Desk) -> str:
    """What the user and the engine leave out beside the tree's own ignore files."""
    return excluded(desk.repository.git_dir / "info/exclude")


def excluded(path: Path) -> str:
    """The text of an exclude file, if there is one."""
    return path.read_text(errors="replace") if path.is_file() else ""


def matching(entries: Iterator[Entry], glob: str | None, start: str) -> Iterator[Entry]:
    """The files whose path, from the tree's root or the folder asked for, fits a glob; without one, all entries."""
    if glob is None:
        yield from entries
        return
    fits = GitIgnoreSpec.from_lines([glob.removeprefix("./")]).match_file
    prefix = "" if start == "." else f"{start}/"
    for entry in entries:
        if not entry.is_folder and (fits(entry.path) or fits(entry.path.removeprefix(prefix))):
            yield entry


def listed(place: Place, args: ListFiles, excludes: str) -> str:
    """One path a line, folders with a slash."""
    deepest = len(place.parts) + (args.depth or (DEPTH if args.glob is None else 1_000))
    near = walk(place.root, place.parts, excludes, deepest=deepest)
    found = list(islice(matching(near, args.glob, place.path), SHOWN + 1))
    lines = [f"{e.path}/" if e.is_folder else e.path for e in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(f"[more than {SHOWN}; narrow by path, glob or depth]")
    if not lines and not args.glob and any((place.root / place.path).iterdir()):
        return "only files that git ignores, which are not listed; `read_file` opens one whose path you know"
    return "\n".join(lines) or "nothing here" + (f" matches {args.glob!r}" if args.glob else "")


LIST_FILES = Tool("list_files", ListFiles, run, seats=ALL, reads_only=True)
