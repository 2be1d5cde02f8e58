"""Holding a mission and ending it: pause, interrupt, resume, cancel, fail, reopen, land."""

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.record import Fact


def pause_mission(mission: Mission, order: o.PauseMission | o.InterruptMission, by: str) -> list[Fact]:
    """Held from the next safe point on."""
    if "paused" in mission.holds:
        raise Refused("the mission is paused already; `milepost resume` lets it go on")
    return [e.HoldPlaced(hold="paused", reason=order.reason)]


def interrupt_mission(mission: Mission, order: o.InterruptMission, by: str) -> list[Fact]:
    """Every open attempt ends now, also while a pause waits for it; the orchestrator says whether a cut one goes on."""
    ended = [
        e.AttemptEnded(attempt=a.started.attempt, outcome="interrupted", reason=order.reason)
        for a in mission.open_attempts
    ]
    cut = [a.started.subject for a in mission.open_attempts if a.started.seat == "worker"]
    asked = [
        e.ItemOpened(
            item=mission.next_item(n), type="undone", about=feature,
            text=f"The user interrupted the attempt at {feature}: say whether and how it goes on ({order.reason})",
        )
        for n, feature in enumerate(cut)
    ]
    held = [] if ended and "paused" in mission.holds else pause_mission(mission, order, by)
    return [*ended, *asked, *held]


def resume_mission(mission: Mission, order: o.ResumeMission, by: str) -> list[Fact]:
    """Every hold is lifted, except a block that waits for an answer."""
    if not mission.holds:
        raise Refused("the mission is not held; there is nothing to resume")
    blocked = mission.holds.get("blocked")
    waiting = [i for i in (blocked.items if blocked else []) if mission.items[i].is_open]
    if waiting and set(mission.holds) == {"blocked"}:
        raise Refused(
            f"the mission waits for {', '.join(waiting)}: `milepost items` shows them, `milepost answer` answers"
        )
    return [e.HoldLifted(hold=h.hold) for h in mission.holds.values() if not (h.hold == "blocked" and waiting)]


def lifted(mission: Mission, resolved: set[str]) -> list[Fact]:
    """`hold_lifted` where the blocked hold waited for nothing else."""
    blocked = mission.holds.get("blocked")
    if blocked is None or not blocked.items:
        return []
    waiting = [i for i in blocked.items if i not in resolved and mission.items[i].is_open]
    return [] if waiting else [e.HoldLifted(hold="blocked")]


def cancel_mission(mission: Mission, order: o.CancelMission, by: str) -> list[Fact]:
    """The end, by the user's wish."""
    return [*end_attempts(mission, "cancelled"), e.MissionCancelled(reason=order.reason)]


def fail_mission(mission: Mission, order: o.FailMission, by: str) -> list[Fact]:
    """The end of a mission that waits for what will not come."""
    if "blocked" not in mission.holds:
        raise Refused("only a blocked mission can be failed; `milepost cancel` ends one that could go on")
    return [*end_attempts(mission, "failed"), e.MissionFailed(reason=order.reason)]


def end_attempts(mission: Mission, why: str) -> list[e.AttemptEnded]:
    """Events that end what is still open."""
    return [
        e.AttemptEnded(attempt=a.started.attempt, outcome="interrupted", reason=f"the mission was {why}")
        for a in mission.open_attempts
    ]


def reopen_mission(mission: Mission, order: o.ReopenMission, by: str) -> list[Fact]:
    """Running again, and paused until the user says so."""
    if not mission.approved_seq:
        raise Refused("a mission that was never approved cannot be reopened; start a new one with `milepost new`")
    return [e.MissionReopened(reason=order.reason), e.HoldPlaced(hold="paused", reason="reopened; resume when ready")]


def land_mission(mission: Mission, order: o.LandMission, by: str) -> list[Fact]:
    """The user has it; an unfinished one only on their word."""
    if mission.phase != "completed" and not order.unfinished:
        raise Refused(
            f"the mission is {mission.phase}, not completed; `milepost land --unfinished` lands it all the same"
        )
    if mission.landed == order.commit:
        raise Refused(f"the mission was landed already as {order.commit[:12]}")
    return [e.MissionLanded(how=order.how, commit=order.commit)]
