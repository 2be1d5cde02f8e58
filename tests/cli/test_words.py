"""Text at a terminal."""

import pytest

from milepost.cli.words import clean, short

HOSTILE = [
    "\x1b]52;c;aGk=\x07", "\x1b[2J", "\x9b31m", "a\rb", "\u202egnp.exe", "\x00", "\u2066hidden\u2069",
    "\x1bP1$r\x1b\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_S38_nothing_a_model_wrote_steers_the_terminal(text: str) -> None:
    shown = clean(text)
    assert not set(shown) & set("\x1b\x9b\x07\r\x00\u202e\u2066\u2069")
    assert "\\" in shown


@pytest.mark.parametrize("text", ["plain", "zwei\nZeilen\t", "日本語", "naïve — “quoted”", "👩‍💻"])
def test_text_that_people_write_is_shown_as_it_is(text: str) -> None:
    assert clean(text) == text


def test_first_line_is_cut_with_a_mark() -> None:
    assert short("one\ntwo") == "one …"
    assert short("x" * 20, 10) == "x" * 8 + " …"
    assert short("whole") == "whole"
