"""A contract as the engine would write it, as the one edit that makes it so."""

from itertools import takewhile

from milepost.domain.contract_format import format_contract
from milepost.ide.document import BOM, Document
from milepost.ide.shapes import Edit, Span, Spot


def formatted(document: Document) -> list[Edit]:
    """The edit that formats the whole document; none where its text has errors, as something would get lost.

    Lines that stay are left alone, so that cursors and folds in them stay too.
    """
    if any(p.severity == "error" for p in document.parsed.problems):
        return []
    mark = BOM if document.text.startswith(BOM) else ""
    old, new = list(document.lines), (mark + format_contract(document.parsed.contract)).split("\n")
    if old == new:
        return []
    head = sum(1 for _ in takewhile(same, zip(old, new, strict=False)))
    most = min(len(old), len(new)) - head
    tail = sum(1 for _ in takewhile(same, zip(old[:-most - 1:-1], new[:-most - 1:-1], strict=False)))
    if tail == most:
        # Lines are only added or only left out: a neighbour is replaced too, so that no line break is left over.
        head, tail = (head - 1, tail) if head else (head, tail - 1)
    last = len(old) - tail - 1
    span = Span(Spot(head, 0), Spot(last, len(old[last])))
    return [Edit(span, document.newline.join(new[head:len(new) - tail]))]


def same(pair: tuple[str, str]) -> bool:
    """Whether two lines read the same."""
    return pair[0] == pair[1]
