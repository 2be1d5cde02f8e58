"""(mission, order) -> events, or Refused: what may happen now. People and the orchestrator pass the same door.

`by` is `user`, `engine`, or the attempt that asks; what an attempt may not do is refused here (D14).
"""

from collections.abc import Callable, Sequence
from typing import Any

from milepost.domain import amend, decide_item, plan_change
from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract_text import parse
from milepost.domain.errors import Refused
from milepost.domain.lint import lint_contract, lint_plan
from milepost.domain.mission import Mission, waived
from milepost.domain.plan import Plan
from milepost.domain.record import Fact
from milepost.domain.services import Manifest
from milepost.domain.settings import change

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
"""Orders an attempt may give."""


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
    if by not in ("user", "engine") and name not in ORCHESTRATOR:
        raise Refused(f"only the user may give the order {name}")
    return RULES[name](mission, order, by)


# --- draft ---

def write_document(mission: Mission, order: o.WriteDocument, by: str) -> Events:
    key = order.document if order.name == order.document else f"{order.document}:{order.name}"
    now = mission.documents.get(key)
    if order.base_hash is not None and now is not None and order.base_hash != now:
        raise Refused(
            f"{key} changed since it was read (expected {order.base_hash[:12]}, found {now[:12]}); read it again and merge"
        )
    if order.document == "contract":
        refuse_problems(order.text)
    elif order.document == "plan":
        fits(Plan, order.text)
    elif order.document == "services":
        fits(Manifest, order.text)
    if mission.phase == "running" and order.document not in ("services", "skill"):
        way = "amend_contract" if order.document in ("contract", "check") else "change_plan"
        raise Refused(f"the {order.document} is agreed: after approval it is changed with {way}")
    if mission.phase == "running" and by != "user" and order.document == "services" and commands_changed(mission, order.text):
        text = "The orchestrator asks to change the commands that judge the work; the new manifest is in the payload"
        return [approval(mission, text, order)]
    text = order.text if order.document in ("brief", "contract", "plan", "services") else ""
    written = e.DocumentWritten(
        document=order.document, name=order.name, hash=order.hash, text=text, base_hash=order.base_hash
    )
    return [written, *mended(mission, order)]


def commands_changed(mission: Mission, text: str) -> bool:
    """Whether a new manifest judges otherwise: other commands, or other test and inert paths (D4b)."""
    new, old = Manifest.model_validate_json(text), mission.manifest
    return old is None or (new.commands, new.paths) != (old.commands, old.paths)


def mended(mission: Mission, order: o.WriteDocument) -> Events:
    """A new manifest answers the verdicts that were blocked by the environment."""
    if mission.phase != "running" or order.document != "services":
        return []
    blocked = [
        i for i in mission.open_items if i.opened.type == "verdict"
        and (v := mission.assertions[i.opened.about].verdict) is not None and v.reason_class == "environment"
    ]
    return [e.ItemResolved(item=i.id, decision="mended", reason="the services manifest was mended") for i in blocked]


def refuse_problems(text: str) -> None:
    """Raise Refused where the text of a contract has errors, with line and column of each."""
    errors = [p for p in parse(text).problems if p.severity == "error"]
    if errors:
        lines = "\n".join(f"line {p.line}, column {p.column}: {p.message}" for p in errors[:20])
        raise Refused(f"the contract does not parse:\n{lines}")


def fits(shape: type[Plan] | type[Manifest], text: str) -> None:
    """Raise Refused where a JSON text is not of that shape."""
    try:
        shape.model_validate_json(text)
    except ValueError as error:
        raise Refused(f"this is not a {shape.__name__.lower()}: {error}") from error


def request_proposal(mission: Mission, order: o.RequestProposal, by: str) -> Events:
    return [e.MessageReceived(text="Stop asking now: decide what is open yourself, write it down, and propose.")]


def return_mission(mission: Mission, order: o.ReturnMission, by: str) -> Events:
    return [e.MissionReturned(comment=order.comment)]


def proposal_problems(mission: Mission, skills: Sequence[str], tools: frozenset[str]) -> list[str]:
    """Everything that keeps a mission from being proposed, in words; an empty list lets it pass."""
    missing = [n for n in ("brief", "services") if n not in mission.documents]
    problems = [f"there is no {n} yet: call write_{n}" for n in missing]
    if not mission.contract.live:
        problems.append("the contract is empty: call write_contract for each area")
    if mission.plan is None:
        return [*problems, "there is no plan yet: call write_plan"]
    lints = [
        *lint_contract(mission.contract, mission.manifest, tools),
        *lint_plan(mission.plan, mission.contract, skills, started=False),
    ]
    return problems + [f"{i.code} {i.subject}: {i.message}" for i in lints if i.severity == "error"]


