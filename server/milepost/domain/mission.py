"""A mission as it stands: the fold of its facts. Nothing else holds state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from milepost.domain.budget import Spent
from milepost.domain.contract import Contract
from milepost.domain.events import (
    AttemptStarted,
    CheckExamined,
    Decision,
    GateFinished,
    HoldPlaced,
    ItemOpened,
    ScriptPlayed,
    VerdictGiven,
    VerdictsSubmitted,
)
from milepost.domain.handoff import Audit, Handoff, Review, Scrutiny
from milepost.domain.plan import Feature, Plan
from milepost.domain.receipt import TestRun
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings

Phase = Literal["draft", "proposed", "running", "completed", "failed", "cancelled"]
FeatureStatus = Literal["outline", "ready", "active", "built", "accepted", "cancelled"]
MilestoneStatus = Literal["waiting", "open", "validating", "sealed"]
AssertionStatus = Literal["pending", "passed", "failed", "blocked", "waived", "removed"]

FINAL_ROUND = "audit"
"""The milestone named by the round before the audit, which judges what went stale."""


@dataclass(frozen=True, slots=True)
class FeatureState:
    """Where one feature stands."""

    status: FeatureStatus
    start: str = ""
    """Commit its range begins after; empty until a worker started."""
    end: str = ""
    """Commit its range ends with, once a handoff was audited."""
    handoff: Handoff | None = None
    handoff_attempt: str = ""
    audited: bool = False
    proved: bool = False
    """Whether vacuity has run on the last handoff."""
    provable: bool = True
    commits: tuple[str, ...] = ()
    attempts: int = 0
    reopened: str = ""
    """Why it was reopened; the next attempt reads it and goes on at the tip."""
    mismatches: tuple[str, ...] = ()
    review: Review | None = None
    reviewed_at: str = ""
    """The end commit its last review looked at."""
    started_seq: int = 0
    """When its first worker started; 0 while nobody has."""
    inherited: int = 0
    """Attempts at the features it was split from, or that were folded into it: a cap is for life."""

    @property
    def tries(self) -> int:
        """Attempts at it, those it inherited included."""
        return self.attempts + self.inherited


@dataclass(frozen=True, slots=True)
class MilestoneState:
    """Where one milestone stands."""

    status: MilestoneStatus
    rounds: int = 0
    commit: str = ""
    """The commit it was sealed at."""


@dataclass(frozen=True, slots=True)
class AssertionState:
    """Where one assertion stands."""

    status: AssertionStatus = "pending"
    stale: bool = False
    verdict: VerdictGiven | None = None
    verdict_seq: int = 0
    waived_because: str = ""
    agreed_seq: int = 0
    """When its text was last amended; what was seen before then speaks of another text."""

    @property
    def settled(self) -> bool:
        """Whether it is freshly passed, or waived by the user."""
        return self.status == "waived" or (self.status == "passed" and not self.stale)


@dataclass(frozen=True, slots=True)
class Item:
    """Anything open that blocks progress until it is resolved."""

    opened: ItemOpened
    seq: int
    by: str
    decision: Decision | None = None
    reason: str = ""
    text: str | None = None
    feature: str | None = None
    resolved_by: str = ""
    resolved_seq: int = 0

    @property
    def is_open(self) -> bool:
        """Whether nobody has resolved it yet."""
        return self.decision is None

    @property
    def id(self) -> str:
        """Its id, such as `I3`."""
        return self.opened.item


@dataclass(frozen=True, slots=True)
class Round:
    """One judgement of one milestone, as far as it has come."""

    milestone: str
    number: int
    commit: str
    tree: str
    scope: tuple[str, ...]
    gates: Mapping[str, GateFinished] = field(default_factory=dict)
    reviews: Mapping[str, Review] = field(default_factory=dict)
    scrutiny: Scrutiny | None = None
    flows: Mapping[str, VerdictsSubmitted] = field(default_factory=dict)
    plays: Mapping[str, ScriptPlayed] = field(default_factory=dict)
    """By script, what it saw in this round."""
    outcome: Literal["passed", "failed"] | None = None
    reason: str = ""
    seq: int = 0
    """When it started."""


@dataclass(frozen=True, slots=True)
class ScriptState:
    """The script of one assertion; it counts while the assertion's text is the one it was compiled for."""

    script: str
    """Its blob."""
    text_hash: str
    attempt: str
    """The tester whose flow it was."""
    tree: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sitting of one seat."""

    started: AttemptStarted
    seq: int
    outcome: str | None = None
    reason: str = ""
    ended_seq: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.outcome is None


@dataclass(frozen=True, slots=True)
class Guidance:
    """A standing order and whom it concerns."""

    text: str
    scope: str
    seq: int


@dataclass(frozen=True, slots=True)
class Message:
    """What the user told the orchestrator; read once an orchestrator's attempt started after it."""

    text: str
    seq: int


