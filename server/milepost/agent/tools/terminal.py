"""`terminal_open`, `terminal_send` and `terminal_look`: a program as a person uses it at a keyboard."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import noted, terminal
from milepost.agent.tools.seated import USERS
from milepost.domain.shape import Shape, Text


class TerminalOpen(Shape):
    """Arguments of terminal_open."""

    command: Text
    rows: Annotated[int, Field(ge=1, le=200)] = 24
    columns: Annotated[int, Field(ge=1, le=400)] = 80
    until: Text | None = None
    """A text to wait for on the screen."""


class TerminalSend(Shape):
    """Arguments of terminal_send."""

    model_config = ConfigDict(str_strip_whitespace=False)

    keys: Annotated[list[str], Field(min_length=1, max_length=200)]
    """Texts and keys in order: `Enter`, `Up`, `Ctrl-C`, `F5`; `text:Enter` types the word.

    Also `click:ROW,COLUMN` (`double-click:`, `right-click:`, `wheel-up:`, `wheel-down:`), `drag:1,2-3,4`, `paste:…`,
    and `resize:30x100` in rows and columns.
    """
    until: str | None = None
    """A text to wait for on the screen."""


class TerminalLook(Shape):
    """Arguments of terminal_look."""

    what: Literal["text", "colors", "history", "picture"] = "text"
    until: Text | None = None
    """A text to wait for on the screen."""


async def terminal_open(desk: Desk, args: TerminalOpen) -> Shown:
    """Start a program; one that was open is closed."""
    driver = await terminal(desk)
    return noted(desk, await driver.open(args.command, rows=args.rows, cols=args.columns, until=args.until))


async def terminal_send(desk: Desk, args: TerminalSend) -> Shown:
    """Type and press keys."""
    driver = await terminal(desk)
    return noted(desk, await driver.send(args.keys, until=args.until))


async def terminal_look(desk: Desk, args: TerminalLook) -> Shown:
    """Record what the screen shows."""
    driver = await terminal(desk)
    return noted(desk, await driver.look(args.what, until=args.until))


TERMINAL_OPEN = Tool("terminal_open", TerminalOpen, terminal_open, seats=USERS)
TERMINAL_SEND = Tool("terminal_send", TerminalSend, terminal_send, seats=USERS)
TERMINAL_LOOK = Tool("terminal_look", TerminalLook, terminal_look, seats=USERS)
