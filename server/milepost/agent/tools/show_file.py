"""`show_file` and `use_library`: what a program wrote, and what a library does for its caller, recorded."""

from typing import Annotated, Literal

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import commands, masked, notebook, noted
from milepost.agent.tools.seated import USERS
from milepost.domain.shape import AssertionId, Shape, Text
from milepost.drivers.files import Files
from milepost.drivers.library import Library


class ShowFile(Shape):
    """Arguments of show_file."""

    path: Text
    assertion: AssertionId | None = None


class UseLibrary(Shape):
    """Arguments of use_library."""

    language: Literal["python", "node"]
    code: Text
    timeout_s: Annotated[int, Field(ge=1, le=1800)] = 120
    assertion: AssertionId | None = None


async def show_file(desk: Desk, args: ShowFile) -> Shown:
    """Look at a file as the program's own commands would."""
    driver = Files(desk.cell, await notebook(desk), redact=lambda text: masked(desk, text))
    return noted(desk, await driver.show(args.path, args.assertion))


async def use_library(desk: Desk, args: UseLibrary) -> Shown:
    """Run a snippet."""
    driver = Library(await commands(desk))
    return noted(desk, await driver.use(args.language, args.code, timeout_s=args.timeout_s, assertion=args.assertion))


SHOW_FILE = Tool("show_file", ShowFile, show_file, seats=USERS)
USE_LIBRARY = Tool("use_library", UseLibrary, use_library, seats=USERS)
