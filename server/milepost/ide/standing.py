"""Where one assertion stands, as every view shows it: the same mark and the same word everywhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.contract import Assertion
from milepost.domain.events import VerdictGiven
from milepost.domain.mission import FINAL_ROUND, AssertionState
from milepost.domain.quantities import count
from milepost.ide.story import Expired, Judged

MARKS = {
    "passed": "✓", "failed": "✗", "blocked": "■", "waived": "~", "pending": "○", "removed": "-", "stale": "↻",
}
"""One sign for each word."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One assertion with what was said of it last."""

    assertion: Assertion
    """As it is agreed, which may be another text than the one in the editor."""
    state: AssertionState
    word: str
    """passed, failed, blocked, waived, pending, removed; or stale, whatever the verdict was."""
    mark: str
    feature: str
    """The feature that owns it; empty where none does."""
    evidence: int
    """Pieces of evidence that its verdict points at."""
    judged: Judged | None
    """Its newest verdict, where it still speaks of this text."""
    expired: Expired | None

    @property
    def note(self) -> str:
        """What the newest verdict said."""
        return self.state.verdict.note if self.state.verdict else ""

    @property
    def recheckable(self) -> bool:
        """Whether there is a verdict that could be given again."""
        return self.state.verdict is not None and self.state.status not in ("waived", "removed")


def tally(standings: Sequence[Standing | None]) -> str:
    """`2 of 4 settled, 1 failed, 1 stale`."""
    known = [s for s in standings if s is not None and s.word != "removed"]
    words = [s.word for s in known]
    settled = sum(s.state.settled for s in known)
    bad = [f"{words.count(w)} {w}" for w in ("failed", "blocked", "stale") if w in words]
    return ", ".join([f"{settled} of {count(len(known), 'assertion')} settled", *bad])


def round_of(given: VerdictGiven) -> str:
    """The round that gave a verdict: `M1r2`; empty where none did."""
    if given.milestone == FINAL_ROUND:
        return "the final round"
    return f"{given.milestone}r{given.round}" if given.milestone else ""


def standing(
    assertion: Assertion, state: AssertionState, feature: str, judged: Judged | None, expired: Expired | None
) -> Standing:
    """Where an assertion stands."""
    word = "stale" if state.stale else state.status
    given = state.verdict
    return Standing(
        assertion, state, word, MARKS[word], feature, len(given.evidence) if given else 0,
        judged if given is not None else None, expired if state.stale else None,
    )
