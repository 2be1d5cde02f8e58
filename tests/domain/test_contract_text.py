"""Contracts as text: exact problems, round trips, no text that raises."""

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from milepost.domain.contract import EVIDENCE_KINDS, SURFACES, Area, Assertion, Contract
from milepost.domain.contract_text import (
    PROBLEMS,
    format_area,
    format_assertion,
    format_contract,
    parse,
    parse_area,
    parse_assertion,
)
from milepost.domain.lint import LINTS

FULL = """\
# Contract: team chat

Agreed with ada.

## AUTH Signing in

Everything about accounts.

### AUTH-001 A registered user signs in

See the RFC.

- surface: browser
- given: user `ada` exists
- when: she submits the form with the right password
- then: the channel list is shown within 2 s

  and her name stands above it
    - in bold
- fails if: an error is shown, or a reload loses the session
- evidence: screenshot, console, network
- check: `python checks/auth_001.py`
- before: red

### AUTH-002 Gone
- removed: nobody wants it
"""

ASSERTION = "### AUTH-001 T\n- surface: command\n- then: a\n- fails if: b\n- evidence: receipt\n"
HEAD = "# Contract: c\n\n## AUTH A\n\n"


def test_every_field_is_read() -> None:
    parsed = parse(FULL)
    assert parsed.problems == ()
    assert (parsed.contract.title, parsed.contract.notes) == ("team chat", "Agreed with ada.")
    (area,) = parsed.contract.areas
    assert (area.name, area.title, area.notes, area.line) == ("AUTH", "Signing in", "Everything about accounts.", 5)
    first, second = area.assertions
    assert first == Assertion(
        "AUTH-001", "A registered user signs in", "browser", "user `ada` exists",
        "she submits the form with the right password",
        "the channel list is shown within 2 s\n\nand her name stands above it\n  - in bold",
        "an error is shown, or a reload loses the session", ("screenshot", "console", "network"),
        "python checks/auth_001.py", "red", notes="See the RFC.",
    )
    assert (first.line, second.line) == (9, 25)
    assert second == Assertion("AUTH-002", "Gone", removed="nobody wants it")


