"""A text in an editor: its lines, and what a contract's text says at which place. Read once, then kept."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from milepost.domain.contract import Area, Assertion
from milepost.domain.contract_grammar import Problem, heading
from milepost.domain.contract_grammar import field as field_of
from milepost.domain.contract_section import Section as Read
from milepost.domain.contract_text import Parsed, parse
from milepost.ide.shapes import Span, Spot
from milepost.ide.snapshot import CONTRACT_SUFFIX, QUESTIONS_SUFFIX

BREAK = re.compile(r"\r\n|\n|\r")
ID = re.compile(r"(?<![\w-])(?:[A-Z][A-Z0-9]{1,9}-\d{3,4}|[A-Z]\d{1,5})(?!\w)")
BOM = "\ufeff"
T = TypeVar("T")


class Part:
    """Something in a text of which views are made; compared by identity."""

    def once(self, view: Callable[..., T], *given: Any) -> T:
        """What a view makes of it; not made again while the view is given the same."""
        before = self._made.get(view)
        if before is None or before[0] != given:
            before = self._made[view] = (given, view(self, *given))
        found: T = before[1]
        return found

    @cached_property
    def _made(self) -> dict[object, tuple[tuple[Any, ...], Any]]:
        return {}


@dataclass(frozen=True, eq=False)
class Block(Part):
    """An assertion of a contract's text and the lines it takes, both included; lines free at its end are left out."""

    assertion: Assertion
    first: int
    last: int
    start: int
    """The columns of its id in the heading; of the whole heading where it has none."""
    end: int
    width: int
    """Columns of the last line."""

    @cached_property
    def name(self) -> Span:
        """Its id in the heading."""
        return Span.of_line(self.first, self.start, self.end)

    @cached_property
    def span(self) -> Span:
        """All its lines."""
        return Span(Spot(self.first, 0), Spot(self.last, self.width))


