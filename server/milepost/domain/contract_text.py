"""Reading a contract: Markdown in, contract and problems with exact places out. No text makes it raise.

    # Contract: title
    ## AREA Title
    ### AREA-001 Title
    - field: value
      which may go on in lines indented by two spaces

Any other text under a heading is a note of that heading; a backslash before a line keeps it a note.
"""

from dataclasses import dataclass, field, replace

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.contract_format import format_area, format_assertion, format_contract
from milepost.domain.contract_grammar import (
    AREA,
    ASSERTION,
    FIELDS,
    TITLE,
    Problem,
    Severity,
    heading,
    is_conflict,
    missing_parts,
    unescaped,
    unquoted,
)
from milepost.domain.contract_grammar import field as field_of

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


def parse(text: str) -> Parsed:
    """The contract and everything that is wrong with its text."""
    reader = _Reader(text)
    if reader.title is None:
        reader.report("SYNTAX-001", "expected `# Contract: title` before anything else", line=1, severity="warning")
    return Parsed(reader.contract(), reader.sorted())


def parse_area(text: str, area: str) -> ParsedArea:
    """One area's Markdown, its `## AREA Title` line included."""
    reader = _Reader(text)
    found = reader.contract()
    names = [a.name for a in found.areas]
    if names != [area] or reader.title is not None:
        at = next((a.line for a in found.areas if a.name != area), 1)
        listed = ", ".join(n or "one without a name" for n in names) or "none"
        message = f"expected exactly one area, headed `## {area} Title`, and no `# Contract` line; found {listed}"
        reader.report("SYNTAX-016", message, line=at)
    one = next((a for a in found.areas if a.name == area), Area(area, ""))
    notes = "\n\n".join(n for n in (found.notes, one.notes) if n)
    return ParsedArea(replace(one, notes=notes), reader.sorted())


def parse_assertion(text: str) -> ParsedAssertion:
    """One assertion's Markdown, its `### AREA-001 Title` line included."""
    reader = _Reader(text)
    found = list(reader.contract())
    if len(found) != 1 or reader.title is not None:
        at = found[1].line if len(found) > 1 else 1
        message = f"expected exactly one assertion, headed `### AREA-001 Title`; found {len(found)}"
        reader.report("SYNTAX-016", message, line=at)
    return ParsedAssertion(found[0] if found else None, reader.sorted(without="SYNTAX-006"))


@dataclass(slots=True)
class _Assertion:
    id: str
    title: str
    line: int
    notes: list[str] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class _Area:
    name: str
    title: str
    line: int
    notes: list[str] = field(default_factory=list)
    assertions: list[Assertion] = field(default_factory=list)


