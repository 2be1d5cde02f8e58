"""The scheduler: each rule with a mission that has just reached it, first rule first."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.mission import Mission
from milepost.domain.next import (
    SEATINGS,
    AuditHandoff,
    Block,
    Complete,
    EndRound,
    Fail,
    Prove,
    RunGates,
    Seal,
    Sit,
    StartRound,
    Stuck,
    Together,
    Wait,
    next_step,
)
from tests.domain.life import (
    PLAN,
    SHOP,
    World,
    amended,
    at,
    carry,
    created,
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
    words,
)


def say(mission: Mission) -> str:
    return words(next_step(mission))


def outlined() -> Mission:
    """Running, with F3 of the second milestone still an outline."""
    plan = {**PLAN, "features": [*PLAN["features"][:2], feature("F3", "M2", detail="outline",
                                                                fulfills=["PAGE-001", "PAGE-002"])]}
    return running(plan)


def small(**settings: Any) -> Mission:
    """Running, with one milestone of one feature."""
    plan = {"milestones": PLAN["milestones"][:1],
            "features": [{**PLAN["features"][0], "fulfills": [f"SHOP-00{n}" for n in (1, 2, 3, 4)]}]}
    return running(plan, contract=(SHOP,), **settings)


STORY = """
worker.F1.1
AuditHandoff F1
Prove F1
worker.F2.1
AuditHandoff F2
Prove F2
StartRound M1 1 SHOP-001 SHOP-002 SHOP-003 SHOP-004
RunGates lint test tests tamper stubs check:SHOP-001 check:SHOP-003
reviewer.F1.M1r1.1 + reviewer.F2.M1r1.1
scrutiny.M1r1.1
tester.M1r1.flow-1.1 + tester.M1r1.flow-2.1
EndRound
Seal M1
worker.F3.1
AuditHandoff F3
Prove F3
StartRound M2 1 PAGE-001 PAGE-002
RunGates lint test tests tamper stubs check:SHOP-001 check:SHOP-003 check:PAGE-002
reviewer.F3.M2r1.1
tester.M2r1.flow-1.1
EndRound
Seal M2
StartRound audit 1 SHOP-002 SHOP-004
RunGates lint test tests tamper stubs check:SHOP-001 check:SHOP-003 check:PAGE-002
tester.auditr1.flow-1.1 + tester.auditr1.flow-2.1
EndRound
auditor.1
Complete
"""


def test_mission_where_all_goes_well_takes_every_step_in_order() -> None:
    world = World()
    mission = carry(running(), world)
    assert [words(s) for s in world.steps] == STORY.strip().splitlines()
    assert (mission.phase, mission.completion) == ("completed", 1.0)


# --- who is asked first ---

def test_draft_seats_the_orchestrator() -> None:
    assert say(created()) == "orchestrator.1"


@pytest.mark.parametrize("mission", [proposed(), ordered(running(), o.CancelMission()), carry(running())])
def test_nothing_is_next_while_proposed_or_ended(mission: Mission) -> None:
    assert next_step(mission) is None


def test_nothing_is_next_while_paused() -> None:
    assert next_step(ordered(running(), o.PauseMission())) is None


def test_parked_mission_waits_for_its_time_and_nothing_else() -> None:
    parked = told(running(), e.HoldPlaced(hold="parked", reason="quota", until=7.0))
    assert next_step(parked) == Wait(7.0)
    assert next_step(ordered(parked, o.PauseMission())) is None
    assert next_step(told(running(), e.HoldPlaced(hold="parked", reason="quota"))) is None


def test_orchestrator_that_changes_nothing_three_times_is_asked_about() -> None:
    mission = created()
    for n in (1, 2, 3):
        assert say(mission) == f"orchestrator.{n}"
        mission = risen(seated(mission, "orchestrator"))
    assert say(mission) == "Stuck mission"


def test_answer_of_the_user_seats_the_orchestrator_again() -> None:
    world = World()
    mission = carry(created(), world, until=lambda m, s: bool(m.holds))
    assert [words(s) for s in world.steps] == [
        "orchestrator.1",
        "orchestrator.2",
        "orchestrator.3",
        "Stuck mission",
        "Block I1",
    ]
    mission = resolved(mission, "answer", by="user", text="go on")
    assert (say(mission), mission.holds) == ("orchestrator.4", {})


def test_L13_orchestrator_that_is_busy_with_itself_is_asked_about() -> None:
    """Each seating resolves an item and opens the next: it never idles, and nobody else ever gets to work."""

    def busy(mission: Mission) -> Mission:
        done = resolved(mission, "dismiss", mission.open_items[0].id)
        return opened(done, "issue")

    world = World(leads=busy)
    mission = carry(opened(running(), "issue"), world, until=lambda m, s: bool(m.holds))
    assert [words(s) for s in world.steps][-3:] == [f"orchestrator.{SEATINGS}", "Stuck mission", "Block I14"]
    assert say(resolved(mission, "answer", "I14", by="user", text="go on")) == f"orchestrator.{SEATINGS + 1}"


def test_open_attempt_goes_on_before_anything_else() -> None:
    mission = seated(running(), "worker", "F1", milestone="M1")
    mission = told(opened(mission), e.MessageReceived(text="hurry"))
    assert say(mission) == "worker.F1.1"


def test_open_attempts_go_on_together_and_their_sub_attempts_inside_them() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    mission = seated(
        seated(mission, "reviewer", "F1", milestone="M1", round=1), "reviewer", "F2", milestone="M1", round=1
    )
    mission = seated(mission, "researcher", "a question", parent="reviewer.F1.M1r1.1")
    assert say(mission) == "reviewer.F1.M1r1.1 + reviewer.F2.M1r1.1"


def test_item_of_the_users_that_blocks_all_holds_the_mission() -> None:
    mission = opened(running(), "verdict", "SHOP-002", owner="user")
    step = next_step(mission)
    assert isinstance(step, Block) and step.items == ("I1",) and "I1 verdict: t" in step.reason


def test_item_of_the_users_fails_an_unattended_mission() -> None:
    assert isinstance(next_step(opened(running(unattended=True), "stuck", owner="user")), Fail)


def test_unattended_draft_waits_all_the_same() -> None:
    assert isinstance(next_step(opened(drafted(unattended=True), "question", owner="user")), Block)


NEEDS_ORCHESTRATOR: list[tuple[str, Mission]] = [
    ("an item", opened(running())),
    ("an item about one feature", opened(running(), blocks=["F2"])),
    ("a message", ordered(running(), o.SteerMission(text="use dots"))),
]


@pytest.mark.parametrize(("why", "mission"), NEEDS_ORCHESTRATOR, ids=[w for w, _ in NEEDS_ORCHESTRATOR])
def test_orchestrator_is_seated_before_the_next_worker(why: str, mission: Mission) -> None:
    assert say(mission) == "orchestrator.1"


def test_message_is_read_once() -> None:
    mission = ordered(running(), o.SteerMission(text="use dots"))
    assert say(risen(seated(mission, "orchestrator"))) == "worker.F1.1"


def test_message_that_came_while_the_orchestrator_sat_is_read_next() -> None:
    mission = ordered(seated(opened(running(), blocks="none"), "orchestrator"), o.SteerMission(text="use dots"))
    assert say(risen(mission)) == "orchestrator.2"


@pytest.mark.parametrize("outcome", ["interrupted", "limit", "stuck", "error"])
def test_message_survives_an_orchestrator_that_was_cut_short(outcome: str) -> None:
    mission = ordered(running(), o.SteerMission(text="use dots"))
    assert say(risen(seated(mission, "orchestrator"), outcome)) == "orchestrator.2"


def test_item_that_blocks_nothing_seats_nobody() -> None:
    assert say(opened(running(), "proposal", "M1", blocks="none")) == "worker.F1.1"


def test_outline_is_detailed_only_once_its_milestone_began() -> None:
    world = World()
    mission = carry(outlined(), world, until=at(Sit, "orchestrator"))
    assert words(world.steps[-1]) == "Seal M1"
    detailed = planned(
        risen(seated(mission, "orchestrator")), detail=[{"feature": "F3", "description": "d", "expected": ["e"]}]
    )
    assert say(detailed) == "worker.F3.1"


def test_late_answer_to_a_question_about_one_feature_reaches_the_orchestrator() -> None:
    asker = seated(opened(running(), blocks="none"), "orchestrator")
    asked = risen(told(asker, item(asker, "question", owner="user", blocks=["F2"]), by="orchestrator.1"))
    assert say(asked) == "worker.F1.1"
    answered = resolved(asked, "answer", "I2", by="user", text="red")
    assert [m.text for m in answered.unread] == ["t — red"]
    assert say(answered) == "orchestrator.2"
    assert say(risen(seated(answered, "orchestrator"))) == "worker.F1.1"


def test_answer_that_the_asker_slept_for_seats_nobody_again() -> None:
    asker = seated(opened(running(), blocks="none"), "orchestrator")
    asked = told(asker, item(asker, "question", owner="user"), by="orchestrator.1")
    assert say(risen(resolved(asked, "answer", "I2", by="user", text="red"))) == "worker.F1.1"


# --- work ---

def test_handoff_is_audited_then_proved_before_the_next_worker() -> None:
    world = World()
    carry(running(), world, until=at(StartRound))
    assert [words(s) for s in world.steps][:4] == ["worker.F1.1", "AuditHandoff F1", "Prove F1", "worker.F2.1"]


def test_partial_handoff_is_audited_and_not_proved() -> None:
    world = World(handoffs={"F1": handoff("partial")})
    mission = carry(running(), world, until=lambda m, s: len(world.steps) == 2)
    assert say(mission) == "worker.F1.2"


def test_feature_that_waits_for_the_user_is_passed_over() -> None:
    mission = opened(running(), "question", owner="user", blocks=["F1"])
    assert say(mission) == "worker.F2.1"


def test_mission_holds_once_only_what_waits_for_the_user_is_left() -> None:
    world = World()
    mission = carry(opened(running(), "question", owner="user", blocks=["F1"]), world, until=lambda m, s: bool(m.holds))
    assert [words(s) for s in world.steps] == ["worker.F2.1", "AuditHandoff F2", "Prove F2", "Block I1"]
    assert say(resolved(mission, "answer", by="user", text="blue")) == "orchestrator.1"


def test_cancelled_feature_is_not_worked_on() -> None:
    mission = planned(opened(running()), add=[feature("F4", fixes=["I1"])])
    assert say(resolved(planned(mission, cancel=[{"feature": "F4", "reason": "x" * 20}]), "dismiss")) == "worker.F1.1"


# --- caps ---

def test_D18_feature_that_took_its_attempts_is_asked_about_and_goes_on_when_the_user_says_so() -> None:
    world = World(silent={"worker"})
    mission = carry(small(), world, until=lambda m, s: bool(m.holds))
    assert sum(words(s).startswith("worker") for s in world.steps) == 5
    assert words(world.steps[-2]) == "Stuck F1"
    mission = resolved(mission, "answer", by="user", text="try again")
    mission = risen(seated(mission, "orchestrator"))
    again = World(silent={"worker"})
    carry(mission, again, until=lambda m, s: bool(m.holds))
    assert sum(words(s).startswith("worker") for s in again.steps) == 5


def fixed(mission: Mission, number: int) -> Mission:
    """The orchestrator answers the oldest open item with another fix feature."""
    name, fix = mission.open_items[0].id, f"F{number}"
    return resolved(planned(mission, add=[feature(fix, fixes=[name])]), "feature", name, feature=fix)


def test_L10_fix_chain_counts_on_the_cap_of_what_it_mends() -> None:
    """F1 is built, a fix of it is vacuous, a fix of the fix is, and so on: five attempts in all, then the user."""
    mission = opened(carry(small(), until=at(StartRound)), "gate", "F1")
    world = World()
    for number in range(4, 20):
        world.handoffs[f"F{number}"] = handoff("partial")
        mission = carry(fixed(mission, number), world, until=at((AuditHandoff, Stuck)))
        if isinstance(next_step(mission), Stuck):
            break
        mission = world.take(mission, next_step(mission))  # type: ignore[arg-type]
        mission = told(mission, e.HandoffAudited(feature=f"F{number}", end=mission.head, mismatches=[]))
        mission = opened(mission, "gate", f"F{number}")
    assert sum(s.attempts for s in mission.features.values()) == 5
    stuck = next_step(mission)
    assert isinstance(stuck, Stuck) and "its fixes included; the cap is 5" in stuck.text


def test_L10_word_of_the_user_extends_the_whole_chain() -> None:
    mission = opened(carry(small(), until=at(StartRound)), "gate", "F1")
    mission = fixed(mission, 4)
    for _ in range(4):
        mission = risen(seated(mission, "worker", "F4"), "error")
    assert say(mission) == "Stuck F4"
    asked = opened(mission, "stuck", "F4", owner="user")
    assert say(resolved(asked, "dismiss", "I2", by="user")).startswith("worker.F4")
    asked = opened(mission, "stuck", "F1", owner="user")
    assert say(resolved(asked, "dismiss", "I2", by="user")).startswith("worker.F4")


@pytest.mark.parametrize(
    "parts",
    [
        {
            "split": [
                {"feature": "F1", "into": [feature("F8", fulfills=["SHOP-001"]), feature("F9", fulfills=["SHOP-002"])]}
            ]
        },
        {"fold": [{"feature": "F1", "into": "F2"}]},
    ],
)
def test_L10_split_or_fold_does_not_reset_the_cap(parts: dict[str, Any]) -> None:
    mission = running()
    for _ in range(5):
        mission = risen(seated(mission, "worker", "F1"), "error")
    changed = planned(mission, **parts)
    assert isinstance(next_step(changed), Stuck)


def test_rounds_are_capped_and_extended_by_the_user() -> None:
    mission = carry(small(caps={"rounds": 1}), World(red={"test"}), until=at(Sit, "orchestrator"))
    moved = told(resolved(mission, "dismiss", by="user"), commit("c9"))
    assert say(moved) == "Stuck M1"
    asked = resolved(opened(moved, "stuck", "M1", owner="user"), "dismiss", "I2", by="user")
    assert say(asked).startswith("StartRound M1 2")


def commit(name: str) -> e.CommitMade:
    return e.CommitMade(feature=None, commit=name, tree=name, parent="p", paths=["shop.py"])


def test_same_failure_twice_at_one_commit_asks_the_user() -> None:
    world = World(red={"test"})
    mission = carry(small(), world, until=at(Sit, "orchestrator"))
    mission = carry(resolved(mission, "dismiss", by="user"), world, until=at(Sit, "orchestrator"))
    mission = resolved(mission, "dismiss", "I2", by="user")
    step = next_step(mission)
    assert isinstance(step, Stuck) and "failed 2 times at the same commit: gate test is red" in step.text
    assert say(told(mission, commit("c9"))).startswith("StartRound M1 3")


# --- a round ---

def test_red_gate_ends_a_round_before_any_reader() -> None:
    world = World(red={"lint"})
    mission = carry(running(), world, until=at(EndRound))
    assert isinstance(world.steps[-1], RunGates)
    assert [i.about for i in conclusion(mission)] == ["lint"]


def conclusion(mission: Mission) -> list[e.ItemOpened]:
    return [f for f in World().facts(mission, EndRound()) if isinstance(f, e.ItemOpened)]


@pytest.mark.parametrize(("who", "last"), [("F1", "reviewer"), ("M1", "scrutiny")])
def test_blocking_finding_ends_a_round_before_the_testers(who: str, last: str) -> None:
    world = World(findings={who: [finding()]})
    mission = carry(running(), world, until=at(EndRound))
    assert words(world.steps[-1]).startswith(last)
    assert [(i.type, i.about) for i in conclusion(mission)] == [("finding", who)]


def test_finding_that_does_not_block_lets_the_testers_in() -> None:
    world = World(findings={"F1": [finding("non_blocking")]})
    assert next_step(carry(running(), world, until=at(Together, "tester"))) is not None


def test_D15_scrutiny_is_seated_only_for_two_features_or_more() -> None:
    world = World()
    carry(small(), world)
    assert not [s for s in world.steps if isinstance(s, Sit) and s.seat == "scrutiny"]


def test_interrupted_gates_are_run_and_finished_ones_are_not_run_again() -> None:
    mission = carry(running(), until=at(RunGates))
    mission = told(mission, World().gate(mission, "lint"), World().gate(mission, "check:SHOP-003"))
    assert say(mission) == "RunGates test tests tamper stubs check:SHOP-001"


def test_readers_that_submitted_are_not_seated_again() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    mission = World().sit(mission, Sit("reviewer.F1.M1r1.1", "reviewer", "F1", "M1", 1))
    assert say(mission) == "reviewer.F2.M1r1.1"


def test_feature_whose_review_passed_is_not_read_again() -> None:
    world = World(bad={"SHOP-002": "failed"})
    mission = carry(running(), world, until=at(Sit, "orchestrator"))
    fixed_ = fixed(mission, 4)
    world.bad = {}
    world.steps.clear()
    carry(fixed_, world, until=at(Seal))
    readers = [words(s) for s in world.steps if "reviewer" in words(s)]
    assert readers == ["reviewer.F4.M1r2.1"]


@pytest.mark.parametrize(("seat", "about"), [
    ("reviewer", "reviewer.F1.M1r1"), ("scrutiny", "scrutiny.M1r1"), ("tester", "tester.M1r1.flow-1"),
])
def test_validator_without_a_word_is_seated_three_times_then_the_user_is_asked(seat: str, about: str) -> None:
    world = World(silent={seat})
    mission = carry(running(), world, until=lambda m, s: bool(m.holds))
    assert words(world.steps[-2]) == f"Stuck {about}"
    tries = [s for step in world.steps for s in (step.sits if isinstance(step, Together) else [step])]
    assert sum(isinstance(s, Sit) and s.attempt.startswith(about) for s in tries) == 3
    again = resolved(mission, "answer", by="user", text="once more")
    assert seat in words(next_step(risen(seated(again, "orchestrator"))))


def test_failed_flow_becomes_an_item_and_the_next_round_asks_only_what_is_open() -> None:
    world = World(bad={"SHOP-002": "failed"})
    mission = carry(running(), world, until=at(Sit, "orchestrator"))
    assert [(i.opened.type, i.opened.about) for i in mission.open_items] == [("verdict", "SHOP-002")]
    mission = fixed(mission, 4)
    mission = carry(mission, world, until=at(StartRound))
    # The fix moved the product: what was passed before it is asked again.
    assert say(mission) == "StartRound M1 2 SHOP-001 SHOP-002 SHOP-003 SHOP-004"


def test_disputed_finding_is_read_once_by_a_fresh_reader() -> None:
    world = World(findings={"F1": [finding()]})
    mission = resolved(carry(running(), world, until=at(Sit, "orchestrator")), "dispute")
    assert say(mission) == "reviewer.I1.1"
    assert say(world.take(mission, next_step(mission))).startswith("StartRound M1 2")  # type: ignore[arg-type]


def test_dispute_that_nobody_judges_asks_the_user_and_goes_on_at_their_word() -> None:
    world = World(findings={"F1": [finding()]})
    mission = resolved(carry(running(), world, until=at(Sit, "orchestrator")), "dispute")
    world.silent = {"reviewer"}
    mission = carry(mission, world, until=lambda m, s: bool(m.holds))
    assert words(world.steps[-2]) == "Stuck I1"
    again = risen(seated(resolved(mission, "answer", "I2", by="user", text="go on"), "orchestrator"))
    assert say(again) == "reviewer.I1.4"


# --- the end ---

def test_round_that_passed_at_an_older_commit_does_not_seal() -> None:
    mission = carry(running(), until=at(Seal))
    assert say(told(mission, commit("c9"))).startswith("StartRound M1 2")


def test_next_milestone_opens_with_the_seal() -> None:
    mission = carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed")
    assert (mission.open_milestone, mission.milestones["M2"].status, say(mission)) == ("M2", "open", "worker.F3.1")


def test_stale_verdicts_are_judged_after_the_last_seal() -> None:
    mission = carry(running(), until=lambda m, s: m.open_milestone is None)
    assert say(mission) == "StartRound audit 1 SHOP-002 SHOP-004"


def test_failure_in_the_final_round_opens_a_follow_up_milestone() -> None:
    world = World()
    mission = carry(running(), world, until=lambda m, s: m.open_milestone is None)
    world.bad = {"SHOP-004": "failed"}
    mission = carry(mission, world, until=at(Sit, "orchestrator"))
    mission = planned(mission, milestones=[{"id": "M3", "title": "t", "outcome": "o"}],
                      add=[feature("F4", "M3", fixes=["I1"])])
    world.bad = {}
    mission = carry(resolved(mission, "feature", feature="F4"), world)
    # The follow-up milestone judges what its fix must restore.
    assert "StartRound M3 1 SHOP-004" in [words(s) for s in world.steps]
    assert mission.phase == "completed"


def test_audit_is_repeated_once_the_tree_moved() -> None:
    mission = carry(small(), until=at(Complete))
    moved = told(mission, commit("c9"))
    assert say(moved).startswith("StartRound audit")
    assert say(carry(moved, until=at(Sit, "auditor"))) == "auditor.2"


def test_audits_are_capped_and_extended_by_the_user() -> None:
    world = World(findings={"audit": [finding()]})
    mission = carry(small(caps={"audits": 1}), world, until=at(Sit, "orchestrator"))
    mission = resolved(mission, "dispute")
    mission = carry(mission, world, until=lambda m, s: bool(m.holds))
    assert words(world.steps[-2]) == "Stuck audit"
    again = risen(seated(resolved(mission, "dismiss", "I2", by="user"), "orchestrator"))
    assert say(again) == "auditor.2"


def test_L13_auditors_without_a_word_are_capped() -> None:
    world = World(silent={"auditor"})
    carry(small(), world, until=lambda m, s: bool(m.holds))
    assert [words(s) for s in world.steps[-5:]] == ["auditor.1", "auditor.2", "auditor.3", "Stuck audit", "Block I1"]


def test_mission_without_a_live_assertion_still_needs_its_seals_and_its_audit() -> None:
    gone = amended(small(), *(("remove", f"SHOP-00{n}", "") for n in (1, 2, 3, 4)))
    world = World()
    assert carry(gone, world).phase == "completed"
    assert [words(s) for s in world.steps[-3:]] == ["Seal M1", "auditor.1", "Complete"]


def test_step_is_never_missing_while_a_mission_runs_unheld() -> None:
    mission = running()
    world = World(bad={"SHOP-002": "blocked:tool"}, findings={"F1": [finding("non_blocking")]})
    while not mission.holds and not mission.ended:
        step = next_step(mission)
        assert step is not None
        mission = world.take(mission, step)
        if isinstance(step, Sit) and step.seat == "orchestrator":
            for one in mission.open_items:
                mission = resolved(mission, "dismiss", one.id) if one.opened.owner == "orchestrator" else mission
    assert set(mission.holds) == {"blocked"}


def test_seat_of_a_worker_names_its_milestone_and_a_tester_its_assertions() -> None:
    assert next_step(running()) == Sit("worker.F1.1", "worker", "F1", milestone="M1")
    step = next_step(carry(running(), until=at(Together, "tester")))
    assert isinstance(step, Together)
    assert [(s.subject, s.assertions) for s in step.sits] == [("flow-1", ("SHOP-002",)), ("flow-2", ("SHOP-004",))]


def test_proof_that_fails_goes_to_the_orchestrator_before_the_next_worker() -> None:
    world = World(vacuous={"F1"})
    mission = carry(running(), world, until=at(Sit, "orchestrator"))
    assert isinstance(world.steps[-1], Prove)
    assert mission.open_items[0].opened.type == "vacuous"
