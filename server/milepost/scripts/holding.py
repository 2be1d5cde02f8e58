"""A run held against its script: for each assertion, whether everything it rests on was seen again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.scripts.binding import captured, filled
from milepost.scripts.observed import Observation
from milepost.scripts.script import Move, Script
from milepost.scripts.settling import called
from milepost.scripts.template import misfit, plain, says


@dataclass(frozen=True, slots=True)
class Held:
    """What one run says of one assertion."""

    assertion: str
    move: int | None
    """Counting from 1, the move that did not hold; None where all did."""
    why: str = ""

    @property
    def passed(self) -> bool:
        """Whether everything was seen again."""
        return self.move is None


class Playing:
    """A run under way: it fills in what each move needs, and knows when there is no use in going on."""

    def __init__(self, script: Script, wanted: Iterable[str]) -> None:
        self.script = script
        self.wanted = set(wanted)
        self.seen: list[Observation] = []
        self.problems: dict[int, str] = {}
        """By move, why it did not come to what it must."""
        self._values: dict[str, str] = {}
        self._called: list[Observation] = []
        """What was seen, with values called by their names."""

    @property
    def moves(self) -> Sequence[Move]:
        """The moves that what is wanted needs."""
        last = max((p.last for p in self.script.promises if p.assertion in self.wanted), default=-1)
        return self.script.moves[:last + 1]

    def arguments(self, number: int) -> dict[str, Any]:
        """The arguments of a move in this run."""
        return filled(self.moves[number].arguments, self._values)

    def saw(self, number: int, seen: Observation) -> bool:
        """Take one move in; False where those after it cannot mean anything."""
        move = self.moves[number]
        self.seen.append(seen)
        self._called.append(called(seen, self._values))
        if seen.outcome != move.outcome:
            said = f": {plain(seen.text)[:300]}" if seen.text else ""
            self.problems[number] = f"expected {move.outcome}, came to {seen.outcome}{said}"
        for capture in move.captures:
            value = captured(capture, seen)
            if value is None and number not in self.problems:
                self.problems[number] = f"no value was found where {capture.name} is taken from"
            self._values[capture.name] = value or ""
        return number not in self.problems

    def held(self) -> list[Held]:
        """What this run says of each assertion that is wanted."""
        return [self._held(p.assertion, p.last) for p in self.script.promises if p.assertion in self.wanted]

    def _held(self, assertion: str, last: int) -> Held:
        for number, move in enumerate(self.moves[:last + 1]):
            why = self.problems.get(number, "")
            if not why and number >= len(self.seen):
                why = "it was not come to"
            if not why and assertion in move.cites:
                why = differs(move, self._called[number], assertion)
            if why:
                return Held(assertion, number + 1, f"{move.tool}({in_words(move.arguments)}): {why}")
        return Held(assertion, None)


def differs(move: Move, seen: Observation, assertion: str) -> str:
    """In what an observation differs from what an assertion rests on; empty where it does not."""
    for words in move.shows.get(assertion, []):
        if not says(seen.text, words):
            return f"{words!r} was not seen; seen was {seen.text[:300]!r}"
    return misfit(move.lines, seen.lines, gaps=move.gaps)


def in_words(arguments: Mapping[str, Any]) -> str:
    """A call's arguments in a line, for people."""
    said = [f"{name}={value!r}" for name, value in arguments.items() if value not in (None, "", {}, [])]
    return ", ".join(said)
