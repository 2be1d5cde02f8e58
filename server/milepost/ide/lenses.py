"""Lines of text above lines: how each assertion stands, with what can be done; and what wrote a line of code."""

from collections.abc import Sequence
from functools import lru_cache

from milepost.domain.quantities import count
from milepost.ide import buttons
from milepost.ide.blame import BlameLine
from milepost.ide.document import Document, Section
from milepost.ide.hovers import tally
from milepost.ide.prose import cut
from milepost.ide.shapes import Invocation, Lens, Span
from milepost.ide.snapshot import Snapshot
from milepost.ide.standing import Standing

WAIVABLE = frozenset({"failed", "blocked"})
"""Words of an assertion beside which waiving is offered; of the others it is an action, out of the way."""
MOST = 8
"""Assertions named in one lens; the rest is counted."""


# --- contract ---

@lru_cache(maxsize=4)
def contract_lenses(document: Document, snapshot: Snapshot) -> tuple[Lens, ...]:
    """A lens for each area and assertion that the mission knows, in the order of the text."""
    return tuple(lens for section in document.sections for lens in section_lenses(section, snapshot))


def section_lenses(section: Section, snapshot: Snapshot) -> list[Lens]:
    """How an area stands, and its assertions."""
    standings = snapshot.standings
    known = [(b.name, s) for b in section.blocks if (s := standings.get(b.assertion.id)) is not None]
    if not known:
        return []
    title = f"{section.area.name}: {tally(section, snapshot)}"
    found = [Lens(section.name, buttons.opens(title, "contract", snapshot))]
    again = buttons.takes(snapshot, "recheck_assertions")
    waivable = buttons.takes(snapshot, "waive_assertion")
    for span, standing in known:
        found += block_lenses(
            span, snapshot.mission.id, standing.assertion.id, summary(standing), page(standing),
            seen=recorded(standing, snapshot), again=again and standing.recheckable,
            waivable=waivable and standing.word in WAIVABLE,
        )
    return found


@lru_cache(maxsize=4_096)
def block_lenses(
    span: Span, mission: str, assertion: str, title: str, document: str, *, seen: str, again: bool, waivable: bool
) -> tuple[Lens, ...]:
    """How an assertion stands, and the buttons that make sense there.

    Kept from one state of the mission to the next, as most assertions stand as they stood.
    """
    said = [Invocation(title, "open", {"mission": mission, "document": document})]
    if again:
        said.append(Invocation("recheck", "recheck", {"mission": mission, "assertions": [assertion]}))
    if seen:
        said.append(Invocation("open evidence", "open", {"mission": mission, "document": f"evidence:{seen}"}))
    if waivable:
        said.append(Invocation("waive…", "waive", {"mission": mission, "assertion": assertion, "ask": "reason"}))
    return tuple(Lens(span, button) for button in said)


def summary(standing: Standing) -> str:
    """`✓ passed · 3 evidence · F2`."""
    shown = f" · {standing.evidence} evidence" if standing.evidence else ""
    owner = f" · {standing.feature}" if standing.feature else ""
    return f"{standing.mark} {standing.word}{shown}{owner}"


def page(standing: Standing) -> str:
    """The document behind the summary: what the owner left behind, or the plan until somebody worked on it."""
    return f"handoff:{standing.feature}" if standing.judged and standing.feature else "plan"


def recorded(standing: Standing, snapshot: Snapshot) -> str:
    """The first piece of a tester's evidence behind a verdict; a check's receipt has no document to open."""
    for name in standing.state.verdict.evidence if standing.state.verdict else ():
        if name in snapshot.story.evidence:
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
