"""The door of orders: which phase takes which, who may give them, and what each leads to."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import ALLOWED, decide, proposal_problems
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.next import Together
from milepost.domain.plan import Plan
from milepost.domain.record import Fact
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings
from tests.domain.life import (
    BASE,
    MANIFEST,
    PAGE,
    PLAN,
    SHOP,
    WHY,
    World,
    at,
    carry,
    created,
    document,
    drafted,
    feature,
    opened,
    ordered,
    planned,
    proposed,
    resolved,
    risen,
    running,
    seated,
    told,
)


def refused(mission: Mission, order: o.Order, by: str = "user") -> str:
    """Why an order is refused."""
    with pytest.raises(Refused) as caught:
        decide(mission, order, by=by)
    return str(caught.value)


def kinds(facts: Any) -> list[str]:
    return [f.kind for f in facts]


def ask(name: str, **more: Any) -> o.Order:
    return o.ORDER.validate_python({"order": name, **more})


PHASES: dict[str, Mission] = {
    "draft": drafted(), "proposed": proposed(), "running": running(), "completed": carry(running()),
    "failed": told(running(), e.MissionFailed(reason="r")), "cancelled": ordered(running(), o.CancelMission()),
}
TAKES: dict[str, str] = {
    # The treaty's table, section 1; write_document while running is for services (D18c) and skills.
    "draft": "write_document resolve_item steer_mission request_proposal pause_mission interrupt_mission "
    "resume_mission change_setting cancel_mission",
    "proposed": "return_mission approve_mission write_document steer_mission resolve_item change_setting "
    "cancel_mission",
    "running": "resolve_item steer_mission pause_mission interrupt_mission resume_mission amend_contract "
    "waive_assertion recheck_assertions change_plan "
    "revert_feature change_setting cancel_mission fail_mission write_document",
    "completed": "land_mission recheck_assertions revert_feature amend_contract",
    "failed": "reopen_mission land_mission",
    "cancelled": "reopen_mission land_mission",
}
ORDERS: dict[str, o.Order] = {
    "write_document": o.WriteDocument(document="skill", name="s", text="t", hash="h"),
    "request_proposal": o.RequestProposal(), "return_mission": o.ReturnMission(comment="more"),
    "approve_mission": o.ApproveMission(), "pause_mission": o.PauseMission(), "interrupt_mission": o.InterruptMission(),
    "resume_mission": o.ResumeMission(), "steer_mission": o.SteerMission(text="t"), "cancel_mission": o.CancelMission(),
    "fail_mission": o.FailMission(reason="r"), "reopen_mission": o.ReopenMission(reason="r"),
    "land_mission": o.LandMission(commit="c"), "resolve_item": ask("resolve_item", item="I1", decision="dismiss"),
    "amend_contract": ask("amend_contract", changes=[{"op": "remove", "assertion": "SHOP-001"}], reason=WHY),
    "waive_assertion": o.WaiveAssertion(assertion="SHOP-001", reason="r"), "recheck_assertions": o.RecheckAssertions(),
    "change_plan": ask("change_plan", change={"reason": WHY, "order": ["F2", "F1"]}),
    "revert_feature": o.RevertFeature(feature="F1", commit="c", tree="t", parent="p"),
    "change_setting": o.ChangeSetting(key="publish", value="never"),
}
PAIRS = [(phase, name) for phase in PHASES for name in ORDERS]


@pytest.mark.parametrize(("phase", "name"), PAIRS, ids=[f"{p}-{n}" for p, n in PAIRS])
def test_phase_takes_the_orders_of_the_treaty_and_no_other(phase: str, name: str) -> None:
    taken = name in TAKES[phase].split()
    try:
        decide(PHASES[phase], ORDERS[name])
    except Refused as reason:
        # An order that the phase takes may still be refused, for a reason of its own.
        assert taken != (f"{name} is not possible while the mission is {phase}" in str(reason))
    else:
        assert taken


def test_every_order_has_a_row() -> None:
    assert {n for names in ALLOWED.values() for n in names} == set(ORDERS)


def test_refusal_names_what_the_phase_takes() -> None:
    assert refused(PHASES["failed"], o.PauseMission()).endswith("it now takes: land_mission, reopen_mission")


# --- who may ---

ORCHESTRATORS = {"write_document", "resolve_item", "change_plan", "amend_contract", "request_proposal"}


@pytest.mark.parametrize("name", sorted(set(TAKES["running"].split()) | set(TAKES["draft"].split())))
def test_only_the_user_gives_what_an_orchestrator_may_not(name: str) -> None:
    mission = PHASES["running" if name in TAKES["running"].split() else "draft"]
    try:
        decide(mission, ORDERS[name], by="orchestrator.1")
    except Refused as reason:
        assert (f"only the user may give the order {name}" in str(reason)) == (name not in ORCHESTRATORS)
    else:
        assert name in ORCHESTRATORS


@pytest.mark.parametrize("by", ["worker.F1.1", "reviewer.F1.M1r1.1", "researcher.orchestrator.1.1", "auditor.1"])
@pytest.mark.parametrize("name", sorted(ORCHESTRATORS))
def test_no_other_attempt_gives_orders(by: str, name: str) -> None:
    mission = PHASES["draft" if name == "request_proposal" else "running"]
    assert refused(mission, ORDERS[name], by) == f"{by} may not give orders: only the orchestrator and the user do"


def test_waiver_by_an_attempt_is_refused() -> None:
    waiver = o.WaiveAssertion(assertion="SHOP-001", reason=WHY)
    assert refused(running(), waiver, "orchestrator.1") == "only the user may give the order waive_assertion"
    assert refused(running(), waiver, "engine") == "only the user waives an assertion"


# --- draft ---

def test_created_mission_is_a_draft_at_its_base() -> None:
    mission = created()
    assert (mission.phase, mission.head, mission.branch, mission.word) == ("draft", BASE, "milepost/shop", "draft")


def write(kind: e.DocumentKind, text: str, name: str = "", base: str | None = None) -> o.WriteDocument:
    found = document(kind, text, name)
    return o.WriteDocument(document=kind, name=found.name, text=text, hash=found.hash, base_hash=base)


BAD_DOCUMENTS: list[tuple[str, o.WriteDocument, str]] = [
    ("a contract that does not parse", write("contract", "## SHOP S\n\n### SHOP-001 x\n- then: y\n"), "line "),
    ("an area under another name", write("contract", SHOP, "PAGE"), "the text has SHOP; expected the area 'PAGE'"),
    ("a plan that is none", write("plan", "{}"), "this is not a plan"),
    ("a manifest that is none", write("services", '{"commands": {}}'), "this is not a manifest"),
    ("a document that changed", write("brief", "2.", base="0" * 64), "brief changed since it was read"),
]


@pytest.mark.parametrize(("what", "order", "expected"), BAD_DOCUMENTS, ids=[w for w, *_ in BAD_DOCUMENTS])
def test_document_is_refused(what: str, order: o.WriteDocument, expected: str) -> None:
    assert expected in refused(drafted(), order)


def test_document_that_was_read_as_it_is_replaces_it() -> None:
    mission = drafted()
    mission = ordered(mission, write("brief", "2.", base=mission.documents["brief"]))
    assert mission.brief == "2."


def test_area_may_be_emptied() -> None:
    assert [a.name for a in ordered(drafted(), write("contract", "", "PAGE")).contract.areas] == ["SHOP"]


def test_checks_and_skills_keep_their_text_elsewhere() -> None:
    (written,) = decide(drafted(), write("check", "print()", "checks/a.py"))
    assert isinstance(written, e.DocumentWritten) and written.text == ""


def test_proposal_problems_name_everything_at_once() -> None:
    said = "\n".join(proposal_problems(created(), [], frozenset()))
    assert [w in said for w in ("no brief", "no services", "contract is empty", "no plan")] == [True] * 4
    assert proposal_problems(drafted(), [], frozenset()) == []
    lacking = drafted({**PLAN, "features": PLAN["features"][:2]})
    assert [p[:8] for p in proposal_problems(lacking, [], frozenset())] == ["PLAN-001", "PLAN-001", "PLAN-009"]


def test_request_to_propose_is_a_message() -> None:
    (message,) = decide(drafted(), o.RequestProposal())
    assert isinstance(message, e.MessageReceived) and "propose" in message.text


@pytest.mark.parametrize("order", [write("brief", "2."), o.SteerMission(text="more"), o.ReturnMission(comment="more")])
def test_proposed_mission_goes_back_to_the_draft(order: o.Order) -> None:
    mission = ordered(proposed(), order)
    assert mission.phase == "draft"


def test_returned_mission_tells_why() -> None:
    mission = ordered(proposed(), o.ReturnMission(comment="smaller"))
    assert (mission.returned, mission.messages[-1].text) == ("smaller", "The proposal came back: smaller")


# --- approval ---

def test_approval_opens_the_first_milestone_and_pins_what_was_agreed() -> None:
    mission = running()
    assert (mission.phase, mission.approved, mission.open_milestone) == ("running", mission.documents, "M1")
    assert {m: s.status for m, s in mission.milestones.items()} == {"M1": "open", "M2": "waiting"}


def test_approval_of_a_document_that_changed_is_refused() -> None:
    mission = proposed()
    seen = {**mission.documents, "brief": "another"}
    assert refused(mission, o.ApproveMission(seen=seen)).startswith("brief changed since it was looked at")
    assert kinds(decide(mission, o.ApproveMission(seen=dict(mission.documents)))) == ["mission_approved"]


def test_approval_waits_for_answers() -> None:
    mission = told(opened(drafted(), "question", owner="user"), e.MissionProposed(summary="s", hashes={}, estimate={}))
    assert refused(mission, o.ApproveMission()) == "I1 must be answered first: `milepost answer`"
    assert resolved(mission, "answer", by="user", text="yes").phase == "proposed"


def test_approval_of_nothing_is_refused() -> None:
    mission = told(created(), e.MissionProposed(summary="s", hashes={}, estimate={}))
    assert refused(mission, o.ApproveMission()).startswith("there is no contract, plan or services manifest")


# --- documents while running ---

@pytest.mark.parametrize(("order", "way"), [
    (write("brief", "2."), "messages"), (write("plan", Plan.model_validate(PLAN).model_dump_json()), "change_plan"),
    (write("contract", PAGE, "PAGE"), "amend_contract"),
])
@pytest.mark.parametrize("by", ["user", "orchestrator.1"])
def test_D12_agreed_document_is_not_overwritten(order: o.WriteDocument, way: str, by: str) -> None:
    said = refused(running(), order, by)
    assert "agreed: after approval it" in said and said.endswith(way)


def manifest(**parts: Any) -> o.WriteDocument:
    return write("services", Manifest.model_validate({**MANIFEST, **parts}).model_dump_json())


EASIER = [
    {
        "commands": {
            "test": {"run": "pytest -k easy --junitxml={report}", "report": "junit"},
            "lint": {"run": "ruff check"},
        }
    },
    {"commands": {"test": MANIFEST["commands"]["test"]}},
    {"paths": {"inert": ["**"]}},
    {"paths": {"tests": ["shop/**"]}},
]


@pytest.mark.parametrize("parts", EASIER)
def test_D7_orchestrator_that_changes_how_work_is_judged_asks_the_user(parts: dict[str, Any]) -> None:
    order = manifest(**parts)
    (asked,) = decide(running(), order, by="orchestrator.1")
    assert isinstance(asked, e.ItemOpened)
    assert (asked.type, asked.owner, asked.blocks, asked.payload["text"]) == ("approval", "user", "none", order.text)
    assert kinds(decide(running(), order)) == ["document_written"]


SERVICES = [{"name": "app", "start": "serve --quiet", "port": 8000, "ready": {"tcp": True}}]


def test_D18c_orchestrator_may_mend_services() -> None:
    assert kinds(decide(running(), manifest(services=SERVICES), by="orchestrator.1")) == ["document_written"]


def blocked_by(reason: str) -> Mission:
    return carry(running(), World(bad={"SHOP-002": f"blocked:{reason}"}), until=lambda m, s: bool(m.open_items))


def test_mended_manifest_answers_what_the_environment_blocked() -> None:
    mission = ordered(blocked_by("environment"), manifest(services=SERVICES), "orchestrator.1")
    assert [(i.decision, i.reason) for i in mission.items.values()] == [("mended", "the services manifest was mended")]


def proposing(mission: Mission, name: str) -> Mission:
    payload = {"service": {**SERVICES[0], "name": name}}
    return opened(mission, "proposal", "M1", payload=payload)


def test_mended_manifest_answers_the_proposal_of_the_service_it_changes_and_no_other() -> None:
    mission = proposing(proposing(running(), "app"), "db")
    mission = ordered(mission, manifest(services=SERVICES), "orchestrator.1")
    assert [i.decision for i in mission.items.values()] == ["mended", None]


@pytest.mark.parametrize(("reason", "parts"), [("not_built", {"services": SERVICES}), ("environment", {})])
def test_manifest_that_mends_nothing_answers_nothing(reason: str, parts: dict[str, Any]) -> None:
    mission = ordered(blocked_by(reason), manifest(**parts), "orchestrator.1")
    assert [i.decision for i in mission.items.values()] == [None]


# --- hold ---

def test_pause_and_resume() -> None:
    paused = ordered(running(), o.PauseMission())
    assert paused.word == "paused"
    assert "paused already" in refused(paused, o.PauseMission())
    assert ordered(paused, o.ResumeMission()).word == "running"
    assert "nothing to resume" in refused(running(), o.ResumeMission())


def test_interrupt_ends_every_attempt_and_asks_whether_a_cut_worker_goes_on() -> None:
    mission = seated(seated(running(), "worker", "F1"), "researcher", "q", parent="worker.F1.1")
    mission = ordered(mission, o.InterruptMission(reason="wrong way"))
    assert {a: x.outcome for a, x in mission.attempts.items()} == {
        "worker.F1.1": "interrupted", "researcher.q.1": "interrupted"
    }
    (item,) = mission.open_items
    assert (item.opened.type, item.opened.about, item.opened.owner) == ("undone", "F1", "orchestrator")
    assert "wrong way" in item.opened.text
    assert (mission.word, mission.features["F1"].status) == ("paused", "ready")
    assert resolved(mission, "reopen").features["F1"].reopened.count("The user interrupted") == 1


def test_interrupt_of_others_opens_no_item() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    mission = ordered(seated(mission, "reviewer", "F1", milestone="M1", round=1), o.InterruptMission())
    assert (mission.open_items, mission.word) == ([], "paused")


def test_interrupt_ends_the_attempt_that_a_pause_waits_for() -> None:
    paused = ordered(seated(running(), "worker", "F1"), o.PauseMission())
    mission = ordered(paused, o.InterruptMission())
    assert (mission.open_attempts, list(mission.holds)) == ([], ["paused"])
    assert "paused already" in refused(mission, o.InterruptMission())


def holding(reason: str = "budget: spent", items: list[str] | None = None, mission: Mission | None = None) -> Mission:
    return told(mission or running(), e.HoldPlaced(hold="blocked", reason=reason, items=items or []))


def test_resume_lifts_a_block_whose_cause_is_gone_and_not_one_that_waits_for_an_answer() -> None:
    assert ordered(holding(), o.ResumeMission()).holds == {}
    asked = holding("q", ["I1"], opened(running(), "question", owner="user"))
    assert refused(asked, o.ResumeMission()).startswith("the mission waits for I1")
    both = ordered(asked, o.PauseMission())
    assert list(ordered(both, o.ResumeMission()).holds) == ["blocked"]


def test_resume_lifts_a_park_early() -> None:
    parked = told(running(), e.HoldPlaced(hold="parked", reason="quota", until=9.0))
    assert ordered(parked, o.ResumeMission()).holds == {}


# --- end ---

def test_cancelled_mission_leaves_no_attempt_open() -> None:
    mission = ordered(seated(running(), "worker", "F1"), o.CancelMission(reason="enough"))
    assert (mission.phase, mission.reason, mission.open_attempts) == ("cancelled", "enough", [])


def test_only_a_blocked_mission_is_failed() -> None:
    assert "only a blocked mission can be failed" in refused(running(), o.FailMission(reason="r"))
    failed = ordered(holding(), o.FailMission(reason="no key"))
    assert (failed.phase, failed.reason, failed.holds) == ("failed", "no key", {})


def test_reopened_mission_is_paused_and_works_on() -> None:
    mission = ordered(PHASES["cancelled"], o.ReopenMission(reason="again"))
    assert (mission.phase, mission.word) == ("running", "paused")
    assert carry(ordered(mission, o.ResumeMission())).phase == "completed"


def test_mission_that_was_never_approved_is_not_reopened() -> None:
    assert "was never approved" in refused(ordered(drafted(), o.CancelMission()), o.ReopenMission(reason="r"))


@pytest.mark.parametrize("phase", ["failed", "cancelled"])
def test_unfinished_mission_lands_only_when_asked_so(phase: str) -> None:
    assert "`milepost land --unfinished`" in refused(PHASES[phase], o.LandMission(commit="c"))
    assert ordered(PHASES[phase], o.LandMission(commit="c", unfinished=True)).landed == "c"


def test_mission_lands_once_at_one_commit() -> None:
    landed = ordered(PHASES["completed"], o.LandMission(commit="c" * 40))
    assert refused(landed, o.LandMission(commit="c" * 40)) == f"the mission was landed already as {'c' * 12}"
    assert ordered(landed, o.LandMission(commit="d")).landed == "d"


# --- settings ---

@pytest.mark.parametrize(("reason", "key", "value", "lifted"), [
    ("budget: money", "budget.dollars", 9, True), ("credential: no key", "seat.worker.api_key_env", "K", True),
    ("model: gone", "seat.worker.model", "b", True), ("budget: money", "publish", "never", False),
    ("WorkspaceError: disk", "budget.dollars", 9, False),
])
def test_setting_lifts_the_block_that_waited_for_it(reason: str, key: str, value: Any, lifted: bool) -> None:
    mission = ordered(holding(reason), o.ChangeSetting(key=key, value=value))
    assert (mission.holds == {}) == lifted


def test_setting_lifts_no_block_that_waits_for_an_answer() -> None:
    asked = holding("budget or not?", ["I1"], opened(running(), "question", owner="user"))
    assert "blocked" in ordered(asked, o.ChangeSetting(key="budget.dollars", value=9)).holds


@pytest.mark.parametrize(("key", "value", "lifted"), [("seat.worker.model", "b", True), ("budget.dollars", 9, False)])
def test_another_model_lifts_a_park(key: str, value: Any, lifted: bool) -> None:
    parked = told(running(), e.HoldPlaced(hold="parked", reason="quota", until=9.0))
    assert (ordered(parked, o.ChangeSetting(key=key, value=value)).holds == {}) == lifted


@pytest.mark.parametrize(("key", "value", "again"), [("budget.dollars", 9, True), ("publish", "never", False)])
def test_proposal_is_made_anew_where_its_estimate_changed(key: str, value: Any, again: bool) -> None:
    facts = decide(proposed(), o.ChangeSetting(key=key, value=value))
    assert ("mission_proposed" in kinds(facts)) == again


def test_judge_of_the_workers_family_is_refused_where_the_user_said_so() -> None:
    seats = {name: {"model": f"{maker}-1"} for name, maker in (("worker", "gpt"), ("tester", "claude"))}
    mission = running(seats=seats, distinct_families=True)
    assert "judges of another family" in refused(mission, o.ChangeSetting(key="seat.tester.model", value="gpt-2"))
    assert kinds(decide(running(seats=seats), o.ChangeSetting(key="seat.tester.model", value="gpt-2")))


def test_unknown_setting_is_refused() -> None:
    assert "unknown setting 'depth'" in refused(running(), o.ChangeSetting(key="depth", value=1))
    assert isinstance(running().settings, Settings)


# --- rechecking, taking back ---

def test_recheck_expires_what_was_judged() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    again = ordered(mission, o.RecheckAssertions(assertions=["SHOP-001", "PAGE-001"]))
    assert {a for a, s in again.assertions.items() if s.stale} == {"SHOP-001"}
    assert "none of these was judged yet" in refused(running(), o.RecheckAssertions())
    assert "'SHOP-009' is not a live assertion" in refused(mission, o.RecheckAssertions(assertions=["SHOP-009"]))


def test_recheck_leaves_waived_ones_alone() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    mission = ordered(mission, o.WaiveAssertion(assertion="SHOP-001", reason="r"))
    assert "or it is waived" in refused(mission, o.RecheckAssertions(assertions=["SHOP-001"]))


def test_recheck_of_a_completed_mission_reopens_it_and_judges_again() -> None:
    mission = ordered(PHASES["completed"], o.RecheckAssertions(assertions=["SHOP-002"]))
    assert (mission.phase, mission.audited_at) == ("running", "")
    world = World(commits=9)
    assert carry(mission, world).phase == "completed"
    assert [s.scope for s in world.steps if hasattr(s, "scope")] == [("SHOP-002",)]


def back(name: str, mission: Mission, paths: list[str] | None = None, **more: Any) -> o.RevertFeature:
    changed = ["shop.py"] if paths is None else paths
    return o.RevertFeature(**{
        "feature": name, "commit": "r1", "tree": "t", "parent": mission.head, "paths": changed, **more
    })


def test_feature_taken_back_is_built_anew() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    mission = ordered(mission, back("F1", mission))
    state = mission.features["F1"]
    assert (state.status, state.start, state.end, state.commits, mission.head) == ("ready", "", "", (), "r1")
    assert "build it anew" in state.reopened


@pytest.mark.parametrize(
    ("name", "mission", "more", "expected"),
    [
        ("F9", running(), {}, "'F9' has no range of commits"),
        ("F1", running(), {}, "'F1' has no range of commits"),
        (
            "F1",
            carry(running(), until=at(Together, "reviewer")),
            {"parent": "c1"},
            "stands on c1, and the newest is c2",
        ),
        (
            "F1",
            seated(carry(running(), until=lambda m, s: m.features["F1"].proved), "worker", "F2"),
            {},
            "works in the tree",
        ),
    ],
)
def test_feature_is_not_taken_back(name: str, mission: Mission, more: dict[str, Any], expected: str) -> None:
    assert expected in refused(mission, back(name, mission, **more))


def test_taking_back_expires_every_verdict_that_rested_on_the_product_not_only_its_own() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    facts = decide(mission, back("F1", mission))
    (expired,) = [f for f in facts if isinstance(f, e.VerdictsExpired)]
    assert expired.assertions == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]


def test_feature_of_a_sealed_milestone_is_taken_back_for_a_follow_up() -> None:
    """The seal is final: what it owned is planned anew, and the mission cannot end without it."""
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    mission = ordered(mission, o.WaiveAssertion(assertion="SHOP-002", reason="r"))
    mission = ordered(mission, back("F1", mission))
    assert (mission.features["F1"].status, mission.milestones["M1"].status) == ("cancelled", "sealed")
    assert [(i.opened.type, i.opened.about) for i in mission.open_items] == [("undone", "SHOP-001")]
    with pytest.raises(Refused, match="stays open while no feature owns SHOP-001"):
        resolved(mission, "dismiss")


def test_fix_of_a_sealed_milestone_that_is_taken_back_leaves_what_it_mended_open() -> None:
    mission = resolved(planned(opened(running(), "gate", "test"), add=[feature("F4", fixes=["I1"])]), "feature",
                       feature="F4")
    mission = carry(mission, until=lambda m, s: m.milestones["M1"].status == "sealed")
    mission = ordered(mission, back("F4", mission))
    assert [(i.opened.about, "nobody mends I1 now" in i.opened.text) for i in mission.open_items] == [("F4", True)]


def test_completed_mission_goes_on_when_a_feature_is_taken_back() -> None:
    done = PHASES["completed"]
    facts: list[Fact] = list(decide(done, back("F3", done)))
    assert kinds(facts) == ["mission_reopened", "feature_reverted", "verdicts_expired", "item_opened", "item_opened"]
    assert told(done, *facts).phase == "running"


def test_feature_without_verdicts_is_taken_back_without_expiring_any() -> None:
    mission = carry(running(), until=lambda m, s: m.features["F1"].proved)
    assert kinds(decide(mission, back("F1", mission))) == ["feature_reverted"]


def test_steered_mission_reads_the_message_at_the_next_seating() -> None:
    mission = ordered(running(), o.SteerMission(text="use dots"))
    assert [m.text for m in mission.unread] == ["use dots"]
    assert risen(seated(mission, "orchestrator")).unread == []
