"""A contract that a person saved: what a draft takes, and what it would amend once it was agreed."""

import pytest

from milepost.domain.contract_edit import amendment, marked, read_saved
from milepost.domain.contract_format import format_contract
from milepost.domain.contract_text import parse

BASE = """# Contract: shop

## CART Cart

### CART-001 It adds up
- surface: command
- then: prints 3
- fails if: prints 4
- evidence: receipt

### CART-002 It empties
- surface: command
- then: prints 0
- fails if: prints 1
- evidence: receipt
"""


def test_edit_of_one_side_is_taken_and_no_edit_says_nothing() -> None:
    now = parse(BASE).contract
    assert read_saved(now, BASE, BASE).text == ""
    saved = read_saved(now, BASE, BASE.replace("prints 3", "prints 5"))
    assert "prints 5" in saved.text and not saved.marked and not saved.problems


def test_text_that_does_not_parse_tells_why() -> None:
    found = read_saved(parse(BASE).contract, BASE, BASE + "\n### nothing\n")
    assert "SYNTAX-005" in [p.code for p in found.problems] and not found.text


def test_both_versions_stand_between_markers() -> None:
    theirs = parse(BASE.replace("prints 3", "prints 30")).contract
    saved = read_saved(theirs, BASE, BASE.replace("prints 3", "prints 33"))
    assert saved.marked.count("<<<<<<<") == 1
    assert saved.marked.index("prints 33") < saved.marked.index("=======") < saved.marked.index("prints 30\n")
    assert [p.code for p in parse(saved.marked).problems].count("SYNTAX-014") == 3


def test_assertion_that_one_side_took_out_and_the_other_changed_is_asked_about() -> None:
    without = BASE[: BASE.index("### CART-002")]
    theirs = parse(BASE.replace("prints 0", "prints nothing")).contract
    saved = read_saved(theirs, BASE, without)
    assert "prints nothing" in saved.marked and "<<<<<<< yours" in saved.marked


def test_no_names_no_markers() -> None:
    now = parse(BASE).contract
    assert marked(now, now, []) == format_contract(now)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("prints 3", "prints 5", [("change", "CART-001")]),
        ("CART-002 It empties", "CART-003 It empties", [("remove", "CART-002"), ("add", "CART-003")]),
        ("- surface: command\n- then: prints 0", "- surface: command\n- removed: unused\n- then: prints 0",
         [("remove", "CART-002")]),
        ("# Contract: shop", "# Contract: store", []),
    ],
)
def test_amendment_names_what_would_change(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    agreed = parse(BASE).contract
    found = amendment(agreed, parse(BASE.replace(old, new)).contract)
    assert [(c.op, c.assertion) for c in found] == expected


def test_what_was_removed_before_is_not_amended_again() -> None:
    gone = parse(BASE.replace("- then: prints 0", "- removed: unused\n- then: prints 0")).contract
    assert amendment(gone, gone) == []
