"""What the engine saw is written down."""

from milepost.gates.receipts import TAIL_CHARACTERS, TAIL_LINES, observe, tail
from milepost.workspace.cell import Cell
from tests.gates.conftest import Shelf


async def test_receipt_says_what_was_seen(cell: Cell, shelf: Shelf) -> None:
    receipt = await observe(
        cell, "echo hello $WHO; exit 3", timeout_s=20, env={"WHO": "ada"}, keep=shelf.keep, tree="t" * 40
    )
    assert (receipt.command, receipt.exit_code, receipt.timed_out) == ("echo hello $WHO; exit 3", 3, False)
    assert (receipt.tail, receipt.tree) == ("hello ada", "t" * 40)
    assert shelf[receipt.output] == b"hello ada\n"


async def test_command_that_hangs_is_stopped(cell: Cell, shelf: Shelf) -> None:
    receipt = await observe(cell, "sleep 60", timeout_s=0.2, env={}, keep=shelf.keep, tree="t")
    assert receipt.timed_out
    assert receipt.exit_code is None


def test_tail_is_the_last_lines_without_control_characters() -> None:
    lines = "".join(f"line {n}\r\n" for n in range(99))
    shown = tail(f"{lines}\x1b[31mred\x1b[0m\n\n".encode() + b"\xff\n")
    assert shown.splitlines()[-3:] == ["red", "", "\ufffd"]
    assert len(shown.splitlines()) == TAIL_LINES
    assert len(tail(b"x" * 9_999)) == TAIL_CHARACTERS
