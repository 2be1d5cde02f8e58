"""`resolve_item` and `answer_proposal`: the orchestrator's decisions on open items (D13, D14)."""

from typing import Literal

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.decide import decide
from milepost.domain.errors import ToolError
from milepost.domain.orders import ResolveItem as Order
from milepost.domain.shape import FeatureId, ItemId, Reason, Shape


class ResolveItem(Shape):
    """Arguments of resolve_item."""

    item: ItemId
    decision: Literal["feature", "fold", "reopen", "dismiss", "dispute"]
    reason: Reason
    feature: FeatureId | None = None


class AnswerProposal(Shape):
    """Arguments of answer_proposal."""

    proposal: ItemId
    decision: Literal["accept", "reject", "counter"]
    text: Reason


async def resolve_item(desk: Desk, args: ResolveItem) -> Shown:
    """Decide on an item."""
    order = Order(item=args.item, decision=args.decision, reason=args.reason, feature=args.feature)
    return await decided(desk, order)


async def answer_proposal(desk: Desk, args: AnswerProposal) -> Shown:
    """Answer a proposal."""
    item = desk.mission.items.get(args.proposal)
    if item is not None and item.opened.type != "proposal":
        raise ToolError(f"{item.id} is a {item.opened.type}; resolve_item decides on it")
    return await decided(desk, Order(item=args.proposal, decision=args.decision, reason=args.text, text=args.text))


async def decided(desk: Desk, order: Order) -> Shown:
    """Record a decision, once."""
    known = desk.mission.items.get(order.item)
    if known is None or known.resolved_by != desk.attempt or known.decision != order.decision:
        await desk.log.decide(lambda m: decide(m, order, by=desk.attempt), by=desk.attempt, attempt=desk.attempt)
    left = [i.id for i in desk.mission.open_items if i.opened.owner == "orchestrator"]
    return Shown(f"{order.item}: {order.decision}; open items of yours: {', '.join(left) or 'none'}")


RESOLVE_ITEM = Tool("resolve_item", ResolveItem, resolve_item, seats=ORCHESTRATOR, repeatable=True)
ANSWER_PROPOSAL = Tool("answer_proposal", AnswerProposal, answer_proposal, seats=ORCHESTRATOR, repeatable=True)
