"""A contract as the engine would write it, in one edit that leaves alone what stays."""

import pytest
from hypothesis import given

from milepost.domain.contract_format import format_contract
from milepost.ide.document import Document
from milepost.ide.formatting import formatted
from milepost.ide.shapes import Span, Spot
from tests.ide.tale import CONTRACT
from tests.ide.test_document import CONTRACTISH

GOOD = format_contract(Document("", CONTRACT).parsed.contract)


def after(text: str) -> str:
    """The text after formatting."""
    document = Document("/d/shop.contract.md", text)
    found = formatted(document)
    if not found:
        return text
    [edit] = found
    lines = list(document.lines)
    start, end = edit.span.start, edit.span.end
    head = [*lines[:start.line], lines[start.line][:start.column] + edit.text + lines[end.line][end.column:]]
    return document.newline.join([*head, *lines[end.line + 1:]])


@pytest.mark.parametrize("text", [
    GOOD.replace("\n\n", "\n"), GOOD.replace("\n\n", "\n\n\n\n"), GOOD.rstrip("\n"), GOOD + "\n\n", "\n" + GOOD,
    GOOD.replace("- surface: ", "*  Surface :  "), GOOD.replace("- then: ", "- THEN:"),
    GOOD.replace("- surface: http\n- then: `/price` answers 200\n", "- then: `/price` answers 200\n- surface: http\n"),
])
def test_anything_that_reads_the_same_is_written_the_same(text: str) -> None:
    assert after(text) == GOOD


def test_good_text_is_left_alone() -> None:
    assert formatted(Document("", GOOD)) == []


def test_text_with_errors_is_left_alone() -> None:
    assert formatted(Document("", GOOD.replace("- surface: http\n", "- surfase:   http\n"))) == []


def test_only_lines_that_change_are_touched() -> None:
    text = GOOD.replace("- surface: http\n", "- surface:   http\n")
    [edit] = formatted(Document("", text))
    line = text.split("\n").index("- surface:   http")
    assert (edit.span, edit.text) == (Span.of_line(line, 0, 17), "- surface: http")


def test_lines_that_are_added_or_left_out_keep_their_neighbours() -> None:
    [edit] = formatted(Document("", GOOD.removeprefix("# Contract: shop\n\n").join(["# Contract: shop\n", ""])))
    assert edit.span == Span(Spot(0, 0), Spot(0, 16))
    assert edit.text == "# Contract: shop\n"


def test_line_ends_and_the_mark_of_byte_order_stay() -> None:
    text = "\ufeff" + GOOD.replace("\n\n", "\n").replace("\n", "\r\n")
    assert after(text) == "\ufeff" + GOOD.replace("\n", "\r\n")


@given(CONTRACTISH)
def test_formatting_keeps_what_was_said(text: str) -> None:
    document = Document("", text)
    if any(p.severity == "error" for p in document.parsed.problems):
        assert after(text) == text
    else:
        assert after(text).removeprefix("\ufeff") == format_contract(document.parsed.contract)
