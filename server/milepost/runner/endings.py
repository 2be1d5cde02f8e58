"""What the engine makes of how an attempt ended: it ends in the log too, or a hold keeps it open."""

from collections.abc import Sequence

from milepost.agent.loop import Ending
from milepost.domain import events as e
from milepost.domain.budget import Spent
from milepost.domain.handoff import Handoff, Procedure, Undone
from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.record import Fact, Record
from milepost.domain.turns import TurnEnded, TurnFailed
from milepost.runner.edits import clear_leftovers
from milepost.runner.office import Office

LONGEST = 20_000
"""Characters kept of what an attempt ended with."""


async def end(office: Office, step: Sit, ending: Ending) -> None:
    """What follows: the attempt ends, or a hold keeps it open."""
    if ending.outcome == "left":
        return
    if ending.outcome in ("parked", "blocked"):
        await hold(office, ending)
        return
    spent = spent_of(await office.log.turns(step.attempt))
    reason = ending.summary if ending.outcome == "submitted" else ending.reason
    ended = e.AttemptEnded(attempt=step.attempt, outcome=ending.outcome, reason=reason[:LONGEST], spent=spent)

    def still(mission: Mission) -> Sequence[Fact]:
        return [*left(mission, step, ending), ended] if mission.attempts[step.attempt].is_open else []

    await office.log.decide(still, by="engine", attempt=step.attempt)
    await clear_leftovers(office)


def left(mission: Mission, step: Sit, ending: Ending) -> list[Fact]:
    """What an attempt leaves behind beside its own records."""
    if step.seat == "worker" and ending.outcome != "submitted":
        return [unfinished(mission, step, ending)]
    return audit_items(mission, step.attempt) if step.seat == "auditor" else []


async def hold(office: Office, ending: Ending) -> None:
    """Hold the mission, once however many attempts ask for it; each stays open and goes on afterwards."""
    kind = "parked" if ending.outcome == "parked" else "blocked"

    def once(mission: Mission) -> Sequence[Fact]:
        if mission.holds or mission.ended:
            return []
        return [e.HoldPlaced(hold=kind, reason=ending.reason, until=ending.until)]

    await office.log.decide(once, by="engine")


def unfinished(mission: Mission, step: Sit, ending: Ending) -> e.HandoffSubmitted:
    """The handoff the engine writes for an attempt that ended without one (A10)."""
    feature = mission.feature(step.subject)
    title = feature.title if feature else step.subject
    how = f"the attempt ended as {ending.outcome}: {ending.reason}"
    handoff = Handoff(
        outcome="partial", summary=how[:600], implemented=[], undone=[Undone(what=title, why=how)], commands=[],
        manual_checks=[], tests=[], issues=[], procedure=Procedure(followed=False),
    )
    return e.HandoffSubmitted(feature=step.subject, handoff=handoff, built_by_engine=True)


def audit_items(mission: Mission, attempt: str) -> list[Fact]:
    """An item for each finding of this audit that asks for an answer."""
    audit = mission.last_audit
    if audit is None or audit[0] != attempt:
        return []
    found = [f for f in audit[1].findings if f.severity != "suggestion"]
    return [
        e.ItemOpened(
            item=mission.next_item(n), type="audit", about="audit", severity=f.severity,
            blocks="mission" if f.severity == "blocking" else "none", text=f"{f.problem} — {f.why}",
            finding=f.model_dump(mode="json"),
        )
        for n, f in enumerate(found)
    ]


def spent_of(records: Sequence[Record]) -> Spent:
    """What the turns of one attempt used."""
    total = Spent()
    for event in (record.event for record in records):
        match event:
            case TurnEnded(usage=usage, cost=cost):
                total = total.plus(
                    Spent(dollars=cost, fresh=usage.fresh, cached=usage.cached, out=usage.out, turns=1)
                )
            case TurnFailed(cost=cost):
                total = total.plus(Spent(dollars=cost, turns=1))
            case _:
                pass
    return total
