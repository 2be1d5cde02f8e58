"""Orders to a mission that waits, is at work, or has nobody to carry it."""

from pathlib import Path

import pytest

from tests.cli import tapes
from tests.cli.conftest import Terminal
from tests.runner import story


@pytest.fixture
def asks(milepost_: Terminal) -> Terminal:
    """A terminal beside a draft that asks something."""
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    return milepost_


def test_question_is_answered_by_item_by_number_or_in_words(asks: Terminal) -> None:
    assert "waiting for an answer:\nI1 currency: Which currency" in asks("answer", code=2).stderr
    assert "there is no item 'I9'; waiting for you: I1" in asks("answer", "I9", "x", code=2).stderr
    assert "I1 needs an answer in words" in asks("answer", "I1", code=2).stderr
    assert "has no option 5" in asks("answer", "i1", "5", code=2).stderr
    assert "discount: I1: dollar" in asks("answer", "i1", "2").stdout
    assert "was resolved already: answer (dollar)" in asks("answer", "I1", "1", code=2).stderr


def test_answer_in_words_needs_no_item_where_one_waits(asks: Terminal) -> None:
    assert asks.json("answer", "pounds,", "please")["recorded"] == ["item_resolved", "hold_lifted"]
    assert asks.json("items", "--all")[0]["answer"] == "pounds, please"


def test_item_is_resolved_by_the_user(asks: Terminal) -> None:
    assert "I1 is a question: expected answer, not dismiss" in asks("resolve", "I1", "dismiss", code=2).stderr
    assert "Invalid value" in asks("resolve", "I1", "forget", code=2).stderr
    asks("resolve", "i1", "answer", "--text", "euro")
    assert asks.json("items") == []


def test_paused_mission_stops_and_goes_on(asks: Terminal) -> None:
    asks("pause")
    assert "is paused already" in asks("pause", code=2).stderr
    assert "paused" in asks("status").stdout
    asks("answer", "euro")
    assert asks("run", code=6).stdout.rstrip().endswith("`milepost resume` lets it go on")
    asks("resume")
    assert "nothing to resume" in asks("resume", code=2).stderr
    asks.until(lambda now: now["state"] == "proposed")


def test_message_settings_and_proposal_are_taken_while_it_asks(asks: Terminal) -> None:
    assert "the orchestrator reads this" in asks("steer", "use integers").stdout
    assert "decides what is open itself" in asks("propose").stdout
    assert "budget.dollars is now 7.5" in asks("set", "budget.dollars", "7.5").stdout
    assert "seat.worker.model is now \"gpt-5.6\"" in asks("set", "seat.worker.model", "gpt-5.6").stdout
    assert asks.json("status")["budget"]["dollars"] == 7.5
    assert "unknown setting 'colour'" in asks("set", "colour", "red", code=2).stderr


def test_what_only_an_approved_mission_takes_is_refused_in_the_draft(asks: Terminal) -> None:
    for words in (("waive", "DISC-001", "--reason", "x"), ("recheck",), ("approve", "--yes")):
        assert "is not possible while the mission is draft" in asks(*words, code=2).stderr
    assert "at work: `milepost pause` first" in asks("revert", "F1", code=2).stderr
    assert "there is nothing to land" in asks("land", code=2).stderr


def test_cancelled_mission_ends_with_the_code_for_no_work(asks: Terminal) -> None:
    asks("cancel", "too dear")
    said = asks("run", code=8)
    assert "cancelled" in said.stdout and "too dear" in said.stdout
    asks.nobody_carries()


def test_P9_order_is_applied_once_while_nobody_carries_the_mission(asks: Terminal) -> None:
    asks("pause")
    asks("revert", "F1", code=2)
    asks.nobody_carries()
    assert asks.json("steer", "no floats")["recorded"] == ["message_received"]
    assert asks.json("status")["running"] is False
    asks("resume")
    assert "A runner carries it on" in asks("answer", "1").stdout
    asks.until(lambda now: now["running"])


def test_contract_is_amended_in_the_draft_and_shown_in_the_proposal(asks: Terminal, tmp_path: Path) -> None:
    asks("answer", "euro")
    asks.until(lambda now: now["state"] == "proposed")
    more = tmp_path / "more.md"
    more.write_text(story.CONTRACT_DISC.replace("it returns 18", "it returns exactly 18"))
    assert "amended: change DISC-001" in asks("amend", str(more)).stdout
    assert "says nothing that the contract does not say already" in asks("amend", str(more), code=2).stderr
    assert "it returns exactly 18" in asks("status", "--proposal").stdout


def test_proposal_is_shown_returned_and_approved_as_it_was_seen(asks: Terminal) -> None:
    asks("answer", "euro")
    asks.until(lambda now: now["state"] == "proposed")
    shown = asks("status", "--proposal").stdout
    for part in ("Summary", "Brief", "Contract", "Plan", "Estimate", "DISC-001", "F1 Discount (DISC-001, DISC-002)"):
        assert part in shown
    assert "nobody is asked here" in asks("approve", code=2).stderr
    assert asks.json("approve", "--return", "cheaper")["recorded"] == ["mission_returned"]


def test_assertion_is_waived_with_its_reason(milepost_: Terminal) -> None:
    milepost_.record(tapes.asking())
    milepost_.new(code=3)
    milepost_("answer", "euro")
    milepost_.until(lambda now: now["state"] == "proposed")
    milepost_("approve", "--yes")
    assert "DISC-001 is waived" in milepost_("waive", "disc-001", "--reason", "next year").stdout
    now = milepost_.until(lambda now: now["state"] == "blocked")
    assert now["assertion_states"]["DISC-001"]["status"] == "waived"
    assert milepost_("run", code=3).stdout.count("cassette") >= 1


def test_untrusted_repository_takes_no_order(asks: Terminal) -> None:
    asks("trust", "--revoke")
    assert "is not trusted (any more): `milepost trust` in it" in asks("steer", "x", code=2).stderr
    assert "asks nothing" not in asks("status").stdout
