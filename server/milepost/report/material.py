"""What a report is made of: the facts of one log, the mission they fold to, and what the turns add up to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from milepost.domain.budget import Spent
from milepost.domain.errors import Refused
from milepost.domain.evolve import evolve
from milepost.domain.mission import Mission
from milepost.domain.record import TURN_KINDS, Record
from milepost.domain.turns import NudgeGiven, TurnEnded, TurnFailed
from milepost.report.acts import Act
from milepost.report.timeline import Timeline

E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Toll:
    """What the turns of one attempt took."""

    spent: Mapping[str, Spent] = field(default_factory=dict)
    """By the model that answered; empty for calls without an answer."""
    ms: Mapping[str, int] = field(default_factory=dict)
    nudges: int = 0

    @property
    def dollars(self) -> float:
        """Dollars of all its calls."""
        return sum(s.dollars for s in self.spent.values())

    def model(self, seated: str) -> str:
        """The model that answered most; the one that was seated where none did."""
        answered = {m: s.turns for m, s in self.spent.items() if m}
        return max(answered, key=lambda m: answered[m]) if answered else seated


@dataclass(frozen=True, slots=True)
class Material:
    """Everything one report is read from."""

    mission: Mission
    facts: Sequence[Record]
    tolls: Mapping[str, Toll]
    """By attempt."""
    timeline: Timeline
    reserved: float = 0.0
    acts: Mapping[str, Sequence[Act]] = field(default_factory=dict)
    """What each tester did with the program, by attempt."""

    def of(self, kind: type[E]) -> list[tuple[Record, E]]:
        """The facts of one kind, each with its record."""
        return [(r, r.event) for r in self.facts if isinstance(r.event, kind)]

    def toll(self, attempt: str) -> Toll:
        """What one attempt took; nothing where it had no turn."""
        return self.tolls.get(attempt, Toll())

    def seconds(self, attempt: str) -> float:
        """How long an attempt sat, holds left out."""
        return self.timeline.sat(attempt)


def toll(records: Sequence[Record]) -> Toll:
    """The sum of one attempt's turns."""
    spent: dict[str, Spent] = {}
    ms: dict[str, int] = {}
    nudges = 0
    for event in (r.event for r in records):
        if isinstance(event, TurnEnded):
            usage = event.usage
            more = Spent(dollars=event.cost, fresh=usage.fresh, cached=usage.cached, out=usage.out, turns=1)
            spent[event.model] = spent.get(event.model, Spent()).plus(more)
            ms[event.model] = ms.get(event.model, 0) + event.ms
        elif isinstance(event, TurnFailed):
            spent[""] = spent.get("", Spent()).plus(Spent(dollars=event.cost))
        elif isinstance(event, NudgeGiven):
            nudges += 1
    return Toll(spent, ms, nudges)


def folded(facts: Sequence[Record], until: float) -> tuple[Mission, Timeline]:
    """The mission the facts fold to, and where its time went. Raises Refused where it was never created."""
    mission: Mission | None = None
    timeline = Timeline()
    for record in facts:
        if record.event.kind in TURN_KINDS:
            continue
        mission = evolve(mission, record)
        timeline.saw(record, mission)
    if mission is None:
        raise Refused("this log holds no mission yet: expected its first event to be mission_created")
    timeline.close(until)
    return mission, timeline
