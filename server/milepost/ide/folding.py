"""What of a contract can be folded away: areas, assertions, and a long text before the first area."""

from milepost.ide.document import Document
from milepost.ide.shapes import Fold


def folds(document: Document) -> list[Fold]:
    """The folds of a contract, from the first line down; a single line folds nothing."""
    sections = document.sections
    found = [Fold(s.first, s.last) for s in sections] + [Fold(b.first, b.last) for b in document.blocks]
    preface = sections[0].first - 1 if sections else len(document.lines) - 1
    while preface > 0 and not document.line(preface).strip():
        preface -= 1
    if preface > 1:
        found.append(Fold(0, preface))
    return sorted({f for f in found if f.last > f.first}, key=lambda f: (f.first, -f.last))
