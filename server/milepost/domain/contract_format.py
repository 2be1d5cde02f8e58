"""A contract as the Markdown that `contract_text.parse` reads back to the same contract."""

from collections.abc import Iterator

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_grammar import FIELDS, escaped, quoted


def format_contract(contract: Contract) -> str:
    """The whole document, with a final newline."""
    blocks = [f"# Contract: {contract.title}".rstrip(), *_notes(contract.notes, inside=False)]
    for area in contract.areas:
        blocks += _area(area)
    return "\n\n".join(blocks) + "\n"


def format_area(area: Area) -> str:
    """One area, its `## AREA Title` line included."""
    return "\n\n".join(_area(area)) + "\n"


def format_assertion(assertion: Assertion) -> str:
    """One assertion, its `### AREA-001 Title` line included."""
    return "\n\n".join(_assertion(assertion)) + "\n"


def _area(area: Area) -> Iterator[str]:
    yield _heading("##", area.name, area.title)
    yield from _notes(area.notes, inside=False)
    for assertion in area.assertions:
        yield from _assertion(assertion)


def _assertion(assertion: Assertion) -> Iterator[str]:
    # Notes come first: after a field, an indented line of theirs would continue that field.
    head = _heading("###", assertion.id, assertion.title)
    notes = list(_notes(assertion.notes, inside=True))
    fields = "\n".join(_fields(assertion))
    if fields and not notes:
        yield f"{head}\n{fields}"
    else:
        yield from [head, *notes, *([fields] if fields else [])]


def _heading(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _notes(notes: str, *, inside: bool) -> Iterator[str]:
    if notes:
        yield "\n".join(escaped(line, inside=inside) for line in notes.split("\n"))


def _fields(assertion: Assertion) -> Iterator[str]:
    for name, attribute in FIELDS.items():
        value = getattr(assertion, attribute)
        if name == "evidence":
            value = ", ".join(value)
        if value:
            yield f"- {name}: {_indented(quoted(value) if name == 'check' else value)}"


def _indented(value: str) -> str:
    return "\n".join(f"  {line}" if n and line else line for n, line in enumerate(value.split("\n")))
