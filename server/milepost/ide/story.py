"""The story of a mission: what was said when, which its state alone forgets. Folded from facts, one by one.

    story = History()
    for each fact: mission = evolve(mission, record); story = story.see(record, mission)

Nothing in it changes: whoever holds a story goes on seeing what was true when it was made.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from milepost.domain import events as e
from milepost.domain.budget import Spent
from milepost.domain.contract import Contract
from milepost.domain.handoff import Handoff
from milepost.domain.mission import AssertionState, Mission
from milepost.domain.receipt import Evidence
from milepost.domain.record import Record
from milepost.ide.layout import Layout
from milepost.ide.origins import Origins

MOST_POINTS = 400
"""Points of the plot; beyond, every other one is dropped, so that weeks stay drawable."""
CLOSEST = 1.0
"""Seconds between two points; what comes sooner changes the last one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One verdict and when it was given."""

    seq: int
    at: float
    verdict: e.VerdictGiven


@dataclass(frozen=True, slots=True)
class Committed:
    """One commit of a feature."""

    seq: int
    at: float
    attempt: str
    commit: str
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """One handoff, and what the engine found of it not to be so."""

    seq: int
    at: float
    attempt: str
    handoff: Handoff
    built_by_engine: bool
    audited: bool = False
    mismatches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Expired:
    """When a verdict became stale, and why."""

    at: float
    because: str


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the plots."""

    at: float
    settled: int
    live: int
    dollars: float


@dataclass(frozen=True, slots=True)
class History:
    """Everything that was said so far; `see` gives the next one."""

    verdicts: Mapping[str, tuple[Judged, ...]] = field(default_factory=dict)
    """By assertion, oldest first."""
    expired: Mapping[str, Expired] = field(default_factory=dict)
    """By assertion, why its verdict became stale last."""
    commits: Mapping[str, tuple[Committed, ...]] = field(default_factory=dict)
    """By feature, oldest first; those taken back too."""
    handoffs: Mapping[str, tuple[Left, ...]] = field(default_factory=dict)
    """By feature, oldest first."""
    evidence: Mapping[str, Evidence] = field(default_factory=dict)
    """What testers and scripts recorded, by `<attempt>/E3`."""
    spent: Mapping[str, Spent] = field(default_factory=dict)
    """By attempt that ended."""
    origins: Origins = field(default_factory=Origins)
    timeline: tuple[Point, ...] = ()
    ended: float | None = None
    """When the mission ended; None while it goes on."""
    layout: Layout = field(default_factory=lambda: Layout(Contract(), None))
    states: Mapping[str, AssertionState] = field(default_factory=dict)
    """The assertions as they stood after the last fact: what a fact changed is seen against them."""

    def see(self, record: Record, mission: Mission) -> "History":
        """The story after one more fact, given the mission after it."""
        event = record.event
        rule = RULES.get(type(event))
        story = rule(self, event, record) if rule else self
        if mission.contract is not story.layout.contract or mission.plan is not story.layout.plan:
            story = replace(story, layout=Layout(mission.contract, mission.plan))
        if mission.assertions is self.states and not isinstance(event, e.AttemptEnded | e.MissionCreated):
            return story
        return counted(story, record, mission)


# --- what each fact adds ---

def verdict_given(story: History, event: e.VerdictGiven, record: Record) -> History:
    before = story.verdicts.get(event.assertion, ())
    given = Judged(record.seq, record.at, event)
    return replace(story, verdicts={**story.verdicts, event.assertion: (*before, given)})


def verdicts_submitted(story: History, event: e.VerdictsSubmitted, record: Record) -> History:
    return replace(story, evidence={**story.evidence, **{f"{event.attempt}/{x.id}": x for x in event.evidence}})


def script_played(story: History, event: e.ScriptPlayed, record: Record) -> History:
    return replace(story, evidence={**story.evidence, **{f"{event.attempt}/{x.id}": x for x in event.evidence}})


def commit_made(story: History, event: e.CommitMade, record: Record) -> History:
    if event.feature is None:
        return story
    made = Committed(record.seq, record.at, record.attempt or "", event.commit, tuple(event.paths))
    before = story.commits.get(event.feature, ())
    return replace(story, commits={**story.commits, event.feature: (*before, made)})


