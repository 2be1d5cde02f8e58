"""Everything that can have happened in a mission: facts, which are folded into its state.

Turns (`turn_*`, `tool_*`, `nudge_given`) are in `turns.py`; `record.py` has the envelope and the union of both.
"""

from typing import Any, Literal

from milepost.domain.budget import Spent
from milepost.domain.handoff import Audit, Finding, Handoff, Mend, Review, Scrutiny, SubmittedVerdict
from milepost.domain.plan import PlanChange
from milepost.domain.receipt import CheckResult, Evidence, Receipt, TestRun
from milepost.domain.settings import Settings
from milepost.domain.shape import Shape

DocumentKind = Literal["brief", "contract", "plan", "services", "skill", "check"]
HoldKind = Literal["paused", "blocked", "parked"]
ItemType = Literal[
    "question", "approval", "grant", "proposal", "undone", "issue", "finding", "verdict", "gate", "vacuous",
    "no_work", "mismatch", "audit", "stuck",
]
Decision = Literal[
    "feature", "fold", "reopen", "dismiss", "dispute", "accept", "reject", "counter",
    "answer", "approve", "deny", "withdrawn", "mended",
]
Outcome = Literal["passed", "failed"]


class Fact(Shape):
    """The base of every fact; `kind` is its tag."""


# --- draft ---

class MissionCreated(Fact):
    kind: Literal["mission_created"] = "mission_created"
    mission: str
    """Its id."""
    goal: str
    repository: str
    """Absolute path of the user's repository."""
    base: str
    """Commit the mission starts from."""
    mode: Literal["worktree", "in_place"] = "worktree"
    settings: Settings
    slug: str
    """The branch is `milepost/<slug>`."""


class DocumentWritten(Fact):
    kind: Literal["document_written"] = "document_written"
    document: DocumentKind
    name: str
    """Area of a contract, path of a check, name of a skill; otherwise the document's kind."""
    hash: str
    """SHA-256 of the text, a blob."""
    text: str = ""
    """The text itself where the state is folded from it: brief, contract area, plan and services as JSON."""
    base_hash: str | None = None


class CheckExamined(Shape):
    assertion: str
    result: CheckResult
    receipt: Receipt | None = None


class BaseExamined(Fact):
    kind: Literal["base_examined"] = "base_examined"
    checks: list[CheckExamined]
    suite: TestRun | None = None
    """The test command's cases on the untouched base."""
    measures: dict[str, int] = {}
    """Counts on the base: suppressions, skips, stubs, tests, lines, duplicates, lint and type findings, coverage."""


class MissionProposed(Fact):
    kind: Literal["mission_proposed"] = "mission_proposed"
    summary: str
    hashes: dict[str, str]
    estimate: dict[str, float]
    """Keys: attempts, dollars_low, dollars_high, hours_low, hours_high."""
    warnings: list[str] = []


class MissionReturned(Fact):
    kind: Literal["mission_returned"] = "mission_returned"
    comment: str


class MissionApproved(Fact):
    kind: Literal["mission_approved"] = "mission_approved"
    hashes: dict[str, str]
    base_commit: str


# --- change ---

class ContractChange(Shape):
    op: Literal["add", "change", "remove"]
    assertion: str
    text: str = ""
    """The assertion's Markdown, heading included; empty for remove."""


class ContractAmended(Fact):
    kind: Literal["contract_amended"] = "contract_amended"
    changes: list[ContractChange]
    reason: str


class PlanChanged(Fact):
    kind: Literal["plan_changed"] = "plan_changed"
    change: PlanChange
    reason: str


class SettingChanged(Fact):
    kind: Literal["setting_changed"] = "setting_changed"
    key: str
    value: Any = None


class MessageReceived(Fact):
    kind: Literal["message_received"] = "message_received"
    text: str


# --- hold, end ---

class HoldPlaced(Fact):
    kind: Literal["hold_placed"] = "hold_placed"
    hold: HoldKind
    reason: str
    until: float | None = None
    """POSIX seconds at which a parked mission goes on by itself."""
    items: list[str] = []


class HoldLifted(Fact):
    kind: Literal["hold_lifted"] = "hold_lifted"
    hold: HoldKind


class MissionCompleted(Fact):
    kind: Literal["mission_completed"] = "mission_completed"


class MissionFailed(Fact):
    kind: Literal["mission_failed"] = "mission_failed"
    reason: str


class MissionCancelled(Fact):
    kind: Literal["mission_cancelled"] = "mission_cancelled"
    reason: str = ""


class MissionReopened(Fact):
    kind: Literal["mission_reopened"] = "mission_reopened"
    reason: str


