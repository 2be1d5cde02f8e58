"""The plain shapes that the views return: places in a text, and what is shown there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["error", "warning", "information", "hint"]


@dataclass(frozen=True, slots=True, order=True)
class Spot:
    """A place between two characters; both count from 0, the column in code points."""

    line: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """From a spot up to another, which is not part of it."""

    start: Spot
    end: Spot

    @classmethod
    def of_line(cls, line: int, start: int, end: int) -> "Span":
        """A span inside one line."""
        return cls(Spot(line, start), Spot(line, end))

    def holds(self, spot: Spot) -> bool:
        """Whether a spot lies in it, its end included: a cursor behind a word is still at the word."""
        return self.start <= spot <= self.end


@dataclass(frozen=True, slots=True)
class Link:
    """A place in a file."""

    path: str
    span: Span
    title: str = ""


@dataclass(frozen=True, slots=True)
class Invocation:
    """A button: what it says, and the order it gives."""

    title: str
    command: str
    """Without its prefix: `waive`, `recheck`, `open` …"""
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Something that is wrong at a place, or that waits for somebody there."""

    span: Span
    level: Level
    code: str
    message: str
    related: tuple[Link, ...] = ()
    data: Mapping[str, Any] | None = None
    """What an action on it needs: mission, assertion, item."""


@dataclass(frozen=True, slots=True)
class Lens:
    """A line of text above a line, which may be a button."""

    span: Span
    button: Invocation


@dataclass(frozen=True, slots=True)
class Hint:
    """A few words at the end of a line."""

    spot: Spot
    text: str
    tooltip: str = ""


@dataclass(frozen=True, slots=True)
class Hover:
    """Markdown about what stands at a place; what agents wrote in it is escaped."""

    span: Span
    markdown: str


SymbolKind = Literal["area", "assertion", "feature", "milestone", "handoff"]


@dataclass(frozen=True, slots=True)
class Symbol:
    """An entry of an outline."""

    name: str
    detail: str
    kind: SymbolKind
    span: Span
    """All of it."""
    name_span: Span
    children: tuple["Symbol", ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """An entry of a search over everything."""

    name: str
    kind: SymbolKind
    link: Link


@dataclass(frozen=True, slots=True)
class Offer:
    """One completion: what is inserted in place of `span`."""

    label: str
    detail: str
    span: Span
    text: str
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """A replacement of a stretch of text."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person can choose to do at a place: an order, or edits of the document."""

    title: str
    kind: Literal["quickfix", "refactor", "source"]
    button: Invocation | None = None
    edits: tuple[Edit, ...] = ()
    diagnosis: Diagnosis | None = None
    """What it mends."""
    preferred: bool = False


@dataclass(frozen=True, slots=True)
class Fold:
    """Lines that can be folded away, both included."""

    first: int
    last: int
