"""The calls of an attempt that did what they were asked, each with what it was asked."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from milepost.domain.record import Record
from milepost.domain.turns import ToolEnded, TurnEnded


class DoneCall(NamedTuple):
    """One call that worked."""

    at: float
    """POSIX seconds, when it had ended."""
    ended: ToolEnded
    arguments: dict[str, Any] | None
    """None where the reply that asked for it cannot be read."""


def done_calls(turns: Iterable[Record]) -> Iterator[DoneCall]:
    """From the turns of one attempt, in their order."""
    asked: dict[tuple[int, str], dict[str, Any] | str] = {}
    for record in turns:
        event = record.event
        if isinstance(event, TurnEnded):
            asked |= {(event.n, call.id): call.arguments for call in event.reply.tool_calls}
        elif isinstance(event, ToolEnded) and event.outcome == "ok":
            arguments = asked.get((event.n, event.call))
            yield DoneCall(record.at, event, arguments if isinstance(arguments, dict) else None)
