"""`run_command`: a shell command at the root of the tree, with a receipt of what the engine saw."""

from typing import Annotated

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools import background
from milepost.agent.tools.observing import commands, environment, noted
from milepost.agent.tools.seated import DOERS, USERS
from milepost.domain.receipt import Receipt
from milepost.domain.shape import Shape, Text
from milepost.workspace.output import cap
from milepost.workspace.process import Finished

SHOWN_CHARACTERS = 8_000


class RunCommand(Shape):
    """Arguments of run_command."""

    command: Text
    timeout_s: Annotated[int, Field(ge=1, le=1800)] = 120
    """Default 120."""
    background: bool = False


async def run(desk: Desk, args: RunCommand) -> Shown:
    """Run a command, to its end or in the background."""
    if args.background:
        return await background.start(desk, args.command)
    if desk.seat in USERS:
        driver = await commands(desk)
        seen = noted(desk, await driver.run(args.command, timeout_s=args.timeout_s))
        return Shown(f"[{ended(seen.receipt)}]\n{seen.text}", receipt=seen.receipt, evidence=seen.evidence)
    finished = await desk.cell.run(args.command, timeout_s=args.timeout_s, env=environment(desk))
    return received(desk, args.command, finished)


def received(desk: Desk, command: str, finished: Finished) -> Shown:
    """The receipt of a command that ended, and its output as the model is shown it."""
    text = background.readable(desk, finished.output)
    receipt = Receipt(
        command=command, exit_code=finished.exit_code, timed_out=finished.timed_out, output=desk.blobs.put(text),
        tail=background.tail(text), ms=finished.ms,
    )
    name = f"R{len(desk.receipts) + 1}"
    desk.receipts.append((name, receipt))
    shown = cap(text, SHOWN_CHARACTERS, keep=f"read_record {desk.attempt}/{name}") or "(no output)"
    return Shown(f"{ended(receipt)}; receipt {name}\n{shown}", receipt=receipt)


def ended(receipt: Receipt | None) -> str:
    """How a command ended and how long it took."""
    if receipt is None:
        return "no receipt"
    took = f"{receipt.ms / 1000:.1f} s"
    if receipt.timed_out:
        return f"out of time after {took}: it was stopped and has no exit code"
    if receipt.exit_code is None:
        return f"stopped after {took}: it printed without end"
    return f"exit code {receipt.exit_code} in {took}"


RUN_COMMAND = Tool("run_command", RunCommand, run, seats=DOERS)
