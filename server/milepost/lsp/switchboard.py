"""From a command of an editor to a mission: finds it, asks whether it may be acted on, and gives the order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

from milepost.domain.errors import MilepostError, Refused
from milepost.ide.snapshot import Snapshot
from milepost.log.trusted import TrustList
from milepost.lsp.folders import common_dir, key_of
from milepost.lsp.follower import Follower
from milepost.lsp.missions import Missions
from milepost.lsp.orders import Sender
from milepost.lsp.wire import Accepted

log = logging.getLogger(__name__)
Tell = Callable[[str], Awaitable[None]]


class Switchboard:
    """What commands share: the missions, how orders are sent, whom to tell what came of it, and what is trusted."""

    def __init__(self, missions: Missions, sender: Sender, tell: Tell, inform: Tell) -> None:
        self.missions = missions
        self.sender = sender
        self.tell = tell
        """Says what was refused."""
        self.inform = inform
        """Says what came to its end, to who cannot see that otherwise."""
        self.trusted = False
        """Whether the editor says that its user trusts the open folders."""
        self.dirty: tuple[str, ...] = ()
        """Documents with changes that are not saved, as far as the editor says."""
        self._trust = TrustList(missions.state_dir)
        self._errands: set[asyncio.Task[None]] = set()

    # --- finding ---

    def follower(self, mission: str) -> Follower:
        """The mission of that name. Raises Refused where there is none, or it cannot be read."""
        found = self.missions.get(mission)
        if found is None:
            known = ", ".join(sorted(f.folder.mission for f in self.missions.followers.values())) or "none"
            raise Refused(f"no mission is called {mission!r} in the open folders; there are: {known}")
        return found

    def snapshot(self, mission: str) -> Snapshot:
        """The newest snapshot of a mission. Raises Refused where there is none yet."""
        found = self.follower(mission)
        if found.snapshot is None:
            raise Refused(f"{mission!r} cannot be read yet{': ' + found.trouble if found.trouble else ''}")
        return found.snapshot

    # --- trust ---

    def expect_trust(self, key: str | None) -> None:
        """Raise Refused where the user did not say that they trust the repository of that key."""
        if key is None:
            raise Refused("this folder is in no git repository: a mission needs one; `git init` makes one")
        if not self.trusted and not self._trust.holds_key(key):
            raise Refused(
                f"the repository {key.rpartition('-')[0]!r} is not trusted: a mission runs its code. Trust it in the "
                "editor, by the command milepost.trustFolder, or by `milepost trust` in it"
            )
        if not self._trust.holds_key(key):
            raise Refused(f"the repository {key.rpartition('-')[0]!r} is not on the list of trusted ones yet")

    def trust(self, folder: Path) -> str:
        """Put a repository on the user's list; its path. Raises Refused where the folder is in none."""
        common, key = common_dir(folder), key_of(folder)
        if common is None or key is None:
            raise Refused(f"{str(folder)!r} is in no git repository: there is nothing to trust")
        self._trust.put(str(common), key)
        return str(common)

    # --- acting ---

    def order(
        self, mission: str, order: str, arguments: Mapping[str, Any], message: str,
        seen: Mapping[str, str] | None = None,
    ) -> Accepted:
        """Give an order, at once and durably; who asked is told later if it was refused."""
        follower = self.follower(mission)
        self.allow(follower)
        number = self.sender.submit(follower.folder, order, arguments, seen or {})
        self.errand(f"{follower.folder.mission}: {order}", self.sender.settle(follower.folder, number))
        return self.accepted(follower, number, message)

    def command(self, mission: str, *words: str, message: str) -> Accepted:
        """Start one of our own commands for a mission."""
        follower = self.follower(mission)
        self.allow(follower)
        name = follower.folder.mission
        where = follower.snapshot.paths.repository if follower.snapshot else ""
        self.errand(f"{name}: {words[0]}", self.sender.run(*words, "-m", name, *(["-C", where] if where else [])))
        return self.accepted(follower, "", message)

    def allow(self, follower: Follower) -> None:
        """Raise Refused where a mission may not be acted on."""
        key = follower.folder.root.parent.name
        if self.trusted and follower.snapshot is not None and not self._trust.holds_key(key):
            self.trust(Path(follower.snapshot.paths.repository))
        self.expect_trust(key)

    def accepted(self, follower: Follower | None, number: str, message: str) -> Accepted:
        """The answer to a command."""
        revision = follower.snapshot.number if follower and follower.snapshot else 0
        return Accepted(accepted=True, id=number, revision=revision, message=message)

    def errand(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        """Go on with something beside the answer; a refusal is told."""
        task = asyncio.get_running_loop().create_task(self._run(name, work))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def errands_done(self) -> None:
        """Wait until everything that goes on beside the answers has ended."""
        while self._errands:
            await asyncio.wait(self._errands)

    async def _run(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        try:
            await work
        except MilepostError as error:
            log.info("refused: %s: %s", name, error)
            await self.tell(f"{name}: {error}")
