"""Runs a command in a cell and writes down what was seen."""

from collections.abc import Callable, Mapping

from milepost.domain.receipt import Receipt
from milepost.workspace.cell import Cell
from milepost.workspace.output import decode, strip

Keep = Callable[[bytes], str]
"""Stores a blob and returns its SHA-256."""

TAIL_LINES = 20
TAIL_CHARACTERS = 2_000


async def observe(
    cell: Cell, command: str, *, timeout_s: float, env: Mapping[str, str], keep: Keep, tree: str,
    shown: str | None = None,
) -> Receipt:
    """The receipt of one command at the root of the cell's tree; `shown` is how it is to be called, if otherwise."""
    finished = await cell.run(command, timeout_s=timeout_s, env=env)
    return Receipt(
        command=shown or command, exit_code=finished.exit_code, timed_out=finished.timed_out,
        output=keep(finished.output), tail=tail(finished.output), tree=tree, ms=finished.ms,
    )


def tail(output: bytes) -> str:
    """The last lines of an output, clean of control characters."""
    text = strip(decode(output)).rstrip()
    return "\n".join(text.splitlines()[-TAIL_LINES:])[-TAIL_CHARACTERS:]
