"""Answers given in advance, for a mission that nobody sits beside: a file of `## topic` headings with text below."""

import re
from dataclasses import dataclass
from pathlib import Path

from milepost.cli.amendment import text_of
from milepost.domain.errors import Refused
from milepost.domain.mission import Item

HEADING = re.compile(r"##\s+(.+?)\s*$")
OTHERWISE = "*"
"""The heading of the answer to every question that no other heading fits."""
NOBODY = "Nobody is there to ask: decide yourself and write the assumption into the brief."


@dataclass(frozen=True, slots=True)
class Answers:
    """Topic to answer, in the order of the file."""

    by_topic: tuple[tuple[str, str], ...]

    def answer(self, item: Item) -> str | None:
        """The answer whose topic is that of the question or stands in it; None where none fits."""
        topic = str(item.opened.payload.get("topic", "")).casefold()
        text = item.opened.text.casefold()
        named = [(t.casefold(), answer) for t, answer in self.by_topic]
        exact = next((answer for t, answer in named if t == topic), None)
        inside = next((answer for t, answer in named if t != OTHERWISE and t in text), None)
        return exact or inside or next((answer for t, answer in named if t == OTHERWISE), None)


def read(file: Path) -> Answers:
    """The answers of a file. Raises Refused where it has none."""
    found: list[tuple[str, list[str]]] = []
    for line in text_of(file).splitlines():
        if heading := HEADING.match(line):
            found.append((heading[1], []))
        elif found:
            found[-1][1].append(line)
    kept = tuple((topic, text) for topic, lines in found if (text := "\n".join(lines).strip()))
    if not kept:
        raise Refused(
            f"{str(file)!r} holds no answers; expected headings such as `## database` with the answer below, and "
            "`## *` for every other question"
        )
    return Answers(kept)
