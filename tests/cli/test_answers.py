"""Answers in advance, and what a line at the terminal decides."""

from pathlib import Path
from typing import Any

import pytest

from milepost.cli import answers
from milepost.cli.answers import Answers
from milepost.cli.questions import Answer, understood
from milepost.domain.errors import Refused
from milepost.domain.events import ItemOpened
from milepost.domain.mission import Item


def item(kind: str = "question", text: str = "currency: Which one?", **more: Any) -> Item:
    opened = {"item": "I1", "type": kind, "owner": "user", "text": text, "payload": {"topic": "currency"}} | more
    return Item(ItemOpened.model_validate(opened), 1, "orchestrator.1")


def read(tmp_path: Path, text: str) -> Answers:
    path = tmp_path / "answers.md"
    path.write_text(text)
    return answers.read(path)


def test_answer_is_found_by_topic_then_by_words_then_otherwise(tmp_path: Path) -> None:
    found = read(tmp_path, "# All\n\n## which one\nby words\n\n## Currency\neuro,\nalways\n\n## *\nas you like\n")
    assert found.answer(item()) == "euro,\nalways"
    assert found.answer(item(payload={"topic": "money"})) == "by words"
    assert found.answer(item(text="Where?", payload={})) == "as you like"


def test_question_without_an_answer_waits(tmp_path: Path) -> None:
    assert read(tmp_path, "## host\nhere\n").answer(item()) is None


@pytest.mark.parametrize("text", ["", "no headings\n", "## empty\n\n"])
def test_file_without_answers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Refused, match="holds no answers; expected headings"):
        read(tmp_path, text)


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"nowhere\.md' cannot be read"):
        answers.read(tmp_path / "nowhere.md")


def test_number_picks_its_option() -> None:
    assert understood(item(options=["euro", "dollar"]), "2") == Answer("answer", "dollar")


def test_words_are_their_own_answer() -> None:
    assert understood(item(options=["euro"]), "yen, 3 digits") == Answer("answer", "yen, 3 digits")
    assert understood(item(), "2") == Answer("answer", "2")


def test_several_numbers_pick_several_options_where_the_question_takes_them() -> None:
    many = item(options=["a", "b", "c"], payload={"multiple": True})
    assert understood(many, "1, 3") == Answer("answer", "a; c")
    with pytest.raises(Refused, match="takes one of its options"):
        understood(item(options=["a", "b"]), "1,2")


def test_number_without_an_option_is_refused() -> None:
    with pytest.raises(Refused, match="has no option 3; expected 1 to 2"):
        understood(item(options=["a", "b"]), "3")


@pytest.mark.parametrize(("line", "decision", "reason"), [
    ("yes", "approve", ""), ("Y", "approve", ""), ("no, too wide", "deny", "too wide"), ("n", "deny", ""),
])
def test_approval_is_a_yes_or_a_no(line: str, decision: str, reason: str) -> None:
    assert understood(item("approval"), line) == Answer(decision, reason=reason)


def test_anything_else_about_an_approval_is_refused() -> None:
    with pytest.raises(Refused, match="asks for a yes or a no; found 'perhaps'"):
        understood(item("grant"), "perhaps")


def test_item_that_takes_no_answer_is_refused_with_the_way() -> None:
    with pytest.raises(Refused, match="`milepost resolve I1 DECISION`"):
        understood(item("gate"), "fine")