def test_canonical_text_is_formatted_to_itself() -> None:
    assert format_contract(parse(FULL).contract) == FULL


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        pytest.param("", ["1:1-1 SYNTAX-001"], id="empty"),
        pytest.param("## AUTH A\n", ["1:1-10 SYNTAX-001"], id="no title"),
        pytest.param("# Team chat\n", ["1:1-12 SYNTAX-001"], id="title without its word"),
        pytest.param("# Contract:\n", ["1:1-12 SYNTAX-001"], id="empty title"),
        pytest.param("# Contract: a\n\n# Contract: b\n", ["3:1-14 SYNTAX-002"], id="second title"),
        pytest.param(HEAD + "# contract: late\n", ["5:1-17 SYNTAX-002"], id="late title"),
        pytest.param(HEAD + "# A comment\n", [], id="any other first-level heading is a note"),
        pytest.param("# Contract: c\n## Signing in\n", ["2:1-14 SYNTAX-003"], id="area without letters"),
        pytest.param("# Contract: c\n## TOOLONGNAME1 x\n", ["2:1-18 SYNTAX-003"], id="area with too many letters"),
        pytest.param("# Contract: c\n## AUTH\n", ["2:1-8 SYNTAX-015"], id="area without title"),
        pytest.param("# Contract: c\n##AUTH A\n", [], id="no space after the marks"),
        pytest.param(HEAD + "## AUTH B\n", ["5:4-8 SYNTAX-004"], id="area twice"),
        pytest.param(HEAD + "### AUTH-1 x\n- removed: y\n", ["5:1-13 SYNTAX-005"], id="one digit"),
        pytest.param(HEAD + "### AUTH-00001 x\n- removed: y\n", ["5:1-17 SYNTAX-005"], id="five digits"),
        pytest.param(HEAD + "### AUTH-١٢٣ x\n- removed: y\n", ["5:1-15 SYNTAX-005"], id="digits of another script"),
        pytest.param("# Contract: c\n" + ASSERTION, ["2:1-15 SYNTAX-006"], id="no area"),
        pytest.param("# Contract: c\n## USER U\n" + ASSERTION, ["3:5-13 SYNTAX-007"], id="other area"),
        pytest.param("# Contract: c\n## user\n" + ASSERTION, ["2:1-8 SYNTAX-003"], id="unreadable area, one problem"),
        pytest.param(HEAD + ASSERTION + ASSERTION, ["10:5-13 CONTRACT-001"], id="id twice"),
        pytest.param(HEAD + ASSERTION + "- severity: high\n", ["10:1-11 SYNTAX-008"], id="unknown field"),
        pytest.param(HEAD + ASSERTION + "- severity:\n", ["10:1-11 SYNTAX-008"], id="unknown field, empty"),
        pytest.param(HEAD + ASSERTION + "- http://x\n", ["10:1-11 SYNTAX-013"], id="a link is no field"),
        pytest.param(HEAD + ASSERTION + "\\- severity: high\n", ["10:1-18 SYNTAX-013"], id="escaped field"),
        pytest.param(HEAD + ASSERTION + "\n\\- severity: high\n", [], id="escaped field after a free line"),
        pytest.param(HEAD + ASSERTION + "- then: more\n", ["10:1-7 SYNTAX-009"], id="field twice"),
        pytest.param(HEAD + ASSERTION + "- given:\n", ["10:1-9 SYNTAX-010"], id="field without value"),
        pytest.param(HEAD + ASSERTION + "- given:\n  a\n", [], id="value on the next line"),
        pytest.param(HEAD + ASSERTION + "- check: make\n", ["10:1-14 SYNTAX-011"], id="check without backticks"),
        pytest.param(HEAD + ASSERTION + "- check: `a` `b`\n", ["10:1-17 SYNTAX-011"], id="two code spans"),
        pytest.param(HEAD + ASSERTION + "- check: ``a```\n", ["10:1-16 SYNTAX-011"], id="uneven backticks"),
        pytest.param(HEAD + ASSERTION + "- check: ``\n", ["10:1-12 SYNTAX-011"], id="nothing in backticks"),
        pytest.param(HEAD + "- then: x\n", ["5:1-10 SYNTAX-012"], id="field of no assertion"),
        pytest.param(HEAD + "- scope: x\n", [], id="a list under an area"),
        pytest.param(HEAD + ASSERTION + "more\n", ["10:1-5 SYNTAX-013"], id="text right after a field"),
        pytest.param(HEAD + ASSERTION + "\nmore\n", [], id="text after a free line"),
        pytest.param(HEAD + "<<<<<<< mine\n=======\n>>>>>>> theirs\n",
                     ["5:1-13 SYNTAX-014", "6:1-8 SYNTAX-014", "7:1-15 SYNTAX-014"], id="conflict markers"),
        pytest.param(HEAD + "### AUTH-001\n- removed: y\n", ["5:1-13 SYNTAX-015"], id="assertion without title"),
        pytest.param(HEAD + "### AUTH-001 T\n- surface: file\n",
                     ["5:1-15 CONTRACT-003", "5:1-15 CONTRACT-004", "5:1-15 CONTRACT-005"], id="missing parts"),
        pytest.param(HEAD + "### AUTH-001 T\n- then: a\n- fails if: b\n- evidence: file\n",
                     ["5:1-15 CONTRACT-002"], id="missing surface"),
        pytest.param((HEAD + ASSERTION).replace("\n", "\r\n"), [], id="line ends of Windows"),
        pytest.param("\ufeff" + HEAD + ASSERTION, [], id="byte order mark"),
        pytest.param((HEAD + ASSERTION).replace("- ", "* ").replace("fails if", "Fails-If"), [], id="other spellings"),
    ],
)
def test_problem_has_exact_place_and_code(text: str, problems: list[str]) -> None:
    check(text, problems)


