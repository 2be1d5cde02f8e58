"""A few words behind each assertion's heading: its mark, when that was given, and in which round."""

from milepost.ide.document import Document
from milepost.ide.prose import cut
from milepost.ide.shapes import Hint, Span, Spot
from milepost.ide.snapshot import Snapshot
from milepost.ide.standing import Standing

NOTE = 300


def hints(document: Document, snapshot: Snapshot, within: Span | None = None) -> list[Hint]:
    """The hints of a contract, none for what is pending; `within` keeps to the lines on the screen."""
    first, last = (within.start.line, within.end.line) if within else (0, len(document.lines))
    found = []
    for block in document.blocks:
        standing = snapshot.standings.get(block.assertion.id) if first <= block.first <= last else None
        if standing is not None and standing.word != "pending":
            spot = Spot(block.first, len(document.lines[block.first].rstrip()))
            found.append(Hint(spot, text(standing, snapshot), tooltip(standing)))
    return found


def text(standing: Standing, snapshot: Snapshot) -> str:
    """`✓ 14:02 r2`; what is not a verdict says its word."""
    given = standing.judged
    if given is None or standing.word in ("waived", "removed"):
        return f"{standing.mark} {standing.word}"
    round = f" r{given.verdict.round}" if given.verdict.round else ""
    return f"{standing.mark} {snapshot.clock(given.at)}{round}"


def tooltip(standing: Standing) -> str:
    """Why it is so."""
    why = standing.state.waived_because or standing.assertion.removed or standing.note
    stale = f"; stale: {standing.expired.because}" if standing.expired else ""
    return cut(f"{standing.state.status}: {why}{stale}", NOTE)
