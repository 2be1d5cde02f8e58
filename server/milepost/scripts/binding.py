"""Values that every run sees anew, found by comparing a first run with the tester's own, and put into later calls."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from milepost.scripts.lines import NO_JSON, leaves
from milepost.scripts.marks import ANY
from milepost.scripts.observed import Observation
from milepost.scripts.script import Capture, Script
from milepost.scripts.template import holes, merged

_LONG = 4
"""Characters of a value that is taken for one wherever it stands: shorter ones are met by chance."""
_NAMES = re.compile(r"(?:id|key|token|code|slug|number|ref|url|location)s?$", re.IGNORECASE)
"""Keys and headers whose values name something, however short they are."""
_KEPT = frozenset({"assertion"})
"""Arguments that are never filled in: they speak of the contract."""


class Binder:
    """The first run of a draft: it learns which values vary, and marks them in the moves that need them."""

    def __init__(self, script: Script, recorded: Sequence[Observation]) -> None:
        self.script = script
        self.moves = list(script.moves)
        self._recorded = recorded
        self._found: dict[str, tuple[int, Capture]] = {}
        """By the value the tester saw, where it comes from."""
        self._now: dict[str, str] = {}
        """By the value the tester saw, what stands in its place in this run."""
        self._values: dict[str, str] = {}
        self._named: dict[str, str] = {}
        """By the value the tester saw, the name it was given."""

    def arguments(self, number: int) -> dict[str, Any]:
        """The arguments of a move in this run; what varies in them is marked from now on."""
        move = self.moves[number]
        used = [value for value in self._found if any(_stands_in(value, text) for text in _texts(move.arguments))]
        for value in used:
            self._name(value)
        marks = {value: f"⟨{self._named[value]}⟩" for value in used}
        self.moves[number] = move.model_copy(update={"arguments": _replaced(move.arguments, marks)})
        return filled(self.moves[number].arguments, self._values)

    def saw(self, number: int, seen: Observation) -> None:
        """Learn from one move of this run."""
        for value, capture in varied(self._recorded[number], seen):
            if value not in self._found:
                self._found[value] = (number, capture)
                self._now[value] = captured(capture, seen) or ""

    def bound(self) -> Script:
        """The script with what this run learned."""
        return self.script.model_copy(update={"moves": self.moves})

    def _name(self, value: str) -> None:
        if value in self._named:
            return
        number, capture = self._found[value]
        name = f"v{len(self._named) + 1}"
        self._named[value] = name
        self._values[name] = self._now[value]
        move = self.moves[number]
        captures = [*move.captures, capture.model_copy(update={"name": name})]
        self.moves[number] = move.model_copy(update={"captures": captures})


def varied(one: Observation, other: Observation) -> Iterator[tuple[str, Capture]]:
    """Values of one run that another saw differently in the same place, the surest places first."""
    if one.json is not NO_JSON and other.json is not NO_JSON:
        there = dict(leaves(other.json))
        for path, leaf in leaves(one.json):
            yield from _in(Capture(name="", place="json", path=list(path)), [leaf, there.get(path)])
    heads = dict(other.headers)
    for name, value in dict(one.headers).items():
        yield from _in(Capture(name="", place="header", path=[name]), [value, heads.get(name)])
    if one.json is NO_JSON and len(one.lines) == len(other.lines):
        for number, pair in enumerate(zip(one.lines, other.lines, strict=True)):
            for value, capture in _in(Capture(name="", place="text"), list(pair)):
                before = sum(holes(capture.template, line) is not None for line in one.lines[:number])
                yield value, capture.model_copy(update={"nth": before})


def _in(place: Capture, pair: list[Any]) -> Iterator[tuple[str, Capture]]:
    """The values that differ in one place."""
    if pair[0] == pair[1] or not all(isinstance(x, str | int) and not isinstance(x, bool) for x in pair):
        return
    one, other = str(pair[0]), str(pair[1])
    template = merged([one, other])
    if template == ANY and place.place == "text" and not one.strip():
        return
    named = bool(place.path) and _NAMES.search(str(place.path[-1])) is not None
    for hole, value in enumerate(holes(template, one) or []):
        if len(value) >= _LONG or (named and value):
            yield value, place.model_copy(update={"template": template, "hole": hole})


def captured(capture: Capture, seen: Observation) -> str | None:
    """The value of a capture in one run; None where its place is not there."""
    candidates: list[str] = []
    if capture.place == "json" and seen.json is not NO_JSON:
        candidates = [str(leaf) for path, leaf in leaves(seen.json) if list(path) == capture.path]
    elif capture.place == "header":
        candidates = [value for name, value in seen.headers if name == capture.path[0]]
    elif capture.place == "text":
        candidates = list(seen.lines)
    fitting = [found for line in candidates if (found := holes(capture.template, line)) is not None]
    return fitting[capture.nth][capture.hole] if len(fitting) > capture.nth else None


def marked(text: str, values: Mapping[str, str]) -> str:
    """A text with what is known by a name called by it: it must be the same in every place, though not in every run."""
    known = [(value, name) for name, value in values.items() if len(value) >= _LONG]
    for value, name in sorted(known, key=lambda pair: -len(pair[0])):
        text = re.sub(_bounded(value), f"⟨{name}⟩", text)
    return text


def filled(arguments: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """Arguments with every mark replaced by its value."""
    marks = {f"⟨{name}⟩": value for name, value in values.items()}

    def fill(text: str) -> str:
        for mark, value in marks.items():
            text = text.replace(mark, value)
        return text

    return {k: v if k in _KEPT else _mapped(v, fill) for k, v in arguments.items()}


def _replaced(arguments: Mapping[str, Any], marks: Mapping[str, str]) -> dict[str, Any]:
    """Arguments with values marked, the longest first."""
    def mark(text: str) -> str:
        for value in sorted(marks, key=len, reverse=True):
            text = re.sub(_bounded(value), marks[value], text)
        return text

    return {k: v if k in _KEPT else _mapped(v, mark) for k, v in arguments.items()}


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(v, change) for v in value]
    return {k: _mapped(v, change) for k, v in value.items()} if isinstance(value, dict) else value


def _texts(value: Any) -> Iterable[str]:
    """Every text in some arguments, those that are never filled in left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below)
    elif isinstance(value, dict):
        for key, below in value.items():
            if key not in _KEPT:
                yield from _texts(below)


def _stands_in(value: str, text: str) -> bool:
    return re.search(_bounded(value), text) is not None


def _bounded(value: str) -> str:
    """Finds a value where it is not a part of a longer word."""
    return rf"(?<![\w-]){re.escape(value)}(?![\w-])"
