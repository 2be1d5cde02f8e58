"""One row of the log: an event, its place in the chain, and who caused it."""

import hashlib
from typing import Annotated, get_args

from pydantic import Field, TypeAdapter

from milepost.domain import events, turns
from milepost.domain.shape import Shape

Fact = (
    events.MissionCreated | events.DocumentWritten | events.BaseExamined | events.MissionProposed
    | events.MissionReturned | events.MissionApproved | events.ContractAmended | events.PlanChanged
    | events.SettingChanged | events.MessageReceived | events.HoldPlaced | events.HoldLifted
    | events.MissionCompleted | events.MissionFailed | events.MissionCancelled | events.MissionReopened
    | events.MissionLanded | events.OrderRefused | events.ItemOpened | events.ItemResolved
    | events.GuidanceGiven | events.FactNoted | events.FeatureStarted | events.CommitMade
    | events.HandoffSubmitted | events.HandoffAudited | events.FeatureReverted | events.EditNoticed
    | events.RoundStarted | events.GateFinished | events.ReviewSubmitted | events.ScrutinySubmitted
    | events.VerdictGiven | events.VerdictsExpired | events.AssertionWaived | events.RoundEnded
    | events.MilestoneSealed | events.AuditSubmitted | events.VerdictsSubmitted | events.FlowsAdmitted
    | events.FlowsMeasured | events.RunnerStarted
    | events.RunnerStopped | events.AttemptStarted | events.AttemptEnded | events.ScriptCompiled
    | events.ScriptPlayed
)
Turn = (
    turns.TurnStarted | turns.TurnEnded | turns.TurnFailed | turns.ToolStarted | turns.ToolEnded | turns.NudgeGiven
)
Event = Fact | Turn

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
TURN_KINDS: frozenset[str] = frozenset(t.model_fields["kind"].default for t in get_args(Turn))
FACT_KINDS: frozenset[str] = frozenset(t.model_fields["kind"].default for t in get_args(Fact))
GENESIS = "0" * 64
"""What the first event names as the hash of the one before."""


class Record(Shape):
    """An event with its envelope."""

    seq: int
    """Counts from 1."""
    at: float
    """POSIX seconds, by the writer's clock."""
    prev: str
    """Hash of the row before; GENESIS for the first."""
    by: str
    """`engine`, `user`, or the attempt that caused it."""
    order: str | None = None
    """Id of the order it answers."""
    attempt: str | None = None
    """The attempt it belongs to."""
    event: Annotated[Event, Field(discriminator="kind")]


def row_hash(
    *, mission: str, seq: int, at: float, prev: str, by: str, order: str | None, attempt: str | None, body: str
) -> str:
    """SHA-256 of one row: every column, length-prefixed, so that no two rows can be read as each other."""
    digest = hashlib.sha256()
    for part in (mission, str(seq), repr(at), prev, by, order or "", attempt or "", body):
        data = part.encode()
        digest.update(f"{len(data)}:".encode())
        digest.update(data)
    return digest.hexdigest()
