"""A text in an editor: its lines as an editor counts them, and what of a contract stands where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.ide.document import Document, level
from milepost.ide.shapes import Span, Spot
from tests.ide.tale import marked

TEXT = """# Contract: shop

Before anything.

## SHOP The shop

A note.

### SHOP-001 A total is right
- surface: library
- then: `total([2, 3])` is 5,
  and `total([])` is 0
- fails if:   it is anything else

### SHOP-002
- surface: http

## PAGE The page
### PAGE-001 It is on the screen
- surface: terminal


"""


def contract(text: str = TEXT) -> Document:
    return Document("/d/shop.contract.md", text)


@pytest.mark.parametrize(("text", "lines"), [
    ("", [""]), ("a", ["a"]), ("a\nb\n", ["a", "b", ""]), ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
    # Python knows more line ends than an editor does.
    ("a\u2028b\x0cc\x85d\ve", ["a\u2028b\x0cc\x85d\ve"]),
])
def test_lines_end_where_an_editor_ends_them(text: str, lines: list[str]) -> None:
    assert list(contract(text).lines) == lines


@pytest.mark.parametrize(("text", "newline"), [("a\r\nb\n", "\r\n"), ("a\nb\r\n", "\n"), ("a\rb", "\r"), ("a", "\n")])
def test_line_end_is_the_first_one(text: str, newline: str) -> None:
    assert contract(text).newline == newline


def test_name_says_what_it_is() -> None:
    assert contract().is_contract and not contract().is_questions
    assert Document("/d/shop.questions.md", "").is_questions


def test_blocks_take_their_lines_up_to_the_next_heading_free_ones_left_out() -> None:
    assert [(b.assertion.id, b.first, b.last) for b in contract().blocks] == [
        ("SHOP-001", 8, 12), ("SHOP-002", 14, 15), ("PAGE-001", 18, 19),
    ]
    assert [(s.area.name, s.first, s.last) for s in contract().sections] == [("SHOP", 4, 15), ("PAGE", 17, 19)]


def test_names_are_where_they_read() -> None:
    document = contract()
    assert document.blocks[0].name == Span.of_line(8, 4, 12)
    assert document.sections[1].name == Span.of_line(17, 3, 7)
    assert document.blocks[1].span == Span(Spot(14, 0), Spot(15, 15))
    assert document.whole == Span(Spot(0, 0), Spot(22, 0))


def test_area_without_assertions_ends_before_the_next_one() -> None:
    assert [(s.first, s.last) for s in contract("## A1 x\nnote\n\n## B1 y\n").sections] == [(0, 1), (3, 3)]


def test_assertion_before_any_area_opens_one() -> None:
    [section] = contract("### SHOP-001 x\n- surface: http\n").sections
    assert (section.area.name, section.first, section.last) == ("SHOP", 0, 1)


def test_heading_that_is_no_id_is_named_by_all_of_it() -> None:
    [block] = contract("## SHOP x\n### nothing like an id\n").blocks
    assert (block.assertion.id, block.name) == ("", Span.of_line(1, 0, 22))


@pytest.mark.parametrize(("text", "id"), [
    ("‸" + TEXT, None), (TEXT.replace("### SHOP-001", "‸### SHOP-001"), "SHOP-001"),
    (TEXT.replace("  and `total", "  and‸ `total"), "SHOP-001"),
    (TEXT.replace("### SHOP-002", "‸\n### SHOP-002"), None),
    (TEXT.replace("terminal", "terminal‸"), "PAGE-001"), (TEXT + "‸", None),
])
def test_assertion_at_a_spot(text: str, id: str | None) -> None:
    text, spot = marked(text)
    found = contract(text).assertion_at(spot)
    assert (found.id if found else None) == id


def test_first_of_two_with_one_id_is_found_by_it() -> None:
    document = contract("## SHOP x\n### SHOP-001 a\n### SHOP-001 b\n")
    assert document.named["SHOP-001"].assertion.title == "a"
    assert len(document.blocks) == 2


@pytest.mark.parametrize(("text", "id"), [
    ("see AUTH-‸003.", "AUTH-003"), ("AUTH-003‸", "AUTH-003"), ("‸AUTH-003", "AUTH-003"), ("AUTH-003 ‸and", None),
    ("AUTH-00‸35x", None), ("X-AUTH-‸003", None), ("of F‸2,", "F2"), ("‸", None),
])
def test_id_at_a_spot(text: str, id: str | None) -> None:
    text, spot = marked(text)
    found = contract(text).id_at(spot)
    assert (found[0] if found else None) == id


def test_fields_begin_on_lines_and_their_values_at_columns() -> None:
    document = contract()
    first = document.blocks[0]
    assert document.field_lines(first) == {"surface": 9, "then": 10, "fails if": 12}
    assert document.value_span(first, "then") == Span.of_line(10, 8, 29)
    assert document.value_span(first, "fails if") == Span.of_line(12, 14, 33)
    assert document.value_span(first, "check") == first.name


def test_field_without_a_value_has_an_empty_span_behind_its_colon() -> None:
    document = contract("## SHOP x\n### SHOP-001 a\n- surface:\n")
    assert document.value_span(document.blocks[0], "surface") == Span.of_line(2, 10, 10)


def test_problems_are_where_the_text_is() -> None:
    text = "# Contract: shop\n## SHOP x\n### SHOP-001 a\n- surfase: http\n"
    [place] = [contract(text).place_of(p) for p in contract(text).parsed.problems if p.code == "SYNTAX-008"]
    assert place == Span.of_line(3, 0, 9)


def test_mark_of_byte_order_counts_as_a_character() -> None:
    document = contract("\ufeff## shop x\n")
    [place] = [document.place_of(p) for p in document.parsed.problems if p.code == "SYNTAX-003"]
    assert place == Span.of_line(0, 1, 10)


def test_lines_beyond_the_text_are_empty() -> None:
    document = contract("a")
    assert (document.line(7), document.line(-1), document.whole_line(3)) == ("", "", Span.of_line(3, 0, 0))


@pytest.mark.parametrize(("line", "expected"), [("## A b", 2), ("# A", 1), ("### A  ", 3), ("a", 0), ("#### a", 0)])
def test_level_of_a_heading(line: str, expected: int) -> None:
    assert level(line) == expected


CONTRACTISH = st.lists(st.sampled_from([
    "# Contract: x", "## SHOP y", "### SHOP-001 z", "### SHOP-002", "### no", "- surface: http", "- then:", "  more",
    "", "note", "## no", "<<<<<<< a", "=======", "\ufeff", "- check: x", "\u2028", "### SHOP-001 again",
])).map("\n".join)


@given(CONTRACTISH)
def test_places_are_always_inside_the_text(text: str) -> None:
    document = contract(text)
    spans = [*(b.span for b in document.blocks), *(b.name for b in document.blocks)]
    spans += [document.place_of(p) for p in document.parsed.problems] + [s.name for s in document.sections]
    for span in spans:
        assert Spot(0, 0) <= span.start <= span.end <= document.whole.end
        assert span.end.column <= len(document.lines[span.end.line])
    for one, after in zip(document.blocks, document.blocks[1:], strict=False):
        assert one.first <= one.last < after.first
