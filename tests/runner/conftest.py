"""Missions that a script plays, carried by the real runner in this process."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from milepost.app import App
from milepost.config import Config
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.settings import Settings
from milepost.domain.turns import ToolEnded
from milepost.log.folder import MissionFolder
from milepost.model.scripted import Step
from milepost.runner.machine import Machine
from tests.runner import quick, story

Script = Mapping[str, Sequence[Step]]
PATIENCE_S = 60


class Stage:
    """One repository, one script, one mission."""

    def __init__(
        self, tmp_path: Path, script: Script, *, sandbox: bool = False,
        repository: Callable[[Path], Path] = story.make_repository, goal: str = story.GOAL, **config: Any,
    ) -> None:
        self.goal = goal
        self.repository = repository(tmp_path / "shop")
        self.script = dict(script)
        self.app = App(
            Config(state_dir=tmp_path / "state", config_dir=tmp_path / "config", **config), {"PATH": "/usr/bin:/bin"},
            scripts={"story": self.script},
        )
        seat = Seat(model="scripted:story", price=Price(fresh=0, out=0))
        self.settings = Settings(seats=dict.fromkeys(SEATS, seat), sandbox=sandbox)
        self.folder: MissionFolder | None = None

    async def create(self, mode: str = "worktree") -> MissionFolder:
        """The mission, not begun."""
        self.folder = await self.app.create(self.goal, self.repository, self.settings, mode=mode)
        return self.folder

    async def play(self) -> Mission:
        """From draft to wherever it comes: approved as proposed."""
        folder = self.folder or await self.create()
        mission = await self.app.carry(folder, stop_when=lambda m: m.phase == "proposed" or bool(m.holds))
        if mission.phase != "proposed":
            return mission
        await self.app.send(folder, "approve_mission", seen=mission.documents)
        return await self.carry()

    @property
    def place(self) -> MissionFolder:
        """The folder of the mission."""
        assert self.folder is not None
        return self.folder

    async def carry(self, until: Callable[[Mission], bool] = lambda m: bool(m.holds)) -> Mission:
        """Carry the mission until it ended, or this holds."""
        return await asyncio.wait_for(self.app.carry(self.place, stop_when=until), PATIENCE_S)

    async def send(self, order: str, **arguments: Any) -> list[Record]:
        """Give an order."""
        return await self.app.send(self.place, order, **arguments)

    async def read(self) -> Mission:
        """The mission as it stands."""
        return await self.app.read(self.place)

    @asynccontextmanager
    async def carried(self) -> AsyncIterator["asyncio.Task[Mission]"]:
        """A runner that goes on beside the test, until it ends or the test does."""
        stop = asyncio.Event()
        task = asyncio.create_task(self.app.carry(self.place, stop=stop))
        try:
            yield task
        finally:
            stop.set()
            await asyncio.wait_for(task, PATIENCE_S)

    async def until(self, holds: Callable[[Mission], bool]) -> Mission:
        """The mission once it is as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            async for log in self.app.follow(self.place):
                assert log.mission is not None
                if holds(log.mission):
                    return log.mission
        raise AssertionError("the log ended")

    async def records(self, *kinds: str) -> list[Record]:
        """What is in the log of these kinds; all, where none is named."""
        async with await self.app.log(self.place, write=False) as log:
            return [r for r in await log.events.records() if not kinds or r.event.kind in kinds]

    async def results(self, attempt: str) -> list[str]:
        """What the tools of an attempt answered."""
        ended = [r.event for r in await self.records("tool_ended") if r.attempt == attempt]
        return [event.result for event in ended if isinstance(event, ToolEnded)]


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Stage]:
    """Makes a stage for a script."""
    return lambda script=None, **options: Stage(tmp_path, script or story.script(), **options)


@pytest.fixture
def begun(tmp_path: Path) -> Callable[..., Any]:
    """Makes a stage whose mission of shell scripts was agreed and is running."""

    async def begin(
        script: Script | None = None, *, plan: dict[str, Any] | None = None, manifest: dict[str, Any] | None = None,
        mode: str = "worktree", unchecked: Sequence[str] = (), settings: Mapping[str, Any] | None = None,
        contract: Mapping[str, str] | None = None, machine: Callable[[], Machine] | None = None, **options: Any,
    ) -> Stage:
        agreed = plan or quick.plan()
        options = {"repository": quick.make_repository, "goal": quick.GOAL, **options}
        made = Stage(tmp_path, script or quick.script(agreed), **options)
        made.settings = made.settings.model_copy(update=dict(settings or {}))
        made.app.machine = machine or made.app.machine
        await made.create(mode)
        await quick.agree(
            made.app, made.place, agreed, manifest or quick.MANIFEST, unchecked=unchecked, contract=contract
        )
        return made

    return begin
