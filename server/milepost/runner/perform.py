"""One function for each kind of step: the only place where a decision of `next_step` touches the world (D16)."""

import asyncio
from typing import assert_never

from milepost.agent.calls import together
from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.domain.next import (
    AuditHandoff,
    Block,
    Complete,
    EndRound,
    Fail,
    Prove,
    RunGates,
    Seal,
    Sit,
    StartRound,
    Step,
    Stuck,
    Together,
    Wait,
    next_step,
)
from milepost.domain.record import Fact
from milepost.runner.edits import notice_edits
from milepost.runner.handoffs import audit_handoff, prove_feature
from milepost.runner.judging import end_round, final_measures, run_gates, start_round
from milepost.runner.office import Office
from milepost.runner.publishing import publish_due
from milepost.runner.sitting import sit

LOOK_S = 0.5
"""How often a parked mission looks at the clock."""


async def perform(office: Office, step: Step) -> None:
    """Do what is next; everything is recorded as it goes."""
    match step:
        case Sit():
            await notice_edits(office)
            await sit(office, step)
        case Together(sits):
            await together(sit(office, one) for one in sits)
        case AuditHandoff(feature):
            await audit_handoff(office, feature)
            await publish_due(office)
        case Prove(feature):
            await prove_feature(office, feature)
        case StartRound():
            await notice_edits(office)
            await start_round(office, step)
        case RunGates():
            await run_gates(office, step)
        case EndRound():
            await end_round(office)
        case Seal(milestone):
            await seal(office, milestone)
        case Complete():
            await complete(office)
        case Stuck(about, text):
            await stuck(office, about, text)
        case Block(reason, items):
            await office.log.record(e.HoldPlaced(hold="blocked", reason=reason, items=list(items)))
        case Fail(reason):
            await office.log.record(e.MissionFailed(reason=reason))
        case Wait(until):
            await wait(office, until)
        case _:
            assert_never(step)


async def seal(office: Office, milestone: str) -> None:
    """Seal a milestone, keep what its only worker learned, and publish."""

    def seal_it(mission: Mission) -> list[Fact]:
        if next_step(mission) != Seal(milestone):  # somebody's order came first
            return []
        return [e.MilestoneSealed(milestone=milestone, commit=mission.head), *learned(mission, milestone)]

    await office.log.decide(seal_it, by="engine")
    await publish_due(office)
    office.project(office.mission)


def learned(mission: Mission, milestone: str) -> list[Fact]:
    """Facts offered in a milestone that had no scrutiny to keep them (D13)."""
    features = mission.features_of(milestone)
    if len(features) > 1:
        return []
    return [
        e.FactNoted(text=fact, source=f"{f.id}, unconfirmed") for f in features
        if (h := mission.features[f.id].handoff) is not None for fact in h.facts if fact not in mission.facts
    ]


async def complete(office: Office) -> None:
    """The end: count once more, say so, and publish."""
    measures = await final_measures(office)

    def end(mission: Mission) -> list[Fact]:
        return [measures, e.MissionCompleted()] if next_step(mission) == Complete() else []

    await office.log.decide(end, by="engine")
    await publish_due(office)


async def stuck(office: Office, about: str, text: str) -> None:
    """Ask the user: something went on too long."""

    def ask(mission: Mission) -> list[Fact]:
        return [e.ItemOpened(item=mission.next_item(), type="stuck", owner="user", about=about, text=text)]

    await office.log.decide(ask, by="engine")


async def wait(office: Office, until: float) -> None:
    """Sleep until a parked mission may go on, or somebody changes it."""
    while (left := until - office.clock()) > 0:
        # In short pieces: a timer stands still while the machine sleeps, and the clock does not.
        changed = asyncio.ensure_future(office.log.wait(is_unparked))
        try:
            await asyncio.wait({changed}, timeout=min(left, LOOK_S))
            if changed.done():
                return
        finally:
            changed.cancel()
            await asyncio.gather(changed, return_exceptions=True)

    def lift(mission: Mission) -> list[Fact]:
        return [e.HoldLifted(hold="parked")] if "parked" in mission.holds else []

    await office.log.decide(lift, by="engine")


def is_unparked(mission: Mission) -> bool:
    """Whether it waits for something else than its time, or for nothing any more."""
    return set(mission.holds) != {"parked"} or mission.ended
