"""The contract: the assertions agreed before work starts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

SURFACES = ("command", "http", "browser", "terminal", "library", "file")
EVIDENCE_KINDS = ("receipt", "request", "screen", "screenshot", "console", "network", "file", "transcript")

Surface = Literal["command", "http", "browser", "terminal", "library", "file"]
Before = Literal["red", "guard"]

SELF_PROVING: frozenset[str] = frozenset({"command", "library", "file"})
"""Surfaces on which a passing `check` alone shows the assertion, with no tester (D4c)."""

MINIMUM_EVIDENCE: dict[str, tuple[frozenset[str], ...]] = {
    "command": (frozenset({"receipt"}),),
    "library": (frozenset({"receipt"}),),
    "file": (frozenset({"receipt", "file"}),),
    "http": (frozenset({"request"}),),
    "terminal": (frozenset({"screen"}),),
    "browser": (frozenset({"screenshot"}), frozenset({"console"})),
}
"""For each surface, groups of evidence kinds: a `passed` needs at least one of every group (D4c)."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """One behaviour that can be shown true or false."""

    id: str
    title: str
    surface: str = ""
    given: str = ""
    when: str = ""
    then: str = ""
    fails_if: str = ""
    evidence: tuple[str, ...] = ()
    check: str = ""
    """A shell command, run at the root of a checkout; empty where there is none."""
    before: str = ""
    """`red`, `guard`, or empty where the author said nothing."""
    alone: str = ""
    """Why it is tested by itself, with services and data of its own: it would disturb others, or they it."""
    removed: str = ""
    """Why it was removed; empty while it counts."""
    notes: str = ""
    """Text under the heading that belongs to no field, kept as written."""
    line: int = field(default=0, compare=False)
    """1-based line of its heading in the document it was read from; not part of its identity."""

    @property
    def area(self) -> str:
        """The letters before the number: `AUTH` of `AUTH-003`."""
        return self.id.rpartition("-")[0]

    @property
    def is_guard(self) -> bool:
        """Whether it must hold before the work as well as after."""
        return self.before == "guard"

    @property
    def needs_tester(self) -> bool:
        """Whether a tester must show it; a check alone suffices on command, library and file (D4c)."""
        return not (self.check and self.surface in SELF_PROVING)


@dataclass(frozen=True, slots=True)
class Area:
    """A named group of assertions: one `## AUTH Signing in` section."""

    name: str
    title: str
    assertions: tuple[Assertion, ...] = ()
    notes: str = ""
    line: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Contract:
    """Everything that was agreed, in the order it was written."""

    title: str = ""
    areas: tuple[Area, ...] = ()
    notes: str = ""

    def __iter__(self) -> Iterator[Assertion]:
        for area in self.areas:
            yield from area.assertions

    def get(self, assertion_id: str) -> Assertion | None:
        """The assertion of that id, or None."""
        return next((a for a in self if a.id == assertion_id), None)

    @property
    def live(self) -> tuple[Assertion, ...]:
        """The assertions that were not removed."""
        return tuple(a for a in self if not a.removed)
