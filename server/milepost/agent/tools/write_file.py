"""`write_file` and `edit_file`: the worker's hand on the tree; both are settled by what the file then holds."""

import asyncio
import difflib
from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.place import Place, explained, locate, read, write
from milepost.agent.tools.read_file import FILE_BYTES
from milepost.agent.tools.seated import WORKER
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape
from milepost.workspace.paths import is_control

Path = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
NEAR = 0.6
AROUND = 2


class Verbatim(Shape):
    """Arguments whose white space counts."""

    model_config = ConfigDict(str_strip_whitespace=False)


class WriteFile(Verbatim):
    """Arguments of write_file."""

    path: Path
    content: str


class EditFile(Verbatim):
    """Arguments of edit_file."""

    path: Path
    old: Annotated[str, StringConstraints(min_length=1)]
    new: str
    replace_all: bool = False


async def write_file(desk: Desk, args: WriteFile) -> Shown:
    """Write a whole file."""
    place = writable(desk, args.path)
    data = encoded(args.content, args.path)
    there = (place.root / place.path).is_file()
    if there and await asyncio.to_thread(read, place, FILE_BYTES) == (data, len(data)):
        edited(desk)
        return Shown(f"{place.path} holds exactly that")
    await asyncio.to_thread(write, place, data)
    edited(desk)
    return Shown(f"{'replaced' if there else 'wrote'} {place.path}, {len(args.content.splitlines())} lines")


async def edit_file(desk: Desk, args: EditFile) -> Shown:
    """Replace one text of a file by another."""
    place = writable(desk, args.path)
    text = decoded(*await asyncio.to_thread(read, place, FILE_BYTES), place.path)
    old, new = args.old, args.new
    if old not in text and "\r\n" in text:
        old, new = (part.replace("\r\n", "\n").replace("\n", "\r\n") for part in (old, new))
    if old == new:
        raise ToolError("old and new are the same; there is nothing to replace")
    if is_done(text, old, new):
        edited(desk)
        return Shown(f"{place.path} holds the new text already; nothing was replaced")
    count = text.count(old)
    if count == 0:
        raise ToolError(f"`old` does not occur in {place.path!r}{nearest(text, old)}")
    lines = occurrences(text, old)
    if count > 1 and not args.replace_all:
        raise ToolError(
            f"`old` occurs {count} times in {place.path!r}, at lines {', '.join(map(str, lines[:20]))}; "
            "add lines around it until it is unique, or set replace_all"
        )
    await asyncio.to_thread(write, place, encoded(text.replace(old, new), args.path))
    edited(desk)
    return Shown(f"edited {place.path}, line {', '.join(map(str, lines[:20]))}")


def writable(desk: Desk, path: str) -> Place:
    """The place of a file a worker may write.

    Raises ToolError for control paths, check files and folders.
    """
    place = locate(desk.tree, path)
    if is_control(place.path) or is_control(path):
        raise ToolError(f"{path!r} steers tools and is not yours to change; propose the change in the handoff")
    if place.path != "." and (desk.checks / place.path).exists():
        raise ToolError(f"{path!r} is a check file of the contract: read-only, and no part of your work")
    if (place.root / place.path).is_dir():
        raise ToolError(f"{path!r} is a folder; expected the path of a file")
    return place


def edited(desk: Desk) -> None:
    """From here on, only later receipts speak of the tree as it is."""
    desk.edited_at = len(desk.receipts)


def encoded(text: str, path: str) -> bytes:
    """The bytes of a file's text."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        message = f"the text for {path!r} holds half of a character pair at {error.start}; send valid Unicode"
        raise ToolError(message) from error


def decoded(data: bytes, size: int, path: str) -> str:
    """The text of a file that can be edited."""
    if size > FILE_BYTES:
        raise ToolError(f"{path!r} has {size} bytes, more than can be edited so; use run_command")
    with explained(path):
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise ToolError(f"{path!r} is not text in UTF-8; use run_command to change it") from error


def is_done(text: str, old: str, new: str) -> bool:
    """Whether the replacement was made before: the new text is there, and the old one nowhere outside of it."""
    outside = text.replace(new, "\0") if old in new else text
    return bool(new) and new in text and old not in outside


def occurrences(text: str, old: str) -> list[int]:
    """The line at which each occurrence begins."""
    lines, at = [], text.find(old)
    while at >= 0:
        lines.append(text.count("\n", 0, at) + 1)
        at = text.find(old, at + len(old))
    return lines


def nearest(text: str, old: str) -> str:
    """The place of a file that is most like a text that does not occur in it."""
    lines = text.splitlines()
    wanted = next((line.strip() for line in old.splitlines() if line.strip()), "")
    ratios = [(difflib.SequenceMatcher(None, wanted, line.strip()).ratio(), n) for n, line in enumerate(lines[:5_000])]
    best, at = max(ratios, default=(0.0, 0), key=lambda pair: (pair[0], -pair[1]))
    if best < NEAR:
        return "; read the file and copy the text exactly"
    height = len(old.splitlines())
    rows = range(max(at - AROUND, 0), min(at + height + AROUND, len(lines)))
    return "; the nearest is:\n" + "\n".join(f"{n + 1}\t{lines[n][:500]}" for n in rows[:40])


WRITE_FILE = Tool("write_file", WriteFile, write_file, seats=WORKER, repeatable=True)
EDIT_FILE = Tool("edit_file", EditFile, edit_file, seats=WORKER, repeatable=True)
