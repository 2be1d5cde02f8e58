"""What may be changed of a contract, a plan and the settings while a mission runs, and by whom (D4b)."""

from collections.abc import Collection, Sequence

from milepost.domain import amend, plan_change
from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract import Contract
from milepost.domain.decide_document import approval
from milepost.domain.decide_hold import lifted
from milepost.domain.errors import Refused
from milepost.domain.freshness import touches
from milepost.domain.lint import lint_contract, lint_seats
from milepost.domain.mission import Item, Mission, waived
from milepost.domain.plan import Plan
from milepost.domain.plan_change import Changed
from milepost.domain.record import Fact
from milepost.domain.settings import change

MENDABLE = ("budget", "credential", "model")
"""How the reason of a hold begins that a setting may lift."""
TEXT_BOUND: frozenset[str] = frozenset({"verdict", "undone"})
"""Types of items about an assertion that speak of its text, and go when the user changes or removes that."""


# --- contract ---

def amend_contract(mission: Mission, order: o.AmendContract, by: str) -> list[Fact]:
    """The contract amended; what may weaken it waits for the user, whoever else asks."""
    amended = amend.apply(mission.contract, order.changes, order.reason)
    weaker = amend.weakens(mission.contract, order.changes)
    if by != "user" and weaker:
        text = f"The orchestrator asks to change the contract ({order.reason}): " + "; ".join(weaker)
        return [approval(mission, text, order)]
    refuse_new_errors(mission, amended)
    facts: list[Fact] = [e.ContractAmended(changes=order.changes, reason=order.reason)]
    if mission.phase == "completed":
        facts.insert(0, e.MissionReopened(reason=f"the contract was amended: {order.reason}"))
    agreed = [c.assertion for c in order.changes if c.op != "remove"]
    return [*facts, *withdrawn(mission, order, by), *orphaned(mission, agreed, "is in the contract")]


def refuse_new_errors(mission: Mission, amended: Contract) -> None:
    """Raise Refused where an amendment brings an error that was not there."""
    # What the agreed contract is observed by was looked for when it was proposed.
    tools = frozenset(a.surface for a in mission.contract.live)
    before, after = (lint_contract(c, mission.manifest, tools) for c in (mission.contract, amended))
    errors = [f"{i.code} {i.subject}: {i.message}" for i in after if i.severity == "error" and i not in before]
    if errors:
        raise Refused("; ".join(errors))


def withdrawn(mission: Mission, order: o.AmendContract, by: str) -> list[Fact]:
    """Items about a text that the user changed or removed; what the orchestrator amends mends nothing by itself."""
    touched = {c.assertion for c in order.changes if c.op == "remove" or by == "user"}
    gone = [i for i in mission.open_items if i.opened.about in touched and i.opened.type in TEXT_BOUND]
    return withdraw(mission, gone, f"amended: {order.reason}")


def withdraw(mission: Mission, items: Sequence[Item], why: str) -> list[Fact]:
    """The items resolved as there is nothing left to do about them, and the hold that waited for them lifted."""
    resolved = [e.ItemResolved(item=i.id, decision="withdrawn", reason=why) for i in items]
    return [*resolved, *lifted(mission, {i.id for i in items})] if items else []


def orphaned(mission: Mission, assertions: Sequence[str], what: str) -> list[Fact]:
    """An item for each assertion that no feature owns: the orchestrator plans one."""
    left = [a for a in assertions if mission.owner(a) is None]
    return [
        e.ItemOpened(
            item=mission.next_item(n), type="undone", about=a,
            text=f"{a} {what} and no feature owns it: plan one that fulfills it with change_plan",
        )
        for n, a in enumerate(left)
    ]


def waive_assertion(mission: Mission, order: o.WaiveAssertion, by: str) -> list[Fact]:
    """Let go by the user, with what was open about it."""
    if by != "user":
        raise Refused("only the user waives an assertion")
    refuse_unknown(mission, order.assertion)
    if mission.assertions[order.assertion].status == "waived":
        raise Refused(f"{order.assertion} is waived already: {mission.assertions[order.assertion].waived_because}")
    about = [
        i for i in mission.open_items
        if i.opened.about == order.assertion and i.opened.type in {*TEXT_BOUND, "gate", "stuck"}
    ]
    waiver = e.AssertionWaived(assertion=order.assertion, reason=order.reason)
    return [waiver, *withdraw(mission, about, f"waived: {order.reason}")]


