"""`amend_contract`: the agreed contract, changed by addition at once and by anything else after the user's approval."""

from typing import Annotated, Literal

from pydantic import Field

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.contract_text import parse_assertion
from milepost.domain.decide import decide
from milepost.domain.errors import ToolError
from milepost.domain.events import ContractChange, ItemOpened
from milepost.domain.mission import Mission
from milepost.domain.orders import AmendContract as Order
from milepost.domain.shape import AssertionId, Reason, Shape


class Change(Shape):
    op: Literal["add", "change", "remove"]
    assertion: AssertionId
    text: str = ""
    """Its Markdown with the heading; not for remove."""


class AmendContract(Shape):
    """Arguments of amend_contract."""

    reason: Reason
    changes: Annotated[list[Change], Field(min_length=1)]


async def run(desk: Desk, args: AmendContract) -> Shown:
    """Amend, or ask the user to approve it."""
    for change in args.changes:
        if (change.op == "remove") != (not change.text):
            wanted = "leave `text` out" if change.text else "give its `text`"
            raise ToolError(f"{change.op} of {change.assertion}: {wanted}")
    changes = [ContractChange(op=c.op, assertion=c.assertion, text=c.text) for c in args.changes]
    order = Order(changes=changes, reason=args.reason)
    payload = order.model_dump(mode="json")
    if any(i.opened.type == "approval" and i.opened.payload == payload for i in desk.mission.open_items):
        return Shown("it waits for the user's approval already")
    if all(made(desk.mission, c) for c in changes):
        return Shown("the contract says so already")
    records = await desk.log.decide(lambda m: decide(m, order, by=desk.attempt), by=desk.attempt, attempt=desk.attempt)
    items = [r.event for r in records if isinstance(r.event, ItemOpened)]
    asked = [i.item for i in items if i.type == "approval"]
    if asked:
        return Shown(f"the contract is not changed yet: {asked[0]} waits for the user's approval")
    return Shown("\n".join(["the contract is amended", *(f"{i.item}: {i.text}" for i in items)]))


def made(mission: Mission, change: ContractChange) -> bool:
    """Whether the contract is what a change asks for."""
    known = mission.contract.get(change.assertion)
    if change.op == "remove" or known is None:
        return known is not None and bool(known.removed)
    return known == parse_assertion(change.text).assertion


AMEND_CONTRACT = Tool("amend_contract", AmendContract, run, seats=ORCHESTRATOR, repeatable=True)