@dataclass(frozen=True, slots=True)
class Mission:
    """One goal, from words to sealed result."""

    id: str
    goal: str
    repository: str
    base: str
    mode: str
    slug: str
    settings: Settings
    created: float
    seq: int = 0
    phase: Phase = "draft"
    holds: Mapping[str, HoldPlaced] = field(default_factory=dict)
    brief: str = ""
    contract: Contract = field(default_factory=Contract)
    plan: Plan | None = None
    manifest: Manifest | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    """`contract:AUTH`, `check:checks/auth_001.py`, `plan` … to the hash of the newest text."""
    approved: Mapping[str, str] = field(default_factory=dict)
    examined: Mapping[str, CheckExamined] = field(default_factory=dict)
    base_suite: TestRun | None = None
    base_measures: Mapping[str, int] = field(default_factory=dict)
    features: Mapping[str, FeatureState] = field(default_factory=dict)
    milestones: Mapping[str, MilestoneState] = field(default_factory=dict)
    assertions: Mapping[str, AssertionState] = field(default_factory=dict)
    items: Mapping[str, Item] = field(default_factory=dict)
    attempts: Mapping[str, Attempt] = field(default_factory=dict)
    rounds: tuple[Round, ...] = ()
    handoff_gates: Mapping[str, GateFinished] = field(default_factory=dict)
    """The manifest's commands as they ran on the last handoff, while checks and manifest stand as they stood then."""
    scripts: Mapping[str, ScriptState] = field(default_factory=dict)
    """By assertion."""
    compiled: frozenset[str] = frozenset()
    """Testers whose flows were compiled, whatever came of it."""
    guidance: tuple[Guidance, ...] = ()
    facts: tuple[str, ...] = ()
    messages: tuple[Message, ...] = ()
    head: str = ""
    """Newest engine commit; the base until there is one."""
    audits: int = 0
    last_audit: tuple[str, Audit] | None = None
    """The attempt and the words of the newest audit."""
    audited_at: str = ""
    """Commit the last passed audit looked at."""
    spent: Spent = field(default_factory=Spent)
    landed: str = ""
    reason: str = ""
    """Why it failed or was cancelled."""
    epoch: int = 0
    idle_seatings: int = 0
    """Orchestrator attempts in a row that changed nothing."""
    seatings: int = 0
    """Orchestrator attempts since anyone else was at work or the user said something."""
    approved_seq: int = 0
    moved_seq: int = 0
    """When the product last changed: what was judged at an earlier commit is stale from then on."""
    returned: str = ""
    """What the user said when the last proposal was returned."""
    summary: str = ""
    proposed_by: str = ""
    """The attempt that proposed last: when it goes on after a crash, its work is done."""
    estimate: Mapping[str, float] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    # --- asking it ---

    def feature(self, feature_id: str) -> Feature | None:
        """The plan's feature of that id, or None."""
        return next((f for f in self.plan.features if f.id == feature_id), None) if self.plan else None

    def features_of(self, milestone: str) -> list[Feature]:
        """The features of a milestone that were not cancelled, in the order of work."""
        features = self.plan.features if self.plan else []
        return [f for f in features if f.milestone == milestone and self.features[f.id].status != "cancelled"]

    def owner(self, assertion: str) -> Feature | None:
        """The one feature that fulfills an assertion."""
        features = self.plan.features if self.plan else []
        return next(
            (f for f in features if assertion in f.fulfills and self.features[f.id].status != "cancelled"), None
        )

    @property
    def open_items(self) -> list[Item]:
        """Items nobody has resolved yet, oldest first."""
        return [i for i in self.items.values() if i.is_open]

    @property
    def attention(self) -> list[Item]:
        """What waits for the user."""
        return [i for i in self.open_items if i.opened.owner == "user"]

    @property
    def open_attempts(self) -> list[Attempt]:
        """Attempts that started and have not ended."""
        return [a for a in self.attempts.values() if a.is_open]

    @property
    def round(self) -> Round | None:
        """The newest round."""
        return self.rounds[-1] if self.rounds else None

    @property
    def open_milestone(self) -> str | None:
        """The first milestone that is not sealed."""
        return next((m for m, s in self.milestones.items() if s.status != "sealed"), None)

    @property
    def unread(self) -> list[Message]:
        """What the user said that no orchestrator was seated for and not cut short: messages, and late answers."""
        heard = max((a.seq for a in self.attempts.values() if hears(a)), default=0)
        return [m for m in (*self.messages, *self.late_answers) if m.seq > heard]

    @property
    def late_answers(self) -> list[Message]:
        """Answers to questions whose asker did not stay for them."""
        answered = (i for i in self.items.values() if i.opened.type == "question" and i.decision == "answer")
        return [
            Message(f"{i.opened.text} — {i.text}", i.resolved_seq) for i in answered
            if self.phase == "running" and not self.stayed(i)
        ]

    def stayed(self, item: Item) -> bool:
        """Whether who asked a question slept until it was answered: in the draft, and where the mission waits."""
        asker = self.attempts.get(item.by)
        sat = asker is not None and (asker.is_open or asker.ended_seq > item.resolved_seq)
        return sat and (item.opened.blocks == "mission" or item.resolved_seq < self.approved_seq)

    @property
    def word(self) -> str:
        """The one word shown: the worst hold, else the phase."""
        return next((h for h in ("paused", "blocked", "parked") if h in self.holds), self.phase)

    @property
    def live(self) -> list[str]:
        """Ids of the assertions that count."""
        return [a for a, s in self.assertions.items() if s.status != "removed"]

    @property
    def settled(self) -> list[str]:
        """Ids of the assertions that are freshly passed, or waived."""
        return [a for a, s in self.assertions.items() if s.settled]

    @property
    def completion(self) -> float:
        """Share of the live assertions that are settled: one number everywhere."""
        return len(self.settled) / len(self.live) if self.live else 0.0

    @property
    def ended(self) -> bool:
        """Whether it came to an end, good or bad."""
        return self.phase in ("completed", "failed", "cancelled")

    @property
    def branch(self) -> str:
        """The branch that is published in the user's repository."""
        return f"milepost/{self.slug}"

    def next_item(self, ahead: int = 0) -> str:
        """The id of the next item to open; `ahead` skips ids already used in the same batch."""
        return f"I{len(self.items) + 1 + ahead}"

    def next_attempt(self, seat: str, subject: str, milestone: str | None = None, round: int | None = None) -> str:
        """The id of the next attempt: seat, subject and ordinal, so that parallel order does not matter (D22)."""
        place = f".{milestone}r{round}" if milestone and round and seat in ("reviewer", "tester", "scrutiny") else ""
        stem = {
            "orchestrator": "orchestrator", "auditor": "auditor", "scrutiny": f"scrutiny{place}",
            "tester": f"tester{place}.{subject}", "reviewer": f"reviewer.{subject}{place}",
        }.get(seat, f"{seat}.{subject}")
        number = sum(1 for a in self.attempts if a.rpartition(".")[0] == stem) + 1
        return f"{stem}.{number}"


def hears(attempt: Attempt) -> bool:
    """Whether an orchestrator sits there, or rose by itself: one that was cut short may have acted on nothing."""
    return attempt.started.seat == "orchestrator" and attempt.outcome in (None, "submitted")


def waived(mission: Mission) -> frozenset[str]:
    """Ids of the assertions the user waived."""
    return frozenset(i for i, s in mission.assertions.items() if s.status == "waived")
