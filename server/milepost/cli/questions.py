"""Asking the person at the terminal: one item of theirs, and what they decide."""

from milepost.cli import screen
from milepost.domain.answering import YES_OR_NO, Answer, understood
from milepost.domain.errors import Refused
from milepost.domain.mission import Item


def ask(item: Item) -> Answer | None:
    """Show an item and read the answer; None where the person would rather not now."""
    opened = item.opened
    screen.say()
    screen.say(f"{item.id} {opened.text}", style="bold")
    for option in options_of(item):
        screen.say(option)
    while True:
        line = screen.read_line(prompt_of(item))
        if not line:
            return None
        try:
            return understood(item, line)
        except Refused as error:
            screen.warn(str(error))


def options_of(item: Item) -> list[str]:
    """The offered answers, numbered."""
    return [f"  {number}. {option}" for number, option in enumerate(item.opened.options, 1)]


def prompt_of(item: Item) -> str:
    """What stands before the cursor."""
    if item.opened.type in YES_OR_NO:
        return "[y]es, [n]o, empty for later: "
    several = ", several with commas" if item.opened.payload.get("multiple") else ""
    choice = f"a number{several}, or your own words" if item.opened.options else "your answer"
    return f"{choice}, empty for later: "
