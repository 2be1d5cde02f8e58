"""Renaming an assertion or an area in a contract that is not agreed yet: every place of the text that names it.

Raises Refused with the reason where that is not possible.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from milepost.domain.contract_grammar import AREA, ASSERTION
from milepost.domain.errors import Refused
from milepost.ide.document import Document, level
from milepost.ide.identifiers import used
from milepost.ide.shapes import Edit, Span, Spot
from milepost.ide.snapshot import Snapshot

RENAMABLE = frozenset({"draft", "proposed"})


@dataclass(frozen=True, slots=True)
class Target:
    """What would be renamed."""

    kind: Literal["assertion", "area"]
    name: str
    span: Span


def prepare(document: Document, spot: Spot, snapshot: Snapshot) -> Target:
    """What a rename at a spot would rename. Raises Refused where there is nothing, or it is too late."""
    phase = snapshot.mission.phase
    if phase not in RENAMABLE:
        raise Refused(
            f"the mission is {phase}: ids never change after approval, as verdicts and commits name them; "
            "take the assertion out and add another instead"
        )
    found = document.id_at(spot)
    if found is not None and found[0] in document.named:
        return Target("assertion", *found)
    section = next((s for s in document.sections if s.first == spot.line and s.name.holds(spot)), None)
    if section is not None and section.area.name:
        return Target("area", section.area.name, section.name)
    raise Refused("there is nothing to rename here; expected the id of an assertion, such as AUTH-003, or of an area")


def edits(document: Document, spot: Spot, new: str, snapshot: Snapshot) -> list[Edit]:
    """The edits of a rename. Raises Refused where the new name does not fit or is taken."""
    target = prepare(document, spot, snapshot)
    new = new.strip()
    if new == target.name:
        return []
    if target.kind == "area":
        refuse_area(new, document)
        return list(area_edits(target.name, new, document))
    refuse_assertion(target.name, new, used(document, snapshot))
    return [Edit(span, new) for span in places(rf"{re.escape(target.name)}(?!\w)", document)]


def refuse_assertion(old: str, new: str, taken: set[str]) -> None:
    """Raise Refused for an id that does not fit its area, or is used."""
    area = old.rpartition("-")[0]
    found = ASSERTION.fullmatch(new)
    if found is None or found.group(1) != new or new.rpartition("-")[0] != area:
        raise Refused(f"{new!r} is no id for this area; expected {area}- with 3 or 4 digits")
    if new in taken:
        raise Refused(f"{new!r} is used already, and ids are used once; choose another")


def refuse_area(new: str, document: Document) -> None:
    """Raise Refused for a name that is none of an area, or is used."""
    found = AREA.fullmatch(new)
    if found is None or found.group(1) != new:
        raise Refused(f"{new!r} is no name of an area; expected 2 to 10 capitals and digits, a capital first")
    if any(s.area.name == new for s in document.sections):
        raise Refused(f"{new!r} is an area already; choose another name, or move the assertions there")


def area_edits(old: str, new: str, document: Document) -> Iterator[Edit]:
    """Its headings, and the letters of every id that begins with it."""
    for section in document.sections:
        if section.area.name == old and level(document.line(section.first)) == 2:
            yield Edit(section.name, new)
    for span in places(rf"{re.escape(old)}-(?=\d{{3,4}}(?!\w))", document):
        yield Edit(span, f"{new}-")


def places(pattern: str, document: Document) -> Iterator[Span]:
    """Where a pattern stands in the text, not inside of a longer word."""
    wanted = re.compile(rf"(?<![\w-]){pattern}")
    for number, line in enumerate(document.lines):
        yield from (Span.of_line(number, found.start(), found.end()) for found in wanted.finditer(line))