def approve_mission(mission: Mission, order: o.ApproveMission, by: str) -> Events:
    changed = [k for k, h in order.seen.items() if mission.documents.get(k) != h]
    if changed:
        raise Refused(f"{', '.join(sorted(changed))} changed since it was looked at; look again and approve")
    waiting = [i.id for i in mission.attention if i.opened.blocks != "none"]
    if waiting:
        raise Refused(f"{', '.join(waiting)} must be answered first: `milepost answer`")
    return [e.MissionApproved(hashes=dict(mission.documents), base_commit=mission.base)]


# --- hold, end ---

def pause_mission(mission: Mission, order: o.PauseMission | o.InterruptMission, by: str) -> Events:
    if "paused" in mission.holds:
        raise Refused("the mission is paused already; `milepost resume` lets it go on")
    return [e.HoldPlaced(hold="paused", reason=order.reason)]


def interrupt_mission(mission: Mission, order: o.InterruptMission, by: str) -> Events:
    ended = [
        e.AttemptEnded(attempt=a.started.attempt, outcome="interrupted", reason=order.reason)
        for a in mission.open_attempts
    ]
    cut = [a.started.subject for a in mission.open_attempts if a.started.seat == "worker"]
    asked = [
        e.ItemOpened(
            item=mission.next_item(n), type="undone", about=feature,
            text=f"The user interrupted the attempt at {feature}: say whether and how it goes on ({order.reason})",
        )
        for n, feature in enumerate(cut)
    ]
    return [*ended, *asked, *pause_mission(mission, order, by)]


def resume_mission(mission: Mission, order: o.ResumeMission, by: str) -> Events:
    if not mission.holds:
        raise Refused("the mission is not held; there is nothing to resume")
    blocked = mission.holds.get("blocked")
    waiting = [i for i in (blocked.items if blocked else []) if mission.items[i].is_open]
    if waiting and set(mission.holds) == {"blocked"}:
        raise Refused(f"the mission waits for {', '.join(waiting)}: `milepost items` shows them, `milepost answer` answers")
    lift = [h for h in mission.holds if not (h == "blocked" and waiting)]
    return [e.HoldLifted(hold=h) for h in lift]


def cancel_mission(mission: Mission, order: o.CancelMission, by: str) -> Events:
    return [*end_attempts(mission, "cancelled"), e.MissionCancelled(reason=order.reason)]


def fail_mission(mission: Mission, order: o.FailMission, by: str) -> Events:
    if by == "user" and "blocked" not in mission.holds:
        raise Refused("only a blocked mission can be failed; `milepost cancel` ends one that could go on")
    return [*end_attempts(mission, "failed"), e.MissionFailed(reason=order.reason)]


def end_attempts(mission: Mission, why: str) -> list[e.AttemptEnded]:
    """Events that end what is still open."""
    return [
        e.AttemptEnded(attempt=a.started.attempt, outcome="interrupted", reason=f"the mission was {why}")
        for a in mission.open_attempts
    ]


def reopen_mission(mission: Mission, order: o.ReopenMission, by: str) -> Events:
    if not mission.approved:
        raise Refused("a mission that was never approved cannot be reopened; start a new one with `milepost new`")
    return [e.MissionReopened(reason=order.reason), e.HoldPlaced(hold="paused", reason="reopened; resume when ready")]


def land_mission(mission: Mission, order: o.LandMission, by: str) -> Events:
    if mission.phase != "completed" and not order.unfinished:
        raise Refused(f"the mission is {mission.phase}, not completed; `milepost land --unfinished` lands it all the same")
    if mission.landed == order.commit:
        raise Refused(f"the mission was landed already as {order.commit[:12]}")
    return [e.MissionLanded(how=order.how, commit=order.commit)]


def steer_mission(mission: Mission, order: o.SteerMission, by: str) -> Events:
    return [e.MessageReceived(text=order.text)]


# --- change ---

def amend_contract(mission: Mission, order: o.AmendContract, by: str) -> Events:
    amended = amend.apply(mission.contract, order.changes, order.reason)
    orphans = [c.assertion for c in order.changes if c.op == "add" and mission.owner(c.assertion) is None]
    weaker = amend.weakens(mission.contract, order.changes)
    if by != "user" and weaker:
        text = f"The orchestrator asks to change the contract ({order.reason}): " + "; ".join(weaker)
        return [approval(mission, text, order)]
    errors = [i for i in lint_contract(amended, mission.manifest, frozenset()) if i.severity == "error"]
    if errors:
        raise Refused("; ".join(f"{i.code} {i.subject}: {i.message}" for i in errors))
    facts: list[Any] = [e.ContractAmended(changes=order.changes, reason=order.reason)]
    if mission.phase == "completed":
        facts.insert(0, e.MissionReopened(reason=f"the contract was amended: {order.reason}"))
    if orphans:
        facts.append(
            e.ItemOpened(
                item=mission.next_item(), type="undone", about=orphans[0],
                text=f"{', '.join(orphans)} joined the contract and no feature owns it: plan one with change_plan",
            )
        )
    return facts


