"""The questions of a questions document: where each stands, and where its answer goes."""

from collections.abc import Sequence
from dataclasses import dataclass

from milepost.domain.mission import Item
from milepost.domain.questions_text import ANSWER, HEADING
from milepost.ide.document import Document
from milepost.ide.shapes import Span
from milepost.ide.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Asked:
    """One item that waits for the user, and its place in the text."""

    item: Item
    heading: Span
    last: int
    """The last line that belongs to it."""
    answer: int | None
    """The line on which its answer begins; None where somebody deleted it."""


def asked(document: Document, snapshot: Snapshot) -> Sequence[Asked]:
    """The questions that are still open, in the order of the text."""
    heads = [(n, found[1]) for n, line in enumerate(document.lines) if (found := HEADING.match(line))]
    found_all = []
    for place, (number, name) in enumerate(heads):
        item = snapshot.mission.items.get(name)
        if item is None or not item.is_open or item.opened.owner != "user":
            continue
        last = heads[place + 1][0] - 1 if place + 1 < len(heads) else len(document.lines) - 1
        places = (n for n in range(number + 1, last + 1) if document.lines[n].startswith(ANSWER))
        found_all.append(Asked(item, document.whole_line(number), last, next(places, None)))
    return found_all
