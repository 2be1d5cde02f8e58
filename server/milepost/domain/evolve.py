"""(mission, record) -> mission: what each fact means. Turns change nothing here but the sequence number."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from milepost.domain import amend, contract_text, plan_change
from milepost.domain import events as e
from milepost.domain.contract import Area, Contract
from milepost.domain.errors import Refused
from milepost.domain.evolve_work import WORK_RULES, opened, put
from milepost.domain.freshness import refurnished
from milepost.domain.lifetime import bequeathed
from milepost.domain.mission import (
    AssertionState,
    Attempt,
    FeatureState,
    FeatureStatus,
    Guidance,
    Item,
    Message,
    MilestoneState,
    Mission,
    waived,
)
from milepost.domain.plan import Feature, Plan
from milepost.domain.record import Record
from milepost.domain.services import Manifest
from milepost.domain.settings import change

Rule = Callable[[Mission, Any, Record], Mission]


def evolve(mission: Mission | None, record: Record) -> Mission:
    """The mission after one more record; only `mission_created` may come first.

    Raises Refused for what must never get into a log, whoever records it: an item's id used twice, a seal or an end
    with something not shown.
    """
    event = record.event
    if isinstance(event, e.MissionCreated):
        return Mission(
            id=event.mission, goal=event.goal, repository=event.repository, base=event.base, mode=event.mode,
            slug=event.slug, settings=event.settings, created=record.at, seq=record.seq, head=event.base,
        )
    assert mission is not None, f"the first event must be mission_created, not {event.kind}"
    rule = RULES.get(type(event))
    mission = rule(mission, event, record) if rule else mission
    return replace(mission, seq=record.seq, seatings=0 if record.by == "user" else mission.seatings)


# --- draft ---

def document_written(mission: Mission, event: e.DocumentWritten, record: Record) -> Mission:
    key = event.document if event.name == event.document else f"{event.document}:{event.name}"
    mission = replace(mission, documents=put(mission.documents, key, event.hash), idle_seatings=0)
    if mission.phase == "proposed":
        mission = replace(mission, phase="draft")
    if event.document in ("check", "services"):
        mission = replace(mission, handoff_gates={})
    match event.document:
        case "brief":
            return replace(mission, brief=event.text)
        case "contract":
            contract = merged(mission.contract, event)
            titled = replace(contract, title=contract.title or mission.slug.replace("-", " "))
            return with_contract(mission, titled)
        case "plan":
            return with_plan(mission, Plan.model_validate_json(event.text))
        case "services":
            manifest = Manifest.model_validate_json(event.text)
            return replace(mission, assertions=refurnished(mission, manifest), manifest=manifest)
        case _:
            return mission


def merged(contract: Contract, event: e.DocumentWritten) -> Contract:
    """The contract with one area replaced; a document named `contract` replaces it whole."""
    parsed = contract_text.parse(event.text).contract
    if event.name == "contract":
        return parsed
    title = contract.title or parsed.title
    new = {area.name: area for area in parsed.areas}
    there = [area for area in contract.areas if area.name in new or area.name != event.name]
    kept: list[Area] = [new.pop(area.name, area) for area in there]
    areas = [a for a in [*kept, *new.values()] if a.assertions or a.notes]
    return replace(contract, title=title, areas=tuple(areas))


def with_contract(mission: Mission, contract: Contract) -> Mission:
    """The mission with this contract; the state of assertions that stay is kept."""
    states: dict[str, AssertionState] = {}
    for assertion in contract:
        old = mission.assertions.get(assertion.id, AssertionState())
        back = AssertionState() if old.status == "removed" else old
        states[assertion.id] = replace(old, status="removed", stale=False) if assertion.removed else back
    return replace(mission, contract=contract, assertions=states)


def with_plan(mission: Mission, plan: Plan) -> Mission:
    """The mission with this plan; features and milestones that have a state keep it."""
    features = {f.id: planned(mission.features.get(f.id), f) for f in plan.features}
    milestones = {m.id: mission.milestones.get(m.id, MilestoneState("waiting")) for m in plan.milestones}
    return opened(replace(mission, plan=plan, features=features, milestones=milestones))


def planned(old: FeatureState | None, feature: Feature) -> FeatureState:
    """The state of a feature as the plan has it now: nobody works on an outline, and a full one is ready."""
    fresh: FeatureStatus = "outline" if feature.detail == "outline" else "ready"
    if old is None:
        return FeatureState(fresh)
    return replace(old, status=fresh) if old.status in ("outline", "ready") else old


def base_examined(mission: Mission, event: e.BaseExamined, record: Record) -> Mission:
    return replace(
        mission, examined={c.assertion: c for c in event.checks}, base_suite=event.suite, base_measures=event.measures
    )


def mission_proposed(mission: Mission, event: e.MissionProposed, record: Record) -> Mission:
    return replace(
        mission, phase="proposed", proposed_by=record.by, summary=event.summary, estimate=event.estimate,
        warnings=tuple(event.warnings),
    )


def mission_returned(mission: Mission, event: e.MissionReturned, record: Record) -> Mission:
    return replace(
        mission, phase="draft", returned=event.comment, idle_seatings=0,
        messages=(*mission.messages, Message(f"The proposal came back: {event.comment}", record.seq)),
    )


def mission_approved(mission: Mission, event: e.MissionApproved, record: Record) -> Mission:
    return opened(
        replace(mission, phase="running", approved=event.hashes, approved_seq=record.seq, idle_seatings=0)
    )


# --- change ---

def contract_amended(mission: Mission, event: e.ContractAmended, record: Record) -> Mission:
    mission = with_contract(mission, amend.apply(mission.contract, event.changes, event.reason))
    anew = {c.assertion: AssertionState(agreed_seq=record.seq) for c in event.changes if c.op != "remove"}
    return replace(mission, assertions={**mission.assertions, **anew}, idle_seatings=0)


def plan_changed(mission: Mission, event: e.PlanChanged, record: Record) -> Mission:
    assert mission.plan is not None
    changed = plan_change.apply(
        mission.plan, event.change, status={f: s.status for f, s in mission.features.items()},
        sealed=frozenset(m for m, s in mission.milestones.items() if s.status == "sealed"), contract=mission.contract,
        waived=waived(mission),
    )
    mission = with_plan(mission, changed.plan)
    features = bequeathed(mission.features, event.change)
    features |= {i: replace(features[i], status="cancelled") for i in changed.cancelled}
    return replace(mission, features=features, idle_seatings=0)


def setting_changed(mission: Mission, event: e.SettingChanged, record: Record) -> Mission:
    return replace(mission, settings=change(mission.settings, event.key, event.value))


def message_received(mission: Mission, event: e.MessageReceived, record: Record) -> Mission:
    message = Message(event.text, record.seq)
    phase = "draft" if mission.phase == "proposed" else mission.phase
    return replace(mission, messages=(*mission.messages, message), phase=phase, idle_seatings=0)


# --- hold, end ---

def hold_placed(mission: Mission, event: e.HoldPlaced, record: Record) -> Mission:
    return replace(mission, holds=put(mission.holds, event.hold, event))


def hold_lifted(mission: Mission, event: e.HoldLifted, record: Record) -> Mission:
    return replace(mission, holds={h: v for h, v in mission.holds.items() if h != event.hold}, idle_seatings=0)


def mission_completed(mission: Mission, event: e.MissionCompleted, record: Record) -> Mission:
    """Raises Refused unless every milestone is sealed and every live assertion freshly passed, or waived."""
    left = [m for m, s in mission.milestones.items() if s.status != "sealed"]
    left += [a for a in mission.live if not mission.assertions[a].settled]
    if left:
        raise Refused(f"the mission cannot be completed: {', '.join(left)} is not settled")
    return replace(mission, phase="completed", holds={})


def mission_failed(mission: Mission, event: e.MissionFailed, record: Record) -> Mission:
    return replace(mission, phase="failed", reason=event.reason, holds={})


def mission_cancelled(mission: Mission, event: e.MissionCancelled, record: Record) -> Mission:
    return replace(mission, phase="cancelled", reason=event.reason, holds={})


def mission_reopened(mission: Mission, event: e.MissionReopened, record: Record) -> Mission:
    return opened(replace(mission, phase="running", reason="", landed="", audited_at="", idle_seatings=0))


def mission_landed(mission: Mission, event: e.MissionLanded, record: Record) -> Mission:
    return replace(mission, landed=event.commit)


# --- items, shared knowledge ---

def item_opened(mission: Mission, event: e.ItemOpened, record: Record) -> Mission:
    """Raises Refused where the id is taken: the item of that name would be gone without a decision."""
    if event.item in mission.items:
        raise Refused(f"there is an item {event.item} already; expected {mission.next_item()}")
    return replace(mission, items=put(mission.items, event.item, Item(event, record.seq, record.by)))


def item_resolved(mission: Mission, event: e.ItemResolved, record: Record) -> Mission:
    item = replace(
        mission.items[event.item], decision=event.decision, reason=event.reason, text=event.text,
        feature=event.feature, resolved_by=record.by, resolved_seq=record.seq,
    )
    mission = replace(mission, items=put(mission.items, event.item, item), idle_seatings=0)
    if event.decision in ("reopen", "counter"):
        return reopened(mission, item)
    return burdened(mission, item) if event.decision in ("feature", "fold") else mission


def reopened(mission: Mission, item: Item) -> Mission:
    """The item's feature, or the one named, goes back to a worker, and is read again whatever comes of it."""
    about = item.opened.about if item.opened.about in mission.features else item.feature or ""
    state = mission.features.get(about)
    if state is None or state.status not in ("built", "ready"):
        return mission
    # Several items may send one feature back: its worker reads the reasons of all.
    reasons = [state.reopened, f"{item.opened.text}\n{item.reason}\n{item.text or ''}".strip()]
    why = "\n\n".join(reason for reason in reasons if reason)
    state = replace(
        state, status="ready", reopened=why, audited=False, proved=False, handoff=None, reviewed_at=""
    )
    return replace(mission, features=put(mission.features, about, state))


