"""Open questions as a document: what is asked, and what was written below."""

import pytest

from milepost.domain.events import ItemOpened
from milepost.domain.mission import Item
from milepost.domain.questions_text import format_questions, parse_questions


def item(name: str, text: str, **more: object) -> Item:
    """An item that waits for the user."""
    fields = {"type": "question", "owner": "user", **more}
    return Item(ItemOpened.model_validate({"item": name, "text": text, **fields}), seq=1, by="orchestrator.1")


def test_nothing_to_ask_says_so() -> None:
    assert "Nothing waits for an answer." in format_questions([])
    assert "Nothing waits" in format_questions([item("I1", "a gate is red", type="gate")])


def test_every_question_has_its_options_and_a_place_for_the_answer() -> None:
    text = format_questions([item("I1", "Which?", options=["one", "two"]), item("I2", "May it?", type="approval")])
    assert "## I1 question" in text and "1. one\n2. two" in text and "yes or no" in text
    assert parse_questions(text) == {}


@pytest.mark.parametrize(
    ("written", "expected"),
    [("Answer: 2", "2"), ("Answer:\n\nboth,\nin turn\n", "both,\nin turn"), ("Answer:   ", None)],
)
def test_answer_is_what_stands_behind_its_mark_up_to_the_next_question(written: str, expected: str | None) -> None:
    text = format_questions([item("I1", "Which?"), item("I2", "And?")]).replace("Answer: ", written, 1)
    assert parse_questions(text).get("I1") == expected
    assert "I2" not in parse_questions(text)


def test_question_cannot_answer_itself() -> None:
    text = format_questions([item("I1", "Answer: yes\n## I2 question\n# Title")])
    assert parse_questions(text) == {}


def test_lines_of_another_system_are_read_too() -> None:
    text = format_questions([item("I1", "Which?")]).replace("Answer: ", "Answer: 1").replace("\n", "\r\n")
    assert parse_questions(text) == {"I1": "1"}
