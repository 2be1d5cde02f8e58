"""Commands that go on while others run: `command_output` and `stop_command`, and how `run_command` starts one."""

from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk, Ongoing
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import environment, log_of, masked, notebook, noted
from milepost.agent.tools.seated import DOERS, USERS
from milepost.domain.errors import ToolError
from milepost.domain.receipt import Receipt
from milepost.domain.shape import AssertionId, Shape, Text
from milepost.drivers.notebook import Seen
from milepost.workspace.output import cap, decode, strip

SHOWN_CHARACTERS = 8_000
TAIL_LINES = 20
TAIL_CHARACTERS = 2_000


class CommandOutput(Shape):
    """Arguments of command_output."""

    id: Text
    wait_s: Annotated[float, Field(ge=0, le=600)] = 0
    assertion: AssertionId | None = None
    """Records the log of a service as evidence for it."""


class StopCommand(Shape):
    """Arguments of stop_command."""

    id: Text


async def start(desk: Desk, command: str) -> Shown:
    """Start a command and return at once."""
    # Logs outlive the engine: an id that was used before it stopped is not given again.
    used = [int(p.stem[1:]) for p in desk.logs.glob("B*.log") if p.stem[1:].isdigit()]
    name = f"B{max(used, default=0) + 1}"
    process = await desk.cell.start(command, log=desk.logs / f"{name}.log", env=environment(desk))
    desk.backgrounds[name] = Ongoing(command, process, desk.clock())
    return Shown(f"started as {name}; command_output {name} shows what it prints, stop_command {name} ends it")


async def command_output(desk: Desk, args: CommandOutput) -> Shown:
    """What a background command, or a service, printed since the last look."""
    if desk.services is not None and desk.services.has(args.id):
        return await service_log(desk, desk.services.printed(args.id), args)
    ongoing = known(desk, args.id)
    if args.wait_s:
        await ongoing.process.ended(args.wait_s)
    return looked(desk, args.id, ongoing)


async def service_log(desk: Desk, data: bytes, args: CommandOutput) -> Shown:
    """Everything a service printed; for an assertion of a flow, kept as evidence."""
    text = cap(readable(desk, data), SHOWN_CHARACTERS) or "(no output)"
    if args.assertion is None or desk.seat not in USERS:
        return Shown(text)
    kept = log_of(desk, await notebook(desk), args.id, data, args.assertion)
    return noted(desk, Seen(f"[{kept.id}] log of {args.id}\n{text}", (kept,)))


async def stop_command(desk: Desk, args: StopCommand) -> Shown:
    """End a background command."""
    ongoing = known(desk, args.id)
    await ongoing.process.stop()
    return looked(desk, args.id, ongoing)


def known(desk: Desk, name: str) -> Ongoing:
    """The background command of that id.

    Raises ToolError where there is none, or none any more.
    """
    found = desk.backgrounds.get(name)
    if found is not None:
        return found
    if name.isalnum() and (desk.logs / f"{name}.log").exists():
        raise ToolError(f"{name} ended when the engine was restarted; start it again with run_command")
    raise ToolError(f"there is no background command {name!r}; there are {', '.join(desk.backgrounds) or 'none'}")


def looked(desk: Desk, name: str, ongoing: Ongoing) -> Shown:
    """Its state and new output; with a receipt once it has ended."""
    code = ongoing.process.exit_code
    data, ongoing.read = ongoing.process.output(ongoing.read)
    text = readable(desk, data)
    said = cap(text, SHOWN_CHARACTERS) or "(no new output)"
    if code is None:
        return Shown(f"{name} is running\n{said}")
    receipt = None
    if ongoing.receipt is None:
        receipt = ongoing.receipt = receipted(desk, ongoing, code)
        desk.receipts.append((f"R{len(desk.receipts) + 1}", receipt))
    return Shown(f"{name} ended with exit code {code}\n{said}", receipt=receipt)


def receipted(desk: Desk, ongoing: Ongoing, code: int) -> Receipt:
    """What the engine saw of a background command, now that it has ended."""
    text = readable(desk, ongoing.process.output(0)[0])
    return Receipt(
        command=ongoing.command, exit_code=code, output=desk.blobs.put(text), tail=tail(text),
        ms=int((desk.clock() - ongoing.began) * 1000),
    )


def readable(desk: Desk, data: bytes) -> str:
    """Output as a model reads it: no control characters, no ports and paths of this machine."""
    return masked(desk, strip(decode(data))).strip("\n")


def tail(text: str) -> str:
    """The last lines of an output."""
    return "\n".join(text.splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]


COMMAND_OUTPUT = Tool("command_output", CommandOutput, command_output, seats=DOERS, reads_only=True)
STOP_COMMAND = Tool("stop_command", StopCommand, stop_command, seats=DOERS, repeatable=True)
