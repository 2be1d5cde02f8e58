"""(mission, record) -> mission: what each fact means. Turns change nothing here but the sequence number."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from milepost.domain import amend, contract_text, plan_change
from milepost.domain import events as e
from milepost.domain.contract import Area, Contract
from milepost.domain.evolve_work import WORK_RULES, opened, put
from milepost.domain.mission import (
    AssertionState,
    Attempt,
    FeatureState,
    Guidance,
    Item,
    Message,
    MilestoneState,
    Mission,
    waived,
)
from milepost.domain.plan import Plan
from milepost.domain.record import Record
from milepost.domain.services import Manifest
from milepost.domain.settings import change

Rule = Callable[[Mission, Any, Record], Mission]


def evolve(mission: Mission | None, record: Record) -> Mission:
    """The mission after one more record; only `mission_created` may come first."""
    event = record.event
    if isinstance(event, e.MissionCreated):
        return Mission(
            id=event.mission, goal=event.goal, repository=event.repository, base=event.base, mode=event.mode, slug=event.slug,
            settings=event.settings, created=record.at, seq=record.seq, head=event.base,
        )
    assert mission is not None, f"the first event must be mission_created, not {event.kind}"
    rule = RULES.get(type(event))
    return replace(rule(mission, event, record) if rule else mission, seq=record.seq)


# --- draft ---

def document_written(mission: Mission, event: e.DocumentWritten, record: Record) -> Mission:
    key = event.document if event.name == event.document else f"{event.document}:{event.name}"
    mission = replace(mission, documents=put(mission.documents, key, event.hash), idle_seatings=0)
    if mission.phase == "proposed":
        mission = replace(mission, phase="draft")
    match event.document:
        case "brief":
            return replace(mission, brief=event.text)
        case "contract":
            return with_contract(mission, merged(mission.contract, event))
        case "plan":
            return with_plan(mission, Plan.model_validate_json(event.text))
        case "services":
            return replace(mission, manifest=Manifest.model_validate_json(event.text))
        case _:
            return mission


def merged(contract: Contract, event: e.DocumentWritten) -> Contract:
    """The contract with one area replaced; a document named `contract` replaces it whole."""
    parsed = contract_text.parse(event.text).contract
    if event.name == "contract":
        return parsed
    title = contract.title or parsed.title
    new = {area.name: area for area in parsed.areas}
    kept: list[Area] = [new.pop(area.name, area) for area in contract.areas]
    areas = [a for a in [*kept, *new.values()] if a.assertions or a.notes]
    return replace(contract, title=title, areas=tuple(areas))


def with_contract(mission: Mission, contract: Contract) -> Mission:
    """The mission with this contract; the state of assertions that stay is kept."""
    states: dict[str, AssertionState] = {}
    for assertion in contract:
        old = mission.assertions.get(assertion.id, AssertionState())
        states[assertion.id] = replace(old, status="removed") if assertion.removed else old
    return replace(mission, contract=contract, assertions=states)


def with_plan(mission: Mission, plan: Plan) -> Mission:
    """The mission with this plan; features and milestones that have a state keep it."""
    features = {
        f.id: mission.features.get(f.id, FeatureState("outline" if f.detail == "outline" else "ready"))
        for f in plan.features
    }
    features = {
        f.id: replace(features[f.id], status="ready")
        if features[f.id].status == "outline" and f.detail == "full" else features[f.id]
        for f in plan.features
    }
    milestones = {m.id: mission.milestones.get(m.id, MilestoneState("waiting")) for m in plan.milestones}
    return opened(replace(mission, plan=plan, features=features, milestones=milestones))


def base_examined(mission: Mission, event: e.BaseExamined, record: Record) -> Mission:
    return replace(
        mission, examined={c.assertion: c for c in event.checks}, base_suite=event.suite, base_measures=event.measures
    )


def mission_proposed(mission: Mission, event: e.MissionProposed, record: Record) -> Mission:
    return replace(
        mission, phase="proposed", summary=event.summary, estimate=event.estimate, warnings=tuple(event.warnings)
    )


def mission_returned(mission: Mission, event: e.MissionReturned, record: Record) -> Mission:
    return replace(
        mission, phase="draft", returned=event.comment, idle_seatings=0,
        messages=(*mission.messages, Message(f"The proposal came back: {event.comment}", record.seq)),
    )


def mission_approved(mission: Mission, event: e.MissionApproved, record: Record) -> Mission:
    return opened(replace(mission, phase="running", approved=event.hashes, idle_seatings=0))


# --- change ---

def contract_amended(mission: Mission, event: e.ContractAmended, record: Record) -> Mission:
    mission = with_contract(mission, amend.apply(mission.contract, event.changes, event.reason))
    changed = {c.assertion for c in event.changes if c.op == "change"}
    states = {
        i: AssertionState() if i in changed and s.status != "removed" else s for i, s in mission.assertions.items()
    }
    return replace(mission, assertions=states, idle_seatings=0)


def plan_changed(mission: Mission, event: e.PlanChanged, record: Record) -> Mission:
    assert mission.plan is not None
    changed = plan_change.apply(
        mission.plan, event.change, status={f: s.status for f, s in mission.features.items()},
        sealed=frozenset(m for m, s in mission.milestones.items() if s.status == "sealed"), contract=mission.contract,
        waived=waived(mission),
    )
    mission = with_plan(mission, changed.plan)
    features = {
        i: replace(s, status="cancelled") if i in changed.cancelled else s for i, s in mission.features.items()
    }
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
    return replace(mission, items=put(mission.items, event.item, Item(event, record.seq, record.by)))


def item_resolved(mission: Mission, event: e.ItemResolved, record: Record) -> Mission:
    item = replace(
        mission.items[event.item], decision=event.decision, reason=event.reason, text=event.text,
        feature=event.feature, resolved_by=record.by,
    )
    mission = replace(mission, items=put(mission.items, event.item, item), idle_seatings=0)
    about = item.opened.about
    reopens = event.decision == "reopen" or event.decision == "counter"
    if not reopens or about not in mission.features:
        about = event.feature or about if reopens else ""
    if about in mission.features and mission.features[about].status in ("built", "ready"):
        why = f"{item.opened.text}\n{event.reason}\n{event.text or ''}".strip()
        state = replace(mission.features[about], status="ready", reopened=why, audited=False, proved=False, handoff=None)
        return replace(mission, features=put(mission.features, about, state))
    return mission


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
        return replace(mission, idle_seatings=mission.idle_seatings + 1)
    if event.seat == "worker":
        old = mission.features[event.subject]
        return replace(mission, features=put(mission.features, event.subject, replace(old, attempts=old.attempts + 1)))
    return mission


def attempt_ended(mission: Mission, event: e.AttemptEnded, record: Record) -> Mission:
    ended = replace(
        mission.attempts[event.attempt], outcome=event.outcome, reason=event.reason, ended_seq=record.seq
    )
    return replace(
        mission, attempts=put(mission.attempts, event.attempt, ended), spent=mission.spent.plus(event.spent)
    )


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
"""A fact with no rule (order_refused, runner_stopped) changes no state."""
