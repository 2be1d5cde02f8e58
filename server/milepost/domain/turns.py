"""What happened inside attempts, turn by turn: kept in the log, read only for the attempt at hand (D20b)."""

from typing import Any, Literal

from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.shape import Shape
from milepost.domain.turn import Reply, Usage


class TurnStarted(Shape):
    kind: Literal["turn_started"] = "turn_started"
    n: int
    """Counts from 1 inside its attempt."""
    reserved: float
    """Dollars set aside until the turn ends."""
    bytes: int = 0
    """UTF-8 bytes of the whole prompt."""
    shared: int = 0
    """Of these, bytes equal to the prompt of the turn before."""


class TurnEnded(Shape):
    kind: Literal["turn_ended"] = "turn_ended"
    n: int
    reply: Reply
    usage: Usage
    cost: float
    model: str
    fingerprint: str = ""
    ms: int = 0


class TurnFailed(Shape):
    kind: Literal["turn_failed"] = "turn_failed"
    n: int
    reason: str
    """rate_limit, quota, auth, silent, cut, server, context, refused, unknown."""
    text: str = ""
    retry_at: float | None = None
    cost: float = 0.0
    """The reservation, where the provider may have charged for it."""


class ToolStarted(Shape):
    kind: Literal["tool_started"] = "tool_started"
    n: int
    call: str
    name: str
    arguments: dict[str, Any] | str


class ToolEnded(Shape):
    kind: Literal["tool_ended"] = "tool_ended"
    n: int
    call: str
    name: str
    outcome: Literal["ok", "error", "unknown"]
    result: str
    """What the model was shown."""
    receipt: Receipt | None = None
    receipt_id: str | None = None
    """`R1` inside its attempt."""
    evidence: list[Evidence] = []
    images: list[str] = []
    """Blobs of images shown to a model that can see."""
    ends: bool = False
    """Whether the attempt ended with this call."""


class NudgeGiven(Shape):
    kind: Literal["nudge_given"] = "nudge_given"
    n: int
    detector: str
    text: str
