"""Reading a contract: Markdown in, contract and problems with exact places out. No text makes it raise.

    # Contract: title
    ## AREA Title
    ### AREA-001 Title
    - field: value
      which may go on in lines indented by two spaces

Any other text under a heading is a note of that heading; a backslash before a line keeps it a note.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_block import problem
from milepost.domain.contract_format import format_area, format_assertion, format_contract
from milepost.domain.contract_grammar import Problem, Severity
from milepost.domain.contract_section import Placed, Section, read_section, sections_of, used

__all__ = [
    "PROBLEMS", "Parsed", "ParsedArea", "ParsedAssertion", "Problem", "format_area", "format_assertion",
    "format_contract", "parse", "parse_area", "parse_assertion",
]

PROBLEMS = {
    "SYNTAX-001": "the title line is missing or not as expected (warning)",
    "SYNTAX-002": "a second title line",
    "SYNTAX-003": "an area heading that is not `## AREA Title`",
    "SYNTAX-004": "an area that was opened before",
    "SYNTAX-005": "an assertion heading that is not `### AREA-001 Title`",
    "SYNTAX-006": "an assertion before any area",
    "SYNTAX-007": "an id whose letters are not those of its area",
    "SYNTAX-008": "an unknown field",
    "SYNTAX-009": "a field given twice",
    "SYNTAX-010": "a field without a value",
    "SYNTAX-011": "a check that is not in backticks",
    "SYNTAX-012": "a field that belongs to no assertion",
    "SYNTAX-013": "text that follows a field and does not continue it (warning)",
    "SYNTAX-014": "a conflict marker",
    "SYNTAX-015": "a heading without a title",
    "SYNTAX-016": "not exactly the one area or assertion that was asked for",
}
"""What each code of the grammar means; CONTRACT codes are in `lint.LINTS`."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A contract as far as it could be read."""

    contract: Contract
    problems: tuple[Problem, ...]
    sections: tuple[Section, ...] = field(default=(), compare=False, repr=False)
    """What was read for each area; a text that was edited is read quicker with those of the text before."""


@dataclass(frozen=True, slots=True)
class ParsedArea:
    """One area as far as it could be read."""

    area: Area
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ParsedAssertion:
    """One assertion, or None where the text holds none."""

    assertion: Assertion | None
    problems: tuple[Problem, ...]


def parse(text: str, before: tuple[Section, ...] = ()) -> Parsed:
    """The contract and everything that is wrong with its text; `before` is what was read of a text much like it."""
    whole = _Whole(text, before)
    if whole.title is None:
        whole.report("SYNTAX-001", "expected `# Contract: title` before anything else", line=1, warning=True)
    return Parsed(whole.contract(), whole.sorted(), whole.sections)


def parse_area(text: str, area: str) -> ParsedArea:
    """One area's Markdown, its `## AREA Title` line included."""
    whole = _Whole(text)
    found = whole.contract()
    names = [a.name for a in found.areas]
    if names != [area] or whole.title is not None:
        at = next((a.line for a in found.areas if a.name != area), 1)
        listed = ", ".join(n or "one without a name" for n in names) or "none"
        message = f"expected exactly one area, headed `## {area} Title`, and no `# Contract` line; found {listed}"
        whole.report("SYNTAX-016", message, line=at)
    one = next((a for a in found.areas if a.name == area), Area(area, ""))
    notes = "\n\n".join(n for n in (found.notes, one.notes) if n)
    return ParsedArea(replace(one, notes=notes), whole.sorted())


def parse_assertion(text: str) -> ParsedAssertion:
    """One assertion's Markdown, its `### AREA-001 Title` line included."""
    whole = _Whole(text)
    found = list(whole.contract())
    if len(found) != 1 or whole.title is not None:
        at = found[1].line if len(found) > 1 else 1
        message = f"expected exactly one assertion, headed `### AREA-001 Title`; found {len(found)}"
        whole.report("SYNTAX-016", message, line=at)
    return ParsedAssertion(found[0] if found else None, whole.sorted(without="SYNTAX-006"))


class _Whole:
    """The areas of a text, and what only shows when they are seen together."""

    def __init__(self, text: str, before: tuple[Section, ...] = ()) -> None:
        self._text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
        self.sections = tuple(self._read(before))
        self._problems = [p for section in self.sections for p in section.problems]
        preface = self.sections[0].preface if self.sections else None
        self.title = preface.title if preface else None
        self._notes = preface.notes if preface else ""
        self._compare()

    def contract(self) -> Contract:
        """What was read."""
        return Contract(self.title or "", tuple(s.area for s in self.sections if s.area is not None), self._notes)

    def sorted(self, without: str = "") -> tuple[Problem, ...]:
        """The problems in the order of the text, those of one code left out."""
        kept = (p for p in self._problems if p.code != without)
        return tuple(sorted(kept, key=lambda p: (p.line, p.column, p.code)))

    def report(
        self, code: str, message: str, *, line: int, warning: bool = False, subject: str = "", part: str = ""
    ) -> None:
        """Note a problem at a line."""
        severity: Severity = "warning" if warning else "error"
        self._problems.append(problem(self._line(line), line, code, message, severity, subject, part))

    def _line(self, number: int) -> str:
        return self._text.split("\n", number)[number - 1]

    def _read(self, before: tuple[Section, ...]) -> Iterator[Section]:
        same = {(s.line, s.text): s for s in before}
        known: dict[str, Placed] | None = None
        line = 1
        for text in sections_of(self._text):
            section = same.pop((line, text), None)
            if section is None:
                # Of the areas that changed or moved, most of each is still there; the others stand where they stood.
                known = {t: b for s in same.values() for t, b in s.blocks.items()} if known is None else known
                section = read_section(text, line, known)
            line += section.height
            yield section

    def _compare(self) -> None:
        """Find areas that are opened and ids that are used more than once."""
        areas: set[str] = set()
        ids: dict[str, int] = {}
        for area, section in ((s.area, s) for s in self.sections if s.area is not None):
            if area.name and area.name in areas:
                message = f"area {area.name!r} was opened before; put its assertions there"
                self.report("SYNTAX-004", message, line=area.line, subject=area.name, part=area.name)
            areas.add(area.name)
            if ids.keys().isdisjoint(section.ids):
                ids.update(section.ids)
            else:
                # Its own doubles name the first use in the area; now it is the first in the text that they name.
                self._problems = [p for p in self._problems if not self._doubled(p, section)]
                for one in area.assertions:
                    first = ids.get(one.id, section.ids.get(one.id, one.line))
                    if first < one.line:
                        self._problems.append(used(self._line(one.line), one.line, one.id, first))
                ids = {**section.ids, **ids}

    def _doubled(self, found: Problem, section: Section) -> bool:
        return found.code == "CONTRACT-001" and section.line <= found.line < section.line + section.height
