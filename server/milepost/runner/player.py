"""Plays scripts: the same tools a tester has, on a fresh checkout with fresh data, and no model."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, Protocol

from milepost.agent.desk import Blobs, Desk
from milepost.agent.tool import parse
from milepost.agent.tools import TOOLS
from milepost.agent.witnessed import typed, witnessed
from milepost.domain.errors import Refused, ToolError, WorkspaceError
from milepost.domain.mission import Mission
from milepost.runner.workshop import Workshop
from milepost.scripts.binding import Binder
from milepost.scripts.holding import Playing
from milepost.scripts.observed import Observation, observe
from milepost.scripts.script import Move, Script
from milepost.text.skills import Skills

SEAT = "tester"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where scripts are played: a mission's workshop, and where what is seen is kept."""

    workshop: Workshop
    mission: Mission
    blobs: Blobs
    clock: Callable[[], float]


class Run(Protocol):
    """Who says what each move is given, and whether it is worth going on."""

    def arguments(self, number: int) -> dict[str, Any]:
        """What a move is given."""

    def saw(self, number: int, seen: Observation) -> bool:
        """Take what came of it; False ends the run."""


class Still:
    """A log that stands still and an engine that does nothing: a script asks neither for anything."""

    def __init__(self, mission: Mission) -> None:
        self.mission = mission

    def tip(self) -> NoReturn:
        """Raises Refused."""
        raise Refused("a script writes nothing into the log")

    async def record(self, *events: object, **envelope: object) -> NoReturn:
        """Raises Refused."""
        self.tip()

    decide = wait = turns = record
    dry_run = examine_base = research = write_check = propose = record


@asynccontextmanager
async def desk_for(stage: Stage, name: str, commit: str) -> AsyncIterator[Desk]:
    """A tester's desk that nobody sits at."""
    shop = stage.workshop
    still: Any = Still(stage.mission)
    async with shop.bench(name, commit, stage.mission.manifest) as bench:
        desk = Desk(
            attempt=name, seat=SEAT, subject=name, log=still, blobs=stage.blobs, engine=still, cell=bench.cell,
            tree=bench.tree, tree_id=bench.worktree.write_tree, repository=shop.repository, skills=Skills([]),
            checks=Path(shop.folder.checks), services=bench.services, start=commit, logs=shop.folder.logs / name,
            clock=stage.clock,
        )
        try:
            yield desk
        finally:
            await desk.close()


async def play(desk: Desk, moves: Sequence[Move], run: Run) -> list[tuple[str, ...]]:
    """Make the moves one after the other, until there is no use in going on; the evidence that each recorded."""
    recorded: list[tuple[str, ...]] = []
    for number, move in enumerate(moves):
        before = len(desk.evidence)
        goes_on = run.saw(number, await made(desk, move.tool, run.arguments(number)))
        recorded.append(tuple(piece.id for piece in desk.evidence[before:]))
        if not goes_on:
            break
    return recorded


async def made(desk: Desk, name: str, arguments: dict[str, Any]) -> Observation:
    """One move, as the program answered it."""
    try:
        shown = await TOOLS[name].run(desk, parse(TOOLS[name], arguments))
    except (ToolError, Refused, WorkspaceError) as error:
        return observe("error", str(error), [], desk.clock())
    return witnessed(shown.text, shown.evidence, desk.blobs, desk.clock(), typed(shown.receipt, arguments))


def is_move(name: str, arguments: object, *, recorded: bool) -> bool:
    """Whether a tester's call belongs into a script: it does something to the program, waits for it, or records it."""
    tool = TOOLS.get(name)
    if tool is None or SEAT not in tool.seats or not isinstance(arguments, dict) or name.startswith("submit_"):
        return False
    return recorded or not tool.reads_only or bool(arguments.get("wait_s"))


class First:
    """The first run of a draft, in which it learns what varies."""

    def __init__(self, script: Script, recorded: Sequence[Observation]) -> None:
        self.binder = Binder(script, recorded)
        self.seen: list[Observation] = []
        self.arguments = self.binder.arguments

    def saw(self, number: int, seen: Observation) -> bool:
        """Learn, and go on whatever came of it."""
        self.seen.append(seen)
        self.binder.saw(number, seen)
        return True


class Again:
    """A further run of a draft: whatever comes of it is seen."""

    def __init__(self, script: Script) -> None:
        self.playing = Playing(script, [p.assertion for p in script.promises])
        self.arguments = self.playing.arguments

    @property
    def seen(self) -> list[Observation]:
        """What each move came to."""
        return self.playing.seen

    def saw(self, number: int, seen: Observation) -> bool:
        """Take it in, and go on."""
        self.playing.saw(number, seen)
        return True
