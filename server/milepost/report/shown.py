"""What can be looked at, as data: evidence, walkthroughs, pages before and after, and who tested beside whom."""

from milepost.domain.shape import Shape


class EvidenceRow(Shape):
    """One piece of evidence, kept by its hash."""

    id: str
    kind: str
    title: str
    blob: str
    tree: str = ""
    """The tree of the program that was looked at."""
    service: str = ""
    at: float | None = None
    """When it was recorded; None where only its verdict is known."""


class Sight(Shape):
    """A page before and after: the newest pictures of one address at one size, of an earlier tree and of the judged."""

    assertion: str
    before: EvidenceRow | None
    because: str
    """Where the picture before comes from, or why there is none."""
    after: EvidenceRow


class WalkStep(Shape):
    """One thing a tester did, so that a person can do it too."""

    said: str
    at: float
    evidence: list[EvidenceRow]


class Walk(Shape):
    """What one tester did with the program, in order, up to the last thing that a verdict points at."""

    milestone: str
    attempt: str
    assertions: list[str]
    steps: list[WalkStep]


class FlowsRow(Shape):
    """Which flows sat down at one time, and why the others waited."""

    at: float
    round: str
    flows: list[str]
    waiting: list[str]
    reason: str


class FlowCostRow(Shape):
    """What the flows of one round took."""

    round: str
    at_once: int
    together_mb: int
    peaks_mb: dict[str, int]
