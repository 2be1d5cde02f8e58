"""The outline of a contract, and the search over everything that missions name."""

from collections.abc import Iterator, Sequence

from milepost.ide.document import Block, Document, Section
from milepost.ide.shapes import Link, Named, Span, Symbol, SymbolKind
from milepost.ide.snapshot import Snapshot, contract_path, handoff_path, plan_path
from milepost.ide.standing import Standing, tally

MOST = 400
"""Entries of one answer; who wants others types more."""


# --- outline ---

def outline(document: Document, snapshot: Snapshot | None) -> list[Symbol]:
    """Areas, and in them the assertions with their state."""
    return [s.once(section_symbol, snapshot.stand(s.names) if snapshot else None) for s in document.sections]


def section_symbol(section: Section, standings: Sequence[Standing | None] | None) -> Symbol:
    """One area."""
    stand = standings or [None] * len(section.blocks)
    children = tuple(b.once(block_symbol, s) for b, s in zip(section.blocks, stand, strict=True))
    area = section.area
    return Symbol(
        name=f"{area.name} {area.title}".strip() or "(no name)", detail="" if standings is None else tally(standings),
        kind="area", span=section.span, name_span=section.name, children=children,
    )


def block_symbol(block: Block, standing: Standing | None) -> Symbol:
    """One assertion."""
    assertion = block.assertion
    detail = f"{standing.mark} {standing.word}" if standing else assertion.surface
    name = f"{assertion.id} {assertion.title}".strip() or "(no name)"
    return Symbol(name, detail, "assertion", block.span, block.name)


# --- search ---

def search(query: str, snapshots: Sequence[Snapshot]) -> list[Named]:
    """Assertions, features, milestones and handoffs whose id or title has the letters of the query, in their order."""
    found = []
    for snapshot in snapshots:
        for named in everything(snapshot):
            if matches(query, named.name):
                found.append(named)
                if len(found) == MOST:
                    return found
    return found


def matches(query: str, name: str) -> bool:
    """Whether a name has the letters of a query in their order; what is no letter may be left out."""
    letters = iter(name.casefold())
    return all(c in letters for c in query.casefold() if not c.isspace())


def everything(snapshot: Snapshot) -> Iterator[Named]:
    """Everything that can be found by name."""
    lines = snapshot.story.layout
    contract, plan = contract_path(snapshot.paths, snapshot.mission), plan_path(snapshot.paths)
    for name, standing in snapshot.standings.items():
        title = f"{name} {standing.assertion.title}"
        yield named(title, "assertion", contract, lines.assertions.get(name, 0), standing.word)
    for milestone in snapshot.milestones.values():
        state = snapshot.mission.milestones[milestone.id].status
        title = f"{milestone.id} {milestone.title}"
        yield named(title, "milestone", plan, lines.features.get(milestone.id, 0), state)
    for feature in snapshot.planned.values():
        state_of, title = snapshot.mission.features[feature.id].status, f"{feature.id} {feature.title}"
        yield named(title, "feature", plan, lines.features.get(feature.id, 0), state_of)
        if feature.id in snapshot.story.handoffs:
            page = handoff_path(snapshot.paths, feature.id)
            yield named(f"{feature.id} handoff: {feature.title}", "handoff", page, 0, state_of)


def named(name: str, kind: SymbolKind, path: str, line: int, state: str) -> Named:
    """One entry; the title of its link says how it stands."""
    return Named(name, kind, Link(path, Span.of_line(line, 0, 0), state))
