"""A script: the moves of a flow, what each must come to, and the assertions that they show."""

from typing import Any, Literal

from pydantic import ConfigDict

from milepost.domain.shape import Shape
from milepost.scripts.marks import ANY


class Capture(Shape):
    """A value found by its place in what a move shows; later moves have it as `⟨name⟩` in their arguments."""

    model_config = ConfigDict(str_strip_whitespace=False)

    name: str
    place: Literal["json", "header", "text"]
    path: list[str | int] = []
    """Keys down to the leaf of a JSON body, or the header's name."""
    template: str = ANY
    """The leaf, header or line that it stands in."""
    hole: int = 0
    """Which of the template's gaps it is."""
    nth: int = 0
    """Which of several lines that fit the template."""


class Move(Shape):
    """One call of a driver's tool, and what was the same each time it was made."""

    model_config = ConfigDict(str_strip_whitespace=False)

    tool: str
    arguments: dict[str, Any] = {}
    captures: list[Capture] = []
    outcome: str = ""
    """How it must end: a status, an exit code, a program that runs."""
    lines: list[str] = []
    """What must be seen, line by line, by whoever cites it."""
    gaps: bool = False
    """Whether other lines may stand between these."""
    cites: list[str] = []
    """Assertions whose verdict rests on what this move shows."""
    shows: dict[str, list[str]] = {}
    """By assertion, the words that show it."""
    kinds: list[str] = []
    """Kinds of evidence it records."""


class Promise(Shape):
    """An assertion that a script shows."""

    assertion: str
    title: str
    surface: str
    text_hash: str
    """Of the assertion's text: another text is another promise."""
    last: int
    """The move after which it is decided."""


class Script(Shape):
    """A flow that can be played without a model."""

    format: Literal[1] = 1
    flow: str
    """The attempt whose flow it was."""
    tree: str
    promises: list[Promise]
    moves: list[Move]

    def promise(self, assertion: str) -> Promise | None:
        """What it promises of an assertion, or None."""
        return next((p for p in self.promises if p.assertion == assertion), None)
