"""What a person's words decide about an item of theirs: a number is an option, yes and no approve and deny."""

from dataclasses import dataclass

from milepost.domain.errors import Refused
from milepost.domain.mission import Item

YES = ("y", "yes", "approve", "ok")
NO = ("n", "no", "deny")
YES_OR_NO = frozenset({"approval", "grant"})
IN_WORDS = frozenset({"question", "stuck"})
"""Types of items that are answered in words."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A decision in the words of an order."""

    decision: str
    text: str | None = None
    reason: str = ""


def understood(item: Item, line: str) -> Answer:
    """What a line decides. Raises Refused where it does not fit the item."""
    if item.opened.type in YES_OR_NO:
        return yes_or_no(item, line)
    if item.opened.type not in IN_WORDS:
        raise Refused(f"{item.id} is a {item.opened.type}; `milepost resolve {item.id} DECISION` decides on it")
    return Answer("answer", chosen(item, line))


def yes_or_no(item: Item, line: str) -> Answer:
    """Approve or deny; more words after `no` are its reason. Raises Refused for anything else."""
    word, _, rest = line.strip().partition(" ")
    if word.lower().strip(",.:") in YES:
        return Answer("approve", reason=rest.strip())
    if word.lower().strip(",.:") in NO:
        return Answer("deny", reason=rest.strip())
    raise Refused(f"{item.id} asks for a yes or a no; found {line!r}")


def chosen(item: Item, line: str) -> str:
    """The options behind numbers, or the words themselves. Raises Refused for a number that no option has."""
    options = item.opened.options
    parts = [part.strip() for part in line.split(",")]
    if not options or not all(part.isdigit() for part in parts):
        return line
    wrong = [part for part in parts if not 1 <= int(part) <= len(options)]
    if wrong:
        raise Refused(f"{item.id} has no option {', '.join(wrong)}; expected 1 to {len(options)}, or your own words")
    if len(parts) > 1 and not item.opened.payload.get("multiple"):
        raise Refused(f"{item.id} takes one of its options; found {line!r}")
    return "; ".join(options[int(part) - 1] for part in parts)
