"""(mission, order) -> events, or Refused: what may happen now. People and the orchestrator pass the same door.

`by` is `user`, `engine`, or the attempt that asks; what an attempt may not do is refused here (D14).
"""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import ValidationError

from milepost.domain import decide_change as change
from milepost.domain import decide_document as document
from milepost.domain import decide_hold as hold
from milepost.domain import decide_item
from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide_document import proposal_problems as proposal_problems
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.record import Fact

Events = Sequence[Fact]

ALLOWED: dict[str, frozenset[str]] = {
    "draft": frozenset({
        "write_document", "resolve_item", "steer_mission", "request_proposal", "pause_mission", "interrupt_mission",
        "resume_mission", "change_setting", "cancel_mission",
    }),
    "proposed": frozenset({
        "return_mission", "approve_mission", "write_document", "steer_mission", "resolve_item", "change_setting",
        "cancel_mission",
    }),
    "running": frozenset({
        "resolve_item", "steer_mission", "pause_mission", "interrupt_mission", "resume_mission", "amend_contract",
        "waive_assertion", "recheck_assertions", "change_plan", "revert_feature", "change_setting", "cancel_mission",
        "fail_mission", "write_document",
    }),
    "completed": frozenset({"land_mission", "recheck_assertions", "revert_feature", "amend_contract"}),
    "failed": frozenset({"reopen_mission", "land_mission"}),
    "cancelled": frozenset({"reopen_mission", "land_mission"}),
}
"""Which orders a phase takes (treaty, section 1)."""

ORCHESTRATOR: frozenset[str] = frozenset(
    {"write_document", "resolve_item", "change_plan", "amend_contract", "request_proposal"}
)
"""Orders an orchestrator's attempt may give; no other attempt gives any."""


def create(order: o.CreateMission) -> Events:
    """The first event of a mission."""
    return [
        e.MissionCreated(
            mission=order.mission, goal=order.goal, repository=order.repository, base=order.base, mode=order.mode,
            settings=order.settings, slug=order.slug,
        )
    ]


def decide(mission: Mission, order: o.Order, *, by: str = "user") -> Events:
    """The events an order leads to.

    Raises Refused with what was expected and what to do.
    """
    name = order.order
    if name not in ALLOWED[mission.phase]:
        takes = ", ".join(sorted(ALLOWED[mission.phase]))
        raise Refused(f"{name} is not possible while the mission is {mission.phase}; it now takes: {takes}")
    if by not in ("user", "engine"):
        if not by.startswith("orchestrator."):
            raise Refused(f"{by} may not give orders: only the orchestrator and the user do")
        if name not in ORCHESTRATOR:
            raise Refused(f"only the user may give the order {name}")
    return RULES[name](mission, order, by)


def request_proposal(mission: Mission, order: o.RequestProposal, by: str) -> Events:
    return [e.MessageReceived(text="Stop asking now: decide what is open yourself, write it down, and propose.")]


def return_mission(mission: Mission, order: o.ReturnMission, by: str) -> Events:
    return [e.MissionReturned(comment=order.comment)]


def steer_mission(mission: Mission, order: o.SteerMission, by: str) -> Events:
    return [e.MessageReceived(text=order.text)]


def resolve_item(mission: Mission, order: o.ResolveItem, by: str) -> Events:
    """An item resolved; an approved one brings the events of the order that waited for it."""
    resolved = decide_item.resolve(mission, order, by)
    item = mission.items[order.item]
    if (item.opened.type, order.decision) != ("approval", "approve"):
        return resolved
    return [*resolved, *granted(mission, item.id, item.opened.payload)]


def granted(mission: Mission, item: str, payload: dict[str, Any]) -> Events:
    """The events of an order that waited for the user's approval: it is now theirs, and passes the same door."""
    try:
        order = o.ORDER.validate_python(payload)
    except ValidationError as error:
        raise Refused(f"{item} carries no order that could be approved; deny it") from error
    if not isinstance(order, o.AmendContract | o.WriteDocument):
        raise Refused(f"{order.order} cannot be approved as an item; deny {item}")
    try:
        return decide(mission, order, by="user")
    except Refused as refused:
        raise Refused(f"what {item} asks for is no longer possible ({refused}); deny it") from refused


RULES: dict[str, Callable[[Mission, Any, str], Events]] = {
    "write_document": document.write_document, "request_proposal": request_proposal, "return_mission": return_mission,
    "approve_mission": document.approve_mission, "pause_mission": hold.pause_mission,
    "interrupt_mission": hold.interrupt_mission, "resume_mission": hold.resume_mission, "steer_mission": steer_mission,
    "cancel_mission": hold.cancel_mission, "fail_mission": hold.fail_mission, "reopen_mission": hold.reopen_mission,
    "land_mission": hold.land_mission, "resolve_item": resolve_item, "amend_contract": change.amend_contract,
    "waive_assertion": change.waive_assertion, "recheck_assertions": change.recheck_assertions,
    "change_plan": change.change_plan, "revert_feature": change.revert_feature,
    "change_setting": change.change_setting,
}
