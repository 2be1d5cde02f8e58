"""Renaming while nothing is agreed yet; after that, ids stay for life."""

import pytest

from milepost.domain.errors import Refused
from milepost.ide.document import Document
from milepost.ide.rename import edits, prepare
from milepost.ide.shapes import Edit, Span
from tests.ide.tale import CONTRACT, Tale, drafted, marked, proposed, running

NOTED = CONTRACT.replace("## PAGE The page\n", "## PAGE The page\n\nSee SHOP-001, not SHOP-0012 or X-SHOP-001.\n")


def edited(text: str, changes: list[Edit]) -> str:
    """The text after edits, applied from the end."""
    lines = text.split("\n")
    for change in sorted(changes, key=lambda c: c.span, reverse=True):
        line, start, end = change.span.start.line, change.span.start.column, change.span.end.column
        lines[line] = lines[line][:start] + change.text + lines[line][end:]
    return "\n".join(lines)


def renamed(text: str, new: str, tale: Tale | None = None) -> str:
    text, spot = marked(text)
    return edited(text, edits(Document("/d/shop.contract.md", text), spot, new, (tale or drafted()).snapshot()))


def test_assertion_is_renamed_wherever_the_text_names_it() -> None:
    after = renamed(NOTED.replace("### SHOP-001", "### SHOP-‸001"), "SHOP-009")
    assert after == NOTED.replace("### SHOP-001", "### SHOP-009").replace("See SHOP-001", "See SHOP-009")
    assert renamed(NOTED.replace("See SHOP-001", "See SHOP-001‸"), "SHOP-009") == after


def test_area_is_renamed_with_its_ids() -> None:
    after = renamed(NOTED.replace("## SHOP The", "## SH‸OP The"), "MART", proposed())
    assert "## MART The shop" in after and "### MART-001 A" in after
    assert "See MART-001, not MART-0012 or X-SHOP-001." in after
    assert after.count("SHOP") == 1


def test_same_name_changes_nothing() -> None:
    assert renamed(CONTRACT.replace("### SHOP-001", "### ‸SHOP-001"), " SHOP-001 ") == CONTRACT


def test_prepare_says_what_would_be_renamed() -> None:
    text, spot = marked(CONTRACT.replace("### SHOP-002", "### SHOP-00‸2"))
    target = prepare(Document("/d/shop.contract.md", text), spot, drafted().snapshot())
    assert (target.kind, target.name, target.span) == ("assertion", "SHOP-002", Span.of_line(11, 4, 12))
    text, spot = marked(CONTRACT.replace("## PAGE", "## ‸PAGE"))
    target = prepare(Document("/d/shop.contract.md", text), spot, drafted().snapshot())
    assert (target.kind, target.name, target.span) == ("area", "PAGE", Span.of_line(31, 3, 7))


def refused(text: str, new: str, tale: Tale | None = None) -> str:
    with pytest.raises(Refused) as found:
        renamed(text, new, tale)
    return str(found.value)


def test_after_approval_ids_never_change() -> None:
    assert refused(CONTRACT.replace("### SHOP-001", "### ‸SHOP-001"), "SHOP-009", running()) == (
        "the mission is running: ids never change after approval, as verdicts and commits name them; "
        "take the assertion out and add another instead"
    )


@pytest.mark.parametrize("text", [
    CONTRACT.replace("library", "lib‸rary", 1), CONTRACT.replace("## SHOP The", "## SHOP Th‸e"), CONTRACT + "SHOP-0‸99",
    CONTRACT.replace("## SHOP The", "## the‸ shop The"), "‸" + CONTRACT,
])
def test_elsewhere_there_is_nothing_to_rename(text: str) -> None:
    assert refused(text, "SHOP-009").startswith("there is nothing to rename here; expected the id of an assertion")


@pytest.mark.parametrize("new", ["SHOP-9", "PAGE-009", "shop-009", "SHOP-009 x", "", "SHOP-00009"])
def test_id_has_to_fit_its_area(new: str) -> None:
    said = refused(CONTRACT.replace("### SHOP-001", "### ‸SHOP-001"), new)
    assert said == f"{new!r} is no id for this area; expected SHOP- with 3 or 4 digits"


def test_ids_are_used_once() -> None:
    at = "### ‸SHOP-001"
    assert "'SHOP-002' is used already" in refused(CONTRACT.replace("### SHOP-001", at), "SHOP-002")
    # One that only the mission remembers counts too.
    without = CONTRACT.replace("### SHOP-002", "### SHOP-022").replace("### SHOP-001", at)
    assert "'SHOP-002' is used already" in refused(without, "SHOP-002")


@pytest.mark.parametrize(("new", "why"), [("Mart", "no name of an area"), ("A", "no name"), ("PAGE", "an area already"),
                                          ("MART x", "no name of an area")])
def test_area_takes_a_name_that_fits_and_is_free(new: str, why: str) -> None:
    assert why in refused(CONTRACT.replace("## SHOP", "## ‸SHOP"), new)
