"""What waits for the person, and our own notifications: told once, and only to a client that can show it."""

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.domain.answering import YES_OR_NO
from milepost.domain.errors import MilepostError
from milepost.domain.mission import Item
from milepost.ide.prose import cut
from milepost.ide.snapshot import Snapshot
from milepost.ide.status import status
from milepost.lsp import wire
from milepost.lsp.commands import BY_NAME
from milepost.lsp.follower import Follower
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.throttle import Throttle
from milepost.lsp.window import Window

STATUS_S = 0.25
BUTTONS = 3
"""How many answers a message box takes in every client."""
LONGEST = 400
LATER = "Later"
PARTS = {
    "contract": ("contract",), "plan": ("plan", "features", "milestones"), "items": ("items",),
    "verdicts": ("assertions",), "rounds": ("rounds", "audits"), "state": ("phase", "holds", "attempts", "landed"),
}
"""For each word of `milepost/changed`, the parts of a mission it speaks of."""
log = logging.getLogger(__name__)


class Announcer:
    """Speaks of missions to one client; `board` is set once the commands are there."""

    def __init__(self, window: Window, *, resume: bool = False) -> None:
        self.window = window
        self.resume = resume
        """Whether a mission that was interrupted is carried on without asking."""
        self.board: Switchboard | None = None
        self._before: dict[Path, Snapshot] = {}
        self._asked: set[tuple[Path, str]] = set()
        self._boxes: set[asyncio.Task[None]] = set()
        self._status = Throttle(self.tell_status, STATUS_S)

    def stop(self) -> None:
        """Say nothing more."""
        self._status.stop()

    def changed(self, follower: Follower) -> None:
        """A mission has something new."""
        now, before = follower.snapshot, self._before.get(follower.folder.root)
        if now is None:
            return
        self._before[follower.folder.root] = now
        if not self.window.missions.settled and now.word == "interrupted":
            self._interrupted(now)
        if self.window.gated:
            self._status.ask()
            self._tell_changed(before, now)
        else:
            self._ask_person(follower.folder.root, now)

    def looked(self, gone: Iterable[Path]) -> None:
        """Everything that is there was read: what is told now, none at all included, is the whole of it."""
        for root in gone:
            self._before.pop(root, None)
        if self.window.gated:
            self._status.ask()

    async def tell_status(self) -> None:
        """Send the small state of every mission."""
        found = [status(s) for s in self.window.missions.snapshots]
        params = wire.StatusParams(
            revision=sum(s.revision for s in found), quiescent=self.window.missions.settled, missions=found
        )
        self.window.server.notify("milepost/status", params, key="milepost/status")

    def _tell_changed(self, before: Snapshot | None, now: Snapshot) -> None:
        what = [word for word, parts in PARTS.items() if before is None or differs(before, now, parts)]
        if before is None or before.story.handoffs is not now.story.handoffs:
            what.append("handoffs")
        if before is None or before.activity != now.activity:
            what.append("activity")
        if before is None or before.dollars != now.dollars:
            what.append("money")
        if what:
            params = wire.ChangedParams(mission=now.mission.id, revision=now.number, what=what)
            self.window.server.notify("milepost/changed", params)

    # --- message boxes, for clients without dialogs of ours ---

    def _ask_person(self, root: Path, now: Snapshot) -> None:
        """Offer what waits as a message with buttons, each once; the answer is an order like any other."""
        for item in now.mission.attention:
            if (root, item.id) not in self._asked:
                self._asked.add((root, item.id))
                self._box(self._ask_item(now, item))
        proposal = (root, f"proposal {now.mission.summary[:80]} {len(now.mission.documents)}")
        if now.mission.phase == "proposed" and proposal not in self._asked:
            self._asked.add(proposal)
            self._box(self._ask_approval(now))

    def _box(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._boxes.add(task)
        task.add_done_callback(self._boxes.discard)

    async def _ask_item(self, now: Snapshot, item: Item) -> None:
        options = ["yes", "no"] if item.opened.type in YES_OR_NO else item.opened.options[: BUTTONS - 1]
        where = f" (all of it in {now.mission.slug}.questions.md)"
        chosen = await self._choose(f"{now.mission.id} asks: {cut(item.opened.text, LONGEST)}{where}", options)
        if chosen is not None and self.board is not None:
            asked = wire.AnswerItem(mission=now.mission.id, item=item.id, text=chosen)
            self._give("answer", asked)

    async def _ask_approval(self, now: Snapshot) -> None:
        mission = now.mission
        text = f"{mission.id} proposes {len(mission.live)} assertions: {cut(mission.summary, LONGEST)}"
        chosen = await self._choose(text, ["Approve"])
        if chosen is not None and self.board is not None:
            self._give("approve", wire.Approve(mission=mission.id, expected_revision=now.number))

    def _give(self, command: str, asked: wire.Params) -> None:
        """Give the order behind a button; a refusal is said."""
        assert self.board is not None
        try:
            BY_NAME[command].run(self.board, asked)
        except MilepostError as error:
            self.window.say(str(error), lsp.MessageType.Error)

    def _interrupted(self, now: Snapshot) -> None:
        """A mission nobody carries, found at the start: after the machine was off, say (D23)."""
        run = wire.OfMission(mission=now.mission.id)
        if self.resume and self.board is not None:
            self._give("run", run)
        elif not self.window.gated:
            self._box(self._ask_resume(run))

    async def _ask_resume(self, run: wire.OfMission) -> None:
        if await self._choose(f"{run.mission} was interrupted: nobody carries it now.", ["Carry it on"]) is not None:
            self._give("run", run)

    async def _choose(self, text: str, options: list[str]) -> str | None:
        """What the person chose; None where they would rather not now, or cannot."""
        actions = [lsp.MessageActionItem(option) for option in [*options, LATER]]
        params = lsp.ShowMessageRequestParams(lsp.MessageType.Info, text, actions)
        try:
            answer = await self.window.server.ask(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params)
        except JsonRpcException as error:
            log.info("not asked: %s", error)
            return None
        title = getattr(answer, "title", None)
        return title if title in options else None


def differs(before: Snapshot, now: Snapshot, parts: tuple[str, ...]) -> bool:
    """Whether one of these parts of a mission became another object."""
    return any(getattr(before.mission, part) is not getattr(now.mission, part) for part in parts)