def approval(mission: Mission, text: str, order: o.Order) -> e.ItemOpened:
    """The item that asks the user to approve an order of the orchestrator's."""
    return e.ItemOpened(
        item=mission.next_item(), type="approval", owner="user", blocks="none", text=text,
        payload=order.model_dump(mode="json"),
    )


def waive_assertion(mission: Mission, order: o.WaiveAssertion, by: str) -> Events:
    known_assertion(mission, order.assertion)
    facts: list[Any] = [e.AssertionWaived(assertion=order.assertion, reason=order.reason)]
    mended = [
        i for i in mission.open_items if i.opened.about == order.assertion and i.opened.type in ("verdict", "gate", "stuck")
    ]
    facts += [e.ItemResolved(item=i.id, decision="withdrawn", reason=f"waived: {order.reason}") for i in mended]
    return [*facts, *decide_item.lifted(mission, {i.id for i in mended})]


def known_assertion(mission: Mission, assertion: str) -> None:
    """Raise Refused for an assertion the contract does not have."""
    if assertion not in mission.live:
        raise Refused(f"{assertion!r} is not a live assertion; the contract has {', '.join(mission.live[:30])}")


def recheck_assertions(mission: Mission, order: o.RecheckAssertions, by: str) -> Events:
    judged = [a for a in mission.live if mission.assertions[a].verdict is not None]
    for assertion in order.assertions:
        known_assertion(mission, assertion)
    chosen = [a for a in order.assertions or judged if a in judged]
    if not chosen:
        raise Refused("none of these was judged yet; they will be at their milestone's end")
    expired = e.VerdictsExpired(assertions=chosen, because="the user asked to judge again")
    if mission.phase == "completed":
        return [e.MissionReopened(reason="the user asked to judge again"), expired]
    return [expired]


def change_plan(mission: Mission, order: o.ChangePlan, by: str) -> Events:
    if mission.plan is None:
        raise Refused("there is no plan to change; write_plan comes first")
    plan_change.apply(
        mission.plan, order.change, status={f: s.status for f, s in mission.features.items()},
        sealed=frozenset(m for m, s in mission.milestones.items() if s.status == "sealed"), contract=mission.contract,
        waived=waived(mission),
    )
    fixes = [i for f in [*order.change.add, *(n for s in order.change.split for n in s.into)] for i in f.fixes]
    unknown = [i for i in fixes if i not in mission.items]
    if unknown:
        raise Refused(f"{', '.join(unknown)}: no such item; a fix feature names items that exist")
    return [e.PlanChanged(change=order.change, reason=order.change.reason)]


def revert_feature(mission: Mission, order: o.RevertFeature, by: str) -> Events:
    state = mission.features.get(order.feature)
    if state is None or not state.end:
        raise Refused(f"{order.feature!r} has no range of commits to take back")
    owned = mission.feature(order.feature)
    gone = [a for a in (owned.fulfills if owned else []) if mission.assertions[a].verdict is not None]
    facts: list[Any] = [
        e.FeatureReverted(feature=order.feature, commit=order.commit),
    ]
    if gone:
        facts.append(e.VerdictsExpired(assertions=gone, because=f"{order.feature} was taken back"))
    if mission.phase == "completed":
        facts.insert(0, e.MissionReopened(reason=f"{order.feature} was taken back"))
    return facts


def change_setting(mission: Mission, order: o.ChangeSetting, by: str) -> Events:
    change(mission.settings, order.key, order.value)
    facts: list[Any] = [e.SettingChanged(key=order.key, value=order.value)]
    blocked = mission.holds.get("blocked")
    cause = order.key.partition(".")[0]
    if blocked is not None and not blocked.items and blocked.reason.startswith(("budget", "credential", "model")):
        if cause in ("budget", "seat"):
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


RULES: dict[str, Callable[[Mission, Any, str], Events]] = {
    "write_document": write_document, "request_proposal": request_proposal, "return_mission": return_mission,
    "approve_mission": approve_mission, "pause_mission": pause_mission, "interrupt_mission": interrupt_mission,
    "resume_mission": resume_mission, "steer_mission": steer_mission, "cancel_mission": cancel_mission,
    "fail_mission": fail_mission, "reopen_mission": reopen_mission, "land_mission": land_mission,
    "resolve_item": decide_item.resolve, "amend_contract": amend_contract, "waive_assertion": waive_assertion,
    "recheck_assertions": recheck_assertions, "change_plan": change_plan, "revert_feature": revert_feature,
    "change_setting": change_setting,
}