def burdened(mission: Mission, item: Item) -> Mission:
    """The feature an item was given to names it in `fixes`, so that its worker reads it and it cannot get lost."""
    feature = mission.feature(item.feature or "")
    if mission.plan is None or feature is None or item.id in feature.fixes:
        return mission
    new = feature.model_copy(update={"fixes": [*feature.fixes, item.id]})
    features = [new if f.id == new.id else f for f in mission.plan.features]
    return replace(mission, plan=mission.plan.model_copy(update={"features": features}))


def guidance_given(mission: Mission, event: e.GuidanceGiven, record: Record) -> Mission:
    order = Guidance(event.text, event.scope, record.seq)
    return replace(mission, guidance=(*mission.guidance, order), idle_seatings=0)


def fact_noted(mission: Mission, event: e.FactNoted, record: Record) -> Mission:
    return replace(mission, facts=(*mission.facts, event.text))


# --- process ---

def runner_started(mission: Mission, event: e.RunnerStarted, record: Record) -> Mission:
    return replace(mission, epoch=event.epoch)


def attempt_started(mission: Mission, event: e.AttemptStarted, record: Record) -> Mission:
    mission = replace(mission, attempts=put(mission.attempts, event.attempt, Attempt(event, record.seq)))
    if event.seat == "orchestrator":
        return replace(mission, idle_seatings=mission.idle_seatings + 1, seatings=mission.seatings + 1)
    if event.seat == "researcher":
        return mission
    mission = replace(mission, seatings=0)
    if event.seat == "worker":
        old = mission.features[event.subject]
        return replace(mission, features=put(mission.features, event.subject, replace(old, attempts=old.attempts + 1)))
    return mission


