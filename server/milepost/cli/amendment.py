"""From a file of assertions to what it changes in a contract; what the file does not name stays as it is."""

from dataclasses import replace
from pathlib import Path

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_format import format_assertion
from milepost.domain.contract_text import parse
from milepost.domain.errors import Refused
from milepost.domain.events import ContractChange

HARMLESS = frozenset({"SYNTAX-001", "SYNTAX-006", "SYNTAX-015"})
"""An amendment needs neither a title nor the heading of an area that is there already."""


def read(file: Path) -> Contract:
    """The assertions of a file. Raises Refused with line and column of what is wrong."""
    parsed = parse(text_of(file))
    errors = [p for p in parsed.problems if p.severity == "error" and p.code not in HARMLESS]
    if errors:
        lines = "\n".join(f"{file}:{p.line}:{p.column}: {p.message}" for p in errors[:20])
        raise Refused(f"the amendment does not parse:\n{lines}")
    if not list(parsed.contract):
        raise Refused(f"{str(file)!r} holds no assertion; expected some, each headed `### AREA-001 Title`")
    return parsed.contract


def text_of(file: Path) -> str:
    """A file's text. Raises Refused where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{str(file)!r} cannot be read: {error}; expected a file of text in UTF-8") from error


def changes(now: Contract, read: Contract) -> list[ContractChange]:
    """What the file would change, in its order."""
    found = [change(now.get(new.id), new) for new in read]
    return [c for c in found if c is not None]


def change(old: Assertion | None, new: Assertion) -> ContractChange | None:
    """What becomes of one assertion; None where it stays."""
    if old == new or (old is not None and old.removed and new.removed):
        return None
    if new.removed:
        return ContractChange(op="remove", assertion=new.id, text=new.removed)
    return ContractChange(op="change" if old else "add", assertion=new.id, text=format_assertion(new))


def amended(now: Contract, read: Contract) -> Contract:
    """The contract of a draft with the file's assertions in it: in their place, or at the end of their area."""
    for area in read.areas:
        for new in area.assertions:
            now = with_assertion(now, new, area)
    return now


def with_assertion(now: Contract, new: Assertion, stands_in: Area) -> Contract:
    """The contract with one assertion put into it."""
    if now.get(new.id) is not None:
        swapped = (replace(a, assertions=tuple(new if x.id == new.id else x for x in a.assertions)) for a in now.areas)
        return replace(now, areas=tuple(swapped))
    if new.area in [a.name for a in now.areas]:
        joined = (replace(a, assertions=(*a.assertions, new)) if a.name == new.area else a for a in now.areas)
        return replace(now, areas=tuple(joined))
    title = stands_in.title or new.area.capitalize()
    return replace(now, areas=(*now.areas, Area(new.area, title, (new,), stands_in.notes)))
