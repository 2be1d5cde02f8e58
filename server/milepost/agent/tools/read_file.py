"""`read_file`: a text file of the tree, numbered line by line, in portions."""

import asyncio
from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.matcher import is_binary
from milepost.agent.tools.place import locate, read
from milepost.agent.tools.seated import ALL
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape, Text

LINES = 400
CHARACTERS = 32_000
LINE_CHARACTERS = 2_000
FILE_BYTES = 20_000_000


class ReadFile(Shape):
    """Arguments of read_file."""

    path: Text
    start_line: Annotated[int, Field(ge=1)] = 1
    end_line: Annotated[int, Field(ge=1)] | None = None


async def run(desk: Desk, args: ReadFile) -> Shown:
    """Show a file, or the lines asked for."""
    place = locate(desk.tree, args.path)
    if (desk.checks / place.path).is_file():
        place = locate(desk.checks, place.path)
    data, size = await asyncio.to_thread(read, place, FILE_BYTES)
    if is_binary(data):
        return Shown(f"{place.path} is a binary file of {size} bytes")
    if size > FILE_BYTES:
        raise ToolError(f"{place.path!r} has {size} bytes, more than can be read; search_text finds places in it")
    return Shown(portion(place.path, data.decode("utf-8", "replace"), args.start_line, args.end_line))


def portion(path: str, text: str, start: int, end: int | None) -> str:
    """The lines from `start` to `end`, as many as fit, and how to go on."""
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    if not lines:
        return f"{path} is empty"
    if start > len(lines):
        raise ToolError(f"{path!r} has {len(lines)} lines; line {start} is beyond its end")
    shown: list[str] = []
    size = 0
    for number, line in enumerate(lines[start - 1 : end if end is not None else start - 1 + LINES], start=start):
        row = f"{number}\t{shortened(line.rstrip(chr(13)))}"
        size += len(row) + 1
        if shown and size > CHARACTERS:
            break
        shown.append(row)
    last = start + len(shown) - 1
    if last < min(end or len(lines), len(lines)):
        shown.append(f"[lines {start}-{last} of {len(lines)}; go on with start_line={last + 1}]")
    return "\n".join(shown) or f"no line of {path!r} is between {start} and {end}"


def shortened(line: str) -> str:
    """A line that a reader can stand."""
    over = len(line) - LINE_CHARACTERS
    return line if over <= 0 else f"{line[:LINE_CHARACTERS]} [… {over} characters more]"


READ_FILE = Tool("read_file", ReadFile, run, seats=ALL, reads_only=True)
