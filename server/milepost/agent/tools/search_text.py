"""`search_text`: a regular expression over the files of the tree."""

import asyncio
import json
import sys
from typing import Annotated, Any

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools import matcher
from milepost.agent.tools.list_files import excludes, matching
from milepost.agent.tools.place import Place, locate
from milepost.agent.tools.seated import ALL
from milepost.agent.tools.walk import walk
from milepost.domain.errors import ToolError
from milepost.domain.shape import Shape, Text

LIMIT_S = 10.0


class SearchText(Shape):
    """Arguments of search_text."""

    pattern: Text
    """Matched line by line."""
    path: Text = "."
    glob: Text | None = None
    max_results: Annotated[int, Field(ge=1, le=500)] = 100


async def run(desk: Desk, args: SearchText) -> Shown:
    """Find lines."""
    place = locate(desk.tree, args.path)
    paths = await asyncio.to_thread(candidates, place, args.glob, excludes(desk))
    order = {"root": str(place.root), "pattern": args.pattern, "paths": paths, "most": args.max_results}
    answer = await asked(order)
    if "error" in answer:
        raise ToolError(f"{args.pattern!r} is no regular expression: {answer['error']}")
    lines = [f"{path}:{number}: {line}" for path, number, line in answer["hits"]]
    if answer["more"]:
        lines.append(f"[more than {args.max_results} lines; narrow by path, glob or pattern]")
    return Shown("\n".join(lines) or f"no line matches, in {len(paths)} files")


def candidates(place: Place, glob: str | None, excludes: str) -> list[str]:
    """The files to look into.

    Raises ToolError where there is nothing at the path.
    """
    target = place.root / place.path
    if target.is_file():
        return [place.path]
    if not target.is_dir():
        raise ToolError(f"there is nothing at {place.path!r}; expected a file or folder of the tree")
    entries = matching(walk(place.root, place.parts, excludes), glob, place.path)
    return [e.path for e in entries if not e.is_folder]


async def asked(order: dict[str, Any], limit_s: float = LIMIT_S) -> dict[str, Any]:
    """What the matcher answers.

    Raises ToolError where it takes too long: some patterns take forever.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", matcher.__file__, env={},
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(limit_s):
            out, _ = await process.communicate(json.dumps(order).encode())
    except TimeoutError as error:
        found = f"{order['pattern']!r} took longer than {limit_s:g} s"
        raise ToolError(f"{found}; use a simpler pattern or fewer files") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    answer: dict[str, Any] = json.loads(out)
    return answer


SEARCH_TEXT = Tool("search_text", SearchText, run, seats=ALL, reads_only=True)
