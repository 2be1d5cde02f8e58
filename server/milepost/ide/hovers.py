"""The whole story of what stands under a cursor: in the contract, at an id anywhere, at a line that a mission wrote."""

from collections.abc import Callable, Mapping

from milepost.ide import mentions, why
from milepost.ide.blame import BlameLine
from milepost.ide.document import Document, Section
from milepost.ide.mentions import MentionKind
from milepost.ide.prose import code, escaped
from milepost.ide.shapes import Hover, Span, Spot
from milepost.ide.snapshot import Snapshot
from milepost.ide.standing import MARKS, tally

TELLERS: Mapping[MentionKind, Callable[[str, Snapshot], str]] = {
    "assertion": lambda name, snapshot: why.assertion(name, snapshot, text=True),
    "feature": why.feature, "milestone": why.milestone, "item": why.item,
}


def hover_contract(document: Document, spot: Spot, snapshot: Snapshot) -> Hover | None:
    """At an id, the story of that; elsewhere in an assertion, its own; at an area, how it stands."""
    block = document.block_at(spot)
    named = mentions.at(document.line(spot.line), spot, snapshot)
    if named is not None and (block is None or named.id != block.assertion.id):
        return Hover(named.span, TELLERS[named.kind](named.id, snapshot))
    if block is not None and block.assertion.id in snapshot.standings:
        return Hover(block.span, why.assertion(block.assertion.id, snapshot, text=False))
    section = next((s for s in document.sections if s.first == spot.line), None)
    return Hover(document.whole_line(spot.line), area(section, snapshot)) if section else None


def hover_id(text_line: str, spot: Spot, snapshot: Snapshot) -> Hover | None:
    """The story of an id that any text names, given its line."""
    named = mentions.at(text_line, spot, snapshot)
    return Hover(named.span, TELLERS[named.kind](named.id, snapshot)) if named else None


def hover_blame(text_line: str, blame: BlameLine, snapshot: Snapshot) -> Hover | None:
    """Why a line of code is there: the feature that wrote it and what that serves."""
    if blame.mission != snapshot.mission.id or blame.feature not in snapshot.planned:
        return None
    told = f"{why.feature(blame.feature, snapshot)}\n\nThis line is of commit {code(blame.commit[:8])}."
    return Hover(Span.of_line(blame.line, 0, len(text_line)), told)


def area(section: Section, snapshot: Snapshot) -> str:
    """How the assertions of an area stand."""
    stand = tally(snapshot.stand(section.names))
    lines = [f"**{escaped(section.area.name)}** {escaped(section.area.title)} — {stand}", ""]
    for block in section.blocks:
        standing = snapshot.standings.get(block.assertion.id)
        mark = standing.mark if standing else MARKS["pending"]
        lines.append(f"- {mark} {escaped(block.assertion.id)} {escaped(block.assertion.title, 120)}")
    return "\n".join(lines[:why.ASSERTIONS + 2] + why.rest(len(section.blocks), why.ASSERTIONS))

