"""What was said when: verdicts, handoffs, commits, evidence, what became stale and why, and the points of the plots."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.budget import Spent
from milepost.domain.record import Record
from milepost.ide.story import MOST_POINTS, Point, because, plotted
from tests.domain.life import WHY, finding
from tests.ide.tale import START, done, drafted, judged, running, to

FIX = {"id": "F9", "milestone": "M1", "title": "Fix", "description": "d", "expected": ["e"], "fixes": ["I1"]}


def test_verdicts_of_every_round_are_kept() -> None:
    tale = judged()
    tale.world.bad = {}
    tale.plan(add=[FIX]).resolve("I1", "feature", feature="F9").go(to("worker", "F3"))
    given = tale.story.verdicts["SHOP-002"]
    assert [(g.verdict.round, g.verdict.outcome) for g in given] == [(1, "failed"), (2, "passed")]
    assert given[0].at < given[1].at


def test_handoff_says_what_of_it_was_not_so() -> None:
    tale = running().go(to("worker", "F1"))
    tale.sit(tale.due())
    assert [h.audited for h in tale.story.handoffs["F1"]] == [False]
    tale.say(e.HandoffAudited(feature="F1", end="c1", mismatches=["`pytest` exited 1"]))
    [left] = tale.story.handoffs["F1"]
    assert (left.attempt, left.audited, left.mismatches) == ("worker.F1.1", True, ("`pytest` exited 1",))


def test_commits_evidence_and_money_are_kept() -> None:
    story = judged().story
    [made] = story.commits["F2"]
    assert (made.attempt, made.commit, made.paths) == ("worker.F2.1", "c2", ("cli.py", "shop.py"))
    assert story.evidence["tester.M1r1.flow-1.1/E1"].kind == "request"
    assert story.spent["worker.F2.1"] == Spent(dollars=0.25, fresh=100, cached=300, out=10, turns=2)


def test_commit_of_no_feature_is_nobodys() -> None:
    made = e.CommitMade(feature=None, commit="c9", tree="t", parent="c0", paths=["shop.py"])
    assert running().say(made).story.commits == {}


def test_whoever_holds_a_story_goes_on_seeing_what_was_true() -> None:
    tale = judged()
    before = tale.story
    verdicts = {a: len(v) for a, v in before.verdicts.items()}
    tale.order(o.WaiveAssertion(assertion="SHOP-002", reason=WHY)).go()
    assert {a: len(v) for a, v in before.verdicts.items()} == verdicts
    assert len(tale.story.verdicts) > len(verdicts)


# --- what became stale, and why ---

def test_commit_that_changes_what_was_judged_is_why_it_is_stale() -> None:
    tale = running().go(to("auditor"))
    # Judged in the first milestone, and a commit of the second came after.
    assert tale.story.expired["SHOP-001"].because == "F3 changed page.py"


@pytest.mark.parametrize(("event", "why"), [
    (e.EditNoticed(paths=["a", "b", "c", "d", "e"], commit="c9"), "you changed a, b, c and 2 more"),
    (e.VerdictsExpired(assertions=["SHOP-001"], because="the user asked"), "the user asked"),
    (e.FeatureReverted(feature="F1", commit="c9"), "F1 was taken back"),
    (e.CommitMade(feature=None, commit="c9", tree="t", parent="c2", paths=["a"]), "the engine changed a"),
])
def test_reason_of_staleness(event: Any, why: str) -> None:
    tale = judged()
    assert "SHOP-001" not in tale.story.expired
    assert tale.say(event).story.expired["SHOP-001"].because == why


def test_verdict_on_a_tree_that_moved_on_is_stale_at_once() -> None:
    tale = running().go(to("tester"))
    tale.say(e.EditNoticed(paths=["shop.py"], commit="c9")).go(lambda t, s: bool(t.story.verdicts))
    assert tale.story.expired["SHOP-001"].because == "the product changed after its round began"


def test_other_services_make_stale_what_testers_saw() -> None:
    changed = drafted().mission.manifest
    assert changed is not None
    text = changed.model_copy(update={"services": []}).model_dump_json()
    tale = judged().say(e.DocumentWritten(document="services", name="services", hash="h", text=text))
    assert tale.story.expired["SHOP-004"].because == "the services manifest was changed"
    assert because(e.MissionCompleted()) == "the product changed after its round began"


# --- where items come from ---

def test_items_are_traced_to_handoff_round_and_audit() -> None:
    tale = running()
    tale.open(about="F1")
    tale.resolve("I1", "dismiss")
    tale.go(to("worker", "F2")).open("mismatch", "F1", text="not so").resolve("I2", "reopen")
    tale.world.bad = {"SHOP-002": "failed"}
    tale.world.findings = {"F2": [finding("non_blocking", file="cli.py", line=2)]}
    tale.go(to("orchestrator"))
    found = dict(tale.story.origins.found)
    assert found == {"I1": "", "I2": "handoff:worker.F1.1", "I3": "round:M1r1", "I4": "round:M1r1"}
    tale.open("finding", "F2", by="reviewer.I3.1", payload={"disputes": "I3"})
    tale.open("undone", "F1", by="orchestrator.2")
    assert [tale.story.origins.found[i] for i in ("I5", "I6")] == ["round:M1r1", ""]


def test_audit_is_where_its_findings_come_from() -> None:
    tale = running()
    tale.world.findings = {"audit": [finding("blocking")]}
    tale.go(lambda t, s: t.mission.audits == 1).open("audit", "audit")
    assert tale.story.origins.found["I1"] == "audit:auditor.1"


def test_other_facts_tell_nothing_of_origins() -> None:
    origins = running().story.origins
    assert origins.see(Record(seq=1, at=0.0, prev="0", by="user", event=e.MissionCompleted())) is origins


# --- the plots ---

def test_points_follow_assertions_and_money() -> None:
    points = judged().story.timeline
    assert [(p.settled, p.live) for p in points][:2] == [(0, 0), (0, 6)]
    assert (points[-1].settled, points[-1].dollars) == (3, 1.75)
    assert [p.at for p in points] == sorted(p.at for p in points)


def test_point_counts_what_the_mission_counts_at_every_fact() -> None:
    tale = judged()
    tale.order(o.WaiveAssertion(assertion="SHOP-002", reason=WHY))
    for until in (to("worker", "F3"), to("tester"), to("auditor"), to("nobody")):
        tale.go(until)
        last, mission = tale.story.timeline[-1], tale.mission
        assert (last.settled, last.live) == (len(mission.settled), len(mission.live))
        assert last.dollars == mission.spent.dollars


def test_points_close_together_are_one() -> None:
    line = plotted((Point(0.0, 0, 6, 0.0),), Point(0.5, 1, 6, 0.0))
    assert line == (Point(0.0, 1, 6, 0.0),)
    assert plotted(line, Point(2.0, 1, 6, 0.0)) == line


def test_long_missions_keep_fewer_points() -> None:
    line: tuple[Point, ...] = ()
    for second in range(5 * MOST_POINTS):
        line = plotted(line, Point(2.0 * second, second, 10_000, 0.0))
    assert len(line) <= MOST_POINTS
    assert (line[0].at, line[-1].settled) == (0.0, 5 * MOST_POINTS - 1)


def test_end_is_known_until_the_mission_goes_on() -> None:
    tale = done()
    assert tale.story.ended == tale.now > START
    tale.order(o.RecheckAssertions())
    assert tale.story.ended is None
    assert tale.order(o.CancelMission()).story.ended == tale.now