def check(text: str, problems: list[str]) -> None:
    found = parse(text).problems
    assert [f"{p.line}:{p.column}-{p.end_column} {p.code}" for p in found] == problems
    assert {p.code for p in found} <= PROBLEMS.keys() | LINTS.keys()
    assert all(not p.message.endswith(".") for p in found)


def test_problem_says_what_was_expected() -> None:
    (problem,) = parse(HEAD + ASSERTION + "- severity: high\n").problems
    assert problem.message.startswith("unknown field 'severity'; expected one of surface, given, when")
    assert (problem.subject, problem.severity) == ("AUTH-001", "error")


def test_missing_title_and_stray_text_only_warn() -> None:
    found = parse("## AUTH A\n" + ASSERTION + "stray\n").problems
    assert [p.severity for p in found] == ["warning", "warning"]


def test_nothing_that_was_written_is_lost() -> None:
    parsed = parse(HEAD + ASSERTION + "- severity: high\n  very\n- then: twice\n\nend\n\n\n# remark\n")
    (assertion,) = parsed.contract
    assert assertion.notes == "- severity: high\n  very\n- then: twice\n\nend\n\n\n# remark"
    assert parse(format_contract(parsed.contract)) == replace(parsed, problems=())


def test_notes_around_fields_are_one_note() -> None:
    for between in ("\n\n- removed: x\n\n", "\n- removed: x\n\n", "\n\n- removed: x\n"):
        (assertion,) = parse(HEAD + f"### AUTH-001 T\none{between}two\n").contract
        assert assertion.notes == "one\n\ntwo"


def test_continuation_by_tab_is_read() -> None:
    (assertion,) = parse(HEAD + "### AUTH-001 T\n- removed: x\n\ty\n").contract
    assert assertion.removed == "x\ny"


@pytest.mark.parametrize("code", ["make", "echo `date`", "`a`", "``", "a `b` ``c``", "a\nb", "a\n\n  b`"])
def test_check_survives_its_backticks(code: str) -> None:
    (assertion,) = parse(format_contract(Contract("c", (Area("AUTH", "A", (Assertion("AUTH-001", "T", check=code),)),)))
                         ).contract
    assert assertion.check == code


# --- parts ---

@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param("## AUTH A\n\n" + ASSERTION, [], id="as asked"),
        pytest.param(ASSERTION, ["SYNTAX-006"], id="no heading"),
        pytest.param("", ["SYNTAX-016"], id="empty"),
        pytest.param("## USER A\n", ["SYNTAX-016"], id="another area"),
        pytest.param("## AUTH A\n## USER A\n", ["SYNTAX-016"], id="two areas"),
        pytest.param("# Contract: c\n## AUTH A\n", ["SYNTAX-016"], id="a whole document"),
    ],
)
def test_area_is_exactly_the_one_asked_for(text: str, codes: list[str]) -> None:
    parsed = parse_area(text, "AUTH")
    assert [p.code for p in parsed.problems] == codes
    assert parsed.area.name == "AUTH"


def test_place_of_a_wrong_area_is_its_heading() -> None:
    (problem,) = parse_area("## AUTH A\n## USER A\n", "AUTH").problems
    assert (problem.line, problem.column, problem.end_column) == (2, 1, 10)


def test_text_above_an_area_is_kept() -> None:
    assert parse_area("first\n## AUTH A\nsecond\n", "AUTH").area.notes == "first\n\nsecond"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(ASSERTION, [], id="as asked"),
        pytest.param("## AUTH A\n" + ASSERTION, [], id="with its area"),
        pytest.param("", ["SYNTAX-016"], id="empty"),
        pytest.param(ASSERTION + ASSERTION.replace("001", "002"), ["SYNTAX-016"], id="two"),
        pytest.param("# Contract: c\n" + ASSERTION, ["SYNTAX-016"], id="a whole document"),
    ],
)
def test_amendment_is_exactly_one_assertion(text: str, codes: list[str]) -> None:
    parsed = parse_assertion(text)
    assert [p.code for p in parsed.problems] == codes
    assert (parsed.assertion is None) == (not text)


