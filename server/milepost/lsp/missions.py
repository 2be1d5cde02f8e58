"""The missions that an editor sees: found by its folders and documents, read as they grow, told to who listens."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from pathlib import Path

from milepost.ide.snapshot import Snapshot
from milepost.lsp.folders import key_of, mission_around, missions_of
from milepost.lsp.follower import Follower
from milepost.lsp.watch import changes

PATIENCE_S = 5.0
Listener = Callable[[Follower], Awaitable[None]]
Look = Callable[[], None]


class Missions:
    """Every mission of the open folders; `follow` reads them until it is cancelled."""

    def __init__(self, state_dir: Path, clock: Callable[[], float] = time.time) -> None:
        self.state_dir = state_dir
        self.listener: Listener | None = None
        """Who is told of each mission that has something new."""
        self.looked: Look = lambda: None
        """Called once everything that is there was read: at first, and whenever a mission came or went."""
        self.followers: dict[Path, Follower] = {}
        """By the mission's folder."""
        self._read = asyncio.Event()
        self._folders: set[Path] = set()
        self._clock = clock
        self._stop = asyncio.Event()

    @property
    def settled(self) -> bool:
        """Whether everything that is there was read once."""
        return self._read.is_set()

    async def ready(self) -> None:
        """Return once everything that is there was read, or is late: an early question then gets a poor answer."""
        if not self.settled:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._read.wait(), PATIENCE_S)

    @property
    def snapshots(self) -> list[Snapshot]:
        """The newest snapshot of each mission, the newest mission first."""
        found = [r.snapshot for r in self.followers.values() if r.snapshot is not None]
        return sorted(found, key=lambda s: s.mission.created, reverse=True)

    @property
    def folders(self) -> frozenset[Path]:
        """The folders of the editor."""
        return frozenset(self._folders)

    def open(self, folders: Iterable[Path]) -> None:
        """See the missions of these folders too; a mission's own document names a mission as well."""
        new = {folder.resolve() for folder in folders} - self._folders
        if new:
            self._folders |= new
            self._read.clear()
            self._stop.set()

    def close(self, folders: Iterable[Path]) -> None:
        """See the missions of these folders no more."""
        self._folders -= {folder.resolve() for folder in folders}
        self._stop.set()

    def get(self, mission: str) -> Follower | None:
        """The mission of that id, or of the only one whose id begins so."""
        exact = [r for r in self.followers.values() if r.folder.mission == mission]
        found = exact or [r for r in self.followers.values() if r.folder.mission.startswith(mission)]
        return found[0] if len(found) == 1 else None

    def of_document(self, path: Path) -> Follower | None:
        """The mission that a document belongs to, by its own place."""
        known = (f for f in self.followers.values() if path.is_relative_to(f.folder.docs))
        if (found := next(known, None)) is not None:
            return found
        folder = mission_around(self.state_dir, path)
        return self.followers.get(folder.root) if folder else None

    def holds(self, path: Path) -> bool:
        """Whether a document lies in a mission's folder, also of one that was not read yet."""
        return mission_around(self.state_dir, path) is not None

    async def follow(self) -> None:
        """Find and read missions, and tell the listener of each that has something new, until cancelled."""
        while True:
            self._stop.clear()
            await self.find()
            if not self._stop.is_set():
                self._read.set()
                self.looked()
            async for places in changes(self.watched(), self._stop):
                await self.look(places)
                if self.other():
                    break

    async def find(self) -> None:
        """Read the missions that are there now; those that went are let go."""
        there = {m.root: m for m in missions_of(self.state_dir, self._folders)}
        for root in set(self.followers) - set(there):
            await self.followers.pop(root).close()
        for root, folder in there.items():
            if root not in self.followers:
                self.followers[root] = Follower(folder, self._clock)
            await self.read(self.followers[root])

    async def look(self, places: set[Path]) -> None:
        """Read what changed; everything where nobody says what."""
        for root, follower in list(self.followers.items()):
            if not places or root in places:
                await self.read(follower)

    async def read(self, follower: Follower) -> None:
        """Read one mission, and tell of it where there is something new."""
        if await follower.refresh() and self.listener is not None:
            await self.listener(follower)

    def watched(self) -> list[Path]:
        """The folders in which something may happen: of each mission, and those in which new ones appear."""
        missions = self.state_dir / "missions"
        keys = {missions / key for folder in self._folders if (key := key_of(folder))}
        above = {self.state_dir, missions} if not all(k.is_dir() for k in keys) else set()
        return sorted({*self.followers, *keys, *above})

    def other(self) -> bool:
        """Whether there are missions that are not read yet, or some went."""
        return {m.root for m in missions_of(self.state_dir, self._folders)} != set(self.followers)

    async def stop(self) -> None:
        """Let go of every log."""
        self._stop.set()
        for follower in self.followers.values():
            await follower.close()
        self.followers.clear()