def handoff_submitted(story: History, event: e.HandoffSubmitted, record: Record) -> History:
    left = Left(record.seq, record.at, record.attempt or "", event.handoff, event.built_by_engine)
    before = story.handoffs.get(event.feature, ())
    handoffs = {**story.handoffs, event.feature: (*before, left)}
    return replace(story, handoffs=handoffs, origins=story.origins.see(record))


def handoff_audited(story: History, event: e.HandoffAudited, record: Record) -> History:
    *before, last = story.handoffs[event.feature]
    audited = replace(last, audited=True, mismatches=tuple(event.mismatches))
    return replace(story, handoffs={**story.handoffs, event.feature: (*before, audited)})


def attempt_ended(story: History, event: e.AttemptEnded, record: Record) -> History:
    return replace(story, spent={**story.spent, event.attempt: event.spent})


def traced(story: History, event: object, record: Record) -> History:
    """A fact that says where items come from."""
    return replace(story, origins=story.origins.see(record))


def over(story: History, event: object, record: Record) -> History:
    """The end of the mission."""
    return replace(story, ended=record.at)


def under_way(story: History, event: object, record: Record) -> History:
    """The mission goes on after its end."""
    return replace(story, ended=None)


RULES: dict[type, Callable[[History, Any, Record], History]] = {
    e.VerdictGiven: verdict_given, e.VerdictsSubmitted: verdicts_submitted, e.CommitMade: commit_made,
    e.ScriptPlayed: script_played,
    e.HandoffSubmitted: handoff_submitted, e.HandoffAudited: handoff_audited, e.AttemptEnded: attempt_ended,
    e.ItemOpened: traced, e.RoundStarted: traced, e.RoundEnded: traced, e.AuditSubmitted: traced,
    e.MissionCompleted: over, e.MissionFailed: over, e.MissionCancelled: over, e.MissionReopened: under_way,
}


# --- what a fact did to the assertions ---

def counted(story: History, record: Record, mission: Mission) -> History:
    """The story with a point for where the assertions and the money stand, and with what became stale."""
    event, before, after = record.event, story.states, mission.assertions
    last = story.timeline[-1] if story.timeline else Point(record.at, 0, 0, 0.0)
    settled, live = last.settled, last.live
    stale: list[str] = []
    if isinstance(event, e.VerdictGiven | e.AssertionWaived):
        # A round gives hundreds of these, one after the other: looking at all assertions each time would be felt.
        name = event.assertion
        settled += after[name].settled - before[name].settled
        stale = [name] if after[name].stale else []
    elif after is not before:
        settled, live = sum(s.settled for s in after.values()), sum(s.status != "removed" for s in after.values())
        stale = [a for a, s in after.items() if s.stale and not (a in before and before[a].stale)]
    if stale:
        why = Expired(record.at, because(event))
        story = replace(story, expired={**story.expired, **dict.fromkeys(stale, why)})
    point = Point(record.at, settled, live, mission.spent.dollars)
    return replace(story, states=after, timeline=plotted(story.timeline, point))


def plotted(timeline: tuple[Point, ...], point: Point) -> tuple[Point, ...]:
    """The timeline with one more point, where it shows something new."""
    last = timeline[-1] if timeline else None
    if last is not None and (last.settled, last.live, last.dollars) == (point.settled, point.live, point.dollars):
        return timeline
    if last is not None and point.at - last.at < CLOSEST:
        return (*timeline[:-1], replace(point, at=last.at))
    kept = timeline if len(timeline) < MOST_POINTS else timeline[::2]
    return (*kept, point)


def because(event: object) -> str:
    """Why a verdict is stale from this fact on."""
    match event:
        case e.VerdictsExpired():
            return event.because
        case e.CommitMade():
            return f"{event.feature or 'the engine'} changed {some(event.paths)}"
        case e.EditNoticed():
            return f"you changed {some(event.paths)}"
        case e.FeatureReverted():
            return f"{event.feature} was taken back"
        case e.DocumentWritten():
            return "the services manifest was changed"
        case _:
            return "the product changed after its round began"


def some(paths: list[str], most: int = 3) -> str:
    """The first of several paths, and how many more there are."""
    more = len(paths) - most
    return ", ".join(paths[:most]) + (f" and {more} more" if more > 0 else "")
