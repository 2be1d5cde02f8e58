"""A mission for a screen: what tree, status bar and Mission Control show, as plain data with JSON names."""

from typing import Literal

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel


class View(BaseModel):
    """The base: frozen, camelCase on the wire, and every field is always sent."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True,
    )


Health = Literal["ok", "warning", "error"]


class MissionStatus(View):
    """One mission in a line: the whole small state, never a difference."""

    mission: str
    title: str
    """The first line of its goal."""
    repository: str
    """URI of the user's repository."""
    revision: int
    """Number of its newest event; grows with everything that happens."""
    word: str
    """draft, proposed, running, paused, blocked, parked, interrupted, completed, failed or cancelled."""
    phase: str
    health: Health
    message: str
    """Why it does not go on, or how it ended; empty while all is well."""
    running: bool
    """Whether a runner carries it now."""
    completion: float
    """Settled assertions by live ones, 0 to 1."""
    settled: int
    assertions: int
    dollars: float
    budget: float | None
    milestone: str
    """The open milestone, such as `M1`; may be empty."""
    seat: str
    """Who is at work; empty where nobody is."""
    doing: str
    """`thinking`, or the tool in use."""
    subject: str
    """What they work on: a feature, a milestone, a flow."""
    attention: int
    """How many things wait for the user."""
    landed: bool


class MilestoneView(View):
    id: str
    title: str
    outcome: str
    status: str
    rounds: int
    commit: str
    """The commit it was sealed at."""
    document: str
    """URI of its page; empty while there is none."""


class CommitView(View):
    commit: str
    subject: str
    paths: list[str]


class FeatureView(View):
    id: str
    title: str
    milestone: str
    status: str
    skill: str
    fulfills: list[str]
    fixes: list[str]
    attempts: int
    dollars: float
    start: str
    """Commit its range begins after."""
    end: str
    commits: list[str]
    document: str
    """URI of its newest handoff; empty while there is none."""


class EvidenceView(View):
    id: str
    """`<attempt>/E3`, or the hash of a check's receipt."""
    kind: str
    title: str
    blob: str
    uri: str
    """URI of a copy to read; empty where it was not laid out."""


class AssertionView(View):
    id: str
    title: str
    area: str
    surface: str
    status: str
    stale: bool
    feature: str
    milestone: str
    note: str
    """What the last verdict said."""
    evidence: list[EvidenceView]
    uri: str
    """URI of the contract."""
    line: int
    """Its line there, from 0."""


class ItemView(View):
    id: str
    type: str
    owner: str
    about: str
    text: str
    severity: str
    options: list[str]
    multiple: bool
    """Whether it takes several of its options."""
    blocks: str
    """`mission`, `none`, or features with commas."""
    file: str
    """URI, where it is a finding of a file."""
    line: int
    """From 0; -1 without one."""
    open: bool
    decision: str
    reason: str
    answer: str
    feature: str
    """The feature that mends it."""
    actions: list[str]
    """What the user may do: answer, approve, deny, dismiss, reopen …"""


class HandoffView(View):
    feature: str
    attempt: str
    outcome: str
    summary: str
    mismatches: list[str]
    found: list[str]
    """Ids of the items held against it: by its audit, and by rounds until the feature's next handoff, about the feature
    or an assertion that it owes; `items` has how each was answered."""
    document: str


class RoundView(View):
    milestone: str
    number: int
    outcome: str
    reason: str
    failed: list[str]
    """Gates that were red and assertions that failed."""
    items: list[str]
    """Ids of the items it opened."""


class SeatView(View):
    seat: str
    model: str
    dollars: float
    turns: int
    cache_share: float


class ActivityView(View):
    attempt: str
    seat: str
    subject: str
    doing: str
    since: float
    """POSIX seconds."""


class PointView(View):
    """One point of the plots."""

    at: float
    settled: int
    assertions: int
    dollars: float


class DocumentView(View):
    name: str
    """brief, contract, plan, questions, report."""
    uri: str


class MissionView(View):
    """Everything a tree or Mission Control shows of one mission."""

    status: MissionStatus
    goal: str
    summary: str
    base: str
    head: str
    branch: str
    mode: str
    tree: str
    """URI of its work tree."""
    folder: str
    """URI of its folder."""
    created: float
    elapsed: float
    milestones: list[MilestoneView]
    features: list[FeatureView]
    assertions: list[AssertionView]
    items: list[ItemView]
    handoffs: list[HandoffView]
    rounds: list[RoundView]
    seats: list[SeatView]
    activity: list[ActivityView]
    timeline: list[PointView]
    documents: list[DocumentView]
    warnings: list[str]
    estimate: dict[str, float]
