"""A mission at one moment: its word, who owns and serves what, what it cost, and where its documents lie."""

from dataclasses import FrozenInstanceError
from datetime import UTC, datetime

import pytest

from milepost.domain import orders as o
from milepost.domain.budget import Spent
from milepost.ide import snapshot as s
from milepost.ide.snapshot import Account, Snapshot, uri
from tests.domain.life import WHY
from tests.ide.tale import PATHS, START, created, done, judged, proposed, running, to


def test_word_is_interrupted_where_nobody_carries_what_could_go_on() -> None:
    assert running().snapshot(running=False).word == "interrupted"
    assert created().snapshot(running=False).word == "interrupted"
    assert running().snapshot().word == "running"


def test_word_is_the_missions_own_where_there_is_nothing_to_carry() -> None:
    assert proposed().snapshot(running=False).word == "proposed"
    assert done().snapshot(running=False).word == "completed"
    assert running().order(o.PauseMission()).snapshot(running=False).word == "paused"


def test_revision_counts_turns_where_they_were_read() -> None:
    tale = running()
    assert tale.snapshot().number == tale.mission.seq
    assert tale.snapshot(revision=400).number == 400


def test_snapshots_never_change_and_are_never_equal() -> None:
    one, other = running().snapshot(), running().snapshot()
    assert one != other
    assert len({one, other}) == 2
    with pytest.raises(FrozenInstanceError):
        one.dollars = 3.0  # type: ignore[misc]


# --- owning and serving ---

def fixed() -> Snapshot:
    tale = judged()
    fix = {"id": "F9", "milestone": "M1", "title": "Fix", "description": "d", "expected": ["e"], "fixes": ["I1", "I2"]}
    tale.open("finding", "F2", severity="non_blocking").plan(add=[fix])
    return tale.snapshot()


def test_fix_serves_what_its_items_are_about() -> None:
    found = fixed()
    assert found.owners["SHOP-002"].id == "F1"
    assert found.served["F9"] == ("SHOP-002", "SHOP-003", "SHOP-004")
    assert found.serving["SHOP-002"] == ("F1", "F9")


def test_cancelled_feature_owns_nothing() -> None:
    tale = running().plan(fold=[{"feature": "F2", "into": "F1"}])
    found = tale.snapshot()
    assert found.owners["SHOP-003"].id == "F1"
    assert "F2" in found.planned


def test_before_a_plan_nobody_owns_anything() -> None:
    found = created().snapshot()
    assert (found.planned, found.milestones, found.owners, found.standings, found.milestone) == ({}, {}, {}, {}, "")


def test_items_are_found_by_what_they_are_about() -> None:
    assert [i.id for i in judged().snapshot().about["SHOP-002"]] == ["I1"]


# --- standing ---

def test_standing_has_word_mark_and_newest_verdict() -> None:
    found = judged().snapshot().standings
    failed = found["SHOP-002"]
    assert (failed.word, failed.mark, failed.feature) == ("failed", "✗", "F1")
    assert (failed.evidence, failed.note) == (1, "as seen")
    assert failed.judged is not None and failed.judged.verdict.round == 1
    assert (found["PAGE-001"].word, found["PAGE-001"].judged, found["PAGE-001"].note) == ("pending", None, "")
    assert not found["PAGE-001"].recheckable


def test_stale_outweighs_the_verdict() -> None:
    tale = judged().order(o.RecheckAssertions(assertions=["SHOP-001"]))
    stale = tale.snapshot().standings["SHOP-001"]
    assert (stale.word, stale.mark, stale.state.status) == ("stale", "↻", "passed")
    assert stale.expired is not None and stale.expired.because == "the user asked to judge again"


def test_verdict_on_another_text_is_not_shown_as_its_own() -> None:
    text = "### SHOP-002 A price is served\n- surface: http\n- then: 201\n- fails if: else\n- evidence: request\n"
    change = o.ContractChange(op="change", assertion="SHOP-002", text=text)
    tale = judged().order(o.AmendContract(changes=[change], reason=WHY))
    found = tale.snapshot()
    assert (found.standings["SHOP-002"].word, found.standings["SHOP-002"].judged) == ("pending", None)
    assert len(found.story.verdicts["SHOP-002"]) == 1


# --- money ---

def test_cost_is_of_turns_so_far_and_otherwise_of_the_attempts_end() -> None:
    tale = judged()
    accounts = (
        Account("worker.F1.1", "a", Spent(dollars=0.5)), Account("worker.F1.1", "b", Spent(dollars=0.25)),
        Account("worker.F3.1", "a", Spent(dollars=9.0)),
    )
    assert tale.snapshot().feature_costs["F1"] == 0.5
    found = tale.snapshot(accounts=accounts)
    assert found.costs["worker.F1.1"] == 0.75
    # The reviewer's quarter is from its end.
    assert found.feature_costs == {"F1": 1.0, "F2": 0.5, "F3": 0.0}
    assert found.cost(["worker.F1.1", "worker.F1.1", "nobody.1"]) == 0.75


# --- the clock ---

@pytest.mark.parametrize(("at", "shown"), [
    (datetime(2026, 11, 27, 9, 5, tzinfo=UTC), "09:05"), (datetime(2026, 11, 26, 23, 0, tzinfo=UTC), "26 Nov"),
    (datetime(2025, 3, 1, 1, 0, tzinfo=UTC), "1 Mar 2025"),
])
def test_clock_is_as_people_read_it(at: datetime, shown: str) -> None:
    found = running().snapshot(now=START)
    assert found.clock(at.timestamp()) == shown
    assert found.clock(at.timestamp()) == shown


# --- places ---

def test_documents_lie_where_the_engine_lays_them_out() -> None:
    mission = running().mission
    assert s.contract_path(PATHS, mission) == f"{PATHS.docs}/shop.contract.md"
    assert s.questions_path(PATHS, mission) == f"{PATHS.docs}/shop.questions.md"
    assert s.handoff_path(PATHS, "F1") == f"{PATHS.docs}/handoffs/F1.md"
    assert s.plan_path(PATHS) == f"{PATHS.docs}/plan.md"
    assert s.brief_path(PATHS) == f"{PATHS.docs}/brief.md"
    assert s.report_path(PATHS) == f"{PATHS.docs}/report.md"
    assert s.milestone_path(PATHS, "M1") == f"{PATHS.docs}/milestones/M1.md"
    assert s.evidence_path(PATHS, "tester.M1r1.flow-1.1", "E3") == f"{PATHS.docs}/evidence/tester.M1r1.flow-1.1-E3.txt"
    assert s.evidence_path(PATHS, "a", "E1", "screenshot") == f"{PATHS.docs}/evidence/a-E1.png"
    assert s.tree_path(PATHS, "src/shop.py") == f"{PATHS.tree}/src/shop.py"


@pytest.mark.parametrize(("path", "expected"), [
    ("/home/ada/shop", "file:///home/ada/shop"), ("/a b/ü#?%", "file:///a%20b/%C3%BC%23%3F%25"),
    ("/x/F1-a_b.c~d", "file:///x/F1-a_b.c~d"), ("/𝄞", "file:///%F0%9D%84%9E"),
])
def test_path_as_uri(path: str, expected: str) -> None:
    assert uri(path) == expected


def test_round_by_number_and_items_by_source() -> None:
    found = judged().go(to("orchestrator")).snapshot()
    assert found.rounds["M1", 1].outcome == "failed"
    assert found.sources["round:M1r1"] == ("I1",)
