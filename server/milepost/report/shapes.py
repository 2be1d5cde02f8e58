"""The report as data: what `--json` prints, versioned by `format`."""

from typing import Literal

from milepost.domain.budget import Budget
from milepost.domain.handoff import Finding
from milepost.domain.shape import Shape
from milepost.report.shown import EvidenceRow, FlowCostRow, FlowsRow, Sight, Walk

Basis = Literal["", "check", "tester", "check and tester", "script", "check and script"]
SpanKind = Literal["draft", "proposed", "work", "validation", "audit", "held", "stopped"]


class MissionRow(Shape):
    """The mission in a few lines: what was asked, whether it is done, where its branch is."""

    id: str
    goal: str
    summary: str
    """What the orchestrator said when it proposed."""
    phase: str
    word: str
    """The worst hold, else the phase."""
    reason: str
    """Why it failed or was cancelled."""
    completion: float
    repository: str
    clone: str
    """The mission's private repository, which has every commit of it."""
    base: str
    head: str
    branch: str
    published: bool
    """Whether the branch was laid into the user's repository."""
    landed: str
    """The commit it was landed as; empty while it was not."""
    mode: str
    created: float
    until: float
    """When it ended, or the time of the newest event."""
    elapsed: float
    """Seconds from creation to `until`."""
    held: float
    """Seconds of these in which it was held."""
    audit: Literal["", "passed", "failed"]
    """The outcome of the last blind audit; empty where there was none."""
    caveats: list[str]
    """Why the result is weaker than it looks."""
    warnings: list[str]
    """What the user was warned about before approval."""


class MoneyRow(Shape):
    """What was spent, and the limits on it."""

    dollars: float
    reserved: float
    """Dollars of calls that were cut off without an answer, or are under way."""
    fresh: int
    cached: int
    out: int
    turns: int
    cache_share: float | None
    budget: Budget


class VerdictRow(Shape):
    """Where one assertion stands, and what that rests on."""

    assertion: str
    title: str
    surface: str
    feature: str
    """The feature that owns it."""
    state: str
    stale: bool
    basis: Basis
    evidence: list[EvidenceRow]
    note: str
    tree: str
    milestone: str
    round: int | None
    base: str
    """What its check said on the untouched base: red, error, absent, green, timeout; empty where it has none."""
    guard: bool
    provable: bool | None
    """Whether taking its feature's change back turned something red; None where that was not tried."""
    reason_class: str
    needs: str
    reason: str
    """Why it was waived or removed."""


class GateRow(Shape):
    """One gate as the engine ran it."""

    gate: str
    outcome: str
    command: str
    exit_code: int | None
    ms: int | None
    output: str
    """Blob of the whole output."""
    text: str


class ItemRow(Shape):
    """An item, and beside it how it was resolved."""

    id: str
    type: str
    owner: str
    about: str
    severity: str
    text: str
    place: str
    """`file:line` of a finding."""
    source: str
    """`handoff:<attempt>`, `round:M1r1`, `audit:<attempt>`; otherwise empty."""
    by: str
    """Who opened it."""
    decision: str
    """Empty while it is open."""
    reason: str
    answer: str
    feature: str
    resolved_by: str


class HandoffRow(Shape):
    """What one attempt at a feature left behind, and what the engine made of it."""

    feature: str
    title: str
    attempt: str
    at: float
    outcome: str
    summary: str
    built_by_engine: bool
    audited: bool
    mismatches: list[str]
    commits: list[str]
    tree: str
    gates: list[GateRow]
    items: list[str]


class ReviewRow(Shape):
    """What one reader said: a reviewer of a feature, or scrutiny of the milestone."""

    subject: str
    outcome: str
    findings: list[Finding]


class Judged(Shape):
    """One verdict given in a round."""

    assertion: str
    outcome: str
    note: str


class RoundRow(Shape):
    """One judgement of one milestone."""

    id: str
    """`M1r2`."""
    milestone: str
    number: int
    commit: str
    tree: str
    scope: list[str]
    outcome: str
    """Empty while it is open."""
    reason: str
    started: float
    seconds: float
    gates: list[GateRow]
    reviews: list[ReviewRow]
    verdicts: list[Judged]
    items: list[str]


class AuditRow(Shape):
    """One blind look at the finished tree."""

    attempt: str
    at: float
    outcome: str
    tree: str
    findings: list[Finding]
    items: list[str]


class MilestoneRow(Shape):
    """One milestone and the time it took."""

    id: str
    title: str
    outcome: str
    """What a person can see once it is sealed."""
    status: str
    rounds: int
    first_round_passed: bool | None
    commit: str
    work: float
    validation: float
    held: float


class FeatureRow(Shape):
    """One feature, what it took and what it cost."""

    id: str
    title: str
    milestone: str
    status: str
    fulfills: list[str]
    fixes: list[str]
    attempts: int
    commits: list[str]
    provable: bool | None
    first_pass: bool | None
    """Whether it needed no mending; None where it was not judged."""
    dollars: float
    seconds: float


class SeatRow(Shape):
    """One model in one seat."""

    seat: str
    model: str
    attempts: int
    submitted: int
    """Attempts that ended with what they were asked for."""
    features_judged: int
    features_first: int
    """Of these, the ones that needed no mending."""
    first_pass: float | None
    newly_passed: int
    dollars_per_pass: float | None
    handoffs: int
    mismatches: int
    mismatches_per_handoff: float | None
    fresh: int
    cached: int
    out: int
    cache_share: float | None
    turns: int
    dollars: float
    money_share: float | None
    seconds: float
    wall_share: float | None
    """Share of the mission's time that was not held; readers at once make it more than 1 in sum."""
    latency_ms: float | None
    """Mean time to an answer."""
    nudges: int


class SpanRow(Shape):
    """Time that went into one kind of thing for one milestone."""

    kind: SpanKind
    milestone: str
    seconds: float


class HoldRow(Shape):
    """One hold and how long it lasted."""

    kind: str
    reason: str
    placed: float
    lifted: float | None
    """None while it holds."""
    seconds: float


class ChangeRow(Shape):
    """Something that was changed after the mission began."""

    at: float
    by: str
    kind: str
    text: str


class MeasureRow(Shape):
    """One count, at the base and at the end."""

    name: str
    base: int | None
    end: int | None


class Counts(Shape):
    """How it went, in numbers."""

    features: int
    fix_features: int
    fix_ratio: float | None
    rounds: int
    milestones_judged: int
    first_round_passes: int
    audits: int
    handoffs: int
    questions: int
    waivers: int
    dismissals: int
    disputes: int
    nudges: int
    holds: int
    held: float
    amendments: int
    orders: int
    """Orders of the user, the first one included."""
    refused: int


class LogRow(Shape):
    """The log this report was read from."""

    events: int
    facts: int
    first: str
    last: str
    runners: int
    versions: list[str]


class Report(Shape):
    """A mission as its log tells it."""

    format: Literal[1] = 1
    mission: MissionRow
    money: MoneyRow
    counts: Counts
    verdicts: list[VerdictRow]
    milestones: list[MilestoneRow]
    features: list[FeatureRow]
    handoffs: list[HandoffRow]
    rounds: list[RoundRow]
    audits: list[AuditRow]
    items: list[ItemRow]
    seats: list[SeatRow]
    spans: list[SpanRow]
    holds: list[HoldRow]
    changes: list[ChangeRow]
    measures: list[MeasureRow]
    log: LogRow
    flows: list[FlowsRow] = []
    flow_costs: list[FlowCostRow] = []
    walks: list[Walk] = []
    sights: list[Sight] = []