@dataclass(frozen=True, eq=False)
class Section(Part):
    """An area of a contract's text, its lines and its assertions; the same object as long as no edit touches it."""

    area: Area
    first: int
    last: int
    name: Span
    span: Span
    """All its lines."""
    blocks: tuple[Block, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The ids of its assertions, in order."""
        return tuple(b.assertion.id for b in self.blocks)


@dataclass(frozen=True, eq=False)
class Document:
    """A text as it stands in an editor or on disk; compared by identity, so that what is made of it can be kept."""

    path: str
    text: str
    _before: Mapping[Read, Section | None] = field(default_factory=dict, repr=False)
    """What the text before an edit was found to hold."""

    def edited(self, text: str) -> "Document":
        """The document after an edit; areas that it did not touch are not read again."""
        known = self._sections if "_sections" in vars(self) else self._before
        # The grammar counts no mark of byte order, and columns do: what was found with one is not true without it.
        return Document(self.path, text, {} if BOM in (self.text[:1], text[:1]) else known)

    @cached_property
    def lines(self) -> Sequence[str]:
        """The lines without their ends; only what an editor counts as a line end is one."""
        return BREAK.split(self.text) if "\r" in self.text else self.text.split("\n")

    @cached_property
    def newline(self) -> str:
        """How its lines end."""
        found = BREAK.search(self.text)
        return found.group() if found else "\n"

    @property
    def is_contract(self) -> bool:
        """Whether it is a contract, by its name."""
        return self.path.endswith(CONTRACT_SUFFIX)

    @property
    def is_questions(self) -> bool:
        """Whether it holds questions, by its name."""
        return self.path.endswith(QUESTIONS_SUFFIX)

    @cached_property
    def parsed(self) -> Parsed:
        """It as a contract, as far as that can be read."""
        return parse(self.text, tuple(self._before))

    @cached_property
    def _sections(self) -> Mapping[Read, Section | None]:
        return {
            read: self._before[read] if read in self._before else self._section(read) for read in self.parsed.sections
        }

    @cached_property
    def _known(self) -> Mapping[int, Block]:
        """The assertions of the areas that an edit changed, as they were, by their line."""
        still = set(self.parsed.sections)
        gone = (section for read, section in self._before.items() if section is not None and read not in still)
        return {b.first: b for section in gone for b in section.blocks}

    @cached_property
    def sections(self) -> Sequence[Section]:
        """The areas of the contract, in the order of the text."""
        return tuple(section for section in self._sections.values() if section is not None)

    @cached_property
    def blocks(self) -> Sequence[Block]:
        """The assertions, in the order of the text."""
        return tuple(b for s in self.sections for b in s.blocks)

    @cached_property
    def named(self) -> Mapping[str, Block]:
        """The assertions by id; the first one where an id is used twice."""
        return {b.assertion.id: b for b in reversed(self.blocks)}

    def line(self, number: int) -> str:
        """The text of a line; empty beyond the last."""
        return self.lines[number] if 0 <= number < len(self.lines) else ""

    def whole_line(self, number: int) -> Span:
        """All of a line."""
        return Span.of_line(number, 0, len(self.line(number)))

    @property
    def whole(self) -> Span:
        """All of the text."""
        last = len(self.lines) - 1
        return Span(Spot(0, 0), Spot(last, len(self.lines[last])))

    def block_at(self, spot: Spot) -> Block | None:
        """The assertion whose lines a spot stands in."""
        place = bisect_right(self.sections, spot.line, key=lambda section: section.first) - 1
        blocks = self.sections[place].blocks if place >= 0 else ()
        place = bisect_right(blocks, spot.line, key=lambda block: block.first) - 1
        found = blocks[place] if place >= 0 else None
        return found if found is not None and spot.line <= found.last else None

    def assertion_at(self, spot: Spot) -> Assertion | None:
        """The assertion that a spot stands in, as the text has it."""
        found = self.block_at(spot)
        return found.assertion if found else None

    def id_at(self, spot: Spot) -> tuple[str, Span] | None:
        """What reads like an id at a spot, known or not."""
        for found in ID.finditer(self.line(spot.line)):
            span = Span.of_line(spot.line, found.start(), found.end())
            if span.holds(spot):
                return found.group(), span
        return None

    def field_lines(self, block: Block) -> Mapping[str, int]:
        """The line on which each field of an assertion begins."""
        found: dict[str, int] = {}
        for number in range(block.first + 1, block.last + 1):
            read = field_of(self.lines[number].rstrip(), inside=True)
            if read is not None:
                found.setdefault(read[0], number)
        return found

    def value_span(self, block: Block, name: str) -> Span:
        """The value of a field, as far as its first line goes; the assertion's name where there is no such field."""
        number = self.field_lines(block).get(name)
        if number is None:
            return block.name
        text = self.lines[number].rstrip()
        start = text.index(":") + 1
        start += len(text[start:]) - len(text[start:].lstrip())
        return Span.of_line(number, start, len(text))

    def place_of(self, problem: Problem) -> Span:
        """Where a problem of the grammar is; a mark of byte order, which the grammar does not count, is counted."""
        shift = 1 if problem.line == 1 and self.text.startswith(BOM) else 0
        start, end = problem.column - 1 + shift, problem.end_column - 1 + shift
        return Span.of_line(problem.line - 1, start, max(start, min(end, len(self.line(problem.line - 1)))))

    def _section(self, read: Read) -> Section | None:
        if read.area is None:
            return None
        area, first = read.area, read.area.line - 1
        # Each assertion ends where the next one begins.
        ends = [*(a.line - 1 for a in area.assertions), read.line - 1 + read.height]
        blocks = tuple(self._block(a, a.line - 1, end) for a, end in zip(area.assertions, ends[1:], strict=True))
        last = blocks[-1].last if blocks else self._last(first, ends[0])
        name = Span.of_line(first, *self._columns(first, area.name))
        return Section(area, first, last, name, Span(Spot(first, 0), Spot(last, len(self.lines[last]))), blocks)

    def _block(self, assertion: Assertion, first: int, end: int) -> Block:
        known = self._known.get(first)
        if known is not None and known.assertion is assertion:
            return known
        last = self._last(first, end)
        return Block(assertion, first, last, *self._columns(first, assertion.id), len(self.lines[last]))

    def _last(self, first: int, end: int) -> int:
        """The last line with something in it before another one."""
        last = end - 1
        while last > first and not self.lines[last].strip():
            last -= 1
        return last

    def _columns(self, line: int, name: str) -> tuple[int, int]:
        """Where a name stands in a heading; all of the heading where it is not there."""
        text = self.lines[line]
        start = text.find(name) if name else -1
        return (start, start + len(name)) if start >= 0 else (0, len(text))


def level(line: str) -> int:
    """The level of a heading; 0 for every other line."""
    found = heading(line.rstrip())
    return found[0] if found else 0
