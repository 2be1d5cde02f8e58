"""The private clones of the missions that a window sees, each with what it remembers."""

import re

from milepost.ide.blame import BlameLine
from milepost.ide.snapshot import Snapshot
from milepost.log.folder import MissionFolder
from milepost.lsp.clone import Clone
from milepost.lsp.missions import Missions


class Clones:
    """Asks a mission's clone, given its snapshot."""

    def __init__(self, missions: Missions) -> None:
        self.missions = missions
        self._clones: dict[str, Clone] = {}

    def of(self, snapshot: Snapshot) -> Clone:
        """The clone of a mission."""
        root = snapshot.paths.root
        if root not in self._clones:
            found = next(f.folder for r, f in self.missions.followers.items() if str(r) == root)
            self._clones[root] = Clone(MissionFolder(found.root).repository)
        return self._clones[root]

    async def blame(self, snapshot: Snapshot, path: str, text: str) -> tuple[BlameLine, ...]:
        """The lines of a file that features of the mission wrote."""
        mission = snapshot.mission
        if mission.head == mission.base:
            return ()
        return await self.of(snapshot).blame(mission.base, mission.head, path, text)

    async def mentions(self, snapshot: Snapshot, name: str) -> list[tuple[str, int, int, int]]:
        """Where code and tests name an id, also as a name that takes no dash: `auth_003`."""
        area, dash, number = name.partition("-")
        pattern = rf"\b({re.escape(name)}|{area}_{number}|{area.lower()}_{number})\b" if dash else rf"\b{name}\b"
        return await self.of(snapshot).mentions(snapshot.mission.head, pattern)
