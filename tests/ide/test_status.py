"""One mission in a line: the word, why it does not go on, who is at work on what."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.next import RunGates
from milepost.ide.progress import progress
from milepost.ide.status import attention, status
from tests.ide.tale import Tale, before, created, done, drafted, judged, proposed, running, thinking, to


def hold(kind: str, reason: str = "why", **more: Any) -> e.HoldPlaced:
    return e.HoldPlaced.model_validate({"hold": kind, "reason": reason, **more})


def test_everything_of_a_mission_at_work() -> None:
    tale = judged()
    found = status(tale.snapshot(activity=(thinking("orchestrator.1", tool="read_file"),), dollars=1.8))
    assert found.model_dump(by_alias=True) == {
        "mission": "shop-1", "title": "A shop with a page", "repository": "file:///home/ada/my%20shop",
        "revision": tale.mission.seq, "word": "running", "phase": "running", "health": "ok", "message": "",
        "running": True, "completion": 0.5, "settled": 3, "assertions": 6, "dollars": 1.8, "budget": 10.0,
        "milestone": "M1", "seat": "orchestrator", "doing": "read_file", "subject": "", "attention": 0, "landed": False,
    }


PARKED = hold("parked", "rate limit")
LATER = hold("blocked", "I1 question: SQLite?", items=["I1"])


@pytest.mark.parametrize(("tale", "running_now", "expected"), [
    (created(), True, ("draft", "ok", "")),
    (drafted().open("question", "mission", owner="user", text="SQLite?"), True,
     ("draft", "warning", "I1 waits for you: SQLite?")),
    (proposed(), True, ("proposed", "warning", "the proposal waits for your approval")),
    (running(), True, ("running", "ok", "")),
    (running(), False, ("interrupted", "warning", "nobody carries it; run it to go on")),
    (running().order(o.PauseMission(reason="lunch")), False, ("paused", "ok", "lunch")),
    (running().say(PARKED), True, ("parked", "warning", "rate limit")),
    (running().say(hold("blocked", "credential: no key")), False, ("blocked", "error", "credential: no key")),
    (running().open("question", owner="user").say(LATER), True, ("blocked", "warning", "I1 question: SQLite?")),
    (done(), False, ("completed", "ok", "everything is settled; land milepost/shop when you like")),
    (done().order(o.LandMission(commit="abcdef123456")), False, ("completed", "ok", "landed as abcdef12")),
    (running().order(o.CancelMission(reason="enough")), False, ("cancelled", "ok", "enough")),
    (running().say(e.MissionFailed(reason="no way")), False, ("failed", "error", "no way")),
])
def test_word_health_and_message(tale: Tale, running_now: bool, expected: tuple[str, str, str]) -> None:
    found = status(tale.snapshot(running=running_now))
    assert (found.word, found.health, found.message) == expected


def test_parked_mission_says_when_it_goes_on() -> None:
    tale = running()
    tale.say(hold("parked", "rate limit", until=tale.now + 60 + 720))
    assert status(tale.snapshot()).message == "rate limit; goes on by itself in 12 min"


def test_long_reasons_are_cut_and_on_one_line() -> None:
    found = status(running().say(hold("blocked", "a\n" * 400)).snapshot())
    assert len(found.message) == 300 and "\n" not in found.message


def test_attention_counts_items_of_the_user_and_the_proposal_until_the_end() -> None:
    tale = drafted().open("question", "mission", owner="user").open("undone")
    assert attention(tale.mission) == 1
    assert attention(proposed().open("question", owner="user", blocks="none").mission) == 2
    assert attention(tale.order(o.CancelMission()).mission) == 0


def test_settled_counts_what_the_mission_counts() -> None:
    found = status(done().snapshot())
    assert (found.completion, found.settled, found.assertions, found.milestone) == (1.0, 6, 6, "")
    assert status(created().snapshot()).completion == 0.0


# --- who is at work ---

def at_work(tale: Tale, **more: Any) -> tuple[str, str, str]:
    found = status(tale.snapshot(**more))
    return found.seat, found.doing, found.subject


@pytest.mark.parametrize(("seat", "subject", "expected"), [
    ("worker", "F1", ("worker", "thinking", "F1")), ("reviewer", "F1", ("reviewer", "thinking", "F1")),
    ("scrutiny", "M1", ("scrutiny", "thinking", "M1")), ("tester", "flow-1", ("tester", "thinking", "flow-1")),
    ("auditor", "mission", ("auditor", "thinking", "")),
])
def test_whoever_began_something_last(seat: str, subject: str, expected: tuple[str, str, str]) -> None:
    tale = running().go(to(seat, subject))
    sit = tale.due()
    tale.begin(sit)
    assert at_work(tale, activity=(thinking(sit.attempt), thinking("worker.F9.1"))) == expected


def test_nobody_is_at_work_without_a_runner_or_after_the_end() -> None:
    assert at_work(running(), running=False, activity=(thinking("worker.F1.1"),)) == ("", "", "")
    assert at_work(done(), activity=(thinking("worker.F1.1"),)) == ("", "", "")


def test_attempt_that_the_story_does_not_have_yet_has_no_subject() -> None:
    assert at_work(running(), activity=(thinking("worker.F1.1", tool="commit"),)) == ("worker", "commit", "")


def test_engine_at_its_own_work() -> None:
    tale = running().go(to("worker", "F1"))
    tale.sit(tale.due())
    assert at_work(tale) == ("", "auditing", "F1")
    assert at_work(running().go(before(RunGates))) == ("", "judging", "M1")
    last = e.RoundStarted(milestone="audit", round=1, commit="c1", tree="t", scope=[])
    assert at_work(running().say(last)) == ("", "judging", "")
    assert at_work(running().order(o.PauseMission())) == ("", "", "")


# --- progress ---

@pytest.mark.parametrize(("tale", "activity", "expected"), [
    (judged(), "worker.F1.1", "M1: worker on F1, thinking · 3 of 6 assertions · $1.75 of $10.00"),
    (judged(), "scrutiny.M1r1.1", "scrutiny on M1, thinking · 3 of 6 assertions · $1.75 of $10.00"),
    (created(), "orchestrator.1", "orchestrator, thinking · $0.00 of $10.00"),
    (running().go(before(RunGates)), "", "judging M1 · 0 of 6 assertions · $0.50 of $10.00"),
    (running(), "", "running · 0 of 6 assertions · $0.00 of $10.00"),
    (proposed(), "", "proposed: the proposal waits for your approval · 0 of 6 assertions · $0.00 of $10.00 · "
     "1 item for you"),
])
def test_progress_in_a_line(tale: Tale, activity: str, expected: str) -> None:
    found = progress(tale.snapshot(activity=(thinking(activity),) if activity else ()))
    assert (found.title, found.message) == ("Milepost: A shop with a page", expected)


def test_engine_names_what_it_audits() -> None:
    tale = running().go(to("worker", "F1"))
    tale.sit(tale.due())
    assert progress(tale.snapshot()).message.startswith("M1: auditing F1 · ")


@pytest.mark.parametrize(("tale", "running_now", "going"), [
    (running(), True, True), (created(), True, True), (running(), False, False), (proposed(), True, False),
    (running().order(o.PauseMission()), True, False), (done(), True, False),
])
def test_progress_is_shown_while_somebody_carries_the_mission(tale: Tale, running_now: bool, going: bool) -> None:
    assert progress(tale.snapshot(running=running_now)).going is going


def test_percentage_is_the_completion() -> None:
    assert [progress(t.snapshot()).percentage for t in (created(), judged(), done())] == [0, 50, 100]
