"""A mission that a script plays, carried by the real runner in this process."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from milepost.app import App
from milepost.config import Config
from milepost.domain.mission import Mission
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.settings import Settings
from milepost.log.folder import MissionFolder
from milepost.model.scripted import Step
from tests.runner import story

Script = Mapping[str, Sequence[Step]]


class Stage:
    """One repository, one script, one mission."""

    def __init__(self, tmp_path: Path, script: Script, *, sandbox: bool = False) -> None:
        self.repository = story.make_repository(tmp_path / "shop")
        self.app = App(
            Config(state_dir=tmp_path / "state", config_dir=tmp_path / "config"), {"PATH": "/usr/bin:/bin"},
            scripts={"story": dict(script)},
        )
        seat = Seat(model="scripted:story", price=Price(fresh=0, out=0))
        self.settings = Settings(seats={name: seat for name in SEATS}, sandbox=sandbox)
        self.folder: MissionFolder | None = None

    async def create(self, mode: str = "worktree") -> MissionFolder:
        """The mission, not begun."""
        self.folder = await self.app.create(story.GOAL, self.repository, self.settings, mode=mode)
        return self.folder

    async def play(self) -> Mission:
        """From draft to wherever it comes: approved as proposed."""
        folder = self.folder or await self.create()
        mission = await self.app.carry(folder, stop_when=lambda m: m.phase == "proposed" or bool(m.holds))
        if mission.phase != "proposed":
            return mission
        await self.app.send(folder, "approve_mission", seen=mission.documents)
        return await self.app.carry(folder, stop_when=lambda m: bool(m.holds))


@pytest.fixture
def stage(tmp_path: Path) -> Callable[..., Stage]:
    """Makes a stage for a script."""
    return lambda script=None, **options: Stage(tmp_path, script or story.script(), **options)
