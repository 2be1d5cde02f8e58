"""What an attempt saw, call by call, read back from the log and from the evidence that its calls recorded."""

from collections.abc import Sequence
from typing import Any

from milepost.agent.desk import Blobs
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Record
from milepost.domain.turns import ToolEnded, TurnEnded
from milepost.scripts.draft import Called
from milepost.scripts.observed import Observation, observe


def calls_of(turns: Sequence[Record], blobs: Blobs) -> list[Called]:
    """The calls of an attempt that did what they were asked, in their order."""
    asked: dict[tuple[int, str], dict[str, Any] | str] = {}
    found: list[Called] = []
    for record in turns:
        event = record.event
        if isinstance(event, TurnEnded):
            asked |= {(event.n, call.id): call.arguments for call in event.reply.tool_calls}
        elif isinstance(event, ToolEnded) and event.outcome == "ok":
            arguments = asked.get((event.n, event.call))
            if isinstance(arguments, dict):
                seen = witnessed(event.result, event.evidence, blobs, record.at, typed(event.receipt, arguments))
                found.append(Called(event.name, arguments, seen, tuple(piece.id for piece in event.evidence)))
    return found


def typed(receipt: Receipt | None, arguments: dict[str, Any]) -> str:
    """The command that a call's record begins with; empty where it is no command's."""
    return receipt.command if receipt is not None else str(arguments.get("command", ""))


def witnessed(result: str, evidence: Sequence[Evidence], blobs: Blobs, at: float, sent: str = "") -> Observation:
    """What one call came to; `sent` is the command that its record begins with."""
    return observe("ok", result, [(piece, blobs.get(piece.blob)) for piece in evidence], at, sent)
