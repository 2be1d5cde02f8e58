"""One heading of a contract and the lines under it, read by themselves: what they say depends on nothing around them.

Lines count from 1 at the heading; `contract_text` puts the blocks together.
"""

from dataclasses import dataclass, field

from milepost.domain.contract import Assertion
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

NEXT = "\n##"
"""What a heading of an area or an assertion begins with."""


@dataclass(frozen=True, slots=True)
class Block:
    """What stands under one heading, or before the first one."""

    level: int
    """2 for an area, 3 for an assertion, 0 for what stands before both."""
    head: str
    """Its first line."""
    height: int
    """How many lines it has."""
    name: str
    """The area, or the id of the assertion; empty where the heading has none."""
    title: str | None
    """None before the first heading where no line is the contract's title."""
    notes: str
    assertion: Assertion | None
    problems: tuple[Problem, ...]


def texts_of(text: str) -> list[str]:
    """The text of each block, in order; what stands before the first heading comes first, where there is something."""
    first, *rest = f"\n{text}".split(NEXT)
    found = [first[1:]] if first else []
    for piece in rest:
        if piece.startswith("##") and found:
            # Four marks or more are no heading of a contract.
            found[-1] += NEXT + piece
        else:
            found.append("##" + piece)
    return found


def read(text: str) -> Block:
    """Read one block."""
    return _Reader(text).block()


@dataclass(slots=True)
class _Assertion:
    id: str
    title: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Reader:
    """Goes through a block line by line and keeps what it found."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._level = 0
        self._name = ""
        self._title: str | None = None
        self._problems: list[Problem] = []
        self._notes: list[str] = []
        self._assertion: _Assertion | None = None
        self._field: list[str] | None = None
        self._blanks = 0
        self._line = 0
        for number, raw in enumerate(self._lines, start=1):
            self._line = number
            self._read(raw)

    def block(self) -> Block:
        """What was read."""
        assertion = self._finished(self._assertion) if self._assertion is not None else None
        return Block(
            self._level, self._lines[0].rstrip(), len(self._lines), self._name, self._title, _text(self._notes),
            assertion, tuple(self._problems),
        )

    def _report(
        self, code: str, message: str, *, line: int = 0, severity: Severity = "error", subject: str = "", part: str = ""
    ) -> None:
        """Note a problem at a line (this one by default), or at the part of it that reads so."""
        number = line or self._line
        self._problems.append(problem(self._lines[number - 1], number, code, message, severity, subject, part))

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
            self._report("SYNTAX-014", "an unfinished merge; keep one of the two sides and delete the marker lines")
        elif self._field is not None and not self._blanks:
            message = "this reads as a note; indent it by two spaces to go on with the field, or leave a line free"
            self._report("SYNTAX-013", message, severity="warning")
        if self._field is not None and self._notes and self._notes[-1]:
            self._notes += [""] * bool(self._blanks)
        self._field, self._blanks = None, 0
        self._notes.append(unescaped(line, inside=self._assertion is not None))

    def _heading(self, level: int, text: str) -> bool:
        """Whether the line opened something; a heading of the first level that is no title is a note."""
        if level == 1:
            return self._open_title(text)
        self._level = level
        if level == 2:
            self._open_area(text)
        else:
            self._open_assertion(text)
        return True

    def _open_title(self, text: str) -> bool:
        titled = TITLE.match(text)
        if self._title is not None:
            if titled:
                self._report("SYNTAX-002", "expected one `# Contract: title`, as the first line")
            return False
        self._title = titled.group(1).strip() if titled else text
        if not titled or not self._title:
            self._report("SYNTAX-001", f"expected `# Contract: title`, found {text!r}", severity="warning")
        return True

    def _open_area(self, text: str) -> None:
        found = AREA.match(text)
        name, self._title = (found.group(1), (found.group(2) or "").strip()) if found else ("", text)
        self._name = name
        if found is None:
            message = f"expected `## AREA Title` with 2 to 10 capitals and digits as AREA, found {text!r}"
            self._report("SYNTAX-003", message)
        elif not self._title:
            self._report("SYNTAX-015", f"expected a title after {name!r}", severity="warning", subject=name)

    def _open_assertion(self, text: str) -> None:
        found = ASSERTION.match(text)
        name, self._title = (found.group(1), (found.group(2) or "").strip()) if found else ("", text)
        self._name = name
        if found is None:
            self._report("SYNTAX-005", f"expected `### AREA-001 Title` with an id of 3 or 4 digits, found {text!r}")
        elif not self._title:
            self._report("SYNTAX-015", f"expected a title after {name!r}", subject=name)
        self._assertion = _Assertion(name, self._title)

    def _read_field(self, line: str, name: str, value: str) -> None:
        owner = self._assertion
        if owner is None:
            message = f"the field {name!r} belongs to an assertion; expected `### AREA-001 Title` above it"
            self._report("SYNTAX-012", message, part=line)
        elif name not in FIELDS:
            message = f"unknown field {name!r}; expected one of {', '.join(FIELDS)}, or `\\-` to keep it a note"
            self._report("SYNTAX-008", message, subject=owner.id, part=line.partition(":")[0])
        elif name in owner.fields:
            message = f"the field {name!r} is given twice; keep one"
            self._report("SYNTAX-009", message, subject=owner.id, part=line.partition(":")[0])
        else:
            self._field, self._blanks = [value], 0
            owner.fields[name] = self._field
            return
        # Nothing that was written gets lost: what is no field stays as a note.
        self._field, self._blanks = None, 0
        self._notes.append(line)

    def _finished(self, draft: _Assertion) -> Assertion:
        values = {FIELDS[name]: "\n".join(lines).strip() for name, lines in draft.fields.items()}
        for name, attribute in FIELDS.items():
            if name in draft.fields and not values[attribute]:
                line = self._line_of(name)
                self._report("SYNTAX-010", f"expected a value after `{name}:`", line=line, subject=draft.id)
        evidence = tuple(k.strip() for k in values.pop("evidence", "").replace("\n", ",").split(",") if k.strip())
        values["check"] = self._check(draft, values.get("check", ""))
        done = Assertion(draft.id, draft.title, evidence=evidence, notes=_text(self._notes), line=1, **values)
        for code, message in missing_parts(done):
            self._report(code, message, line=1, subject=draft.id)
        return done

    def _check(self, draft: _Assertion, value: str) -> str:
        code = unquoted(value)
        if value and code is None:
            message = "expected the command in backticks: - check: `command`"
            self._report("SYNTAX-011", message, line=self._line_of("check"), subject=draft.id)
        return value if code is None else code

    def _line_of(self, name: str) -> int:
        """The line at which a field was first given."""
        numbered = enumerate(self._lines[1:], start=2)
        return next(n for n, line in numbered if (field_of(line.rstrip(), inside=True) or ("", ""))[0] == name)


def problem(
    text: str, number: int, code: str, message: str, severity: Severity = "error", subject: str = "", part: str = ""
) -> Problem:
    """A problem at a line, given its text, or at the part of it that reads so."""
    line = text.rstrip()
    start = max(line.find(part), 0) if part else 0
    end = start + (len(part) if part else len(line))
    return Problem(number, start + 1, max(end, start) + 1, code, message, severity, subject)


def _text(lines: list[str]) -> str:
    """Lines as one text, without the empty ones at either end."""
    filled = [n for n, line in enumerate(lines) if line]
    return "\n".join(lines[filled[0]:filled[-1] + 1]) if filled else ""
