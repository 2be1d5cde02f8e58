"""Amending an approved contract, and what of it only the user may do (D4b)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_text import parse_assertion
from milepost.domain.errors import Refused
from milepost.domain.events import ContractChange
from milepost.domain.lint import lint_assertion

WORDS = ("title", "surface", "given", "when", "then", "fails_if", "notes")
"""Parts of an assertion whose every change may weaken it: code cannot judge wording."""


def apply(contract: Contract, changes: Sequence[ContractChange], reason: str = "") -> Contract:
    """The contract with every change applied, or none.

    `reason` is written beside removed assertions. Raises Refused where a change does not parse, does not lint, or
    does not fit the contract.
    """
    if not changes:
        raise Refused("the amendment is empty; expected at least one change")
    twice = [i for i, n in Counter(c.assertion for c in changes).items() if n > 1]
    if twice:
        raise Refused(f"{', '.join(twice)} is changed twice in one amendment; say it once")
    for change in changes:
        if change.op == "add":
            contract = _added(contract, change)
        else:
            contract = _put(contract, _new_text(contract, change, reason))
    return contract


def weakens(contract: Contract, changes: Sequence[ContractChange]) -> list[str]:
    """What of the changes needs the user's approval, in words; an empty list goes without (D4b).

    Raises Refused for changes that `apply` refuses to read.
    """
    found = []
    for change in changes:
        if change.op == "remove":
            found.append(f"{change.assertion} would be removed")
        elif change.op == "change":
            parts = _weakened(_live(contract, change.assertion), _parsed(change))
            if parts:
                found.append(f"{change.assertion} would change its {', '.join(parts)}")
    return found


def reset(changes: Sequence[ContractChange]) -> frozenset[str]:
    """Assertions that go back to pending."""
    return frozenset(c.assertion for c in changes if c.op == "change")


def _weakened(old: Assertion, new: Assertion) -> list[str]:
    parts = [word.replace("_", " ") for word in WORDS if getattr(old, word) != getattr(new, word)]
    if not set(old.evidence) <= set(new.evidence):
        parts.append("evidence")
    if old.check and old.check != new.check:
        parts.append("check")
    # With a check, saying nothing is saying red.
    if (old.before or "red") != (new.before or "red"):
        parts.append("before")
    return parts


def _added(contract: Contract, change: ContractChange) -> Contract:
    if contract.get(change.assertion) is not None:
        raise Refused(f"{change.assertion} is in the contract already; ids are never used again, choose a new one")
    new = _parsed(change)
    areas = [replace(a, assertions=(*a.assertions, new)) if a.name == new.area else a for a in contract.areas]
    if new.area not in [a.name for a in contract.areas]:
        areas.append(Area(new.area, new.area.capitalize(), (new,)))
    return replace(contract, areas=tuple(areas))


def _new_text(contract: Contract, change: ContractChange, reason: str) -> Assertion:
    """The assertion as it will stand: changed, or with all it said and why it was removed."""
    old = _live(contract, change.assertion)
    if change.op == "remove":
        return replace(old, removed=" ".join((change.text or reason).split()) or "by an amendment")
    new = _parsed(change)
    if new == old:
        raise Refused(f"{old.id} would not change; leave it out of the amendment")
    return new


def _live(contract: Contract, assertion: str) -> Assertion:
    found = contract.get(assertion)
    if found is None or found.removed:
        state = "was removed" if found else "is not in the contract"
        raise Refused(f"{assertion} {state}; expected one of {', '.join(a.id for a in contract.live)}, or op 'add'")
    return found


def _parsed(change: ContractChange) -> Assertion:
    parsed = parse_assertion(change.text)
    errors = [f"line {p.line}, column {p.column}: {p.message}" for p in parsed.problems if p.severity == "error"]
    if parsed.assertion is None or errors:
        raise Refused(f"the text of {change.assertion} does not parse:\n" + "\n".join(errors))
    if parsed.assertion.id != change.assertion:
        raise Refused(f"the text is of {parsed.assertion.id}; expected {change.assertion}, as ids never change")
    if parsed.assertion.removed:
        raise Refused(f"the text of {change.assertion} says `removed`; use op 'remove' instead")
    faults = [f"{i.code}: {i.message}" for i in lint_assertion(parsed.assertion)]
    if faults:
        raise Refused(f"{change.assertion} does not hold: " + "; ".join(faults))
    return replace(parsed.assertion, line=0)


def _put(contract: Contract, new: Assertion) -> Contract:
    """The contract with the assertion of that id replaced, in its place."""
    def inside(area: Area) -> Area:
        return replace(area, assertions=tuple(new if a.id == new.id else a for a in area.assertions))

    return replace(contract, areas=tuple(inside(area) for area in contract.areas))
