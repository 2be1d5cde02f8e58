"""What waits for the person, and our own notifications: told once, and only to a client that can show it."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.domain.answering import YES_OR_NO
from milepost.domain.errors import MilepostError
from milepost.domain.hashes import text_hash
from milepost.domain.mission import Item
from milepost.ide.prose import cut
from milepost.ide.snapshot import Snapshot
from milepost.ide.status import status
from milepost.lsp import wire
from milepost.lsp.commands import BY_NAME
from milepost.lsp.follower import Follower
from milepost.lsp.put_off import put_off, remember
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
            self._interrupted(follower.folder.root, now)
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
        """Offer what waits as a message with buttons; the answer is an order like any other."""
        mission = now.mission
        if mission.ended:
            return
        for item in mission.attention:
            self._once(root, item.id, self._ask_item, now, item)
        if mission.phase == "proposed":
            told = text_hash(f"{mission.summary}\n{sorted(mission.documents.items())}")
            self._once(root, f"proposal {told[:16]}", self._ask_approval, now)

    def _once(self, root: Path, what: str, ask: Callable[..., Coroutine[Any, Any, bool]], *given: Any) -> None:
        """Ask it, unless that was done; what is put off here is not asked by the next server of this machine either."""
        if (root, what) in self._asked:
            return
        self._asked.add((root, what))
        if what in put_off(root):
            return
        task = asyncio.get_running_loop().create_task(self._until_put_off(root, what, ask(*given)))
        self._boxes.add(task)
        task.add_done_callback(self._boxes.discard)

    async def _until_put_off(self, root: Path, what: str, asking: Coroutine[Any, Any, bool]) -> None:
        try:
            if await asking:
                remember(root, what)
        except JsonRpcException as error:
            # Nobody looked, or the client is gone: the next one asks.
            log.info("not asked: %s", error)

    async def _ask_item(self, now: Snapshot, item: Item) -> bool:
        options = ["yes", "no"] if item.opened.type in YES_OR_NO else item.opened.options[: BUTTONS - 1]
        where = f" (all of it in {now.mission.slug}.questions.md)"
        chosen = await self._choose(f"{now.mission.id} asks: {cut(item.opened.text, LONGEST)}{where}", options)
        if chosen is not None:
            # By its number: an option that is a number itself would be taken for one.
            text = chosen if item.opened.type in YES_OR_NO else str(options.index(chosen) + 1)
            self._give("answer", wire.AnswerItem(mission=now.mission.id, item=item.id, text=text))
        return chosen is None

    async def _ask_approval(self, now: Snapshot) -> bool:
        mission = now.mission
        text = f"{mission.id} proposes {len(mission.live)} assertions: {cut(mission.summary, LONGEST)}"
        chosen = await self._choose(text, ["Approve"])
        if chosen is not None:
            self._give("approve", wire.Approve(mission=mission.id, expected_revision=now.number))
        return chosen is None

    def _give(self, command: str, asked: wire.Params) -> None:
        """Give the order behind a button; a refusal is said."""
        assert self.board is not None, "nothing is asked before the commands are there"
        try:
            BY_NAME[command].run(self.board, asked)
        except MilepostError as error:
            self.window.say(str(error), lsp.MessageType.Error)

    def _interrupted(self, root: Path, now: Snapshot) -> None:
        """A mission nobody carries, found at the start: after the machine was off, say (D23)."""
        run = wire.OfMission(mission=now.mission.id)
        if self.resume:
            self._give("run", run)
        elif not self.window.gated:
            self._once(root, f"interrupted at {now.mission.seq}", self._ask_resume, run)

    async def _ask_resume(self, run: wire.OfMission) -> bool:
        text = f"{run.mission} was interrupted: nobody carries it now."
        chosen = await self._choose(text, ["Carry it on"])
        if chosen is not None:
            self._give("run", run)
        return chosen is None

    async def _choose(self, text: str, options: list[str]) -> str | None:
        """What the person chose; None where they would rather not now. Raises JsonRpcException where nobody looked."""
        actions = [lsp.MessageActionItem(option) for option in [*options, LATER]]
        params = lsp.ShowMessageRequestParams(lsp.MessageType.Info, text, actions)
        title = getattr(await self.window.server.ask(lsp.WINDOW_SHOW_MESSAGE_REQUEST, params), "title", None)
        return title if title in options else None


def differs(before: Snapshot, now: Snapshot, parts: tuple[str, ...]) -> bool:
    """Whether one of these parts of a mission became another object."""
    return any(getattr(before.mission, part) is not getattr(now.mission, part) for part in parts)
