"""Open questions as a document that can be answered in any editor: the answer is written below, and saved (D21b).

    ## I3 question
    Which database?
    1. SQLite
    2. PostgreSQL
    Answer: 1
"""

import re
from collections.abc import Sequence

from milepost.domain.answering import IN_WORDS, YES_OR_NO
from milepost.domain.mission import Item

HEADING = re.compile(r"## (I\d+)\b")
ANSWER = "Answer:"
TITLE = "# Questions"
HOW = "Write an answer below a question, or the number of an option, and save. Several lines are one answer."


def format_questions(items: Sequence[Item]) -> str:
    """The document of the items that wait for the user; it says so where there is none."""
    asked = [item for item in items if item.opened.type in IN_WORDS | YES_OR_NO]
    blocks = [TITLE, HOW if asked else "Nothing waits for an answer.", *(_question(item) for item in asked)]
    return "\n\n".join(blocks) + "\n"


def parse_questions(text: str) -> dict[str, str]:
    """The answers that were written, by item; questions without one are left out."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    item = ""
    for line in text.replace("\r\n", "\n").split("\n"):
        if heading := HEADING.match(line):
            item, lines = heading[1], None
        elif lines is None and item and line.startswith(ANSWER):
            lines = found.setdefault(item, [])
            lines.append(line.removeprefix(ANSWER))
        elif lines is not None:
            lines.append(line)
    answers = {name: "\n".join(written).strip() for name, written in found.items()}
    return {name: answer for name, answer in answers.items() if answer}


def _question(item: Item) -> str:
    # A line of the question itself must not be read as a heading or as the place of its answer.
    words = "\n".join(f" {line}" if line.startswith(("#", ANSWER)) else line for line in item.opened.text.split("\n"))
    options = "".join(f"\n{number}. {option}" for number, option in enumerate(item.opened.options, 1))
    hint = "\nyes or no" if item.opened.type in YES_OR_NO else ""
    return f"## {item.id} {item.opened.type}\n\n{words}\n{options}{hint}\n\n{ANSWER} "