class MissionLanded(Fact):
    kind: Literal["mission_landed"] = "mission_landed"
    how: Literal["merge", "push"]
    commit: str


class OrderRefused(Fact):
    kind: Literal["order_refused"] = "order_refused"
    reason: str


# --- items, shared knowledge ---

class ItemOpened(Fact):
    kind: Literal["item_opened"] = "item_opened"
    item: str
    type: ItemType
    owner: Literal["orchestrator", "user"] = "orchestrator"
    blocks: Literal["mission", "none"] | list[str] = "mission"
    """The whole mission, these features, or nothing."""
    about: str = ""
    """The feature, assertion, milestone or gate it is about."""
    text: str
    severity: Literal["blocking", "non_blocking", "suggestion"] = "blocking"
    options: list[str] = []
    """Offered answers of a question."""
    payload: dict[str, Any] = {}
    """What an approval would do: the order and its arguments."""
    finding: dict[str, Any] = {}
    """File, line and reason, where it is a finding."""


class ItemResolved(Fact):
    kind: Literal["item_resolved"] = "item_resolved"
    item: str
    decision: Decision
    reason: str = ""
    text: str | None = None
    """The answer to a question or the counter-proposal."""
    feature: str | None = None


class GuidanceGiven(Fact):
    kind: Literal["guidance_given"] = "guidance_given"
    text: str
    scope: str = "mission"
    """`mission`, a milestone, a feature, or `skill:<name>`."""


class FactNoted(Fact):
    kind: Literal["fact_noted"] = "fact_noted"
    text: str
    source: str


# --- work ---

class FeatureStarted(Fact):
    kind: Literal["feature_started"] = "feature_started"
    feature: str
    start: str
    """The commit the feature's range begins after."""


class CommitMade(Fact):
    kind: Literal["commit_made"] = "commit_made"
    feature: str | None
    commit: str
    tree: str
    parent: str
    paths: list[str]


class HandoffSubmitted(Fact):
    kind: Literal["handoff_submitted"] = "handoff_submitted"
    feature: str
    handoff: Handoff
    built_by_engine: bool = False
    """True where the attempt ended without one and the engine wrote it from receipts."""


class HandoffAudited(Fact):
    kind: Literal["handoff_audited"] = "handoff_audited"
    feature: str
    end: str
    """The commit the feature's range ends with."""
    mismatches: list[str]


class FeatureReverted(Fact):
    kind: Literal["feature_reverted"] = "feature_reverted"
    feature: str
    commit: str


class EditNoticed(Fact):
    kind: Literal["edit_noticed"] = "edit_noticed"
    paths: list[str]
    commit: str


# --- judgement ---

class RoundStarted(Fact):
    kind: Literal["round_started"] = "round_started"
    milestone: str
    """`audit` for the round before the audit."""
    round: int
    commit: str
    tree: str
    scope: list[str]
    """Assertions to be judged in this round."""


class GateFinished(Fact):
    kind: Literal["gate_finished"] = "gate_finished"
    gate: str
    """`build`, `types`, `lint`, `test`, `check:<assertion>`, `tests`, `tamper`, `stubs`, `vacuity`."""
    outcome: Literal["green", "red", "noted"]
    """noted: listed for the readers, blocks nothing."""
    receipt: Receipt | None = None
    feature: str | None = None
    milestone: str | None = None
    round: int | None = None
    text: str = ""
    suite: TestRun | None = None
    provable: bool = True
    """For vacuity: False where the feature has neither checks nor tests to turn red."""


class ReviewSubmitted(Fact):
    kind: Literal["review_submitted"] = "review_submitted"
    milestone: str
    round: int
    review: Review


class ScrutinySubmitted(Fact):
    kind: Literal["scrutiny_submitted"] = "scrutiny_submitted"
    milestone: str
    round: int
    scrutiny: Scrutiny


class Dependencies(Shape):
    """What a verdict rests on: it expires when one of these changes (D12)."""

    assertion: str
    """Hash of the assertion's text."""
    paths: dict[str, str] | None = None
    """Path to blob id of the files that were opened; None: the whole product tree."""
    product: str = ""
    """Hash of the product tree, inert paths left out."""


class VerdictGiven(Fact):
    kind: Literal["verdict_given"] = "verdict_given"
    assertion: str
    outcome: Literal["passed", "failed", "blocked"]
    tree: str
    evidence: list[str] = []
    """`<attempt>/E3`, or `check` receipts as blob hashes."""
    depends: Dependencies
    note: str = ""
    reason_class: str | None = None
    needs: str | None = None
    milestone: str | None = None
    round: int | None = None


