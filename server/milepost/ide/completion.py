"""What can be written at a place of a contract: fields, their values, the next free id; and known ids anywhere."""

import re
from collections.abc import Iterator, Mapping

from milepost.domain.contract import EVIDENCE_KINDS, MINIMUM_EVIDENCE, SURFACES
from milepost.domain.contract_grammar import FIELDS
from milepost.ide.document import Document
from milepost.ide.identifiers import next_id
from milepost.ide.prose import cut
from milepost.ide.shapes import Offer, Span, Spot
from milepost.ide.snapshot import Snapshot

FIELD_MEANINGS: Mapping[str, str] = {
    "surface": "where it is observed", "given": "what is there before", "when": "what somebody does",
    "then": "what can be observed when it holds", "fails if": "what would show that it does not hold",
    "evidence": "the kinds that show it", "check": "a command that exits 0 when it holds",
    "before": "what the check says on the untouched base", "alone": "why it needs a tester of its own",
    "removed": "why it no longer counts",
}
SURFACE_MEANINGS: Mapping[str, str] = {
    "command": "a command's output and exit code", "http": "requests to a running service",
    "browser": "a page as a person sees it", "terminal": "a screen of a terminal program",
    "library": "calls from code", "file": "a file that is written",
}
EVIDENCE_MEANINGS: Mapping[str, str] = {
    "receipt": "what the engine saw of a command", "request": "an HTTP request and its answer",
    "screen": "the screen of a terminal", "screenshot": "a picture of a page", "console": "what a page logged",
    "network": "what a page requested", "file": "the file itself", "transcript": "a session from end to end",
}
BEFORE_MEANINGS: Mapping[str, str] = {
    "red": "fails on the base, and must pass after the work", "guard": "passes on the base, and must go on passing",
}
IN_FIELD = re.compile(r"[-*+][ \t]+([A-Za-z]+(?:[ _-][A-Za-z]+)?)[ \t]*:[ \t]*(.*)$")
FIELD_BEGUN = re.compile(r"(?:[-*+](?:[ \t]+([A-Za-z]*(?: [A-Za-z]*)?))?)?$")
HEADING_BEGUN = re.compile(r"###[ \t]*([A-Z0-9-]*)$")
WORD = re.compile(r"(?<![\w-])[A-Z][A-Z0-9]*-?\d*$")


def completion(document: Document, spot: Spot, snapshot: Snapshot | None) -> list[Offer]:
    """The offers at a spot; the first kind that fits the line, otherwise ids."""
    before = document.line(spot.line)[: spot.column]
    if document.is_contract:
        head = HEADING_BEGUN.match(before)
        if head is not None:
            return list(headings(document, spot, head, snapshot))
        within = IN_FIELD.match(before)
        offers = list(values(document, spot, within)) if within else []
        if offers:
            return offers
        begun = FIELD_BEGUN.match(before) if within is None else None
        if begun is not None and document.block_at(before_line(spot)) is not None:
            return list(fields(document, spot, begun))
    return list(ids(document, spot, before, snapshot))


def before_line(spot: Spot) -> Spot:
    """The line above: a line that is just begun behind an assertion belongs to it."""
    return Spot(max(0, spot.line - 1), 0)


def back(spot: Spot, text: str) -> Span:
    """The stretch before a spot that reads so."""
    return Span.of_line(spot.line, spot.column - len(text), spot.column)


# --- the parts of an assertion ---

def headings(document: Document, spot: Spot, head: re.Match[str], snapshot: Snapshot | None) -> Iterator[Offer]:
    """The next free id of the area that the heading stands in."""
    section = next((s for s in reversed(document.sections) if s.first < spot.line), None)
    whole = head.group(1) and head.group(1) in document.named
    if section is not None and section.area.name and not whole:
        new = next_id(section.area.name, document, snapshot)
        gap = "" if head.group()[3:4].isspace() else " "
        yield Offer(new, "next free id", back(spot, head.group(1)), f"{gap}{new} ")


def fields(document: Document, spot: Spot, begun: re.Match[str]) -> Iterator[Offer]:
    """The fields that the assertion above does not have yet."""
    block = document.block_at(before_line(spot))
    there = set(document.field_lines(block)) if block else set()
    dashed = bool(begun.group())
    span = back(spot, begun.group())
    for name in FIELDS:
        if name not in there:
            value = "``" if name == "check" else ""
            yield Offer(name, FIELD_MEANINGS[name], span, f"{begun.group()[0] if dashed else '-'} {name}: {value}")


def values(document: Document, spot: Spot, within: re.Match[str]) -> Iterator[Offer]:
    """The values of a field that takes one of a few."""
    name, written = within.group(1).lower(), within.group(2)
    if name == "surface":
        for surface in SURFACES:
            yield Offer(surface, SURFACE_MEANINGS[surface], back(spot, written), surface, shown_by(surface))
    if name == "before":
        for word, meaning in BEFORE_MEANINGS.items():
            yield Offer(word, meaning, back(spot, written), word)
    if name == "evidence":
        *listed, last = (part.strip() for part in written.split(","))
        block = document.block_at(spot)
        wanted = {k for group in MINIMUM_EVIDENCE.get(block.assertion.surface if block else "", ()) for k in group}
        for kind in sorted(EVIDENCE_KINDS, key=lambda k: k not in wanted):
            if kind not in listed:
                least = "; this surface asks for it" if kind in wanted else ""
                yield Offer(kind, f"{EVIDENCE_MEANINGS[kind]}{least}", back(spot, last), kind)


def shown_by(surface: str) -> str:
    """The least evidence of a surface, in words."""
    groups = (" or ".join(sorted(group)) for group in MINIMUM_EVIDENCE[surface])
    return f"Shown by {' and '.join(groups)} at least."


# --- ids ---

def ids(document: Document, spot: Spot, before: str, snapshot: Snapshot | None) -> Iterator[Offer]:
    """Known ids that begin as the word before the spot does."""
    found = WORD.search(before)
    if found is None:
        return
    span = back(spot, found.group())
    for name, title in known(document, snapshot).items():
        if name.startswith(found.group()):
            yield Offer(name, title, span, name)


def known(document: Document, snapshot: Snapshot | None) -> Mapping[str, str]:
    """Ids with their titles: assertions, features, milestones, open items."""
    titles = {n: b.assertion.title for n, b in document.named.items()} if document.is_contract else {}
    if snapshot is None:
        return titles
    titles |= {n: a.title for n, a in snapshot.agreed.items() if n not in titles}
    titles |= {f.id: f.title for f in snapshot.planned.values()}
    titles |= {m.id: m.title for m in snapshot.milestones.values()}
    return titles | {i.id: cut(f"{i.opened.type}: {i.opened.text}", 80) for i in snapshot.mission.open_items}
