"""Lines that were seen several times as one line with gaps, and lines that are held against such a one."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from functools import reduce

from milepost.scripts.lines import REF
from milepost.scripts.marks import ANY

_TOKEN = re.compile(r"[\w-]+|[^\w-]")
_REACH = 300
"""Characters that a gap inside a sentence may stand for."""


def tokens(text: str) -> list[str]:
    """Words, and every other character by itself."""
    return _TOKEN.findall(text)


def merged(variants: Sequence[str]) -> str:
    """One line with a gap wherever the variants differ; nothing but a gap where they are built otherwise."""
    if len(set(variants)) == 1:
        return variants[0]
    split = [tokens(v) for v in variants]
    if len({len(s) for s in split}) > 1:
        return ANY
    line = "".join(column[0] if len(set(column)) == 1 else ANY for column in zip(*split, strict=True))
    return re.sub(f"(?:{ANY})+", ANY, line)


def common(runs: Sequence[Sequence[str]]) -> tuple[list[str], bool]:
    """The lines that all runs share, and whether others may stand between them."""
    if len({len(run) for run in runs}) == 1:
        return [merged(column) for column in zip(*runs, strict=True)], False
    return reduce(_shared, [list(run) for run in runs]), True


def _shared(one: list[str], other: list[str]) -> list[str]:
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return [line for b in blocks for line in one[b.a:b.a + b.size]]


def holes(template: str, line: str) -> list[str] | None:
    """What stands in the gaps of a template; None where the line does not fit it."""
    first, *rest = template.split(ANY)
    if not rest:
        return [] if line == template else None
    if not line.startswith(first) or len(line) < len(first) + len(rest[-1]) or not line.endswith(rest[-1]):
        return None
    end, at, found = len(line) - len(rest[-1]), len(first), []
    # From left to right, each part at its first place: no pattern that could take for ever on a long line.
    for part in rest[:-1]:
        place = line.find(part, at, end)
        if place < 0:
            return None
        found.append(line[at:place])
        at = place + len(part)
    return [*found, line[at:end]]


def misfit(template: Sequence[str], lines: Sequence[str], *, gaps: bool) -> str:
    """The first thing in which lines differ from what was expected; empty where they do not."""
    if gaps:
        rest = iter(lines)
        missing = next((want for want in template if not any(holes(want, line) is not None for line in rest)), None)
        return "" if missing is None else f"expected {missing!r}, which is not there"
    for want, line in zip(template, lines, strict=False):
        if holes(want, line) is None:
            return f"expected {want!r}, saw {line!r}"
    if len(lines) > len(template):
        return f"nothing more was expected, saw {lines[len(template)]!r}"
    return f"expected {template[len(lines)]!r}, saw no more" if len(lines) < len(template) else ""


def plain(text: str) -> str:
    """A text with every stretch of white space as one space, without the names of a snapshot's elements."""
    return REF.sub("", " ".join(text.split()))


def says(text: str, words: str) -> bool:
    """Whether a plain text has these words in it; a gap stands for a few words."""
    return re.search(f".{{0,{_REACH}}}?".join(map(re.escape, words.split(ANY))), text) is not None


def speaks(words: str) -> bool:
    """Whether anything is left of words whose changing parts became gaps."""
    return any(c.isalnum() for c in words.replace(ANY, "")) or (ANY not in words and bool(words))