# --- any text, any contract ---

CHARACTERS = st.characters(exclude_characters="\n\r")
LINE = st.one_of(
    st.text(CHARACTERS, max_size=12).map(str.strip),
    st.sampled_from(["## AUTH A", "### AUTH-001", "- then: x", "- odd: y", "\\- then: x", "# Contract: q", "=======",
                     "\\\\## x", "```", "- check: `a`", "# note", "-", "<<<<<<< x"]),
)


def tidy(text: str) -> str:
    """As an editor that strips white space at the ends leaves it."""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


VALUE = st.lists(st.tuples(st.sampled_from(["", "  ", "\t"]), LINE).map("".join), max_size=3).map("\n".join).map(tidy)
NOTES = st.lists(st.tuples(st.sampled_from(["", "", "    "]), LINE).map("".join), max_size=4).map(
    lambda lines: re.sub(r"\A\n+|\n+\Z", "", "\n".join(line.rstrip() for line in lines))
)
AREAS = ("AUTH", "CROSS", "A1B2C3D4E5")


@st.composite
def assertions(draw: st.DrawFn, area: str, number: int) -> Assertion:
    return Assertion(
        f"{area}-{number:03}", draw(LINE), draw(st.sampled_from(["", *SURFACES])), draw(VALUE), draw(VALUE),
        draw(VALUE), draw(VALUE), tuple(draw(st.lists(st.sampled_from(EVIDENCE_KINDS), max_size=3))), draw(VALUE),
        draw(st.sampled_from(["", "red", "guard"])), draw(VALUE), draw(VALUE), draw(NOTES),
    )


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    areas = []
    for name in draw(st.lists(st.sampled_from(AREAS), unique=True)):
        numbers = draw(st.lists(st.integers(1, 9999), unique=True, max_size=3))
        areas.append(Area(name, draw(LINE), tuple(draw(assertions(name, n)) for n in numbers), draw(NOTES)))
    return Contract(draw(LINE), tuple(areas), draw(NOTES))


@settings(deadline=None)
@given(contracts())
def test_every_contract_survives_being_written_and_read(contract: Contract) -> None:
    text = format_contract(contract)
    parsed = parse(text)
    assert parsed.contract == contract
    grammar = {p.code for p in parsed.problems if p.code.startswith("SYNTAX")}
    assert grammar <= {"SYNTAX-001", "SYNTAX-015"}, "only titles that are not there may be missed"
    assert format_contract(parsed.contract) == text


@settings(deadline=None)
@given(contracts())
def test_parts_survive_being_written_and_read(contract: Contract) -> None:
    for area in contract.areas:
        assert parse_area(format_area(area), area.name).area == area
    for assertion in contract:
        assert parse_assertion(format_assertion(assertion)).assertion == assertion


DOCUMENT = st.lists(st.tuples(st.sampled_from(["", "", "  ", " ", "\t"]), LINE).map("".join)).map("\n".join)


@settings(deadline=None)
@given(st.one_of(st.text(), DOCUMENT))
def test_parse_never_raises_and_format_is_stable(text: str) -> None:
    parsed = parse(text)
    assert parse_area(text, "AUTH").area.name == "AUTH"
    assert (parse_assertion(text).assertion is None) == (not list(parsed.contract))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for problem in parsed.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= problem.end_column <= len(lines[problem.line - 1]) + 1
    again = format_contract(parsed.contract)
    assert parse(again).contract == parsed.contract
    assert format_contract(parse(again).contract) == again


def test_a_thousand_assertions_are_read_and_written_whole() -> None:
    areas = []
    for n in range(20):
        one = parse(FULL).contract.areas[0].assertions[0]
        inside = tuple(replace(one, id=f"A{n:02}-{k:03}") for k in range(50))
        areas.append(Area(f"A{n:02}", "title", inside))
    contract = Contract("large", tuple(areas))
    parsed = parse(format_contract(contract))
    assert (parsed.contract, parsed.problems, len(parsed.contract.live)) == (contract, (), 1000)
