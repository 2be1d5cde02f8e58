"""Who may resolve which item how: the door that dismissals, answers and approvals pass (D13, D14)."""

from typing import Any

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.errors import Refused
from milepost.domain.mission import Item, Mission
from milepost.domain.record import Fact

ORCHESTRATOR_DECISIONS: frozenset[str] = frozenset({"feature", "fold", "reopen", "dismiss", "dispute"})
PROPOSAL_DECISIONS: frozenset[str] = frozenset({"accept", "reject", "counter"})
USER_ONLY: dict[str, frozenset[str]] = {
    "question": frozenset({"answer"}), "approval": frozenset({"approve", "deny"}), "grant": frozenset({"approve", "deny"}),
    "stuck": frozenset({"answer", "dismiss"}),
}
UNDISMISSABLE: frozenset[str] = frozenset({"verdict", "gate", "no_work", "vacuous", "mismatch"})
"""Types the orchestrator may not dismiss; findings and audits neither, where they block."""
DISPUTABLE: frozenset[str] = frozenset({"finding", "audit"})


def resolve(mission: Mission, order: o.ResolveItem, by: str) -> list[Fact]:
    """The events that resolve an item, or Refused."""
    item = mission.items.get(order.item)
    if item is None:
        raise Refused(f"there is no item {order.item!r}; open are {', '.join(i.id for i in mission.open_items) or 'none'}")
    if not item.is_open:
        raise Refused(f"{item.id} was resolved already: {item.decision} ({item.reason or item.text or 'no reason'})")
    if by == "user":
        check_user(item, order)
    else:
        check_orchestrator(mission, item, order)
    resolved = e.ItemResolved(
        item=item.id, decision=order.decision, reason=order.reason, text=order.text, feature=order.feature
    )
    return [resolved, *consequences(mission, item, order), *lifted(mission, {item.id})]


def check_user(item: Item, order: o.ResolveItem) -> None:
    """Raise Refused where the user's decision does not fit the item."""
    fitting = USER_ONLY.get(item.opened.type, ORCHESTRATOR_DECISIONS | PROPOSAL_DECISIONS)
    if order.decision not in fitting:
        raise Refused(f"{item.id} is a {item.opened.type}: expected {' or '.join(sorted(fitting))}, not {order.decision}")
    if order.decision == "answer" and not (order.text or "").strip():
        raise Refused(f"{item.id} needs an answer in words")


def check_orchestrator(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused where the orchestrator may not decide so (D14)."""
    kind = item.opened.type
    if item.opened.owner == "user" or kind in USER_ONLY:
        raise Refused(f"{item.id} waits for the user; only they resolve it")
    if len(order.reason) < 20:
        raise Refused(f"the reason for {item.id} must have at least 20 characters; found {len(order.reason)}")
    allowed = PROPOSAL_DECISIONS if kind == "proposal" else ORCHESTRATOR_DECISIONS
    if order.decision not in allowed:
        raise Refused(f"{item.id} is a {kind}: expected {', '.join(sorted(allowed))}, not {order.decision}")
    if order.decision == "dismiss":
        check_dismissal(item)
    if order.decision == "dispute":
        check_dispute(mission, item)
    if order.decision == "counter" and countered(mission, item):
        raise Refused(f"{item.id} answers a counter already; accept or reject it")
    if order.decision in ("feature", "fold"):
        check_feature(mission, item, order)
    if order.decision in ("reopen", "counter"):
        check_reopen(mission, item, order)


def check_dismissal(item: Item) -> None:
    """Raise Refused for what may not be dismissed."""
    blocking_finding = item.opened.type in DISPUTABLE and item.opened.severity == "blocking"
    if item.opened.type in UNDISMISSABLE or blocking_finding:
        way = "dispute it, or mend it with a feature" if blocking_finding else "mend it with a feature, or reopen the feature"
        raise Refused(f"{item.id} is a {item.opened.type} and may not be dismissed: {way}; only the user waives")


def check_dispute(mission: Mission, item: Item) -> None:
    """Raise Refused unless this is a finding that was not disputed before."""
    if item.opened.type not in DISPUTABLE:
        raise Refused(f"{item.id} is a {item.opened.type}; only findings are disputed")
    if item.opened.payload.get("upheld"):
        raise Refused(f"{item.id} was disputed already and upheld by a fresh reviewer; mend it")


def countered(mission: Mission, item: Item) -> bool:
    """Whether the proposer's feature was answered with a counter before."""
    return any(
        i.decision == "counter" and i.opened.about == item.opened.about and i.opened.type == "proposal"
        for i in mission.items.values()
    )


def check_feature(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused unless the named feature exists and can still take work."""
    state = mission.features.get(order.feature or "")
    if state is None:
        raise Refused(
            f"{order.decision} needs the id of an existing feature, found {order.feature!r}: add one with change_plan first"
        )
    if state.status not in ("outline", "ready"):
        raise Refused(f"{order.feature} is {state.status}; expected a feature that has not been built")
    feature = mission.feature(order.feature or "")
    if order.decision == "feature" and feature is not None and item.id not in feature.fixes and not serves(feature.fulfills, item):
        raise Refused(f"{order.feature} does not name {item.id} in `fixes`; a feature made for an item says so")


def serves(fulfills: list[str], item: Item) -> bool:
    """Whether an ordinary feature owns what the item is about."""
    return item.opened.about in fulfills


def check_reopen(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused unless there is a feature to reopen whose milestone is not sealed."""
    target = item.opened.about if item.opened.about in mission.features else order.feature or ""
    state = mission.features.get(target)
    if state is None:
        raise Refused(f"name the feature to reopen for {item.id}; {order.feature!r} is none")
    if state.status not in ("built", "ready"):
        raise Refused(f"{target} is {state.status} and cannot be reopened; add a fix feature with change_plan")


def consequences(mission: Mission, item: Item, order: o.ResolveItem) -> list[Fact]:
    """What an answer brings with it."""
    if item.opened.type == "approval" and order.decision == "approve":
        return granted(mission, item.opened.payload)
    if item.opened.type == "approval" and order.decision == "deny":
        return [e.MessageReceived(text=f"The user denied {item.id}: {item.opened.text} {order.reason or order.text or ''}")]
    if item.opened.type == "grant" and order.decision == "approve":
        return [e.SettingChanged(key=f"grant.{item.opened.about}", value=True)]
    if item.opened.type == "stuck" and order.decision == "answer":
        return [e.MessageReceived(text=f"About {item.id} ({item.opened.text}) the user says: {order.text}")]
    return []


def granted(mission: Mission, payload: dict[str, Any]) -> list[Fact]:
    """The events of an order that waited for the user's approval."""
    order = o.ORDER.validate_python(payload)
    if isinstance(order, o.AmendContract):
        return [e.ContractAmended(changes=order.changes, reason=order.reason)]
    if isinstance(order, o.WriteDocument):
        return [e.DocumentWritten(document=order.document, name=order.name, hash=order.hash, text=order.text)]
    raise Refused(f"{order.order} cannot be approved as an item")


def lifted(mission: Mission, resolved: set[str]) -> list[Fact]:
    """`hold_lifted` where the blocked hold waited for nothing else."""
    blocked = mission.holds.get("blocked")
    if blocked is None or not blocked.items:
        return []
    waiting = [i for i in blocked.items if i not in resolved and mission.items[i].is_open]
    return [] if waiting else [e.HoldLifted(hold="blocked")]
