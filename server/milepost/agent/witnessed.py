"""What an attempt saw, call by call, read back from the log and from the evidence that its calls recorded."""

from collections.abc import Sequence
from typing import Any

from milepost.agent.desk import Blobs
from milepost.domain.done_calls import done_calls
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Record
from milepost.scripts.draft import Called
from milepost.scripts.observed import Observation, observe


def calls_of(turns: Sequence[Record], blobs: Blobs) -> list[Called]:
    """The calls of an attempt that did what they were asked, in their order."""
    found: list[Called] = []
    for at, ended, arguments in done_calls(turns):
        if arguments is not None:
            seen = witnessed(ended.result, ended.evidence, blobs, at, typed(ended.receipt, arguments))
            found.append(Called(ended.name, arguments, seen, tuple(piece.id for piece in ended.evidence)))
    return found


def typed(receipt: Receipt | None, arguments: dict[str, Any]) -> str:
    """The command that a call's record begins with; empty where it is no command's."""
    return receipt.command if receipt is not None else str(arguments.get("command", ""))


def witnessed(result: str, evidence: Sequence[Evidence], blobs: Blobs, at: float, sent: str = "") -> Observation:
    """What one call came to; `sent` is the command that its record begins with."""
    return observe("ok", result, [(piece, blobs.get(piece.blob)) for piece in evidence], at, sent)
