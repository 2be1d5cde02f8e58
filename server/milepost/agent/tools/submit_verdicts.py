"""`submit_verdicts`: a tester's word on each assertion of a flow, taken only with the evidence that it needs (D4c)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.observing import judged_tree, printed
from milepost.agent.tools.seated import TESTER
from milepost.agent.tools.showing import unseen
from milepost.agent.tools.submit_review import round_of
from milepost.agent.tools.submit_scrutiny import noted
from milepost.domain.contract import MINIMUM_EVIDENCE, Assertion
from milepost.domain.errors import ToolError
from milepost.domain.events import VerdictsSubmitted
from milepost.domain.handoff import SubmittedVerdict, Verdicts
from milepost.domain.mission import Mission
from milepost.domain.receipt import Evidence
from milepost.domain.record import Fact


async def run(desk: Desk, args: Verdicts) -> Shown:
    """Record the verdicts of the assigned flow."""
    round = round_of(desk)
    if desk.subject not in round.flows:
        tree = await judged_tree(desk)
        problems = [*assigned(desk, args), *(p for v in args.verdicts for p in lacking(desk, v, tree))]
        problems += await unseen(desk, args.verdicts)
        if problems:
            raise ToolError("nothing was submitted:\n" + "\n".join(f"- {p}" for p in problems))
        submitted = VerdictsSubmitted(
            milestone=round.milestone, round=round.number, flow=desk.subject, attempt=desk.attempt, tree=tree,
            verdicts=args.verdicts, evidence=[*desk.evidence, *await printed(desk)], findings=args.findings,
            proposals=args.proposals,
        )

        def events(mission: Mission) -> Sequence[Fact]:
            return [submitted, *noted(args.facts, mission, desk.attempt)]

        await desk.log.decide(events, by=desk.attempt, attempt=desk.attempt)
    counted = Counter(v.outcome for v in args.verdicts)
    return Shown(", ".join(f"{n} {outcome}" for outcome, n in sorted(counted.items())), ends=True)


def assigned(desk: Desk, args: Verdicts) -> Iterator[str]:
    """What is wrong with the choice of assertions: each assigned one once, none other."""
    given = Counter(v.assertion for v in args.verdicts)
    missing = [a for a in desk.assertions if a not in given]
    if missing:
        yield f"{', '.join(missing)}: no verdict; expected one for each assigned assertion"
    for assertion, count in given.items():
        if assertion not in desk.assertions:
            yield f"{assertion} is not assigned to you; expected only {', '.join(desk.assertions)}"
        elif count > 1:
            yield f"{assertion} has {count} verdicts; expected one"


def lacking(desk: Desk, verdict: SubmittedVerdict, tree: str) -> Iterator[str]:
    """What a verdict lacks."""
    known = {e.id: e for e in desk.evidence}
    for unknown in [i for i in verdict.evidence if i not in known]:
        listed = ", ".join(known) or "none yet"
        yield f"{verdict.assertion}: there is no evidence {unknown} of this attempt; recorded: {listed}"
    named = [known[i] for i in verdict.evidence if i in known]
    for evidence in named:
        yield from unfit(verdict, evidence, tree)
    assertion = desk.mission.contract.get(verdict.assertion)
    if verdict.outcome == "passed" and assertion is not None:
        yield from less_than_minimum(assertion, named)
    if verdict.outcome == "failed" and not named:
        yield f"{verdict.assertion}: `failed` needs at least one piece of evidence that shows it"
    yield from excuse(verdict)


def unfit(verdict: SubmittedVerdict, evidence: Evidence, tree: str) -> Iterator[str]:
    """Why a piece of evidence does not speak for a verdict."""
    if evidence.tree != tree:
        yield f"{verdict.assertion}: {evidence.id} was recorded on another tree; observe it again"
    if evidence.assertion not in (None, verdict.assertion):
        yield f"{verdict.assertion}: {evidence.id} was recorded for {evidence.assertion}"


def less_than_minimum(assertion: Assertion, named: Sequence[Evidence]) -> Iterator[str]:
    """The kinds of evidence that a `passed` on this surface still needs."""
    kinds = {e.kind for e in named}
    for group in MINIMUM_EVIDENCE.get(assertion.surface, ()):
        if not group & kinds:
            wanted = " or ".join(sorted(group))
            has = ", ".join(sorted(kinds)) or "nothing"
            yield f"{assertion.id}: `passed` on surface {assertion.surface} needs a {wanted}; it names {has}"


def excuse(verdict: SubmittedVerdict) -> Iterator[str]:
    """What a `blocked` must say and nothing else may."""
    blocked = verdict.outcome == "blocked"
    for name, value in (("reason_class", verdict.reason_class), ("needs", verdict.needs)):
        if blocked and not value:
            yield f"{verdict.assertion}: `blocked` needs `{name}`"
        elif value and not blocked:
            yield f"{verdict.assertion}: `{name}` belongs to `blocked` only; leave it out for {verdict.outcome}"


SUBMIT_VERDICTS = Tool("submit_verdicts", Verdicts, run, seats=TESTER, repeatable=True)