class VerdictsExpired(Fact):
    kind: Literal["verdicts_expired"] = "verdicts_expired"
    assertions: list[str]
    because: str


class AssertionWaived(Fact):
    kind: Literal["assertion_waived"] = "assertion_waived"
    assertion: str
    reason: str


class RoundEnded(Fact):
    kind: Literal["round_ended"] = "round_ended"
    milestone: str
    round: int
    outcome: Outcome
    reason: str = ""


class MilestoneSealed(Fact):
    kind: Literal["milestone_sealed"] = "milestone_sealed"
    milestone: str
    commit: str


class AuditSubmitted(Fact):
    kind: Literal["audit_submitted"] = "audit_submitted"
    audit: Audit
    tree: str


class VerdictsSubmitted(Fact):
    kind: Literal["verdicts_submitted"] = "verdicts_submitted"
    """What a tester said of one flow; the engine turns it into `verdict_given`."""
    milestone: str
    round: int
    flow: str
    attempt: str
    tree: str
    verdicts: list[SubmittedVerdict]
    evidence: list[Evidence]
    findings: list[Finding] = []
    proposals: list[Mend] = []
    """They become items as the round ends, so that their numbers do not hang on which flow ended first."""


class FlowsAdmitted(Fact):
    kind: Literal["flows_admitted"] = "flows_admitted"
    """Which flows of a round sit down now, which wait, and what that was reckoned with."""
    milestone: str
    round: int
    flows: list[str]
    waiting: list[str] = []
    reason: str
    free_mb: int | None = None
    """None where the system does not tell."""
    free_cpus: float | None = None
    costs: dict[str, int] = {}
    """MB that one flow was reckoned with, by surface."""


class FlowsMeasured(Fact):
    kind: Literal["flows_measured"] = "flows_measured"
    """What the flows of a round that sat in one go were seen to take."""
    milestone: str
    round: int
    at_once: int
    """The most that sat at one time."""
    peaks_mb: dict[str, int]
    """The most that each flow took with its services and its driver; only those that were looked at."""
    together_mb: int
    """The most that all took at one time."""
    seconds: float


class ScriptCompiled(Fact):
    kind: Literal["script_compiled"] = "script_compiled"
    """What came of compiling a passed flow: a script, or none and why."""
    attempt: str
    """The tester whose flow it was."""
    milestone: str
    round: int
    tree: str
    script: str = ""
    """Blob of the script; empty where no assertion is left in it."""
    assertions: dict[str, str] = {}
    """By assertion it shows, the hash of that assertion's text."""
    moves: int = 0
    runs: int = 0
    """How often it was played, the tester's own time left out."""
    flaky: list[str] = []
    """What did not come to the same each time."""
    dropped: dict[str, str] = {}
    """By assertion that has no script, why."""
    ms: int = 0
    """How long one run took."""


class Replayed(Shape):
    """What a script saw of one assertion; a failed one is no verdict, a tester judges then."""

    assertion: str
    outcome: Outcome
    move: int | None = None
    """Counting from 1, the move that did not hold."""
    why: str = ""
    evidence: list[str] = []
    """`E3` of this play."""


class ScriptPlayed(Fact):
    kind: Literal["script_played"] = "script_played"
    script: str
    """Blob of the script."""
    attempt: str
    """What its evidence is called by: `script.M2r1.1`."""
    milestone: str
    round: int
    tree: str
    results: list[Replayed]
    evidence: list[Evidence] = []
    ms: int = 0


# --- process ---

class RunnerStarted(Fact):
    kind: Literal["runner_started"] = "runner_started"
    epoch: int
    version: str
    boot: str = ""


class RunnerStopped(Fact):
    kind: Literal["runner_stopped"] = "runner_stopped"
    reason: str


class AttemptStarted(Fact):
    kind: Literal["attempt_started"] = "attempt_started"
    attempt: str
    seat: str
    subject: str
    """Feature, milestone or flow; `mission` for the orchestrator and the auditor."""
    model: str
    prompt: str
    """Blob of the assembled system prompt and assignment."""
    limits: dict[str, float] = {}
    parent: str | None = None
    milestone: str | None = None
    round: int | None = None
    assertions: list[str] = []
    """What a tester is assigned."""
    start: str = ""
    """Commit the attempt begins at."""


class AttemptEnded(Fact):
    kind: Literal["attempt_ended"] = "attempt_ended"
    attempt: str
    outcome: Literal["submitted", "limit", "stuck", "no_work", "interrupted", "error"]
    reason: str = ""
    spent: Spent = Spent()
