"""What the runner of one mission holds in its hands, from the log to the models."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from milepost.agent.purse import Purse
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.seat import Price, Seat
from milepost.domain.services import Paths
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.model.messages import Model
from milepost.runner.logbook import Logbook
from milepost.runner.machine import Machine
from milepost.runner.stopwatch import Stopwatch
from milepost.runner.workshop import Workshop
from milepost.text.skills import Skills
from milepost.workspace.paths import PathKinds


@dataclass(slots=True)
class Office:
    """Everything a step may use."""

    log: Logbook
    folder: MissionFolder
    blobs: Blobs
    workshop: Workshop
    model: Callable[[Seat], Model]
    """The model of a seat."""
    price: Callable[[Seat], Price | None]
    purse: Purse
    skills: Callable[[], Skills]
    """Read anew for each attempt: the orchestrator may have written one."""
    clock: Callable[[], float]
    project: Callable[[Mission], None]
    """Writes the documents that people read."""
    attention: Callable[[Mission], None]
    """Tells the user that the mission waits or ended."""
    stopwatch: Stopwatch
    """How long the mission was at work."""
    machine: Machine
    """What it has free, and what flows take of it."""

    @property
    def mission(self) -> Mission:
        """The mission as it stands now."""
        return self.log.mission

    def source(self) -> Path:
        """The user's repository."""
        return Path(self.mission.repository)

    def seat(self, name: str) -> Seat:
        """What a seat runs on now.

        Raises Refused where nothing was set for it.
        """
        seats = self.mission.settings.seats
        seat = seats.get(name) or (seats.get("orchestrator") if name == "researcher" else None)
        if seat is None:
            raise Refused(f"no model is set for the {name}; `milepost set seat.{name}.model NAME` sets one")
        return seat

    def kinds(self) -> PathKinds:
        """Which paths are product, tests, inert or generated."""
        manifest = self.mission.manifest
        return PathKinds(manifest.paths if manifest else Paths())

    async def product(self, commit: str) -> str:
        """Hash of the product tree of a commit."""
        return await self.workshop.repository.product_tree_hash(commit, self.kinds().inert)
