"""One function for each kind of step: the only place where a decision of `next_step` touches the world (D16)."""

import asyncio
from typing import assert_never

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
)
from milepost.domain.record import Fact
from milepost.runner.handoffs import audit_handoff, expire, prove_feature
from milepost.runner.judging import end_round, final_measures, run_gates, start_round
from milepost.runner.office import Office
from milepost.runner.sitting import sit
from milepost.workspace.publish import publish


async def perform(office: Office, step: Step) -> None:
    """Do what is next; everything is recorded as it goes."""
    match step:
        case Sit():
            await notice_edits(office)
            await sit(office, step)
        case Together(sits):
            await asyncio.gather(*(sit(office, one) for one in sits))
        case AuditHandoff(feature):
            await audit_handoff(office, feature)
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


async def notice_edits(office: Office) -> None:
    """Commit what the user changed in the mission's tree as their own, and let the verdicts it touches expire (D7)."""
    worktree, mission = office.workshop.worktree, office.mission
    if any(a.started.seat == "worker" for a in mission.open_attempts):
        return
    paths = await worktree.changes()
    if not paths:
        return
    made = await worktree.commit(
        "Edits of the user", {"Mission": mission.id}, parent=mission.head, at=office.clock(), paths=paths, approved=paths,
        author=("User", "user@localhost"),
    )
    noticed = e.EditNoticed(paths=list(made.paths), commit=made.commit)
    await office.log.record(noticed)
    await office.log.record(*await expire(office, made.commit))


async def seal(office: Office, milestone: str) -> None:
    """Seal a milestone, keep what its only worker learned, and publish."""
    mission = office.mission
    facts: list[Fact] = [e.MilestoneSealed(milestone=milestone, commit=mission.head), *learned(mission, milestone)]
    await office.log.record(*facts)
    if mission.settings.publish != "never":
        await publish_head(office)
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


async def publish_head(office: Office) -> None:
    """Lay the mission's branch into the user's repository: that ref and nothing else (D5)."""
    mission = office.mission
    await publish(office.workshop.repository, office.source(), mission.branch, mission.head)


async def complete(office: Office) -> None:
    """The end: count once more, publish, and say so."""
    measures = await final_measures(office)
    await office.log.record(measures, e.MissionCompleted())
    if office.mission.settings.publish != "never":
        await publish_head(office)


async def stuck(office: Office, about: str, text: str) -> None:
    """Ask the user: something went on too long."""

    def ask(mission: Mission) -> list[Fact]:
        return [e.ItemOpened(item=mission.next_item(), type="stuck", owner="user", about=about, text=text)]

    await office.log.decide(ask, by="engine")


async def wait(office: Office, until: float) -> None:
    """Sleep until a parked mission may go on, or somebody changes it."""
    seconds = until - office.clock()
    if seconds > 0:
        waiting = asyncio.ensure_future(office.log.wait(lambda m: "parked" not in m.holds or len(m.holds) > 1 or m.ended))
        await asyncio.wait({waiting}, timeout=seconds)
        waiting.cancel()
    if office.clock() >= until:

        def lift(mission: Mission) -> list[Fact]:
            return [e.HoldLifted(hold="parked")] if "parked" in mission.holds else []

        await office.log.decide(lift, by="engine")
