"""One function for each kind of step: the only place where a decision of `next_step` touches the world (D16)."""

import asyncio
from collections.abc import Callable
from typing import assert_never

from milepost.agent.calls import together
from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.domain.next import (
    AuditHandoff,
    Block,
    CompileFlows,
    Complete,
    EndRound,
    Fail,
    PlayScripts,
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
from milepost.runner.handoffs import follow_handoff, prove_feature
from milepost.runner.judging import end_round, final_measures, run_gates, start_round
from milepost.runner.office import Office
from milepost.runner.publishing import publish_due
from milepost.runner.scripting import compile_flows, play_scripts
from milepost.runner.sitting import sit
from milepost.runner.testers import all_testers, seat_testers

LOOK_S = 0.5
"""How often a parked mission looks at the clock."""


async def perform(office: Office, step: Step) -> None:
    """Do what is next; everything is recorded as it goes."""
    match step:
        case Sit():
            # An edit changes what is next.
            if not await notice_edits(office):
                await sit(office, step)
        case Together(sits) if all_testers(sits):
            await seat_testers(office, sits, sit)
        case Together(sits):
            await together(sit(office, one) for one in sits)
        case AuditHandoff(feature):
            await follow_handoff(office, feature)
            await publish_due(office)
        case Prove(feature):
            await prove_feature(office, feature)
        case StartRound():
            if not await notice_edits(office):
                await start_round(office, step)
        case RunGates():
            await run_gates(office, step)
        case PlayScripts(scripts):
            await play_scripts(office, scripts)
        case CompileFlows(attempts):
            await compile_flows(office, attempts)
        case EndRound():
            await end_round(office)
        case Seal():
            await seal(office, step)
        case Complete():
            await complete(office, step)
        case Stuck():
            await if_due(office, step, lambda mission: [asked(mission, step)])
        case Block(reason, items):
            await if_due(office, step, lambda _: [e.HoldPlaced(hold="blocked", reason=reason, items=list(items))])
        case Fail(reason):
            await if_due(office, step, lambda _: [e.MissionFailed(reason=reason)])
        case Wait(until):
            await wait(office, until)
        case _:
            assert_never(step)


async def if_due(office: Office, step: Step, facts: Callable[[Mission], list[Fact]]) -> None:
    """Record these where the step is still what is next: somebody's order may have come first."""
    await office.log.decide(lambda mission: facts(mission) if next_step(mission) == step else [], by="engine")


async def seal(office: Office, step: Seal) -> None:
    """Seal a milestone, keep what its only worker learned, and publish."""

    def sealed(mission: Mission) -> list[Fact]:
        return [e.MilestoneSealed(milestone=step.milestone, commit=mission.head), *learned(mission, step.milestone)]

    await if_due(office, step, sealed)
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


async def complete(office: Office, step: Complete) -> None:
    """The end: count once more, say so, and publish."""
    measures = await final_measures(office)
    await if_due(office, step, lambda _: [measures, e.MissionCompleted()])
    await publish_due(office)


def asked(mission: Mission, step: Stuck) -> Fact:
    """The question to the user where something went on too long."""
    return e.ItemOpened(item=mission.next_item(), type="stuck", owner="user", about=step.about, text=step.text)


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
