"""What one attempt has on its desk: the log, the tree, the cell, the blobs; handed to every tool."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from milepost.domain.contract import Assertion
from milepost.domain.events import BaseExamined
from milepost.domain.mission import Mission
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Event, Record
from milepost.domain.services import Manifest
from milepost.text.skills import Skills
from milepost.workspace.cell import Cell
from milepost.workspace.process import Background
from milepost.workspace.repository import Repository
from milepost.workspace.services import Services
from milepost.workspace.worktree import Worktree


class Log(Protocol):
    """The mission's log, as an attempt may use it."""

    @property
    def mission(self) -> Mission:
        """The mission as it stands now."""

    async def record(
        self, *events: Event, by: str, order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append events and fold them."""

    async def decide(
        self, fn: Callable[[Mission], Sequence[Event]], *, by: str, order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append what `fn` decides on the newest state."""

    async def wait(self, predicate: Callable[[Mission], bool]) -> None:
        """Return once the mission satisfies the predicate."""

    async def turns(self, attempt: str) -> list[Record]:
        """The turns of one attempt, oldest first."""

    def tip(self) -> tuple[int, str]:
        """Number and hash of the last row."""


class Blobs(Protocol):
    """Large payloads by their hash."""

    def put(self, data: bytes | str) -> str:
        """Keep data; its SHA-256."""

    def get(self, sha: str) -> bytes:
        """The data of that hash."""

    def hide(self, text: str) -> str:
        """The text without secrets, as it would be kept."""


HELD = frozenset({"terminal", "http", "desktop", "browser"})
"""Drivers that hold programs or connections open."""


@dataclass(frozen=True, slots=True)
class DryRun:
    """What one command or service of a manifest did in a scratch checkout."""

    name: str
    outcome: str
    """`works`, `fails`, `not yet`."""
    text: str


class Engine(Protocol):
    """What an attempt may ask of the engine around it."""

    async def dry_run(self, manifest: Manifest) -> list[DryRun]:
        """Run every command and service of a manifest in a scratch checkout (D18c)."""

    async def examine_base(self, assertions: Sequence[Assertion]) -> BaseExamined:
        """Run every check on the untouched base (D1)."""

    async def research(self, parent: str, questions: Sequence[str]) -> list[str]:
        """Seat a read-only researcher for each question, in parallel; their answers in the order of the questions."""

    async def write_check(self, path: str, content: str) -> None:
        """Lay a check file into the mission's own folder, never into the tree."""

    async def propose(self, summary: str, attempt: str) -> str:
        """Lint, examine and propose; what the model is told, or ToolError with everything that keeps it back."""


@dataclass(slots=True)
class Ongoing:
    """A command that goes on in the background."""

    command: str
    process: Background
    began: float
    read: int = 0
    """How far its output was shown."""
    receipt: Receipt | None = None
    """Written once it has ended."""


@dataclass(slots=True)
class Desk:
    """Everything one attempt may touch."""

    attempt: str
    seat: str
    subject: str
    log: Log
    blobs: Blobs
    engine: Engine
    cell: Cell
    tree: Path
    """The host's path of the checkout this attempt works or reads in."""
    tree_id: Callable[[], Awaitable[str]]
    """Git tree id of the checkout as it is now."""
    repository: Repository
    skills: Skills
    checks: Path
    """The mission's folder of check files."""
    worktree: Worktree | None = None
    """Only for the seat that may write."""
    services: Services | None = None
    milestone: str | None = None
    round: int | None = None
    assertions: tuple[str, ...] = ()
    """What a tester is assigned."""
    start: str = ""
    """Commit the attempt began at."""
    clock: Callable[[], float] = time.time
    """POSIX seconds; what commits are dated by."""
    browser: Path | None = None
    """The program that the user's settings name; None for one that is found."""
    logs: Path = Path()
    """Folder for the output of services and background commands."""
    receipts: list[tuple[str, Receipt]] = field(default_factory=list)
    evidence: list[Evidence] = field(default_factory=list)
    edited_at: int = 0
    """How many receipts there were at the last edit: only later ones count as after it."""
    backgrounds: dict[str, Ongoing] = field(default_factory=dict)
    drivers: dict[str, Any] = field(default_factory=dict)
    """Drivers that live as long as the attempt: the cookie jar, open terminals."""

    @property
    def mission(self) -> Mission:
        """The mission as it stands now."""
        return self.log.mission

    async def close(self) -> None:
        """Close the programs that drivers still hold open."""
        for name in HELD & self.drivers.keys():
            await self.drivers.pop(name).close()
