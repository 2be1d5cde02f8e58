"""The fold: what each fact means for the state of features, milestones, assertions, items and the mission."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.budget import Spent
from milepost.domain.errors import Refused
from milepost.domain.evolve import evolve
from milepost.domain.handoff import Audit, Review
from milepost.domain.mission import Mission
from milepost.domain.next import AuditHandoff, Complete, EndRound, Prove, Seal, Sit, StartRound, Together, next_step
from milepost.domain.plan import Plan
from milepost.domain.record import Record
from milepost.domain.services import Manifest
from tests.domain.life import (
    ADDED,
    MANIFEST,
    PLAN,
    SHOP,
    World,
    amended,
    at,
    carry,
    created,
    document,
    drafted,
    feature,
    finding,
    handoff,
    item,
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


def statuses(mission: Mission) -> dict[str, str]:
    return {f: s.status for f, s in mission.features.items()}


def places(mission: Mission) -> dict[str, str]:
    return {m: s.status for m, s in mission.milestones.items()}


def stale(mission: Mission) -> list[str]:
    return [a for a, s in mission.assertions.items() if s.stale]


def sealed() -> Mission:
    return carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")


# --- the beginning ---

def test_first_event_creates_the_mission() -> None:
    record = Record(seq=1, at=1.0, prev="0", by="user", event=e.MissionLanded(how="merge", commit="c"))
    with pytest.raises(AssertionError, match="must be mission_created, not mission_landed"):
        evolve(None, record)


def test_fact_without_a_rule_changes_the_sequence_number_only() -> None:
    mission = running()
    after = told(mission, e.OrderRefused(reason="r"), e.RunnerStopped(reason="r"))
    assert after.seq == mission.seq + 2
    assert after.items == mission.items and after.phase == "running"


# --- draft ---

def test_area_replaces_itself_and_leaves_the_others() -> None:
    mission = told(drafted(), document("contract", SHOP.replace("200", "204"), "SHOP"))
    assert [a.name for a in mission.contract.areas] == ["SHOP", "PAGE"]
    found = mission.contract.get("SHOP-002")
    assert found is not None and "204" in found.then


def test_whole_contract_replaces_all() -> None:
    mission = told(drafted(), document("contract", SHOP))
    assert list(mission.assertions) == [f"SHOP-00{n}" for n in (1, 2, 3, 4)]


def test_assertion_removed_in_the_draft_and_put_back_counts_again() -> None:
    gone = told(
        drafted(), document("contract", SHOP.replace("- surface: http", "- removed: no\n- surface: http"), "SHOP")
    )
    assert gone.assertions["SHOP-002"].status == "removed"
    assert told(gone, document("contract", SHOP, "SHOP")).assertions["SHOP-002"].status == "pending"


def test_plan_written_anew_says_which_features_are_outlines() -> None:
    plan = {**PLAN, "features": [*PLAN["features"][:2], feature("F3", "M2", detail="outline", fulfills=["PAGE-001"])]}
    outlined = told(drafted(), document("plan", Plan.model_validate(plan).model_dump_json()))
    assert statuses(outlined) == {"F1": "ready", "F2": "ready", "F3": "outline"}
    full = told(outlined, document("plan", Plan.model_validate(PLAN).model_dump_json()))
    assert statuses(full)["F3"] == "ready"
    assert places(full) == {"M1": "waiting", "M2": "waiting"}


def test_document_of_another_kind_is_kept_by_its_hash() -> None:
    mission = told(drafted(), document("check", "print()", "checks/a.py"))
    assert len(mission.documents["check:checks/a.py"]) == 64


def test_examined_base_is_kept() -> None:
    examined = e.BaseExamined(checks=[e.CheckExamined(assertion="SHOP-001", result="red")], measures={"tests": 3})
    mission = told(drafted(), examined)
    assert (mission.examined["SHOP-001"].result, mission.base_measures) == ("red", {"tests": 3})


@pytest.mark.parametrize(
    "event", [document("brief", "2."), e.MessageReceived(text="t"), e.MissionReturned(comment="c")]
)
def test_proposed_mission_is_a_draft_again(event: Any) -> None:
    assert told(proposed(), event).phase == "draft"


def test_proposal_keeps_who_made_it_and_what_it_says() -> None:
    made = e.MissionProposed(summary="s", hashes={}, estimate={"hours_low": 1.0}, warnings=["w"])
    mission = told(drafted(), made, by="orchestrator.1")
    assert (mission.phase, mission.summary, mission.estimate, mission.warnings) == (
        "proposed", "s", {"hours_low": 1.0}, ("w",)
    )


# --- features ---

FEATURE_STATES: list[tuple[str, list[str]]] = [
    ("done", ["ready", "active", "active", "built", "built"]),
    ("partial", ["ready", "active", "active", "ready"]),
    ("cannot", ["ready", "active", "active", "ready"]),
]


@pytest.mark.parametrize(("outcome", "expected"), FEATURE_STATES)
def test_feature_goes_from_ready_to_active_to_what_its_handoff_says(outcome: Any, expected: list[str]) -> None:
    mission = running()
    seen = [mission.features["F1"].status]
    for facts in (
        [e.FeatureStarted(feature="F1", start="c0")],
        [e.HandoffSubmitted(feature="F1", handoff=handoff(outcome))],
        [e.HandoffAudited(feature="F1", end="c1", mismatches=[])],
        [e.GateFinished(gate="vacuity", outcome="green", feature="F1")],
    ):
        mission = told(mission, *facts)
        seen.append(mission.features["F1"].status)
    assert seen[:len(expected)] == expected


def test_done_with_something_undone_is_not_built() -> None:
    lie = e.HandoffSubmitted(feature="F1", handoff=handoff("done", ["the hard part"]))
    mission = told(running(), e.FeatureStarted(feature="F1", start="c0"), lie,
                   e.HandoffAudited(feature="F1", end="c1", mismatches=[]))
    assert mission.features["F1"].status == "ready"
    assert "Undone: the hard part (w)" in mission.features["F1"].reopened


def test_feature_keeps_where_it_began_over_its_attempts() -> None:
    world = World(handoffs={"F1": handoff("partial")})
    mission = carry(running(), world, until=lambda m, s: m.features["F1"].attempts == 2)
    state = mission.features["F1"]
    assert (state.start, state.commits, state.attempts, state.tries) == ("c0", ("c1", "c2"), 2, 2)


def test_outline_is_ready_accepted_and_sealed_in_turn() -> None:
    plan = {**PLAN, "features": [*PLAN["features"][:2],
                                 feature("F3", "M2", detail="outline", fulfills=["PAGE-001", "PAGE-002"])]}
    mission = carry(running(plan), until=at(Sit, "orchestrator"))
    seen = [mission.features["F3"].status]
    mission = planned(mission, detail=[{"feature": "F3", "description": "d", "expected": ["e"]}])
    seen.append(mission.features["F3"].status)
    for until in (at(AuditHandoff), at(Prove), lambda m, s: m.open_milestone is None):
        mission = carry(mission, until=until)
        seen.append(mission.features["F3"].status)
    assert seen == ["outline", "ready", "active", "built", "accepted"]


def test_feature_whose_worker_rose_without_a_handoff_is_ready_and_tells_why() -> None:
    mission = risen(seated(running(), "worker", "F1"), "interrupted", reason="by the user")
    assert mission.features["F1"].status == "ready"
    assert mission.features["F1"].reopened == "The attempt before ended as interrupted: by the user"


def test_feature_whose_handoff_the_engine_wrote_waits_for_its_audit() -> None:
    mission = seated(running(), "worker", "F1")
    mission = risen(told(mission, e.HandoffSubmitted(feature="F1", handoff=handoff("partial"))), "limit")
    assert mission.features["F1"].status == "active"
    assert next_step(mission) == AuditHandoff("F1")


def test_next_attempt_is_told_why_until_it_hands_off() -> None:
    mission = resolved(opened(carry(running(), until=at(StartRound)), "gate"), "reopen")
    mission = seated(mission, "worker", "F1")
    assert mission.features["F1"].reopened.startswith("t\n")
    mission = told(mission, e.HandoffSubmitted(feature="F1", handoff=handoff()))
    assert mission.features["F1"].reopened == ""


def test_proof_keeps_whether_anything_could_be_proved() -> None:
    done = e.GateFinished(gate="vacuity", outcome="green", feature="F1", provable=False)
    mission = told(carry(running(), until=at(Prove)), done)
    assert (mission.features["F1"].proved, mission.features["F1"].provable) == (True, False)


def test_taken_back_feature_that_was_cancelled_stays_so() -> None:
    mission = planned(opened(running()), add=[feature("F4", fixes=["I1"])])
    mission = planned(mission, cancel=[{"feature": "F4", "reason": "x" * 20}])
    assert told(mission, e.FeatureReverted(feature="F4", commit="r")).features["F4"].status == "cancelled"


# --- milestones ---

def test_milestone_goes_from_waiting_to_open_to_validating_to_sealed() -> None:
    mission, seen = proposed(), []
    for facts in ([e.MissionApproved(hashes={}, base_commit="c0")],):
        seen.append(mission.milestones["M1"].status)
        mission = told(mission, *facts)
    seen.append(mission.milestones["M1"].status)
    for until in (at(EndRound), at(Seal), lambda m, s: m.milestones["M1"].status == "sealed"):
        mission = carry(mission, until=until)
        seen.append(mission.milestones["M1"].status)
    assert seen == ["waiting", "open", "validating", "open", "sealed"]
    assert (mission.milestones["M1"].commit, mission.milestones["M1"].rounds) == ("c2", 1)
    assert places(mission) == {"M1": "sealed", "M2": "open"}


def test_final_round_belongs_to_no_milestone() -> None:
    mission = carry(running(), until=lambda m, s: m.round is not None and m.round.milestone == "audit")
    assert places(mission) == {"M1": "sealed", "M2": "sealed"}
    assert places(carry(mission, until=at(Complete))) == places(mission)


def test_failed_round_opens_the_milestone_again() -> None:
    mission = carry(running(), World(red={"test"}), until=at(Sit, "orchestrator"))
    assert (places(mission)["M1"], mission.rounds[-1].outcome) == ("open", "failed")


def test_sealed_is_final() -> None:
    with pytest.raises(Refused, match="M1 is sealed already, and that is final"):
        told(sealed(), e.MilestoneSealed(milestone="M1", commit="c9"))
    after = told(sealed(), e.HandoffSubmitted(feature="F1", handoff=handoff("partial")), e.VerdictsExpired(
        assertions=["SHOP-001"], because="b"))
    assert places(after)["M1"] == "sealed"


# --- assertions ---

def test_verdict_is_kept_with_its_place() -> None:
    mission = sealed()
    state = mission.assertions["SHOP-002"]
    assert state.verdict is not None
    assert (state.status, state.stale, state.verdict.round, state.verdict_seq > 0) == ("passed", False, 1, True)


@pytest.mark.parametrize("paths", [["shop.py"], ["docs/a.md", "shop.py"], ["docs"], ["README.rst"]])
def test_D12_commit_makes_stale_what_rested_on_the_product(paths: list[str]) -> None:
    made = e.CommitMade(feature=None, commit="c9", tree="c9", parent="c2", paths=paths)
    noticed = e.EditNoticed(paths=paths, commit="c9")
    for fact in (made, noticed):
        assert stale(told(sealed(), fact)) == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]


@pytest.mark.parametrize("paths", [["docs/a/b.txt"], ["README.md", "docs/x.md"], ["a/b/NOTES.md"]])
def test_D12_inert_paths_make_nothing_stale(paths: list[str]) -> None:
    mission = told(sealed(), e.EditNoticed(paths=paths, commit="c9"))
    assert (stale(mission), mission.head) == ([], "c9")


INERT: list[tuple[dict[str, list[str]], str, bool]] = [
    ({"inert": ["docs/**"]}, "docs/a.txt", True),
    ({"inert": ["/docs/**"]}, "docs/a.txt", True),
    ({"inert": ["docs/**"]}, "src/docs/a.txt", False),
    ({"inert": ["d*/**"]}, "docs/a.txt", False),
    ({"inert": ["*.md"]}, "a/b.md", True),
    ({"inert": ["*.m*"]}, "b.md", False),
    ({"inert": ["LICENSE"]}, "LICENSE", True),
    ({"inert": ["docs"]}, "docs/a.txt", False),
    ({"inert": ["!docs/**"]}, "docs/a.txt", False),
    ({"inert": ["docs/**"], "tests": ["docs/examples/**"]}, "docs/examples/a.py", False),
    ({"inert": ["docs/**"], "tests": ["**/*.feature"]}, "docs/a.txt", True),
    ({"inert": ["docs/**"]}, "docs/tests/a.py", False),
    ({"inert": ["docs/**"]}, "docs/conftest.py", False),
    ({"inert": ["docs/**"], "generated": ["*.html"]}, "docs/a.html", False),
]


@pytest.mark.parametrize(("globs", "path", "inert"), INERT)
def test_D12_only_what_is_surely_inert_makes_nothing_stale(globs: dict[str, list[str]], path: str, inert: bool) -> None:
    manifest = Manifest.model_validate({**MANIFEST, "paths": globs}).model_dump_json()
    mission = told(sealed(), document("services", manifest), e.EditNoticed(paths=[path], commit="c9"))
    assert (stale(mission) == []) == inert


def test_D12_verdict_that_names_what_it_opened_outlives_other_changes() -> None:
    mission = sealed()
    old = mission.assertions["SHOP-002"].verdict
    assert old is not None
    narrow = old.model_copy(update={"depends": old.depends.model_copy(update={"paths": {"shop/price.py": "b"}})})
    mission = told(mission, narrow)
    for path, gone in (("web/page.py", False), ("shop/price.py", True), ("shop/new.py", True)):
        after = told(mission, e.EditNoticed(paths=[path], commit="c9"))
        assert ("SHOP-002" in stale(after)) == gone
        assert "SHOP-001" in stale(after)


def test_commit_of_an_attempt_that_never_handed_off_expires_verdicts_all_the_same() -> None:
    """The audit of the handoff used to; a worker that was cut short has none, and its commits stay."""
    mission = seated(sealed(), "worker", "F3")
    mission = risen(World(commits=5).commit(mission, "F3"), "interrupted")
    assert stale(mission) == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]


def test_verdict_of_a_round_that_the_tree_outran_is_stale_at_once() -> None:
    """The user edits while testers sit: what they saw is not what is there."""
    mission = carry(running(), until=at(EndRound))
    mission = carry(told(mission, e.EditNoticed(paths=["shop.py"], commit="e1")), until=at(StartRound))
    assert stale(mission) == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]
    step = next_step(mission)
    assert isinstance(step, StartRound) and len(step.scope) == 4
    kept = carry(
        told(carry(running(), until=at(EndRound)), e.EditNoticed(paths=["a.md"], commit="e1")), until=at(StartRound)
    )
    assert stale(kept) == []


def test_services_of_another_kind_make_stale_what_was_seen_on_them() -> None:
    more = {**MANIFEST, "services": [{**MANIFEST["services"][0], "start": "serve --fake"}]}
    mission = told(sealed(), document("services", Manifest.model_validate(more).model_dump_json()))
    assert stale(mission) == ["SHOP-002", "SHOP-004"]
    same = told(sealed(), document("services", Manifest.model_validate(MANIFEST).model_dump_json()))
    assert stale(same) == []


def test_nothing_waived_or_removed_goes_stale() -> None:
    mission = ordered(sealed(), o.WaiveAssertion(assertion="SHOP-001", reason="r"))
    mission = amended(mission, ("remove", "SHOP-002", ""))
    everything = list(mission.assertions)
    mission = told(
        mission, e.VerdictsExpired(assertions=everything, because="b"), e.EditNoticed(paths=["a.py"], commit="c")
    )
    assert stale(mission) == ["SHOP-003", "SHOP-004"]
    assert "SHOP-001" in mission.settled


def test_what_was_never_judged_does_not_go_stale() -> None:
    assert stale(told(running(), e.VerdictsExpired(assertions=["SHOP-001"], because="b"))) == []


@pytest.mark.parametrize(
    "change",
    [
        lambda m: ordered(m, o.WaiveAssertion(assertion="SHOP-001", reason="r")),
        lambda m: amended(m, ("remove", "SHOP-001", "")),
    ],
)
def test_verdict_on_what_does_not_count_changes_nothing(change: Any) -> None:
    mission = sealed()
    verdict = mission.assertions["SHOP-001"].verdict
    assert verdict is not None
    changed = change(mission)
    assert told(changed, verdict).assertions["SHOP-001"] == changed.assertions["SHOP-001"]


def test_added_assertion_is_pending() -> None:
    assert amended(running(), ("add", "SHOP-005", ADDED)).assertions["SHOP-005"].status == "pending"


# --- items ---

def test_D25_item_is_never_overwritten_by_another_of_its_id() -> None:
    """Ids are counted on an older state where something comes between: the first item would be gone."""
    mission = opened(running(), "gate", "test")
    with pytest.raises(Refused, match="there is an item I1 already; expected I2"):
        told(mission, e.ItemOpened(item="I1", type="issue", text="t"))


def test_item_keeps_who_opened_and_who_resolved_it() -> None:
    mission = resolved(told(running(), item(running()), by="worker.F1.1"), "dismiss")
    found = mission.items["I1"]
    assert (found.by, found.resolved_by, found.decision, found.is_open, found.resolved_seq) == (
        "worker.F1.1", "orchestrator.1", "dismiss", False, mission.seq
    )


def test_reopening_what_cannot_be_reopened_changes_no_feature() -> None:
    mission = opened(sealed(), "issue", "F1")
    after = told(mission, e.ItemResolved(item="I1", decision="reopen", reason="r"))
    assert after.features == mission.features


def test_item_given_to_no_known_feature_burdens_none() -> None:
    mission = opened(running(), "issue", "F1")
    after = told(mission, e.ItemResolved(item="I1", decision="fold", reason="r", feature="F9"))
    assert after.plan == mission.plan


# --- attempts, guidance, process ---

def test_attempts_are_counted_and_their_cost_summed() -> None:
    mission = risen(seated(running(), "worker", "F1"), "limit", spent=Spent(dollars=1.5, turns=3))
    mission = risen(seated(mission, "worker", "F1"), "limit", spent=Spent(dollars=0.5, fresh=7))
    assert (mission.features["F1"].attempts, mission.spent) == (2, Spent(dollars=2.0, turns=3, fresh=7))
    assert [a.reason for a in mission.attempts.values()] == ["", ""]


SEATINGS: list[tuple[str, Any, tuple[int, int]]] = [
    ("nothing", lambda m: m, (1, 1)),
    ("an item resolved", lambda m: resolved(opened(m), "dismiss"), (0, 1)),
    ("another seat at work", lambda m: seated(m, "worker", "F1"), (1, 0)),
    ("a researcher", lambda m: seated(m, "researcher", "q", parent="orchestrator.1"), (1, 1)),
    ("a word of the user", lambda m: ordered(m, o.SteerMission(text="t")), (0, 0)),
    ("a setting of the user", lambda m: ordered(m, o.ChangeSetting(key="publish", value="never")), (1, 0)),
    ("another seating", lambda m: seated(m, "orchestrator"), (2, 2)),
]


@pytest.mark.parametrize(("what", "then", "expected"), SEATINGS, ids=[w for w, *_ in SEATINGS])
def test_L17_seatings_are_counted_from_the_log(what: str, then: Any, expected: tuple[int, int]) -> None:
    mission = then(risen(seated(running(), "orchestrator")))
    assert (mission.idle_seatings, mission.seatings) == expected


def test_guidance_and_facts_are_kept_in_order() -> None:
    mission = told(running(), e.GuidanceGiven(text="g", scope="F1"), e.FactNoted(text="f", source="s"),
                   e.RunnerStarted(epoch=4, version="1"))
    assert ([(g.text, g.scope) for g in mission.guidance], mission.facts, mission.epoch) == ([("g", "F1")], ("f",), 4)


def test_holds_are_placed_and_lifted_one_by_one() -> None:
    mission = told(running(), e.HoldPlaced(hold="parked", reason="q"), e.HoldPlaced(hold="paused", reason="p"))
    assert (mission.word, told(mission, e.HoldLifted(hold="paused")).word) == ("paused", "parked")


# --- rounds ---

def test_reports_of_another_round_change_nothing() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    late = e.ReviewSubmitted(milestone="M1", round=9, review=Review(feature="F1", outcome="passed", findings=[]))
    assert (
        told(mission, late, e.GateFinished(gate="lint", outcome="red", milestone="M1", round=9)).rounds
        == mission.rounds
    )
    none = told(running(), late, e.GateFinished(gate="lint", outcome="red", feature="F1"))
    assert none.rounds == () and none.features["F1"].review is None


# --- the end ---

def test_seal_with_anything_unsettled_never_gets_into_the_log() -> None:
    seal = e.MilestoneSealed(milestone="M1", commit="c")
    with pytest.raises(Refused, match="M1 cannot be sealed: F1, F2, SHOP-001"):
        told(running(), seal)
    mission = carry(running(), until=at(Seal))
    with pytest.raises(Refused, match="SHOP-001 is not settled"):
        told(mission, e.VerdictsExpired(assertions=["SHOP-001"], because="b"), seal)
    assert places(told(mission, seal))["M1"] == "sealed"


def test_end_with_anything_unsettled_never_gets_into_the_log() -> None:
    done = e.MissionCompleted()
    with pytest.raises(Refused, match="the mission cannot be completed: M2, PAGE-001, PAGE-002 is not settled"):
        told(sealed(), done)
    ready = carry(running(), until=at(Complete))
    for spoiled in (
        told(ready, e.VerdictsExpired(assertions=["SHOP-001"], because="b")),
        amended(ready, ("add", "SHOP-005", ADDED)),
        amended(ready, ("change", "SHOP-002", ADDED.replace("SHOP-005", "SHOP-002"))),
        planned(
            opened(ready),
            milestones=[{"id": "M3", "title": "t", "outcome": "o"}],
            add=[feature("F4", "M3", fixes=["I1"])],
        ),
    ):
        with pytest.raises(Refused, match="cannot be completed"):
            told(spoiled, done)
    assert told(ready, done).phase == "completed"


def test_landed_and_reopened() -> None:
    mission = told(carry(running()), e.MissionLanded(how="merge", commit="m"))
    assert (mission.landed, mission.ended) == ("m", True)
    again = told(mission, e.MissionReopened(reason="r"))
    assert (again.phase, again.landed, again.audited_at) == ("running", "", "")


def audited(mission: Mission, *findings: Any, outcome: Any = "passed") -> Mission:
    done = e.AuditSubmitted(audit=Audit(outcome=outcome, findings=list(findings)), tree="t")
    return told(mission, done, by="auditor.1", attempt="auditor.1")


def test_audit_speaks_of_the_commit_its_auditor_looked_at() -> None:
    """An edit that lands while the auditor sits would otherwise pass unseen."""
    mission = seated(carry(running(), until=at(Sit, "auditor")), "auditor")
    moved = told(mission, e.EditNoticed(paths=["shop.py"], commit="e1"))
    assert (audited(mission).audited_at, audited(moved).audited_at, moved.head) == ("c3", "c3", "e1")


def test_audit_with_a_blocking_finding_passes_nothing() -> None:
    mission = seated(carry(running(), until=at(Sit, "auditor")), "auditor")
    assert audited(mission, finding()).audited_at == ""
    assert audited(mission, outcome="failed").audited_at == ""
    kept = audited(mission, finding("non_blocking"))
    assert (kept.audited_at, kept.audits) == ("c3", 1)
    assert kept.last_audit is not None and kept.last_audit[0] == "auditor.1"


def test_created_mission_starts_with_nothing() -> None:
    mission = created()
    assert (mission.features, mission.milestones, mission.items, mission.open_milestone) == ({}, {}, {}, None)
