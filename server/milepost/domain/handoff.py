"""What an attempt leaves behind: handoffs, reviews, scrutiny, verdict submissions, audits.

A handoff lists what is undone, manual checks, cases of tests, cases that were renamed, issues, and the
procedure with each deviation from it.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from milepost.domain.services import Service
from milepost.domain.shape import AssertionId, EvidenceId, FeatureId, ReceiptId, RelativePath, Shape, Text

Short = Annotated[str, StringConstraints(min_length=1, max_length=600)]
Severity = Literal["blocking", "non_blocking", "suggestion"]
ReasonClass = Literal["tool", "credential", "external", "environment", "not_built", "ambiguous"]


class Undone(Shape):
    what: Text
    why: Text


class Claim(Shape):
    """A command the worker says it ran; the engine compares it with this attempt's receipts."""

    command: Text
    """Exactly as it was run."""
    exit_code: int
    """Of the last time it was run."""
    observation: Text
    receipt: ReceiptId | None = None


class ManualCheck(Shape):
    action: Text
    observed: Text


class TestCase(Shape):
    __test__ = False
    name: Text
    verifies: Text
    """An assertion id, or a sentence."""


class TestFile(Shape):
    __test__ = False
    file: RelativePath
    cases: list[TestCase]


class Renamed(Shape):
    old: Text
    new: Text


class Issue(Shape):
    severity: Severity
    description: Text
    suggestion: str | None = None


class Deviation(Shape):
    step: Text
    instead: Text
    why: Text


class Procedure(Shape):
    followed: bool
    deviations: list[Deviation] = []


class Proposal(Shape):
    """An offer to change contract, plan or interface; it is accepted, rejected or countered."""

    about: Literal["contract", "plan", "interface", "guidance", "services"]
    text: Text
    gain: Text
    affects: list[str] = []
    """Ids of features and assertions that read the answer."""
    blocking: bool = False
    """The work cannot go on without an answer."""


class Mend(Proposal):
    """A tester's proposal; about `services` it brings the entry of the manifest as it was found to work."""

    service: Service | None = None


class Handoff(Shape):
    """What a worker leaves behind; the engine audits it before anyone reads it."""

    outcome: Literal["done", "partial", "cannot"]
    """done: nothing is undone; cannot: impossible as asked."""
    summary: Short
    implemented: list[Text]
    undone: list[Undone]
    commands: list[Claim]
    manual_checks: list[ManualCheck]
    tests: list[TestFile]
    renamed: list[Renamed] = []
    """Test ids (classname::name) that moved."""
    issues: list[Issue]
    procedure: Procedure
    proposals: list[Proposal] = []
    facts: list[Annotated[str, StringConstraints(min_length=1, max_length=300)]] = []
    """For the next worker in this repository."""


class Finding(Shape):
    """Something held against the work, at a file and line where it has one."""

    file: RelativePath | None = None
    line: Annotated[int, Field(ge=1)] | None = None
    end_line: int | None = None
    severity: Severity
    problem: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    why: Text
    """What goes wrong for whom, and how it can be seen."""
    assertion: AssertionId | None = None


class Review(Shape):
    """A reviewer's judgement of one feature: failed exactly when a finding is blocking."""

    feature: FeatureId
    outcome: Literal["passed", "failed"]
    findings: list[Finding]


class Scrutiny(Shape):
    """The judgement of one milestone from receipts and reviews."""

    outcome: Literal["passed", "failed"]
    findings: list[Finding]
    facts: list[Text] = []
    guidance: list[Text] = []
    """Suggestions for standing orders; the orchestrator decides."""
    proposals: list[Proposal] = []


class Shows(Shape):
    """Words of a piece of evidence that show an assertion; scripts demand them again."""

    evidence: EvidenceId
    text: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    """Exactly as the program showed it."""


class SubmittedVerdict(Shape):
    assertion: AssertionId
    outcome: Literal["passed", "failed", "blocked"]
    evidence: list[EvidenceId]
    """Of this attempt. passed: the surface's minimum. failed: at least one. blocked: may be empty."""
    note: Short
    """What was done, seen and expected."""
    reason_class: ReasonClass | None = None
    """Exactly when blocked."""
    needs: str | None = None
    """Exactly when blocked: what, from whom."""
    shows: list[Shows] = []
    """Of a passed one: the words in its evidence that show it, and would not be there if `fails if` were so."""


class Verdicts(Shape):
    """A tester's verdicts: every assigned assertion exactly once, none other."""

    verdicts: list[SubmittedVerdict]
    findings: list[Finding] = []
    proposals: list[Mend] = []
    facts: list[Text] = []


class Audit(Shape):
    """The last blind look: the original goal against the finished tree."""

    outcome: Literal["passed", "failed"]
    findings: list[Finding]
