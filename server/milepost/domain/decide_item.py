"""Who may resolve which item how: the door that dismissals, answers and approvals pass (D13, D14)."""

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide_hold import lifted
from milepost.domain.errors import Refused
from milepost.domain.mission import Item, Mission
from milepost.domain.record import Fact

ORCHESTRATOR_DECISIONS: frozenset[str] = frozenset({"feature", "fold", "reopen", "dismiss", "dispute"})
PROPOSAL_DECISIONS: frozenset[str] = frozenset({"accept", "reject", "counter"})
USER_ONLY: dict[str, frozenset[str]] = {
    "question": frozenset({"answer"}), "approval": frozenset({"approve", "deny"}),
    "grant": frozenset({"approve", "deny"}), "stuck": frozenset({"answer", "dismiss"}),
}
UNDISMISSABLE: frozenset[str] = frozenset({"verdict", "gate", "no_work", "vacuous", "mismatch"})
"""Types the orchestrator may not dismiss; findings and audits neither, where they block."""
DISPUTABLE: frozenset[str] = frozenset({"finding", "audit"})
SHORTEST_REASON = 20
"""Characters of a reason that may explain something."""


def resolve(mission: Mission, order: o.ResolveItem, by: str) -> list[Fact]:
    """The events that resolve an item, or Refused."""
    item = mission.items.get(order.item)
    if item is None:
        known = ", ".join(i.id for i in mission.open_items) or "none"
        raise Refused(f"there is no item {order.item!r}; open are {known}")
    if not item.is_open:
        raise Refused(f"{item.id} was resolved already: {item.decision} ({item.reason or item.text or 'no reason'})")
    if by == "user":
        check_user(item, order)
    else:
        check_orchestrator(mission, item, order)
    check_sense(mission, item, order)
    resolved = e.ItemResolved(
        item=item.id, decision=order.decision, reason=order.reason, text=order.text, feature=order.feature
    )
    return [resolved, *consequences(item, order), *lifted(mission, {item.id})]


def check_user(item: Item, order: o.ResolveItem) -> None:
    """Raise Refused where the user's decision does not fit the item."""
    own = frozenset({"answer"}) if item.opened.owner == "user" else frozenset()
    more = PROPOSAL_DECISIONS if item.opened.type == "proposal" else own
    usual = ORCHESTRATOR_DECISIONS | more
    fitting = USER_ONLY.get(item.opened.type, usual)
    if order.decision not in fitting:
        wanted = " or ".join(sorted(fitting))
        raise Refused(f"{item.id} is a {item.opened.type}: expected {wanted}, not {order.decision}")


def check_orchestrator(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused where the orchestrator may not decide so (D14)."""
    kind = item.opened.type
    if item.opened.owner == "user" or kind in USER_ONLY:
        raise Refused(f"{item.id} waits for the user; only they resolve it")
    if len(order.reason) < SHORTEST_REASON:
        raise Refused(
            f"the reason for {item.id} must have at least {SHORTEST_REASON} characters; found {len(order.reason)}"
        )
    allowed = PROPOSAL_DECISIONS if kind == "proposal" else ORCHESTRATOR_DECISIONS
    if order.decision not in allowed:
        raise Refused(f"{item.id} is a {kind}: expected {', '.join(sorted(allowed))}, not {order.decision}")
    check_owned(mission, item)
    if order.decision == "dismiss":
        check_dismissal(item)
    if kind == "vacuous" and order.decision != "reopen":
        raise Refused(
            f"{item.id} is vacuous: reopen {item.opened.about}, as only its own next handoff is proved again"
        )
    if order.decision == "counter" and countered(mission, item):
        raise Refused(f"{item.id} answers a counter already; accept or reject it")


def check_sense(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused where a decision lacks what it needs, whoever takes it."""
    if order.decision in ("answer", "counter") and not (order.text or "").strip():
        raise Refused(f"{item.id} needs {'an answer' if order.decision == 'answer' else 'a counter-proposal'} in words")
    if order.decision == "dispute":
        check_dispute(item)
    if order.decision in ("feature", "fold"):
        check_feature(mission, item, order)
    if order.decision in ("reopen", "counter"):
        check_reopen(mission, item, order)


def check_owned(mission: Mission, item: Item) -> None:
    """Raise Refused while nobody is to build what an item is about: a feature that fulfills it comes first."""
    about = item.opened.about
    if about in mission.live and mission.owner(about) is None and mission.assertions[about].status != "waived":
        raise Refused(f"{item.id} stays open while no feature owns {about}: plan one that fulfills it with change_plan")


def check_dismissal(item: Item) -> None:
    """Raise Refused for what may not be dismissed."""
    blocking_finding = item.opened.type in DISPUTABLE and item.opened.severity == "blocking"
    if item.opened.type in UNDISMISSABLE or blocking_finding:
        mend = "mend it with a feature"
        way = f"dispute it, or {mend}" if blocking_finding else f"{mend}, or reopen the feature"
        raise Refused(f"{item.id} is a {item.opened.type} and may not be dismissed: {way}; only the user waives")


def check_dispute(item: Item) -> None:
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
            f"{order.decision} needs the id of an existing feature, found {order.feature!r}: "
            "add one with change_plan first"
        )
    if state.status not in ("outline", "ready"):
        raise Refused(f"{order.feature} is {state.status}; expected a feature that has not been built")
    feature = mission.feature(order.feature or "")
    named = feature is not None and (item.id in feature.fixes or item.opened.about in feature.fulfills)
    if order.decision == "feature" and not named:
        raise Refused(f"{order.feature} does not name {item.id} in `fixes`; a feature made for an item says so")


def check_reopen(mission: Mission, item: Item, order: o.ResolveItem) -> None:
    """Raise Refused unless there is a feature to reopen whose milestone is not sealed."""
    target = item.opened.about if item.opened.about in mission.features else order.feature or ""
    state = mission.features.get(target)
    if state is None:
        raise Refused(f"name the feature to reopen for {item.id}; {order.feature!r} is none")
    if state.status not in ("built", "ready"):
        raise Refused(f"{target} is {state.status} and cannot be reopened; add a fix feature with change_plan")


def consequences(item: Item, order: o.ResolveItem) -> list[Fact]:
    """What an answer brings with it."""
    kind, words = item.opened.type, order.reason or order.text or ""
    if kind in ("approval", "grant") and order.decision == "deny":
        return [e.MessageReceived(text=f"The user denied {item.id}: {item.opened.text} {words}".strip())]
    if kind == "grant":
        return [e.SettingChanged(key=f"grant.{item.opened.about}", value=True)]
    if order.decision == "answer" and kind != "question":
        return [e.MessageReceived(text=f"About {item.id} ({item.opened.text}) the user says: {order.text}")]
    return []
