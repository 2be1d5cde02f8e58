"""Reads one mission's log as it grows, and makes the snapshots that the views are made of."""

import time
from collections.abc import Callable
from dataclasses import replace

from milepost.domain.errors import LogCorrupt, LogUnavailable
from milepost.domain.mission import Mission
from milepost.ide.snapshot import Account, Doing, Paths, Snapshot
from milepost.log.folder import MissionFolder
from milepost.log.lease import Lease
from milepost.log.store import EventLog
from milepost.log.views import Views
from milepost.lsp.fold import Fold

BREATH = 100
"""Facts read and folded before the loop may do something else: a long log keeps no editor waiting, nor fills it."""
MANY = 2_000
"""New events from which it is quicker to have their turns summed by SQL than one by one."""


class Follower:
    """One mission as it is read; nothing is read before the first `refresh`, and it must be closed."""

    def __init__(self, folder: MissionFolder, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self.trouble = ""
        """Why the log cannot be read just now; the last snapshot is shown meanwhile."""
        self.snapshot: Snapshot | None = None
        """The newest one; None until the mission's first event was read."""
        self._clock = clock
        self._log: EventLog | None = None
        self._fold = Fold()

    async def refresh(self) -> bool:
        """Read what is new; whether there is something new to show."""
        before = self.trouble
        try:
            grown = await self._read(await self._opened())
            self.trouble = ""
        except (LogCorrupt, LogUnavailable) as error:
            grown, self.trouble = False, str(error)
        return self._renew(grown) or self.trouble != before

    @property
    def written(self) -> int:
        """Number of the last event that wrote a document: who looked before it looked at another text."""
        return self._fold.written

    async def close(self) -> None:
        """Let go of the log."""
        log, self._log = self._log, None
        if log is not None:
            await log.close()

    def _renew(self, grown: bool) -> bool:
        fold, mission = self._fold, self._fold.mission
        if mission is None:
            return False
        running = Lease(self.folder.root).held_by_other()
        if not grown and self.snapshot is not None and self.snapshot.running == running:
            return False
        self.snapshot = Snapshot(
            mission=replace(mission, seq=fold.seq), story=fold.story, running=running, dollars=fold.dollars,
            activity=tuple(sorted(fold.activity.values(), key=lambda doing: doing.at, reverse=True)),
            paths=paths_of(self.folder, mission), now=self._clock(), accounts=tuple(fold.accounts.values()),
            revision=fold.seq,
        ).following(self.snapshot)
        return True

    async def _opened(self) -> EventLog:
        if self._log is not None and self._log.replaced():
            await self.close()
        if self._log is None:
            self._log = await EventLog.open(self.folder.root, self.folder.mission, write=False)
            self._fold = Fold()
        return self._log

    async def _read(self, log: EventLog) -> bool:
        before, newest = self._fold.seq, await log.refresh()
        if newest == before:
            return False
        if newest - before > MANY:
            await self._read_many(log, newest)
        else:
            for record in await log.records(before):
                self._fold.see(record)
        return True

    async def _read_many(self, log: EventLog, newest: int) -> None:
        """Fold the facts, and have the turns summed where they lie."""
        fold = replace(self._fold)
        while facts := [r for r in await log.facts(fold.seq, BREATH) if r.seq <= newest]:
            for record in facts:
                fold.see(record)
        async with await Views.open(self.folder.root, self.folder.mission) as views:
            fold.accounts = {
                (a.attempt, a.model): Account(a.attempt, a.model, a.spent) for a in await views.accounts()
            }
            fold.activity = {a.attempt: Doing(a.attempt, a.at, a.tool, a.turn) for a in await views.activity()}
        fold.seq = newest
        self._fold = fold


def paths_of(folder: MissionFolder, mission: Mission) -> Paths:
    """Where the things of a mission lie."""
    tree = mission.repository if mission.mode == "in_place" else str(folder.tree)
    return Paths(root=str(folder.root), tree=tree, docs=str(folder.docs), repository=mission.repository)
