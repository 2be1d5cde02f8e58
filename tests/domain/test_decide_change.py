"""Changes of contract and plan while a mission runs, and the ways around them that are closed."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import decide
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.next import StartRound, Together, next_step
from tests.domain.life import (
    ADDED,
    WHY,
    World,
    amended,
    at,
    carry,
    feature,
    handoff,
    opened,
    ordered,
    planned,
    resolved,
    risen,
    running,
    seated,
    text_of,
    told,
)

LEAD = "orchestrator.1"
M3 = {"id": "M3", "title": "t", "outcome": "o"}


def built() -> Mission:
    return carry(running(), until=at(StartRound))


def sealed() -> Mission:
    """M1 is sealed, M2 is open."""
    return carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")


def refusal(mission: Mission, by: str = LEAD, **parts: Any) -> str:
    with pytest.raises(Refused) as caught:
        planned(mission, by, **parts)
    return str(caught.value)


def waived(mission: Mission, assertion: str) -> Mission:
    return ordered(mission, o.WaiveAssertion(assertion=assertion, reason="not worth it"))


# --- amending ---

STRONGER = text_of("SHOP-004", "- evidence: receipt", "- evidence: receipt\n- check: `python checks/shop_004.py`")
AMENDMENTS: list[tuple[str, tuple[str, str, str], bool]] = [
    ("an addition", ("add", "SHOP-005", ADDED), True),
    ("a check where there was none", ("change", "SHOP-004", STRONGER), True),
    ("more evidence", ("change", "SHOP-002", text_of("SHOP-002", "request", "request, transcript")), True),
    ("softer words", ("change", "SHOP-002", text_of("SHOP-002", "200", "something")), False),
    ("a narrower failure", ("change", "SHOP-002", text_of("SHOP-002", "otherwise", "500")), False),
    ("another check", ("change", "SHOP-001", text_of("SHOP-001", "shop_001", "easy")), False),
    ("no check", ("change", "SHOP-001", text_of("SHOP-001", "- check: `python checks/shop_001.py`\n")), False),
    (
        "another surface",
        ("change", "SHOP-002", text_of("SHOP-002", "http", "library").replace("request", "receipt")),
        False,
    ),
    ("guard removed", ("change", "SHOP-003", text_of("SHOP-003", "\n- before: guard")), False),
    ("red turned guard", ("change", "SHOP-001", text_of("SHOP-001", "_001.py`", "_001.py`\n- before: guard")), False),
    ("a removal", ("remove", "SHOP-003", ""), False),
]


@pytest.mark.parametrize(("what", "change", "alone"), AMENDMENTS, ids=[w for w, *_ in AMENDMENTS])
def test_D4b_orchestrator_amends_alone_only_what_weakens_nothing(
    what: str, change: tuple[str, str, str], alone: bool
) -> None:
    mission = amended(running(), change, by=LEAD)
    assert [i.opened.type for i in mission.attention] == ([] if alone else ["approval"])
    assert (mission.contract != running().contract) == alone
    assert amended(running(), change).contract != running().contract


def test_amendment_that_does_not_hold_is_refused() -> None:
    with pytest.raises(Refused, match="does not hold"):
        amended(running(), ("change", "SHOP-002", text_of("SHOP-002", "request", "screen")))


def test_amendment_that_nothing_can_observe_is_refused() -> None:
    text = text_of("SHOP-002", "http", "browser").replace("request", "screenshot, console")
    with pytest.raises(Refused, match="CONTRACT-009 SHOP-002"):
        amended(running(), ("change", "SHOP-002", text))


def test_added_assertion_that_nobody_owns_is_an_item_that_may_not_be_dismissed() -> None:
    mission = amended(running(), ("add", "SHOP-005", ADDED), by=LEAD)
    (item,) = mission.open_items
    assert (item.opened.type, item.opened.about, item.opened.owner) == ("undone", "SHOP-005", "orchestrator")
    with pytest.raises(Refused, match="stays open while no feature owns SHOP-005"):
        resolved(mission, "dismiss")
    owned = planned(mission, add=[feature("F4", fulfills=["SHOP-005"])])
    assert resolved(owned, "feature", feature="F4").open_items == []


def test_amended_assertion_goes_back_to_pending() -> None:
    mission = amended(sealed(), ("change", "SHOP-002", text_of("SHOP-002", "200", "204")))
    state = mission.assertions["SHOP-002"]
    assert (state.status, state.verdict, state.stale) == ("pending", None, False)
    assert mission.assertions["SHOP-001"].status == "passed"


def test_waived_assertion_that_is_amended_counts_again() -> None:
    mission = amended(waived(running(), "SHOP-002"), ("change", "SHOP-002", text_of("SHOP-002", "200", "204")))
    assert mission.assertions["SHOP-002"].status == "pending"


def test_waived_assertion_of_a_cancelled_feature_that_is_amended_is_planned_anew() -> None:
    """It would count again with nobody to build it."""
    mission = waived(waived(running(), "SHOP-001"), "SHOP-002")
    mission = planned(mission, cancel=[{"feature": "F1", "reason": WHY}])
    mission = amended(mission, ("change", "SHOP-002", text_of("SHOP-002", "200", "204")))
    assert [i.opened.about for i in mission.open_items] == ["SHOP-002"]
    with pytest.raises(Refused, match="stays open while no feature owns SHOP-002"):
        resolved(mission, "dismiss")


def test_orchestrators_amendment_answers_no_failed_verdict() -> None:
    """Adding a check to what failed must not be a dismissal in other words."""
    mission = amended(opened(built(), "verdict", "SHOP-004"), ("change", "SHOP-004", STRONGER), by=LEAD)
    assert [i.id for i in mission.open_items] == ["I1"]


def test_users_amendment_withdraws_the_verdict_on_the_old_text() -> None:
    mission = amended(opened(built(), "verdict", "SHOP-004"), ("change", "SHOP-004", STRONGER))
    assert mission.items["I1"].decision == "withdrawn"


def test_completed_mission_that_is_amended_runs_again_and_judges_it() -> None:
    mission = amended(carry(running()), ("change", "SHOP-002", text_of("SHOP-002", "200", "204")))
    assert mission.phase == "running"
    world = World(commits=9)
    assert carry(mission, world).phase == "completed"
    assert [s.scope for s in world.steps if isinstance(s, StartRound)] == [("SHOP-002",)]


# --- waiving ---

def test_waiver_settles_and_withdraws_what_was_open_about_it_and_lifts_the_block() -> None:
    mission = opened(opened(built(), "verdict", "SHOP-002", owner="user"), "verdict", "SHOP-004", owner="user")
    mission = told(mission, e.HoldPlaced(hold="blocked", reason="v", items=["I1"]))
    mission = waived(mission, "SHOP-002")
    assert (mission.items["I1"].decision, mission.items["I1"].reason) == ("withdrawn", "waived: not worth it")
    assert (mission.items["I2"].is_open, mission.holds) == (True, {})
    assert "SHOP-002" in mission.settled


def test_waiver_leaves_a_block_that_waits_for_more() -> None:
    mission = opened(opened(built(), "verdict", "SHOP-002", owner="user"), "verdict", "SHOP-004", owner="user")
    mission = told(mission, e.HoldPlaced(hold="blocked", reason="v", items=["I1", "I2"]))
    assert waived(mission, "SHOP-002").word == "blocked"


@pytest.mark.parametrize(("mission", "expected"), [
    (amended(running(), ("remove", "SHOP-002", "")), "'SHOP-002' is not a live assertion"),
    (waived(running(), "SHOP-002"), "SHOP-002 is waived already: not worth it"),
])
def test_waiver_is_refused(mission: Mission, expected: str) -> None:
    with pytest.raises(Refused, match=expected):
        waived(mission, "SHOP-002")


# --- changing the plan ---

def test_there_must_be_a_plan() -> None:
    bare = told(None, e.MissionCreated(mission="m", goal="g", repository="/r", base="c", slug="s",
                                       settings=running().settings),
                e.MissionApproved(hashes={}, base_commit="c"))
    assert refusal(bare, order=["F1"]) == "there is no plan to change; write_plan comes first"


def test_fix_names_items_that_exist() -> None:
    assert refusal(running(), add=[feature("F4", fixes=["I7"])]).startswith("I7: no such item")


@pytest.mark.parametrize(("skills", "expected"), [
    (None, None), (["tdd"], None), ([], "names skill 'tdd', which does not exist; there are: none"),
    (["care"], "names skill 'tdd', which does not exist; there are: care"),
])
def test_unknown_skill_is_refused_where_the_caller_knows_the_skills(
    skills: list[str] | None, expected: str | None
) -> None:
    parts: dict[str, Any] = {"add": [feature("F4", fixes=["I1"], skill="tdd")], "skills": skills}
    mission = opened(running())
    if expected:
        assert expected in refusal(mission, **parts)
    else:
        assert planned(mission, **parts).features["F4"].status == "ready"


def test_feature_cannot_be_cancelled_to_drop_its_assertion() -> None:
    for by in (LEAD, "user"):
        assert "F3 owns PAGE-001, PAGE-002" in refusal(running(), by, cancel=[{"feature": "F3", "reason": WHY}])
    mission = waived(amended(running(), ("remove", "PAGE-001", "")), "PAGE-002")
    assert planned(mission, cancel=[{"feature": "F3", "reason": WHY}]).features["F3"].status == "cancelled"


def given() -> Mission:
    """An item was answered by a fix feature that has not been worked on."""
    mission = planned(opened(built(), "gate", "test"), add=[feature("F4", fixes=["I1"])])
    return resolved(mission, "feature", feature="F4")


def test_item_given_to_a_feature_is_not_lost_by_cancelling_the_feature() -> None:
    assert refusal(given(), cancel=[{"feature": "F4", "reason": WHY}]).startswith("I1 would be left to nobody")
    folded = planned(given(), fold=[{"feature": "F4", "into": "F3"}])
    kept = folded.feature("F3")
    assert kept is not None and kept.fixes == ["I1"]
    assert planned(given(), "user", cancel=[{"feature": "F4", "reason": WHY}]).features["F4"].status == "cancelled"


def test_item_folded_into_a_feature_is_not_lost_by_cancelling_it() -> None:
    mission = planned(opened(built(), "gate", "test"), add=[feature("F4", fixes=["I1"])])
    mission = resolved(opened(mission, "no_work"), "fold", "I2", feature="F4")
    mission = resolved(mission, "dismiss", by="user")
    assert refusal(mission, cancel=[{"feature": "F4", "reason": WHY}]).startswith("I2 would be left to nobody")


def test_item_that_another_feature_mends_too_is_not_lost() -> None:
    twice = planned(given(), add=[feature("F5", fixes=["I1"])])
    assert planned(twice, cancel=[{"feature": "F4", "reason": WHY}]).features["F4"].status == "cancelled"


@pytest.mark.parametrize("settle", [lambda m: waived(m, "SHOP-002"), lambda m: amended(m, ("remove", "SHOP-002", ""))])
def test_fix_of_what_no_longer_counts_may_be_cancelled(settle: Any) -> None:
    mission = planned(opened(built(), "verdict", "SHOP-002"), add=[feature("F4", fixes=["I1"])])
    mission = settle(resolved(mission, "feature", feature="F4"))
    assert planned(mission, cancel=[{"feature": "F4", "reason": WHY}]).features["F4"].status == "cancelled"


def test_item_lost_by_the_user_does_not_stand_in_the_way_of_later_changes() -> None:
    mission = planned(given(), "user", cancel=[{"feature": "F4", "reason": WHY}])
    assert planned(opened(mission), add=[feature("F5", fixes=["I2"])]).features["F5"].status == "ready"


def half_done() -> Mission:
    """A fix feature that left a commit and was handed off as partial."""
    world = World(handoffs={"F4": handoff("partial")})
    mission = opened(planned(opened(running()), add=[feature("F4", fixes=["I1"], before="F1")]), blocks="none")
    mission = carry(resolved(mission, "dismiss"), world, until=lambda m, s: m.features["F4"].audited)
    assert mission.features["F4"].commits == ("c1",)
    return mission


def test_commits_of_a_cancelled_feature_do_not_stay_in_the_tree_unread() -> None:
    assert refusal(half_done(), cancel=[{"feature": "F4", "reason": WHY}]).startswith("F4 left commits in the tree")


def test_commits_of_a_folded_feature_are_read_with_the_one_that_takes_it() -> None:
    mission = planned(half_done(), fold=[{"feature": "F4", "into": "F1"}])
    heir = mission.features["F1"]
    assert (heir.start, heir.commits, heir.tries) == ("c0", ("c1",), 1)
    assert "ended as partial" in heir.reopened
    assert mission.features["F4"].commits == ()


def test_commits_of_a_split_feature_go_to_its_first_part() -> None:
    parts = [feature("F5", fixes=["I1"]), feature("F6", fixes=["I1"])]
    mission = planned(half_done(), split=[{"feature": "F4", "into": parts}])
    assert (mission.features["F5"].commits, mission.features["F6"].commits) == (("c1",), ())
    assert (mission.features["F5"].tries, mission.features["F6"].tries) == (1, 1)


def test_feature_that_began_earlier_keeps_its_beginning_when_another_is_folded_into_it() -> None:
    world = World(handoffs={"F1": handoff("partial"), "F4": handoff("partial")})
    mission = carry(running(), world, until=lambda m, s: m.features["F1"].audited)
    mission = opened(mission)
    mission = planned(mission, add=[feature("F4", fixes=["I1"], before="F1")])
    mission = carry(resolved(mission, "dismiss"), world, until=lambda m, s: m.features["F4"].audited)
    mission = planned(mission, fold=[{"feature": "F4", "into": "F1"}])
    assert (mission.features["F1"].start, mission.features["F1"].commits) == ("c0", ("c1", "c2"))


# --- around a round ---

def test_feature_added_to_a_milestone_in_validation_keeps_it_from_being_sealed() -> None:
    mission = opened(carry(running(), until=at(Together, "tester")))
    mission = resolved(planned(mission, add=[feature("F4", fixes=["I1"])]), "feature", feature="F4")
    world = World(commits=5)
    mission = carry(mission, world, until=lambda m, s: m.milestones["M1"].status == "sealed")
    rounds = [(r.number, r.outcome) for r in mission.rounds]
    assert rounds == [(1, "passed"), (2, "passed")]
    assert mission.features["F4"].reviewed_at == mission.features["F4"].end == "c6"


def test_milestone_cannot_be_put_before_one_that_has_begun() -> None:
    """The one that is being validated would be left half judged."""
    parts: dict[str, Any] = {
        "milestones": [{**M3, "after": "M1"}], "add": [feature("F4", "M3", fixes=["I1"])]
    }
    assert refusal(opened(sealed()), **parts) == "M3 would stand before M2, which has begun; put it after M2"
    validating = opened(carry(running(), until=at(Together, "tester")))
    assert list(planned(validating, **parts).milestones) == ["M1", "M3", "M2"]


def test_feature_reopened_in_mid_round_is_built_and_read_again_before_the_seal() -> None:
    mission = resolved(opened(carry(running(), until=at(Together, "tester")), "issue"), "reopen")
    world = World(commits=5)
    mission = carry(mission, world, until=lambda m, s: m.milestones["M1"].status == "sealed")
    assert mission.features["F1"].reviewed_at == mission.features["F1"].end == "c6"
    assert len(mission.rounds) == 2


def test_feature_reopened_in_mid_round_that_comes_back_unchanged_is_read_again_all_the_same() -> None:
    mission = resolved(opened(carry(running(), until=at(Together, "tester")), "issue"), "reopen")
    world = World()
    world.commit = lambda m, *a: m  # type: ignore[method-assign]
    mission = carry(mission, world, until=lambda m, s: m.milestones["M1"].status == "sealed")
    assert [r.number for r in mission.rounds] == [1, 2]
    assert "reviewer.F1.M1r2.1" in mission.attempts


def test_feature_that_joins_in_mid_round_is_built_before_anyone_reads_it() -> None:
    """A reader of nothing failed a round that everything else had passed."""
    mission = opened(carry(running(), until=at(Together, "tester")), "issue")
    mission = planned(mission, add=[feature("F9", "M1", fixes=["I1"])])
    mission = resolved(mission, "feature", feature="F9")
    mission = carry(mission, World(commits=5), until=lambda m, s: m.milestones["M1"].status == "sealed")
    read = [a.started.attempt for a in mission.attempts.values() if a.started.seat == "reviewer"]
    assert "reviewer.F9.M1r1.1" not in read and "reviewer.F9.M1r2.1" in read


# --- outlines ---

def test_outline_cannot_rot_past_its_milestone() -> None:
    mission = planned(opened(running()), add=[feature("F4", detail="outline", fixes=["I1"])])
    mission = resolved(mission, "feature", feature="F4")
    world = World()
    mission = carry(mission, world, until=lambda m, s: bool(m.holds))
    assert mission.milestones["M1"].status == "open" and "Stuck" in type(world.steps[-2]).__name__
    assert not any(a.startswith("worker") for a in mission.attempts)


def test_sealed_milestone_takes_no_more_work() -> None:
    assert "M1 is sealed and takes no more work" in refusal(opened(sealed()), add=[feature("F4", "M1", fixes=["I1"])])


def test_active_feature_is_not_changed_and_a_cut_one_is() -> None:
    mission = seated(opened(running(), blocks="none"), "worker", "F1")
    parts = [feature("F8", fulfills=["SHOP-001"]), feature("F9", fulfills=["SHOP-002"])]
    assert "F1 is active" in refusal(mission, split=[{"feature": "F1", "into": parts}])
    cut = risen(mission, "interrupted")
    changed = planned(cut, split=[{"feature": "F1", "into": parts}])
    assert [changed.features[f].tries for f in ("F8", "F9")] == [1, 1]
    assert next_step(changed) is not None


def test_change_of_plan_is_one_event_with_its_reason() -> None:
    (changed,) = decide(running(), o.ORDER.validate_python(
        {"order": "change_plan", "change": {"reason": WHY, "order": ["F2", "F1"]}}), by=LEAD)
    assert isinstance(changed, e.PlanChanged) and changed.reason == WHY
