"""Amendments of an approved contract: what they do, what is refused, what needs the user (D4b)."""

from dataclasses import replace
from typing import Any

import pytest

from milepost.domain.amend import apply, reset, weakens
from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_text import format_assertion, format_contract, parse
from milepost.domain.errors import Refused
from milepost.domain.events import ContractChange

ONE = Assertion("AUTH-001", "T", "command", "g", "w", "a", "b", ("receipt",), check="make", before="red", notes="n")
TWO = Assertion("AUTH-002", "U", "http", then="a", fails_if="b", evidence=("request",))
GONE = replace(TWO, id="AUTH-003", removed="why")
CONTRACT = Contract("c", (Area("AUTH", "A", (ONE, TWO, GONE)),))


def change(op: Any, assertion: Assertion | str, text: str | None = None) -> ContractChange:
    if isinstance(assertion, str):
        return ContractChange(op=op, assertion=assertion, text=text or "")
    return ContractChange(op=op, assertion=assertion.id, text=format_assertion(assertion) if text is None else text)


def test_added_assertion_stands_at_the_end_of_its_area() -> None:
    new = replace(TWO, id="AUTH-004")
    assert apply(CONTRACT, [change("add", new)]).areas == (Area("AUTH", "A", (ONE, TWO, GONE, new)),)


def test_added_assertion_may_open_an_area() -> None:
    new = replace(TWO, id="CROSS-001")
    amended = apply(CONTRACT, [change("add", new)])
    assert amended.areas[1] == Area("CROSS", "Cross", (new,))
    assert parse(format_contract(amended)).problems == ()


def test_changed_assertion_keeps_its_place_and_goes_back_to_pending() -> None:
    new = replace(ONE, then="other")
    changes = [change("change", new), change("remove", "AUTH-002"), change("add", replace(TWO, id="AUTH-004"))]
    assert apply(CONTRACT, changes).areas[0].assertions[0] == new
    assert reset(changes) == {"AUTH-001"}


@pytest.mark.parametrize(
    ("text", "reason", "removed"),
    [("", "not wanted\nat all", "not wanted at all"), ("own words", "all", "own words"), ("", "", "by an amendment")],
)
def test_removed_assertion_stays_visible_with_its_reason(text: str, reason: str, removed: str) -> None:
    amended = apply(CONTRACT, [change("remove", "AUTH-001", text)], reason)
    assert amended.get("AUTH-001") == replace(ONE, removed=removed)
    assert [a.id for a in amended.live] == ["AUTH-002"]
    assert parse(format_contract(amended)).contract == amended


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param([], "the amendment is empty", id="nothing"),
        pytest.param([change("remove", "AUTH-001")] * 2, "AUTH-001 is changed twice", id="twice"),
        pytest.param([change("add", ONE)], "is in the contract already", id="add what is there"),
        pytest.param([change("add", replace(GONE, removed=""))], "ids are never used again", id="add a removed id"),
        pytest.param([change("change", replace(TWO, id="AUTH-009"))], "AUTH-009 is not in the contract", id="unknown"),
        pytest.param([change("change", replace(GONE, removed=""))], "AUTH-003 was removed", id="change a removed one"),
        pytest.param([change("remove", "AUTH-003")], "AUTH-003 was removed", id="remove again"),
        pytest.param([change("change", ONE)], "AUTH-001 would not change", id="no change"),
        pytest.param([change("change", "AUTH-001", format_assertion(TWO))], "the text is of AUTH-002", id="another id"),
        pytest.param([change("change", replace(ONE, removed="x"))], "use op 'remove'", id="removed by text"),
        pytest.param([change("change", "AUTH-001", "")], "expected exactly one assertion", id="no text"),
        pytest.param([change("change", "AUTH-001", format_assertion(ONE) + "- odd: x\n")],
                     "line 13, column 1: unknown field 'odd'", id="does not parse"),
        pytest.param([change("change", replace(ONE, evidence=("screen",)))], "CONTRACT-008", id="does not lint"),
        pytest.param([change("remove", "AUTH-001"), change("add", ONE)], "changed twice", id="ids never change hands"),
    ],
)
def test_amendment_that_does_not_fit_is_refused_whole(changes: list[ContractChange], expected: str) -> None:
    with pytest.raises(Refused) as error:
        apply(CONTRACT, changes, "a reason")
    assert expected in str(error.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        pytest.param([change("add", replace(TWO, id="AUTH-004"))], [], id="adding is free"),
        pytest.param([change("change", replace(ONE, evidence=("receipt", "file")))], [], id="more evidence is free"),
        pytest.param([change("change", replace(TWO, check="make"))], [], id="a first check is free"),
        pytest.param([change("change", replace(TWO, check="make", before="red"))], [], id="red is what silence means"),
        pytest.param([change("change", replace(ONE, before=""))], [], id="silence means red"),
        pytest.param([change("change", replace(TWO, check="make", before="guard"))],
                     ["AUTH-002 would change its before"], id="guard"),
        pytest.param([change("change", replace(ONE, check="true"))], ["AUTH-001 would change its check"], id="check"),
        pytest.param([change("change", replace(ONE, check="", before=""))], ["AUTH-001 would change its check"],
                     id="no check any more"),
        pytest.param([change("change", replace(ONE, surface="file", evidence=("file",)))],
                     ["AUTH-001 would change its surface, evidence"], id="surface and evidence"),
        pytest.param([change("change", replace(ONE, title="x", given="", when="", then="x", fails_if="x", notes=""))],
                     ["AUTH-001 would change its title, given, when, then, fails if, notes"], id="wording"),
        pytest.param([change("remove", "AUTH-001"), change("change", replace(TWO, then="x"))],
                     ["AUTH-001 would be removed", "AUTH-002 would change its then"], id="several"),
    ],
)
def test_D4b_only_what_adds_goes_without_the_user(changes: list[ContractChange], words: list[str]) -> None:
    apply(CONTRACT, changes, "a reason")
    assert weakens(CONTRACT, changes) == words


def test_weakening_cannot_be_judged_of_a_text_that_does_not_parse() -> None:
    with pytest.raises(Refused, match="does not parse"):
        weakens(CONTRACT, [change("change", "AUTH-001", "nonsense")])
