"""Ids of a mission in any text: `AUTH-003`, `F2`, `M1`, `I4`; only those that the mission knows.

In names, which take no dash, an assertion may be written as `auth_003`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from milepost.ide.shapes import Span, Spot
from milepost.ide.snapshot import Snapshot

MentionKind = Literal["assertion", "feature", "milestone", "item"]

IDS = re.compile(
    r"(?<![\w-])(?:[A-Z][A-Z0-9]{1,9}-\d{3,4}|[FMI]\d{1,5})(?!\w|-\d)"
    r"|(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{1,9}_\d{3,4}(?![A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An id and where it stands."""

    id: str
    kind: MentionKind
    span: Span


def kind_of(id: str, snapshot: Snapshot) -> MentionKind | None:
    """What an id names in this mission; None where it names nothing."""
    if id in snapshot.agreed:
        return "assertion"
    if id in snapshot.planned:
        return "feature"
    if id in snapshot.milestones:
        return "milestone"
    return "item" if id in snapshot.mission.items else None


def in_line(text: str, line: int, snapshot: Snapshot) -> Iterator[Mention]:
    """The ids that a line names, from left to right."""
    for found in IDS.finditer(text):
        id = found.group()
        if "_" in id:
            id = id.upper().replace("_", "-")
        kind = kind_of(id, snapshot)
        if kind is not None:
            yield Mention(id, kind, Span.of_line(line, found.start(), found.end()))


def in_lines(lines: Sequence[str], snapshot: Snapshot) -> list[Mention]:
    """The ids that a text names, given as its lines."""
    return [mention for number, text in enumerate(lines) for mention in in_line(text, number, snapshot)]


def at(text: str, spot: Spot, snapshot: Snapshot) -> Mention | None:
    """The id at a spot, given the text of its line."""
    return next((m for m in in_line(text, spot.line, snapshot) if m.span.holds(spot)), None)
