"""What scripts saw in a round: a green one shows its assertion as a tester would, a red one only asks for a tester."""

from milepost.domain import events as e
from milepost.domain.contract import MINIMUM_EVIDENCE, Assertion
from milepost.domain.mission import Round

SCRIPT = "script"
"""What a play is called by, and the basis of its verdicts."""


def seen_again(round: Round, assertion: str) -> tuple[e.ScriptPlayed, e.Replayed] | None:
    """What a script saw of an assertion in this round, or None where none was played for it."""
    return next(((p, r) for p in round.plays.values() for r in p.results if r.assertion == assertion), None)


def shown_again(round: Round) -> set[str]:
    """Assertions that a script showed in this round."""
    return {r.assertion for p in round.plays.values() for r in p.results if r.outcome == "passed"}


def failed_again(round: Round) -> list[str]:
    """Assertions outside the round's scope whose script did not hold: a tester judges them too."""
    return [
        r.assertion for p in round.plays.values() for r in p.results
        if r.outcome == "failed" and r.assertion not in round.scope
    ]


def judged_here(round: Round) -> list[str]:
    """Whatever this round gives a verdict on that is its own."""
    return [*round.scope, *failed_again(round)]


def is_enough(assertion: Assertion, round: Round, play: e.ScriptPlayed, result: e.Replayed) -> bool:
    """Whether a play recorded, on the tree judged, the least evidence that the assertion's surface asks for."""
    kinds = {x.kind for x in play.evidence if x.id in result.evidence and x.tree == round.tree}
    return bool(kinds) and all(group & kinds for group in MINIMUM_EVIDENCE.get(assertion.surface, ()))
