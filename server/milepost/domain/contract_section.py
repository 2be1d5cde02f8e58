"""An area of a contract's text, put together from its blocks and put at its line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from milepost.domain.contract import Area, Assertion
from milepost.domain.contract_block import Block, problem, read, texts_of
from milepost.domain.contract_grammar import Problem

OPENS = re.compile(r"\n##(?!#)")
Placed = tuple[Block, Assertion | None]
"""A block, and its assertion where it stands at its line."""


@dataclass(frozen=True, eq=False)
class Section:
    """An area with its assertions, or what stands before the first area; lines count from the text's first.

    Compared by identity: one that an edit did not touch stays the same object, so that what is made of it can be kept.
    """

    text: str
    line: int
    height: int
    area: Area | None
    """None where there is neither an area nor an assertion."""
    preface: Block | None
    """What stands before the first heading."""
    ids: Mapping[str, int]
    """The line of each id; the first one where an id is used twice."""
    problems: tuple[Problem, ...]
    blocks: Mapping[str, Placed]
    """By their text."""


def sections_of(text: str) -> list[str]:
    """The text of each area, in order; what stands before the first one comes first, where there is something."""
    whole = f"\n{text}"
    starts = [0, *(found.start() for found in OPENS.finditer(whole)), len(whole)]
    return [whole[start + 1:end] for start, end in pairwise(starts) if end > start]


def read_section(text: str, line: int, known: Mapping[str, Placed]) -> Section:
    """Read the text of an area that begins at a line; blocks that are known by their text are not read again."""
    blocks: dict[str, Placed] = {}
    placed: list[tuple[Block, int]] = []
    problems: list[Problem] = []
    assertions: list[Assertion] = []
    number = line
    for each in texts_of(text):
        block, assertion = known.get(each) or (read(each), None)
        if block.assertion is not None:
            if assertion is None or assertion.line != number:
                assertion = replace(block.assertion, line=number)
            assertions.append(assertion)
        blocks[each] = block, assertion
        placed.append((block, number))
        problems += [replace(p, line=p.line + number - 1) for p in block.problems]
        number += block.height
    preface = placed[0][0] if placed[0][0].level == 0 else None
    headed = placed[preface is not None:]
    area: Area | None = None
    ids: dict[str, int] = {}
    if headed:
        head = headed[0][0]
        area = _area(*headed[0], assertions)
        if head.level == 3:
            message = f"expected `## {area.name or 'AREA'} Title` above its assertions"
            problems.append(problem(head.head, area.line, "SYNTAX-006", message, subject=head.name))
        ids, misplaced = _ids(area.name, headed)
        problems += misplaced
    return Section(text, line, number - line, area, preface, ids, tuple(problems), blocks)


def _area(head: Block, line: int, assertions: Iterable[Assertion]) -> Area:
    """The area; one that no heading opens has the name of its first assertion's."""
    opened = head.level == 2
    name, title, notes = (head.name, head.title or "", head.notes) if opened else (letters_of(head), "", "")
    return Area(name, title, tuple(assertions), notes, line)


def _ids(area: str, placed: Iterable[tuple[Block, int]]) -> tuple[dict[str, int], list[Problem]]:
    """The line of each id, and what is wrong with ids."""
    ids: dict[str, int] = {}
    found: list[Problem] = []
    for block, line in placed:
        name, letters = block.name, letters_of(block)
        if block.level == 2:
            continue
        if name and area not in ("", letters):
            message = f"{name!r} stands in area {area!r}; expected an id that begins with it, or the area {letters!r}"
            found.append(problem(block.head, line, "SYNTAX-007", message, subject=name, part=name))
        if name in ids:
            found.append(used(block.head, line, name, ids[name]))
        elif name:
            ids[name] = line
    return ids, found


def letters_of(block: Block) -> str:
    """The letters of an assertion's id."""
    return block.name.rpartition("-")[0]


def used(head: str, number: int, name: str, before: int) -> Problem:
    """An id that was used before."""
    message = f"{name!r} is used already at line {before}; ids are unique"
    return problem(head, number, "CONTRACT-001", message, subject=name, part=name)