def refuse_unknown(mission: Mission, assertion: str) -> None:
    """Raise Refused for an assertion the contract does not have."""
    if assertion not in mission.live:
        raise Refused(f"{assertion!r} is not a live assertion; the contract has {', '.join(mission.live[:30])}")


def recheck_assertions(mission: Mission, order: o.RecheckAssertions, by: str) -> list[Fact]:
    """Verdicts that are to be given again."""
    states = mission.assertions
    judged = [a for a in mission.live if states[a].verdict is not None and states[a].status != "waived"]
    for assertion in order.assertions:
        refuse_unknown(mission, assertion)
    chosen = [a for a in order.assertions or judged if a in judged]
    if not chosen:
        raise Refused("none of these was judged yet, or it is waived; what is due is judged at its milestone's end")
    expired = e.VerdictsExpired(assertions=chosen, because="the user asked to judge again")
    if mission.phase == "completed":
        return [e.MissionReopened(reason="the user asked to judge again"), expired]
    return [expired]


# --- plan ---

def change_plan(mission: Mission, order: o.ChangePlan, by: str) -> list[Fact]:
    """The plan changed whole, or not at all."""
    if mission.plan is None:
        raise Refused("there is no plan to change; write_plan comes first")
    changed = plan_change.apply(
        mission.plan, order.change, status={f: s.status for f, s in mission.features.items()},
        sealed=frozenset(m for m, s in mission.milestones.items() if s.status == "sealed"), contract=mission.contract,
        skills=order.skills, waived=waived(mission),
    )
    refuse_unknown_items(mission, order)
    refuse_overtaking(mission, changed)
    if by != "user":
        refuse_dropped_work(mission, order)
        refuse_lost_items(mission, changed)
    return [e.PlanChanged(change=order.change, reason=order.change.reason)]


def refuse_unknown_items(mission: Mission, order: o.ChangePlan) -> None:
    """Raise Refused where a fix names an item that does not exist."""
    fixes = [i for f in [*order.change.add, *(n for s in order.change.split for n in s.into)] for i in f.fixes]
    unknown = [i for i in fixes if i not in mission.items]
    if unknown:
        raise Refused(f"{', '.join(unknown)}: no such item; a fix feature names items that exist")


def refuse_overtaking(mission: Mission, changed: Changed) -> None:
    """Raise Refused where a new milestone would stand before one that has begun, which would lie unjudged."""
    order = [m.id for m in changed.plan.milestones]
    begun = [m for m, s in mission.milestones.items() if s.status in ("open", "validating")]
    for milestone in begun:
        early = [m for m in order[:order.index(milestone)] if m not in mission.milestones]
        if early:
            named = ", ".join(early)
            raise Refused(f"{named} would stand before {milestone}, which has begun; put it after {milestone}")


def refuse_dropped_work(mission: Mission, order: o.ChangePlan) -> None:
    """Raise Refused where a cancelled feature has commits: they would stay in the tree and nobody would judge them."""
    worked = [c.feature for c in order.change.cancel if mission.features[c.feature].commits]
    if worked:
        raise Refused(
            f"{', '.join(worked)} left commits in the tree; fold it into a feature that answers for them, "
            "or ask the user to take it back"
        )


def refuse_lost_items(mission: Mission, changed: Changed) -> None:
    """Raise Refused where an item that was given to a feature would be left to nobody."""
    assert mission.plan is not None
    gone = {f for f, s in mission.features.items() if s.status == "cancelled"}
    left = carried(mission.plan, gone) - carried(changed.plan, gone | changed.cancelled)
    lost = [i for i in sorted(left) if i in mission.items and owed(mission, mission.items[i])]
    if lost:
        raise Refused(f"{', '.join(lost)} would be left to nobody: fold the feature that mends it, do not cancel it")


def carried(plan: Plan, cancelled: Collection[str]) -> set[str]:
    """Items that some feature mends."""
    return {i for f in plan.features if f.id not in cancelled for i in f.fixes}


