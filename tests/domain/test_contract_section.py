"""An edited text reads the same whatever is known of the text before; what was not touched is not read again."""

from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.contract_text import Parsed, parse

LINES = (
    "# Contract: t", "# other", "## AUTH Signing in", "## SHOP Things", "## bad area", "##", "### AUTH-001 One",
    "### AUTH-002 Two", "### SHOP-001 Three", "### nope", "#### four", "", "  more", "- surface: command", "- then: x",
    "- fails if: y", "- check: x", "- odd thing: x", "note", "<<<<<<< a", "- removed: gone", "\ufeff", "a\rb",
)
texts = st.lists(st.sampled_from(LINES), max_size=14)


def told(parsed: Parsed) -> object:
    """All of it, with the lines that are no part of what is equal."""
    areas = parsed.contract.areas
    return parsed, [(a.line, [x.line for x in a.assertions]) for a in areas]


@given(before=texts, at=st.integers(0, 14), out=st.integers(0, 3), new=st.lists(st.sampled_from(LINES), max_size=3))
def test_an_edited_text_reads_as_if_it_were_new(before: list[str], at: int, out: int, new: list[str]) -> None:
    known = parse("\n".join(before)).sections
    edited = "\n".join([*before[:at], *new, *before[at + out:]])
    assert told(parse(edited, known)) == told(parse(edited))


def test_areas_before_an_edit_are_the_same_objects() -> None:
    text = "# Contract: t\n\n## AUTH a\n### AUTH-001 One\n\n## SHOP b\n### SHOP-001 Two\n### SHOP-002 Three\n"
    before = parse(text)
    after = parse(text.replace("Three", "Four"), before.sections)
    assert [a is b for a, b in zip(before.sections, after.sections, strict=True)] == [True, True, False]
    old, new = before.contract.areas[1].assertions, after.contract.areas[1].assertions
    assert old[0] is new[0] and new[1].title == "Four"


def test_an_id_used_in_two_areas_names_the_first_place() -> None:
    text = "# Contract: t\n## AUTH a\n### AUTH-001 One\n## SHOP b\n### AUTH-001 Two\n### AUTH-001 Three\n"
    doubles = [p.message for p in parse(text).problems if p.code == "CONTRACT-001"]
    assert doubles == ["'AUTH-001' is used already at line 3; ids are unique"] * 2
