"""Edits that mend what the grammar or the lint says about a contract's text."""

from collections.abc import Callable, Iterator, Mapping

from milepost.domain.contract import MINIMUM_EVIDENCE, Assertion
from milepost.domain.contract_grammar import quoted
from milepost.ide.document import Block, Document
from milepost.ide.identifiers import next_id
from milepost.ide.shapes import Action, Diagnosis, Edit, Span, Spot
from milepost.ide.snapshot import Snapshot

Fix = Callable[[Document, Diagnosis, Snapshot | None], Action | None]

MISSING = {"CONTRACT-002": "surface", "CONTRACT-003": "then", "CONTRACT-004": "fails if", "CONTRACT-005": "evidence"}


def fixes(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Iterator[Action]:
    """The edits that mend a diagnosis."""
    fix = FIXES.get(diagnosis.code)
    action = fix(document, diagnosis, snapshot) if fix else None
    if action is not None:
        yield action


def mend(title: str, diagnosis: Diagnosis, *edits: Edit) -> Action:
    """A fix that an editor may apply by itself."""
    return Action(title, "quickfix", edits=edits, diagnosis=diagnosis, preferred=True)


def add_field(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """A missing field as a line at the end of its assertion, with as much of its value as follows from the surface."""
    block = document.block_at(diagnosis.span.start)
    name = MISSING[diagnosis.code]
    if block is None or name in document.field_lines(block):
        return None
    value = ", ".join(least_evidence(block.assertion)) if name == "evidence" else ""
    end = block.span.end
    return mend(f"Add `- {name}:`", diagnosis, Edit(Span(end, end), f"{document.newline}- {name}: {value}"))


def least_evidence(assertion: Assertion) -> list[str]:
    """The kinds of evidence that a surface asks for and the assertion does not name: of each group the usual one."""
    named = set(assertion.evidence)
    groups = MINIMUM_EVIDENCE.get(assertion.surface, ())
    return ["receipt" if "receipt" in group else min(group) for group in groups if not group & named]


def add_evidence(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """The kinds of evidence that the surface asks for, behind those that are listed."""
    block = document.block_at(diagnosis.span.start)
    kinds = least_evidence(block.assertion) if block else []
    if not kinds:
        return None
    end = diagnosis.span.end
    return mend(f"Add {', '.join(kinds)}", diagnosis, Edit(Span(end, end), f", {', '.join(kinds)}"))


def quote_check(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """Backticks around a check's command, where that is one line."""
    block = document.block_at(diagnosis.span.start)
    check = block.assertion.check if block else ""
    if block is None or not check or "\n" in check:
        return None
    span = document.value_span(block, "check")
    return mend("Put the command in backticks", diagnosis, Edit(span, quoted(check.strip("`"))))


def indent(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """A line goes on with the field above it."""
    start = Spot(diagnosis.span.start.line, 0)
    return mend("Indent it: it goes on with the field above", diagnosis, Edit(Span(start, start), "  "))


def renumber(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """The next free id for an assertion whose id is used already."""
    block = document.block_at(diagnosis.span.start)
    if block is None or block.name.start.line != diagnosis.span.start.line or is_first(document, block):
        return None
    new = next_id(block.assertion.area, document, snapshot)
    return mend(f"Make it {new}", diagnosis, Edit(block.name, new))


def is_first(document: Document, block: Block) -> bool:
    """Whether an assertion is the first of its id."""
    return document.named.get(block.assertion.id) is block


def drop_before(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """A `before` that speaks of no check goes."""
    line = diagnosis.span.start.line
    span = Span(Spot(line, 0), Spot(line + 1, 0))
    if line + 1 >= len(document.lines):
        span = Span(document.whole_line(line - 1).end, document.whole_line(line).end)
    return mend("Drop the line", diagnosis, Edit(span, ""))


def add_title(document: Document, diagnosis: Diagnosis, snapshot: Snapshot | None) -> Action | None:
    """A title line, where there is none at all."""
    if document.parsed.contract.title:
        return None
    title = snapshot.mission.slug.replace("-", " ") if snapshot else "title"
    start = Spot(0, 0)
    return mend("Add the title", diagnosis, Edit(Span(start, start), f"# Contract: {title}{document.newline * 2}"))


FIXES: Mapping[str, Fix] = {
    **dict.fromkeys(MISSING, add_field), "CONTRACT-001": renumber, "CONTRACT-008": add_evidence,
    "CONTRACT-010": drop_before, "SYNTAX-001": add_title, "SYNTAX-011": quote_check, "SYNTAX-013": indent,
}
"""The fix of each code that has one."""
