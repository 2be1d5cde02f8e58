"""`change_plan`: milestones and features that have not started, changed all or nothing."""

from collections.abc import Iterator

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.read_skill import skill_names
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.decide import decide
from milepost.domain.mission import Mission
from milepost.domain.orders import ChangePlan
from milepost.domain.plan import PlanChange
from milepost.domain.plan_change import CHANGEABLE


async def run(desk: Desk, args: PlanChange) -> Shown:
    """Change the plan, unless it is so already."""
    if not made(desk.mission, args):
        order = ChangePlan(change=args, skills=skill_names(desk))
        await desk.log.decide(lambda m: decide(m, order, by=desk.attempt), by=desk.attempt, attempt=desk.attempt)
    plan = desk.mission.plan
    planned = [f.id for f in plan.features] if plan else []
    waiting = [f for f in planned if desk.mission.features[f].status in CHANGEABLE]
    return Shown(f"the plan is changed; not started, in order: {', '.join(waiting) or 'none'}")


def made(mission: Mission, change: PlanChange) -> bool:
    """Whether the plan is what this change asks for: it was recorded before the engine stopped."""
    parts = (change.milestones, change.add, change.detail, change.split, change.fold, change.cancel, change.order)
    return mission.plan is not None and any(parts) and all(parts_made(mission, change))


def parts_made(mission: Mission, change: PlanChange) -> Iterator[bool]:
    """For each part of a change, whether the plan shows it."""
    plan = mission.plan
    assert plan is not None
    gone = {f for f, s in mission.features.items() if s.status == "cancelled"}
    known = {f.id: f for f in plan.features}
    milestones = {m.id: m for m in plan.milestones}
    for new in change.milestones:
        yield new.id in milestones and milestones[new.id].title == new.title
    for feature in [*change.add, *(f for s in change.split for f in s.into)]:
        now = known.get(feature.id)
        yield now is not None and (now.title, now.description) == (feature.title, feature.description)
    for detail in change.detail:
        told = known.get(detail.feature)
        yield told is not None and (told.description, told.expected) == (detail.description, detail.expected)
    for ended in (change.split, change.fold, change.cancel):
        yield all(part.feature in gone for part in ended)
    yield [i for i in known if i in change.order] == change.order


CHANGE_PLAN = Tool("change_plan", PlanChange, run, seats=ORCHESTRATOR, repeatable=True)