def attempt_ended(mission: Mission, event: e.AttemptEnded, record: Record) -> Mission:
    ended = replace(
        mission.attempts[event.attempt], outcome=event.outcome, reason=event.reason, ended_seq=record.seq
    )
    mission = replace(
        mission, attempts=put(mission.attempts, event.attempt, ended), spent=mission.spent.plus(event.spent)
    )
    return left_behind(mission, ended) if ended.started.seat == "worker" else mission


def left_behind(mission: Mission, ended: Attempt) -> Mission:
    """A feature whose worker rose without a handoff is ready again, and may be changed, split or folded."""
    feature = ended.started.subject
    old = mission.features[feature]
    if old.status != "active" or old.handoff is not None:
        return mission
    why = f"{old.reopened}\nThe attempt before ended as {ended.outcome}: {ended.reason}".strip()
    return replace(mission, features=put(mission.features, feature, replace(old, status="ready", reopened=why)))


RULES: dict[type, Rule] = {
    **WORK_RULES,
    e.DocumentWritten: document_written, e.BaseExamined: base_examined, e.MissionProposed: mission_proposed,
    e.MissionReturned: mission_returned, e.MissionApproved: mission_approved, e.ContractAmended: contract_amended,
    e.PlanChanged: plan_changed, e.SettingChanged: setting_changed, e.MessageReceived: message_received,
    e.HoldPlaced: hold_placed, e.HoldLifted: hold_lifted, e.MissionCompleted: mission_completed,
    e.MissionFailed: mission_failed, e.MissionCancelled: mission_cancelled, e.MissionReopened: mission_reopened,
    e.MissionLanded: mission_landed, e.ItemOpened: item_opened, e.ItemResolved: item_resolved,
    e.GuidanceGiven: guidance_given, e.FactNoted: fact_noted, e.RunnerStarted: runner_started,
    e.AttemptStarted: attempt_started, e.AttemptEnded: attempt_ended,
}
"""A fact with no rule (order_refused, runner_stopped, flows_admitted, flows_measured) changes no state."""
