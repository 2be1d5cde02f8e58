"""One long-lived progress for each mission that goes on, in the client's own bar (2 a second at most)."""

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.ide.progress import Progress, progress
from milepost.lsp.throttle import Throttle
from milepost.lsp.window import Window

PAUSE_S = 0.5
log = logging.getLogger(__name__)


class Gauge:
    """Creates, moves and ends the progress of missions."""

    def __init__(self, window: Window) -> None:
        self.window = window
        self._open: dict[Path, tuple[str, Progress]] = {}
        """By mission: its token, and what was told last."""
        self._refused = False
        self._made = 0
        self._tell = Throttle(self._tell_all, PAUSE_S)

    def changed(self) -> None:
        """Something happened in a mission."""
        can = self.window.can.window
        if can is not None and can.work_done_progress and not self._refused:
            self._tell.ask()

    def stop(self) -> None:
        """Tell nothing more."""
        self._tell.stop()

    async def _tell_all(self) -> None:
        for root, follower in list(self.window.missions.followers.items()):
            if follower.snapshot is not None:
                await self._tell_one(root, progress(follower.snapshot))
        for root in set(self._open) - set(self.window.missions.followers):
            self._end(root, "gone")

    async def _tell_one(self, root: Path, now: Progress) -> None:
        if not now.going:
            if root in self._open:
                self._end(root, now.message)
        elif root not in self._open:
            await self._begin(root, now)
        elif self._open[root][1] != (now := advanced(self._open[root][1], now)):
            token = self._open[root][0]
            report = lsp.WorkDoneProgressReport(message=now.message, percentage=now.percentage)
            self.window.server.work_done_progress.report(token, report)
            self._open[root] = (token, now)

    async def _begin(self, root: Path, now: Progress) -> None:
        self._made += 1
        token = f"milepost-{root.name}-{self._made}"
        try:
            await asyncio.wait_for(self.window.server.work_done_progress.create_async(token), 10)
        except (JsonRpcException, TimeoutError) as error:
            log.info("no progress: %s", error)
            self._refused = True
            return
        self.window.server.work_done_progress.begin(token, lsp.WorkDoneProgressBegin(
            title=now.title, message=now.message, percentage=now.percentage, cancellable=False
        ))
        self._open[root] = (token, now)

    def _end(self, root: Path, message: str) -> None:
        token, _ = self._open.pop(root)
        self.window.server.work_done_progress.end(token, lsp.WorkDoneProgressEnd(message=message))


def advanced(before: Progress, now: Progress) -> Progress:
    """What may be told after `before`: a percentage that falls is forbidden, so the message alone says that it fell."""
    return replace(now, percentage=max(before.percentage, now.percentage))
