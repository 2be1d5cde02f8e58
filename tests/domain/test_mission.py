"""What a mission answers when it is asked: who owns what, what is open, who comes next, how far it is."""

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.mission import Mission, waived
from milepost.domain.next import Complete, Together
from milepost.domain.sealing import incomplete, unsealed
from tests.domain.life import (
    WHY,
    World,
    amended,
    at,
    carry,
    created,
    feature,
    opened,
    ordered,
    planned,
    resolved,
    risen,
    running,
    seated,
    told,
)


def test_features_are_found_by_id_and_by_what_they_own() -> None:
    mission = running()
    assert [f.id for f in mission.features_of("M1")] == ["F1", "F2"]
    assert (mission.feature("F9"), mission.owner("SHOP-009")) == (None, None)
    owner = mission.owner("PAGE-002")
    assert owner is not None and owner.id == "F3"


def test_mission_without_a_plan_has_no_features() -> None:
    mission = created()
    assert (mission.feature("F1"), mission.features_of("M1"), mission.owner("SHOP-001"), mission.round) == (
        None, [], None, None
    )


def test_cancelled_feature_owns_nothing_and_counts_nowhere() -> None:
    mission = running()
    for name in ("SHOP-001", "SHOP-002"):
        mission = ordered(mission, o.WaiveAssertion(assertion=name, reason="r"))
    mission = planned(mission, cancel=[{"feature": "F1", "reason": WHY}])
    assert ([f.id for f in mission.features_of("M1")], mission.owner("SHOP-001")) == (["F2"], None)
    assert waived(mission) == {"SHOP-001", "SHOP-002"}


def test_attention_is_the_open_items_of_the_users() -> None:
    mission = opened(opened(running(), "stuck", owner="user"), "issue")
    assert ([i.id for i in mission.open_items], [i.id for i in mission.attention]) == (["I1", "I2"], ["I1"])
    assert resolved(mission, "answer", by="user", text="a").attention == []
    assert (mission.next_item(), mission.next_item(2)) == ("I3", "I5")


def test_word_is_the_worst_hold_else_the_phase() -> None:
    mission = running()
    seen = [mission.word]
    for hold in ("parked", "blocked", "paused"):
        mission = told(mission, e.HoldPlaced.model_validate({"hold": hold, "reason": "r"}))
        seen.append(mission.word)
    assert seen == ["running", "parked", "blocked", "paused"]


def test_completion_is_what_is_freshly_passed_or_waived_of_what_counts() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    assert mission.completion == 4 / 6
    mission = ordered(mission, o.WaiveAssertion(assertion="PAGE-001", reason="r"))
    assert mission.completion == 5 / 6
    assert amended(mission, ("remove", "PAGE-002", "")).completion == 1.0
    assert told(mission, e.EditNoticed(paths=["a.py"], commit="c9")).completion == 1 / 6
    assert created().completion == 0.0


ATTEMPTS = [
    (("orchestrator", "mission", None, None), "orchestrator.1"), (("auditor", "mission", None, None), "auditor.1"),
    (("worker", "F1", "M1", None), "worker.F1.1"), (("reviewer", "F1", "M1", 2), "reviewer.F1.M1r2.1"),
    (("reviewer", "I4", None, None), "reviewer.I4.1"), (("tester", "flow-1", "M1", 1), "tester.M1r1.flow-1.1"),
    (("tester", "flow-1", "audit", 1), "tester.auditr1.flow-1.1"), (("scrutiny", "M1", "M1", 1), "scrutiny.M1r1.1"),
]


def test_D22_attempt_is_named_by_seat_subject_and_ordinal() -> None:
    mission = running()
    assert [mission.next_attempt(*asked) for asked, _ in ATTEMPTS] == [name for _, name in ATTEMPTS]
    mission = risen(seated(mission, "tester", "flow-1", milestone="M1", round=1))
    assert mission.next_attempt("tester", "flow-1", "M1", 1) == "tester.M1r1.flow-1.2"
    assert mission.next_attempt("tester", "flow-1", "M1", 2) == "tester.M1r2.flow-1.1"
    assert mission.next_attempt("tester", "flow-10", "M1", 1) == "tester.M1r1.flow-10.1"


def test_open_attempts_are_those_that_have_not_ended() -> None:
    mission = seated(running(), "worker", "F1")
    assert [a.started.attempt for a in mission.open_attempts] == ["worker.F1.1"]
    assert risen(mission).open_attempts == []


# --- what is missing ---

def test_milestone_says_what_keeps_it_open() -> None:
    assert unsealed(running(), "M1") == [
        "F1 is ready", "F2 is ready", "F1 was not audited and proved", "F2 was not audited and proved",
        "F1 was not read as it stands", "F2 was not read as it stands",
        *(f"SHOP-00{n} is not freshly passed" for n in (1, 2, 3, 4)), "no round of M1 passed at the newest commit",
    ]
    assert unsealed(passed(), "M1") == []


def passed() -> Mission:
    """A mission whose first milestone may be sealed."""
    return carry(running(), until=lambda m, s: m.round is not None and m.round.outcome == "passed")


def test_milestone_stays_open_when_anything_of_it_changed_since_its_round() -> None:
    mission = passed()
    moved = told(mission, e.EditNoticed(paths=["notes.md"], commit="c9"))
    assert unsealed(moved, "M1") == ["no round of M1 passed at the newest commit"]
    again = told(mission, e.HandoffAudited(feature="F1", end="c9", mismatches=[]))
    assert unsealed(again, "M1") == ["F1 was not read as it stands"]
    stale = told(mission, e.VerdictsExpired(assertions=["SHOP-001"], because="b"))
    assert unsealed(stale, "M1") == ["SHOP-001 is not freshly passed"]
    more = planned(opened(mission), add=[feature("F4", fixes=["I1"])])
    assert unsealed(more, "M1")[0] == "F4 is ready"


def test_milestone_whose_gates_are_not_those_of_its_round_stays_open() -> None:
    mission = passed()
    assert mission.round is not None
    red = e.GateFinished(gate="lint", outcome="red", milestone="M1", round=1)
    assert unsealed(told(mission, red), "M1") == ["gate lint was red"]
    blocked = carry(running(), until=at(Together, "tester"))
    blocked = World(findings={}).take(blocked, Together(()))
    assert unsealed(blocked, "M1")[-1] == "no round of M1 passed at the newest commit"


def test_mission_says_what_keeps_it_from_its_end() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    assert incomplete(mission) == [
        "M2 is open", "PAGE-001 is not freshly passed, nor waived", "PAGE-002 is not freshly passed, nor waived",
        "no audit passed at the newest commit",
    ]
    assert incomplete(carry(running(), until=at(Complete))) == []
    assert incomplete(created()) == ["there is no plan", "no audit passed at the newest commit"]
