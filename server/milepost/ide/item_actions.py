"""What the user may decide on an item: asked at the same door that their order will pass."""

from milepost.domain.decide_item import SHORTEST_REASON, resolve
from milepost.domain.errors import Refused
from milepost.domain.mission import Item
from milepost.domain.orders import ResolveItem
from milepost.ide.snapshot import Snapshot

DECISIONS = ("answer", "approve", "deny", "accept", "reject", "counter", "reopen", "dispute", "dismiss")
"""In the order in which they are offered. Making or naming a feature is the orchestrator's craft."""
WORDS = "x" * SHORTEST_REASON
TAKES_ORDERS = frozenset({"draft", "proposed", "running"})
"""Phases in which items are resolved."""


def item_actions(item: Item, snapshot: Snapshot) -> list[str]:
    """The decisions that would not be refused now, best first; none where it is resolved already."""
    if not item.is_open or snapshot.mission.phase not in TAKES_ORDERS:
        return []
    feature = reopens(item, snapshot)
    return [d for d in DECISIONS if possible(item, d, feature, snapshot)]


def reopens(item: Item, snapshot: Snapshot) -> str:
    """The feature that is sent back when an item is reopened; empty where there is none."""
    about = item.opened.about
    if about in snapshot.planned:
        return about
    owner = snapshot.owners.get(about)
    return owner.id if owner else ""


def possible(item: Item, decision: str, feature: str, snapshot: Snapshot) -> bool:
    """Whether the user's decision would be taken, given words enough."""
    order = ResolveItem.model_validate(
        {"item": item.id, "decision": decision, "reason": WORDS, "text": WORDS, "feature": feature or None}
    )
    try:
        resolve(snapshot.mission, order, "user")
    except Refused:
        return False
    return True
