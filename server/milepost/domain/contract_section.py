"""An area of a contract's text, put together from its blocks and put at its line."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from milepost.domain.contract import Area, Assertion
from milepost.domain.contract_block import NEXT, Block, problem, read, texts_of
from milepost.domain.contract_grammar import Problem


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
    blocks: Mapping[str, Block]
    """By their text."""


def sections_of(text: str) -> list[str]:
    """The text of each area, in order; what stands before the first one comes first, where there is something."""
    pieces = f"\n{text}".split(NEXT)
    starts = [0, *(n for n, piece in enumerate(pieces) if n and not piece.startswith("#")), len(pieces)]
    first, *areas = (NEXT.join(pieces[start:end]) for start, end in pairwise(starts))
    return [*([first[1:]] if first else []), *("##" + area for area in areas)]


def read_section(text: str, line: int, known: Mapping[str, Block]) -> Section:
    """Read the text of an area that begins at a line; blocks that are known by their text are not read again."""
    blocks, placed, problems = {}, [], []
    number = line
    for each in texts_of(text):
        block = blocks[each] = known.get(each) or read(each)
        placed.append((block, number))
        problems += [replace(p, line=p.line + number - 1) for p in block.problems]
        number += block.height
    preface = placed[0][0] if placed[0][0].level == 0 else None
    head = next(((b, n) for b, n in placed if b.level), None)
    area, ids = None, {}
    if head is not None:
        area, ids, misplaced = _area(*head, [(b, n) for b, n in placed if b.level == 3])
        problems += misplaced
    return Section(text, line, number - line, area, preface, ids, tuple(problems), blocks)


def _area(
    head: Block, line: int, assertions: Iterable[tuple[Block, int]]
) -> tuple[Area, dict[str, int], list[Problem]]:
    """The area, the line of each id, and what is wrong with ids; an area that no heading opens has its first's name."""
    opened = head.level == 2
    name, title, notes = (head.name, head.title or "", head.notes) if opened else (letters_of(head), "", "")
    problems: list[Problem] = []
    if not opened:
        message = f"expected `## {name or 'AREA'} Title` above its assertions"
        problems.append(problem(head.head, line, "SYNTAX-006", message, subject=head.name))
    ids: dict[str, int] = {}
    found: list[Assertion] = []
    for block, number in assertions:
        letters = letters_of(block)
        if block.name and name not in ("", letters):
            message = (
                f"{block.name!r} stands in area {name!r}; expected an id that begins with it, or the area {letters!r}"
            )
            problems.append(problem(block.head, number, "SYNTAX-007", message, subject=block.name, part=block.name))
        if block.name in ids:
            problems.append(used(block.head, number, block.name, ids[block.name]))
        elif block.name:
            ids[block.name] = number
        assert block.assertion is not None
        found.append(replace(block.assertion, line=number))
    return Area(name, title, tuple(found), notes, line), ids, problems


def letters_of(block: Block) -> str:
    """The letters of an assertion's id."""
    return block.name.rpartition("-")[0]


def used(head: str, number: int, name: str, before: int) -> Problem:
    """An id that was used before."""
    message = f"{name!r} is used already at line {before}; ids are unique"
    return problem(head, number, "CONTRACT-001", message, subject=name, part=name)
