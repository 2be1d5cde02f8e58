"""Lines of text above lines: how each assertion stands, with what can be done; and what wrote a line of code."""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from milepost.domain.quantities import count
from milepost.domain.receipt import Evidence
from milepost.ide import buttons
from milepost.ide.blame import BlameLine
from milepost.ide.document import Block, Document, Section
from milepost.ide.prose import cut
from milepost.ide.shapes import Invocation, Lens, Span
from milepost.ide.snapshot import Snapshot
from milepost.ide.standing import Standing, tally

WAIVABLE = frozenset({"failed", "blocked"})
"""Words of an assertion beside which waiving is offered; of the others it is an action, out of the way."""
MOST = 8
"""Assertions named in one lens; the rest is counted."""


Lenses = tuple[Lens, ...]


# --- contract ---

@lru_cache(maxsize=4)
def contract_lenses(document: Document, snapshot: Snapshot) -> tuple[Lens, ...]:
    """A lens for each area and assertion that the mission knows, in the order of the text."""
    return tuple(lens for area in lenses_by_area(document, snapshot) for lenses in area for lens in lenses)


def lenses_by_area(document: Document, snapshot: Snapshot) -> list[tuple[Lenses, ...]]:
    """The lenses of each area, by assertion; the same objects as long as nothing changed there."""
    evidence, name = snapshot.story.evidence, snapshot.mission.id
    again, waivable = (buttons.takes(snapshot, order) for order in ("recheck_assertions", "waive_assertion"))
    return [
        s.once(section_lenses, name, snapshot.stand(s.names), evidence, again, waivable) for s in document.sections
    ]


def section_lenses(
    section: Section, mission: str, standings: Sequence[Standing | None], evidence: Mapping[str, Evidence],
    again: bool, waivable: bool,
) -> tuple[Lenses, ...]:
    """How an area stands, and its assertions; `again` and `waivable`: whether the mission takes such orders now."""
    known = [(b, s) for b, s in zip(section.blocks, standings, strict=True) if s is not None]
    if not known:
        return ()
    title = f"{section.area.name}: {tally(standings)}"
    whole = Lens(section.name, Invocation(title, "open", {"mission": mission, "document": "contract"}))
    found: list[Lenses] = [(whole,)]
    for block, standing in known:
        found.append(block.once(
            block_lenses, mission, standing, recorded(standing, evidence), again and standing.recheckable,
            waivable and standing.word in WAIVABLE,
        ))
    return tuple(found)


def block_lenses(block: Block, mission: str, standing: Standing, seen: str, again: bool, waivable: bool) -> Lenses:
    """How an assertion stands, and the buttons that make sense there."""
    assertion = standing.assertion.id
    said = [Invocation(summary(standing), "open", {"mission": mission, "document": page(standing)})]
    if again:
        said.append(Invocation("recheck", "recheck", {"mission": mission, "assertions": [assertion]}))
    if seen:
        said.append(Invocation("open evidence", "open", {"mission": mission, "document": f"evidence:{seen}"}))
    if waivable:
        said.append(Invocation("waive…", "waive", {"mission": mission, "assertion": assertion, "ask": "reason"}))
    return tuple(Lens(block.name, button) for button in said)


def summary(standing: Standing) -> str:
    """`✓ passed · 3 evidence · F2`."""
    shown = f" · {standing.evidence} evidence" if standing.evidence else ""
    owner = f" · {standing.feature}" if standing.feature else ""
    return f"{standing.mark} {standing.word}{shown}{owner}"


def page(standing: Standing) -> str:
    """The document behind the summary: what the owner left behind, or the plan until somebody worked on it."""
    return f"handoff:{standing.feature}" if standing.judged and standing.feature else "plan"


def recorded(standing: Standing, evidence: Mapping[str, Evidence]) -> str:
    """The first piece of a tester's evidence behind a verdict; a check's receipt has no document to open."""
    for name in standing.state.verdict.evidence if standing.state.verdict else ():
        if name in evidence:
            return name
    return ""


# --- code ---

def code_lenses(blame: Sequence[BlameLine], snapshot: Snapshot) -> list[Lens]:
    """A lens above each run of lines that one feature wrote: what the feature is and how what it serves stands."""
    mine = [b for b in blame if b.mission == snapshot.mission.id and b.feature in snapshot.planned]
    found = []
    for place, one in enumerate(mine):
        before = mine[place - 1] if place else None
        if before is None or (before.feature, before.line) != (one.feature, one.line - 1):
            opened = buttons.opens(wrote(one.feature, snapshot), f"handoff:{one.feature}", snapshot)
            found.append(Lens(Span.of_line(one.line, 0, 0), opened))
    return found


def wrote(feature: str, snapshot: Snapshot) -> str:
    """`F2 Print · SHOP-003 ✓ SHOP-004 ✗`."""
    served = [snapshot.standings[a] for a in snapshot.served[feature] if a in snapshot.standings]
    marks = " ".join(f"{s.assertion.id} {s.mark}" for s in served[:MOST])
    more = f" and {count(len(served) - MOST, 'assertion')}" if len(served) > MOST else ""
    title = f"{feature} {cut(snapshot.planned[feature].title, 60)}"
    return f"{title} · {marks}{more}" if marks else title
