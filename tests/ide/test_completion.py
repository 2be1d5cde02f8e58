"""What is offered while a contract is written."""

import pytest

from milepost.domain.contract import EVIDENCE_KINDS, SURFACES
from milepost.domain.contract_grammar import FIELDS
from milepost.ide.completion import (
    BEFORE_MEANINGS,
    EVIDENCE_MEANINGS,
    FIELD_MEANINGS,
    SURFACE_MEANINGS,
    completion,
)
from milepost.ide.document import Document
from milepost.ide.shapes import Offer
from tests.ide.tale import Tale, drafted, judged, marked

HEAD = "# Contract: shop\n## SHOP The shop\n### SHOP-001 A total is right\n- surface: library\n"


def offers(text: str, tale: Tale | None = None, path: str = "/d/shop.contract.md") -> list[Offer]:
    text, spot = marked(text)
    return completion(Document(path, text), spot, tale.snapshot() if tale else None)


def labels(text: str, tale: Tale | None = None, path: str = "/d/shop.contract.md") -> list[str]:
    return [o.label for o in offers(text, tale, path)]


def applied(text: str, label: str, tale: Tale | None = None) -> str:
    """The line after an offer was taken."""
    chosen = next(o for o in offers(text, tale) if o.label == label)
    plain, spot = marked(text)
    line = plain.split("\n")[spot.line]
    assert chosen.span.start.line == chosen.span.end.line == spot.line
    return line[:chosen.span.start.column] + chosen.text + line[chosen.span.end.column:]


# --- fields ---

@pytest.mark.parametrize("begun", ["", "-", "- ", "- t", "* the"])
def test_fields_that_are_not_there_yet(begun: str) -> None:
    found = labels(f"{HEAD}{begun}‸")
    assert found == ["given", "when", "then", "fails if", "evidence", "check", "before", "alone", "removed"]


@pytest.mark.parametrize(("begun", "line"), [
    ("", "- then: "), ("-", "- then: "), ("- th", "- then: "), ("+ ", "+ then: "),
])
def test_field_is_written_with_its_dash(begun: str, line: str) -> None:
    assert applied(f"{HEAD}{begun}‸", "then") == line


def test_check_brings_its_backticks_and_names_of_two_words_work() -> None:
    assert applied(f"{HEAD}- c‸", "check") == "- check: ``"
    assert applied(f"{HEAD}- fails i‸", "fails if") == "- fails if: "


def test_fields_belong_to_assertions() -> None:
    assert labels("# Contract: shop\n## SHOP x\n- ‸") == []
    assert labels(f"{HEAD}\n\n‸") == []


def test_fields_explain_themselves() -> None:
    assert next(o for o in offers(f"{HEAD}- ‸") if o.label == "then").detail == "what can be observed when it holds"


# --- values ---

def test_surfaces_say_what_shows_them() -> None:
    found = offers("## SHOP x\n### SHOP-001 y\n- surface: ‸")
    assert [o.label for o in found] == list(SURFACES)
    browser = next(o for o in found if o.label == "browser")
    assert browser.documentation == "Shown by screenshot and console at least."
    assert applied("## SHOP x\n### SHOP-001 y\n- surface: li‸", "library") == "- surface: library"


def test_evidence_that_the_surface_asks_for_comes_first_and_none_twice() -> None:
    text = "## SHOP x\n### SHOP-001 y\n- surface: browser\n- evidence: console, ‸"
    assert labels(text)[:2] == ["screenshot", "receipt"]
    assert "console" not in labels(text)
    assert offers(text)[0].detail == "a picture of a page; this surface asks for it"
    assert applied(text.replace("console, ", "console, scr"), "screenshot") == "- evidence: console, screenshot"
    assert applied(text.replace("console, ", ""), "console") == "- evidence: console"


def test_before_is_red_or_guard() -> None:
    assert labels("## SHOP x\n### SHOP-001 y\n- before: ‸") == ["red", "guard"]


# --- headings ---

@pytest.mark.parametrize(("begun", "line"), [
    ("###", "### SHOP-002 "), ("### ", "### SHOP-002 "), ("### SH", "### SHOP-002 "), ("###SHOP-", "### SHOP-002 "),
])
def test_heading_takes_the_next_free_id(begun: str, line: str) -> None:
    assert applied(f"{HEAD}\n{begun}‸", "SHOP-002") == line


def test_ids_of_the_contract_are_used_even_where_the_text_lacks_them() -> None:
    assert labels(f"{HEAD}\n### ‸", drafted()) == ["SHOP-005"]
    assert labels("## NEW x\n### ‸", drafted()) == ["NEW-001"]


def test_heading_that_has_its_id_takes_none() -> None:
    assert labels(f"{HEAD}\n### SHOP-002‸") == []
    assert labels("### ‸") == []
    assert labels("## no area\n### ‸") == []


# --- ids ---

def test_known_ids_are_offered_in_notes_and_values() -> None:
    tale = judged()
    assert labels(f"{HEAD}- then: as SHOP-00‸", tale) == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]
    assert labels(f"{HEAD}- then: by F‸", tale) == ["F1", "F2", "F3"]
    assert applied(f"{HEAD}- then: by F‸ or so", "F2", tale) == "- then: by F2 or so"
    assert [(o.label, o.detail) for o in offers("see I‸", tale, "/d/notes.md")] == [
        ("I1", "verdict: SHOP-002 failed: as seen"),
    ]
    assert labels("see M‸", tale, "/d/notes.md") == ["M1", "M2"]


def test_without_a_mission_the_text_is_what_is_known() -> None:
    assert labels(f"{HEAD}\nlike S‸") == ["SHOP-001"]
    assert labels("like S‸", None, "/d/notes.md") == []


@pytest.mark.parametrize("text", ["lower‸", "‸", "X-SHOP‸", "aSHOP‸"])
def test_other_words_are_left_alone(text: str) -> None:
    assert labels(text, judged(), "/d/notes.md") == []


def test_every_word_of_the_grammar_is_explained() -> None:
    assert list(FIELD_MEANINGS) == list(FIELDS)
    assert list(SURFACE_MEANINGS) == list(SURFACES)
    assert list(EVIDENCE_MEANINGS) == list(EVIDENCE_KINDS)
    assert list(BEFORE_MEANINGS) == ["red", "guard"]