class _Reader:
    """Goes through a text line by line and keeps what it found."""

    def __init__(self, text: str) -> None:
        self.title: str | None = None
        self._lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        self._problems: list[Problem] = []
        self._areas: list[_Area] = []
        self._ids: dict[str, int] = {}
        self._root: list[str] = []
        self._notes = self._root
        self._assertion: _Assertion | None = None
        self._field: list[str] | None = None
        self._blanks = 0
        self._line = 0
        for number, raw in enumerate(self._lines, start=1):
            self._line = number
            self._read(raw)
        self._finish()

    def contract(self) -> Contract:
        """What was read."""
        areas = (Area(a.name, a.title, tuple(a.assertions), _text(a.notes), a.line) for a in self._areas)
        return Contract(self.title or "", tuple(areas), _text(self._root))

    def sorted(self, without: str = "") -> tuple[Problem, ...]:
        """The problems in the order of the text, those of one code left out."""
        kept = (p for p in self._problems if p.code != without)
        return tuple(sorted(kept, key=lambda p: (p.line, p.column, p.code)))

    def report(
        self, code: str, message: str, *, line: int = 0, severity: Severity = "error", subject: str = "", part: str = ""
    ) -> None:
        """Note a problem at a line (this one by default), or at the part of it that reads so."""
        number = line or self._line
        text = self._lines[number - 1].rstrip()
        start = max(text.find(part), 0) if part else 0
        end = start + (len(part) if part else len(text))
        self._problems.append(Problem(number, start + 1, max(end, start) + 1, code, message, severity, subject))

    def _read(self, raw: str) -> None:
        line = raw.rstrip()
        if not line:
            self._blank()
        elif self._field is not None and raw.startswith(("  ", "\t")):
            self._field += [""] * self._blanks + [line[2:] if raw.startswith("  ") else line[1:]]
            self._blanks = 0
        elif (head := heading(line)) is not None and self._heading(*head):
            self._field, self._blanks = None, 0
        elif (found := field_of(line, inside=self._assertion is not None)) is not None:
            self._read_field(line, *found)
        else:
            self._note(line)

    def _blank(self) -> None:
        if self._field is not None:
            self._blanks += 1
        else:
            self._notes.append("")

    def _note(self, line: str) -> None:
        if is_conflict(line):
            self.report("SYNTAX-014", "an unfinished merge; keep one of the two sides and delete the marker lines")
        elif self._field is not None and not self._blanks:
            message = "this reads as a note; indent it by two spaces to go on with the field, or leave a line free"
            self.report("SYNTAX-013", message, severity="warning")
        if self._field is not None and self._notes and self._notes[-1]:
            self._notes += [""] * bool(self._blanks)
        self._field, self._blanks = None, 0
        self._notes.append(unescaped(line, inside=self._assertion is not None))

    def _heading(self, level: int, text: str) -> bool:
        """Whether the line opened something; a heading of the first level that is no title is a note."""
        if level == 1:
            return self._open_title(text)
        self._finish()
        if level == 2:
            self._open_area(text)
        else:
            self._open_assertion(text)
        return True

    def _open_title(self, text: str) -> bool:
        titled = TITLE.match(text)
        if self.title is not None or self._areas:
            if titled:
                self.report("SYNTAX-002", "expected one `# Contract: title`, as the first line")
            return False
        self.title = titled.group(1).strip() if titled else text
        if not titled or not self.title:
            self.report("SYNTAX-001", f"expected `# Contract: title`, found {text!r}", severity="warning")
        return True

    def _open_area(self, text: str) -> None:
        found = AREA.match(text)
        name, title = (found.group(1), (found.group(2) or "").strip()) if found else ("", text)
        area = _Area(name, title, self._line)
        if found is None:
            message = f"expected `## AREA Title` with 2 to 10 capitals and digits as AREA, found {text!r}"
            self.report("SYNTAX-003", message)
        elif not area.title:
            self.report("SYNTAX-015", f"expected a title after {area.name!r}", severity="warning", subject=area.name)
        if area.name and any(a.name == area.name for a in self._areas):
            message = f"area {area.name!r} was opened before; put its assertions there"
            self.report("SYNTAX-004", message, subject=area.name, part=area.name)
        self._areas.append(area)
        self._notes = area.notes

    def _open_assertion(self, text: str) -> None:
        found = ASSERTION.match(text)
        name, title = (found.group(1), (found.group(2) or "").strip()) if found else ("", text)
        if found is None:
            self.report("SYNTAX-005", f"expected `### AREA-001 Title` with an id of 3 or 4 digits, found {text!r}")
        elif not title:
            self.report("SYNTAX-015", f"expected a title after {name!r}", subject=name)
        self._place(name)
        self._assertion = _Assertion(name, title, self._line)
        self._notes = self._assertion.notes

    def _place(self, name: str) -> None:
        """Check an id against its area and the ids before it."""
        letters = name.rpartition("-")[0]
        if not self._areas:
            self.report("SYNTAX-006", f"expected `## {letters or 'AREA'} Title` above its assertions", subject=name)
            self._areas.append(_Area(letters, "", self._line))
        elif name and self._areas[-1].name not in ("", letters):
            here = self._areas[-1].name
            message = f"{name!r} stands in area {here!r}; expected an id that begins with it, or the area {letters!r}"
            self.report("SYNTAX-007", message, subject=name, part=name)
        if name in self._ids:
            message = f"{name!r} is used already at line {self._ids[name]}; ids are unique"
            self.report("CONTRACT-001", message, subject=name, part=name)
        elif name:
            self._ids[name] = self._line

    def _read_field(self, line: str, name: str, value: str) -> None:
        owner = self._assertion
        if owner is None:
            message = f"the field {name!r} belongs to an assertion; expected `### AREA-001 Title` above it"
            self.report("SYNTAX-012", message, part=line)
        elif name not in FIELDS:
            message = f"unknown field {name!r}; expected one of {', '.join(FIELDS)}, or `\\-` to keep it a note"
            self.report("SYNTAX-008", message, subject=owner.id, part=line.partition(":")[0])
        elif name in owner.fields:
            message = f"the field {name!r} is given twice; keep one"
            self.report("SYNTAX-009", message, subject=owner.id, part=line.partition(":")[0])
        else:
            self._field, self._blanks = [value], 0
            owner.fields[name] = self._field
            return
        # Nothing that was written gets lost: what is no field stays as a note.
        self._field, self._blanks = None, 0
        self._notes.append(line)

    def _finish(self) -> None:
        """Close the assertion that is open."""
        self._field, self._blanks = None, 0
        if self._assertion is None:
            return
        draft, self._assertion = self._assertion, None
        values = {FIELDS[name]: "\n".join(lines).strip() for name, lines in draft.fields.items()}
        for name, attribute in FIELDS.items():
            if name in draft.fields and not values[attribute]:
                line = self._line_of(name, draft.line)
                self.report("SYNTAX-010", f"expected a value after `{name}:`", line=line, subject=draft.id)
        evidence = tuple(k.strip() for k in values.pop("evidence", "").replace("\n", ",").split(",") if k.strip())
        values["check"] = self._check(draft, values.get("check", ""))
        done = Assertion(draft.id, draft.title, evidence=evidence, notes=_text(draft.notes), line=draft.line, **values)
        for code, message in missing_parts(done):
            self.report(code, message, line=draft.line, subject=draft.id)
        self._areas[-1].assertions.append(done)

    def _check(self, draft: _Assertion, value: str) -> str:
        code = unquoted(value)
        if value and code is None:
            message = "expected the command in backticks: - check: `command`"
            self.report("SYNTAX-011", message, line=self._line_of("check", draft.line), subject=draft.id)
        return value if code is None else code

    def _line_of(self, name: str, start: int) -> int:
        """The line at which a field of the assertion that begins at `start` was first given."""
        numbered = enumerate(self._lines[start:], start=start + 1)
        return next(n for n, line in numbered if (field_of(line.rstrip(), inside=True) or ("", ""))[0] == name)


def _text(lines: list[str]) -> str:
    """Lines as one text, without the empty ones at either end."""
    kept = range(len(lines))
    filled = [n for n in kept if lines[n]]
    return "\n".join(lines[filled[0]:filled[-1] + 1]) if filled else ""
