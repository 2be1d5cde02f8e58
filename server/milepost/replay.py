"""Plays a recorded mission again: models and orders from the recording, everything else real, and compares (D22)."""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from milepost.app import App
from milepost.domain.mission import Mission
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.settings import Settings
from milepost.log.folder import MissionFolder
from milepost.recording import Recording
from milepost.report.cassette import comparable, milestones_of


@dataclass(frozen=True, slots=True)
class Played:
    """How a replay went."""

    mission: Mission
    folder: MissionFolder
    difference: str
    """The first place where it came to something else than the recording; empty where it did not."""


def settings_of(recording: Recording, cassette: Path, *, sandbox: bool) -> Settings:
    """The recording's seats, each on the cassette."""
    free = Price(fresh=0, out=0)
    seats = {
        name: Seat(model=f"cassette:{cassette}", price=free, **recording.seats.get(name, {})) for name in SEATS
    }
    return Settings(seats=seats, sandbox=sandbox)


async def play(
    app: App, recording: Recording, cassette: Path, repository: Path, *, sandbox: bool,
    created: Callable[[MissionFolder], None] = lambda folder: None,
) -> Played:
    """Carry the recorded mission on a repository, giving each order where it was given."""
    settings = settings_of(recording, cassette, sandbox=sandbox)
    folder = await app.create(recording.goal, repository, settings, mode=recording.mode, slug=recording.slug)
    created(folder)
    for order in recording.orders:
        mission = await app.carry(folder, stop_when=partial(is_due, order=order))
        if mission.ended or not is_due(mission, order):
            break
        await give(app, folder, order)
    mission = await app.carry(folder, stop_when=lambda m: bool(m.holds))
    return Played(mission, folder, await differs(app, folder, recording))


def is_due(mission: Mission, order: dict[str, Any]) -> bool:
    """Whether the mission has come to where an order was given, or can go no further without it."""
    name, arguments = order["order"], order["arguments"]
    if name == "resolve_item":
        item = mission.items.get(arguments["item"])
        return item is not None and item.is_open
    if name in ("approve_mission", "return_mission"):
        return mission.phase == "proposed"
    if name == "resume_mission":
        return bool(mission.holds)
    return comparable(mission) >= order["after"] or bool(mission.holds) or mission.phase == "proposed"


async def give(app: App, folder: MissionFolder, order: dict[str, Any]) -> None:
    """Give one recorded order."""
    seen = (await app.read(folder)).documents if order["order"] == "approve_mission" else None
    await app.send(folder, order["order"], seen=seen, **order["arguments"])


async def differs(app: App, folder: MissionFolder, recording: Recording) -> str:
    """The first difference between what was played and what was recorded."""
    async with await app.log(folder, write=False) as log:
        played = [tuple(str(part) for part in row) for row in milestones_of(await log.events.records())]
    for n, (was, now) in enumerate(zip(recording.outline, played, strict=False)):
        if tuple(was) != now:
            return f"place {n + 1}: recorded {' '.join(was)}, played {' '.join(now)}"
    if len(played) != len(recording.outline):
        return f"recorded {len(recording.outline)} outcomes, played {len(played)}"
    return ""


async def recording_of(app: App, folder: MissionFolder) -> Recording:
    """The recording of a mission from its log."""
    async with await app.log(folder, write=False) as log:
        assert log.mission is not None
        return Recording.of(log.mission, await log.events.records())


def base_repository(folder: MissionFolder, base: str, target: Path) -> Path:
    """A repository of its own that stands at the base of a mission, out of its private clone."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["git", "clone", "-q", str(folder.repository), str(target)], check=True, capture_output=True)
    subprocess.run(["git", "checkout", "-q", "-B", "main", base], cwd=target, check=True, capture_output=True)
    return target