def owed(mission: Mission, item: Item) -> bool:
    """Whether an item rests on the feature it was given to: it is resolved by that alone, and still means something."""
    about = mission.assertions.get(item.opened.about)
    return item.decision in ("feature", "fold") and (about is None or about.status not in ("waived", "removed"))


def revert_feature(mission: Mission, order: o.RevertFeature, by: str) -> list[Fact]:
    """A feature taken back: what rested on its product is stale, and what a sealed one owned is planned anew."""
    refuse_revert(mission, order)
    planned = mission.feature(order.feature)
    owned = [a for a in (planned.fulfills if planned else []) if a in mission.live]
    gone = [
        a for a in mission.live
        if (v := mission.assertions[a].verdict) is not None and (a in owned or touches(v, order.paths or None))
        and mission.assertions[a].status != "waived"
    ]
    facts: list[Fact] = [e.FeatureReverted(feature=order.feature, commit=order.commit)]
    if gone:
        facts.append(e.VerdictsExpired(assertions=gone, because=f"{order.feature} was taken back"))
    if mission.phase == "completed":
        facts.insert(0, e.MissionReopened(reason=f"{order.feature} was taken back"))
    if planned is None or mission.milestones[planned.milestone].status != "sealed":
        return facts
    return [*facts, *left_over(mission, order.feature, owned)]


def refuse_revert(mission: Mission, order: o.RevertFeature) -> None:
    """Raise Refused where there is nothing to take back, somebody works in the tree, or it moved on meanwhile."""
    state = mission.features.get(order.feature)
    if state is None or not state.end:
        raise Refused(f"{order.feature!r} has no range of commits to take back")
    at_work = [a.started.attempt for a in mission.open_attempts if a.started.seat == "worker"]
    if at_work:
        raise Refused(
            f"{', '.join(at_work)} works in the tree: `milepost interrupt` ends the attempt, then take "
            f"{order.feature} back"
        )
    if order.parent != mission.head:
        raise Refused(
            f"the commit that takes {order.feature} back stands on {order.parent[:12]}, and the newest is "
            f"{mission.head[:12]}; make it anew"
        )


def left_over(mission: Mission, feature: str, owned: Sequence[str]) -> list[Fact]:
    """Items for what a feature of a sealed milestone owned: its milestone takes no more work."""
    lost = [
        (a, f"nobody owns {a} now: plan a feature that fulfills it") for a in owned
        if mission.assertions[a].status != "waived"
    ]
    planned = mission.feature(feature)
    mended = [i for i in (planned.fixes if planned else []) if i in mission.items and owed(mission, mission.items[i])]
    if mended:
        lost.append((feature, f"nobody mends {', '.join(mended)} now: plan another feature, or say why not"))
    return [
        e.ItemOpened(
            item=mission.next_item(n), type="undone", about=about,
            text=f"The user took {feature} back, and {what}; its milestone is sealed, so in one after it",
        )
        for n, (about, what) in enumerate(lost)
    ]


# --- settings ---

def change_setting(mission: Mission, order: o.ChangeSetting, by: str) -> list[Fact]:
    """One setting changed; a hold that waited for just that is lifted."""
    new = change(mission.settings, order.key, order.value)
    cause = order.key.partition(".")[0]
    if cause == "seat":
        lints = lint_seats(new, mission.contract)
        shared = [i.message for i in lints if (i.code, i.severity) == ("SEAT-002", "error")]
        if shared:
            raise Refused(f"{'; '.join(shared)}; you asked for judges of another family")
    facts: list[Fact] = [e.SettingChanged(key=order.key, value=order.value)]
    blocked = mission.holds.get("blocked")
    mends = blocked is not None and not blocked.items and blocked.reason.startswith(MENDABLE)
    if mends and cause in ("budget", "seat"):
        facts.append(e.HoldLifted(hold="blocked"))
    if "parked" in mission.holds and cause == "seat":
        facts.append(e.HoldLifted(hold="parked"))
    if mission.phase == "proposed" and cause in ("seat", "budget"):
        facts.append(
            e.MissionProposed(
                summary=mission.summary, hashes=dict(mission.documents), estimate=dict(mission.estimate),
                warnings=list(mission.warnings),
            )
        )
    return facts
