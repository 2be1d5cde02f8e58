"""The lines a contract is made of: what is a heading, a field, a quoted check, and what of a note must be escaped."""

import re
from dataclasses import dataclass
from typing import Literal

from milepost.domain.contract import Assertion

Severity = Literal["error", "warning"]

FIELDS = {
    "surface": "surface", "given": "given", "when": "when", "then": "then", "fails if": "fails_if",
    "evidence": "evidence", "check": "check", "before": "before", "alone": "alone", "removed": "removed",
}
"""Name in the document to attribute of an Assertion, in the order they are written."""

AREA = re.compile(r"([A-Z][A-Z0-9]{1,9})(?:\s+(.*))?$")
ASSERTION = re.compile(r"([A-Z][A-Z0-9]{1,9}-[0-9]{3,4})(?:\s+(.*))?$")
TITLE = re.compile(r"Contract\s*:\s*(.*)$", re.IGNORECASE)
_HEADING = re.compile(r"(#{2,3})(?!#)\s*(.*)$|(#)(?:\s+(.*))?$")
_FIELD = re.compile(r"[-*+][ \t]+([A-Za-z]+(?:[ _-][A-Za-z]+)?)[ \t]*:(.*)$")
_CONFLICT = re.compile(r"(?:<{7}|>{7}|\|{7})(?:\s|$)|={7}$")
_TICKS = re.compile(r"`+")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in a text that is not as the grammar wants it; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_column: int
    code: str
    message: str
    severity: Severity = "error"
    subject: str = ""
    """The assertion or area it is about, where there is one: with `code` it names the same fault as a Lint."""


def heading(line: str) -> tuple[int, str] | None:
    """Level and text of a heading of the first three levels, or None."""
    found = _HEADING.match(line)
    if found is None:
        return None
    marks = found.group(1) or found.group(3)
    return len(marks), (found.group(2) or found.group(4) or "").strip()


def field(line: str, *, inside: bool) -> tuple[str, str] | None:
    """Name and value of a field line, or None. Outside an assertion only the known names are fields."""
    found = _FIELD.match(line)
    if found is None:
        return None
    name, value = re.sub(r"[ _-]+", " ", found.group(1)).lower(), found.group(2)
    is_field = name in FIELDS or (inside and (not value or value[0].isspace()))
    return (name, value.strip()) if is_field else None


def is_conflict(line: str) -> bool:
    """Whether it is a marker of a merge that was not finished."""
    return _CONFLICT.match(line) is not None


def is_structure(line: str, *, inside: bool) -> bool:
    """Whether a line would be read as more than a note."""
    return heading(line) is not None or is_conflict(line) or field(line, inside=inside) is not None


def escaped(line: str, *, inside: bool) -> str:
    """A line of a note, with a backslash where it would be read as structure."""
    return f"\\{line}" if is_structure(line.lstrip("\\"), inside=inside) else line


def unescaped(line: str, *, inside: bool) -> str:
    """The line of a note that `escaped` made this of."""
    return line[1:] if line.startswith("\\") and is_structure(line.lstrip("\\"), inside=inside) else line


def quoted(code: str) -> str:
    """A Markdown code span, with as many backticks as it takes."""
    runs = {len(run) for run in _TICKS.findall(code)}
    ticks = "`" * next(n for n in range(1, len(runs) + 2) if n not in runs)
    pad = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{pad}{code}{pad}{ticks}"


def unquoted(value: str) -> str | None:
    """What a code span holds, or None where the value is not one."""
    start = _TICKS.match(value)
    if start is None:
        return None
    ticks = start.group()
    inner = value[len(ticks):-len(ticks)]
    closed = len(value) > 2 * len(ticks) and value.endswith(ticks) and not inner.endswith("`")
    if not closed or any(run == ticks for run in _TICKS.findall(inner)):
        return None
    return inner.strip()


def missing_parts(assertion: Assertion) -> list[tuple[str, str]]:
    """Code and message of each part that a live assertion must have and this one does not."""
    if assertion.removed:
        return []
    wanted = (
        ("CONTRACT-002", assertion.surface, "- surface: command, http, browser, terminal, library or file"),
        ("CONTRACT-003", assertion.then, "- then: what can be observed when it holds"),
        ("CONTRACT-004", assertion.fails_if, "- fails if: what would show that it does not hold"),
        ("CONTRACT-005", assertion.evidence, "- evidence: the kinds that show it, such as receipt or request"),
    )
    name = assertion.id or repr(assertion.title)
    return [(code, f"{name} lacks a field; expected a line `{line}`") for code, part, line in wanted if not part]
