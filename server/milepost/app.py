"""The composition root: the only file that knows every layer and puts them together."""

import asyncio
import os
import re
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from milepost.agent.purse import Purse
from milepost.config import Config
from milepost.domain.budget import Spent
from milepost.domain.decide import create
from milepost.domain.errors import LogConflict, Refused, WorkspaceError
from milepost.domain.mission import Mission
from milepost.domain.orders import CreateMission
from milepost.domain.record import Record
from milepost.domain.seat import Price, Seat
from milepost.domain.settings import Settings
from milepost.log import inbox
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder, missions
from milepost.log.head import watch_head
from milepost.log.inbox import OrderFile
from milepost.log.lease import Lease
from milepost.log.mission_log import MissionLog
from milepost.log.redact import Redactor
from milepost.log.trusted import TrustList
from milepost.log.views import Account, Activity, Views
from milepost.model.prices import price_of
from milepost.model.router import Router
from milepost.model.scripted import Script
from milepost.runner import clerk, house, keeper, landing, leaving, taking_back
from milepost.runner.attention import tell
from milepost.runner.awake import awake
from milepost.runner.bystander import Bystander
from milepost.runner.checkup import Finding
from milepost.runner.logbook import Logbook
from milepost.runner.machine import Machine
from milepost.runner.office import Office
from milepost.runner.origins import Origin
from milepost.runner.projection import project
from milepost.runner.proof import Proof
from milepost.runner.replaying import Replays
from milepost.runner.runner import Runner
from milepost.runner.saved import Saved
from milepost.runner.stopwatch import Stopwatch, read_off
from milepost.runner.workshop import Workshop
from milepost.text.skills import Skill, gather, parse_skill
from milepost.workspace import preflight
from milepost.workspace.land import LandPlan
from milepost.workspace.preflight import RepositoryFacts
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree

__all__ = [
    "Account", "Activity", "App", "Finding", "LandPlan", "MissionFolder", "MissionLog", "Origin", "Proof",
    "Replays", "RepositoryFacts", "TrustList", "Views", "slug_of",
]
"""What faces may name: they import everything of the layers below through here."""

ANSWER_S = 3.0
"""How long a submitter waits for the answer to an order (D19)."""
LAUNCH_S = 10.0
"""How long a runner may take to be there."""
SECRET_NAMES = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


class App:
    """Everything a command can do, for one user's configuration and environment."""

    def __init__(
        self, config: Config, environ: Mapping[str, str] | None = None, *, scripts: Mapping[str, Script] | None = None,
        clock: Callable[[], float] = time.time, machine: Callable[[], Machine] = Machine,
    ) -> None:
        self.config = config
        self.environ = dict(os.environ if environ is None else environ)
        self.scripts = scripts
        self.clock = clock
        self.machine = machine
        self.bystander = Bystander(config.state_dir, clock)

    # --- missions ---

    def missions(self) -> list[MissionFolder]:
        """Every mission of this user, newest first."""
        return sorted(missions(self.config.state_dir), key=created, reverse=True)

    async def missions_of(self, cwd: Path) -> list[MissionFolder]:
        """The missions of the repository around `cwd`, newest first."""
        facts = await preflight.inspect(cwd)
        return [m for m in self.missions() if m.root.parent.name == facts.key]

    async def find(self, name: str | None, cwd: Path) -> MissionFolder:
        """The mission of that id or its beginning; without a name, the newest of the repository around `cwd`.

        Raises Refused where there is none, or more than one.
        """
        known = self.missions()
        if name is not None:
            found = [m for m in known if m.mission == name] or [m for m in known if name in m.mission]
            if len(found) == 1:
                return found[0]
            listed = ", ".join(m.mission for m in (found or known)[:8]) or "none"
            raise Refused(f"{'no' if not found else 'more than one'} mission is called {name!r}; there are: {listed}")
        here = await self.missions_of(cwd)
        if not here:
            raise Refused(f"there is no mission of {str(cwd)!r} yet; `milepost new GOAL` starts one")
        return here[0]

    async def create(
        self, goal: str, repository: Path, settings: Settings, *, mode: str = "worktree", slug: str | None = None
    ) -> MissionFolder:
        """A new mission: its folder, its private clone, and its first event. Nothing of the user's changes.

        Raises Refused or WorkspaceError, before anything is written, where the repository cannot carry a mission.
        """
        facts = await preflight.inspect(repository)
        if reason := preflight.refusal(facts):
            raise WorkspaceError(reason)
        assert facts.head_commit is not None
        self.config.refuse_state_inside(facts.top)
        slug = slug or slug_of(goal)
        mission = self.free_name(facts.key, slug)
        folder = MissionFolder(self.config.state_dir / "missions" / facts.key / mission).make()
        cloned = await Repository.clone(facts.top, folder.repository)
        base = facts.head_commit
        if mode == "in_place":
            base = (await Worktree.in_place(cloned, facts.top, at=self.clock())).found_commit
        else:
            await Worktree(cloned, folder.tree).checkout(base)
        order = CreateMission(
            mission=mission, goal=goal, repository=str(facts.top), base=base, mode=mode,
            slug=mission, settings=settings,
        )
        async with await self.log(folder) as log:
            await log.record(*create(order), by="user", order=inbox.new_id(self.clock))
        return folder

    def free_name(self, key: str, slug: str) -> str:
        """The slug, or with a number where a mission of that name is there."""
        root = self.config.state_dir / "missions" / key
        names = [slug, *(f"{slug}-{n}" for n in range(2, 1000))]
        return next(n for n in names if not (root / n).exists())

    # --- reading ---

    async def log(self, folder: MissionFolder, *, write: bool = True) -> MissionLog:
        """The log of a mission."""
        return await MissionLog.open(
            folder.root, folder.mission, write, clock=self.clock, redactor=self.redactor() if write else None
        )

    async def read(self, folder: MissionFolder) -> Mission:
        """The mission as it stands, read only. Raises Refused while it is being made."""
        return await self.bystander.read(folder)

    async def follow(self, folder: MissionFolder) -> AsyncGenerator[MissionLog, None]:
        """The log, read only, each time it may have grown."""
        async with await self.log(folder, write=False) as log:
            async for _ in watch_head(folder.root):
                await log.refresh()
                yield log

    def redactor(self) -> Redactor:
        """Hides the values of variables that look like secrets."""
        return Redactor(v for n, v in self.environ.items() if any(word in n.upper() for word in SECRET_NAMES))

    # --- orders ---

    async def send(
        self, folder: MissionFolder, order: str, *, seen: Mapping[str, str] | None = None, **arguments: Any
    ) -> list[Record]:
        """Give an order, and wait for its answer.

        Raises Refused with the reason, or where nobody answered in time (the order then still waits).
        """
        given = OrderFile(
            id=inbox.new_id(self.clock), mission=folder.mission, order=order, arguments=arguments, by="user",
            seen=dict(seen or {}),
        )
        inbox.submit(folder.root, given)
        deadline = self.clock() + ANSWER_S
        while True:
            await self.clerk(folder)
            if answer := await self.answer(folder, given.id):
                return answer
            if self.clock() > deadline:
                raise Refused(f"the runner did not answer {order} within {ANSWER_S:g} s; the order waits in its inbox")
            await asyncio.sleep(0.05)

    async def answer(self, folder: MissionFolder, order: str) -> list[Record]:
        """The records that answer an order; raises Refused where it was refused."""
        async with await self.log(folder, write=False) as log:
            records = await log.events.answers(order)
        for record in records:
            if record.event.kind == "order_refused":
                raise Refused(record.event.reason)
        return records

    async def clerk(self, folder: MissionFolder) -> bool:
        """Decide on the orders that wait, where no runner does; False where one is at work."""
        lease = Lease(folder.root)
        if not lease.acquire():
            return False
        try:
            async with await self.log(folder) as log:
                book = Logbook(log)
                await clerk.drain(book, folder)
                await Saved(folder, partial(project, folder=folder)).take(book)
                project(book.mission, folder)
        except LogConflict:
            return False
        finally:
            lease.release()
        return True

    async def undo(self, folder: MissionFolder) -> list[str]:
        """Take back what a mission in place changed; the paths that could not be restored.

        Raises Refused where a runner is at work or the mission has a folder of its own.
        """
        mission = await self.read(folder)
        if mission.mode != "in_place":
            raise Refused(f"{mission.id} works in a folder of its own: there is nothing in yours to undo")
        lease = Lease(folder.root)
        if not lease.acquire():
            raise Refused("a runner is at work; `milepost interrupt` or `milepost cancel` stops it")
        try:
            worktree = await Worktree.in_place(Repository(folder.repository), Path(mission.repository), at=self.clock())
            return await worktree.undo()
        finally:
            lease.release()

    def price(self, seat: Seat) -> Price | None:
        """What the seat's model costs, where that is known."""
        return price_of(seat)

    # --- running ---

    def is_running(self, folder: MissionFolder) -> bool:
        """Whether a runner holds the lease."""
        return Lease(folder.root).held_by_other()

    def launch(self, folder: MissionFolder) -> int | None:
        """A detached runner that outlives us, kept alive; its pid, or None where one is at work."""
        if self.is_running(folder):
            return None
        return keeper.detach(folder, ["_keep", str(folder.root)])

    async def launched(self, folder: MissionFolder) -> None:
        """Return once a runner holds the lease, or did not come in time: whoever looks next finds it at work."""
        deadline = self.clock() + LAUNCH_S
        async for _ in watch_head(folder.root):
            if self.is_running(folder) or self.clock() > deadline:
                return

    async def carry(
        self, folder: MissionFolder, *, stop_when: Callable[[Mission], bool] = lambda m: False,
        stop: asyncio.Event | None = None,
    ) -> Mission:
        """Run the mission in this process until it ended, `stop_when` holds, or `stop` is set.

        Raises Refused where another runner has it.
        """
        async with self.office(folder) as office:
            runner = Runner(office, stop_when=stop_when)
            runner.stopping = stop or runner.stopping
            heeding = asyncio.create_task(leaving.heed(folder, runner.stopping))
            await runner.run()
            heeding.cancel()
            return office.mission

    async def keep(self, folder: MissionFolder) -> int:
        """Keep a runner of its own alive; holds the mission where it dies again and again. Its last exit code."""
        with awake(self.config.keep_awake):
            code = await asyncio.to_thread(keeper.keep, folder, ["_run", str(folder.root)])
        if code:
            why = f"the runner died {keeper.DEATHS} times: {str(folder.runner_log)!r} says why"
            await self.bystander.give_up(folder, why)
            tell(await self.read(folder), folder, self.config.on_attention)
        return code

    # --- finishing ---

    async def land(self, folder: MissionFolder, *, unfinished: bool = False, gates: bool = True) -> LandPlan:
        """Merge the mission into the user's branch, if the merged tree passes."""
        async with self.office(folder) as office:
            return await landing.land(office, unfinished=unfinished, gates=gates)

    async def push(self, folder: MissionFolder, remote: str, *, unfinished: bool = False) -> str:
        """Push the mission's branch to a remote; the text of a pull request."""
        async with self.office(folder) as office:
            return await landing.push(office, remote, unfinished=unfinished)

    async def take_back(self, folder: MissionFolder, feature: str) -> str:
        """Take a feature's commits back; the commit that does it."""
        async with self.office(folder) as office:
            return (await taking_back.take_back(office, feature)).commit

    @asynccontextmanager
    async def office(self, folder: MissionFolder) -> AsyncIterator[Office]:
        """Everything a runner holds, with the lease."""
        lease = Lease(folder.root)
        if not lease.acquire():
            raise Refused(f"another runner carries {folder.mission}; `milepost status` shows it")
        router = Router(self.environ, scripts=self.scripts)
        try:
            async with await self.log(folder) as log:
                stopwatch = await read_off(log.events, self.clock)
                yield await self.furnish(folder, Logbook(log, stopwatch.saw), router, stopwatch)
        finally:
            await router.close()
            lease.release()

    async def furnish(self, folder: MissionFolder, log: Logbook, router: Router, stopwatch: Stopwatch) -> Office:
        """The office of one mission."""
        mission, blobs = log.mission, Blobs(folder.blobs, self.redactor())
        repository = Repository(folder.repository)
        theirs = await house.lay_out(repository, mission.base, folder.root / "house")
        if mission.mode == "in_place":
            worktree = await Worktree.in_place(repository, Path(mission.repository), at=self.clock())
        else:
            worktree = Worktree(repository, folder.tree)
        return Office(
            log=log, folder=folder, blobs=blobs,
            workshop=Workshop(
                folder, repository, worktree, sandbox=mission.settings.sandbox,
                granted=lambda: log.mission.settings.grants, browser=self.config.browser,
            ),
            model=router.connect,
            price=price_of, purse=Purse(lambda: log.mission.settings.budget, await spent(folder), stopwatch.hours),
            skills=lambda: gather(mission=written_skills(log.mission, blobs), repository=theirs), clock=self.clock,
            stopwatch=stopwatch, machine=self.machine(),
            project=lambda m: project(m, folder), attention=lambda m: tell(m, folder, self.config.on_attention),
        )


def written_skills(mission: Mission, blobs: Blobs) -> list[Skill]:
    """The skills the orchestrator wrote for this mission, as they are now."""
    written = {k: sha for k, sha in mission.documents.items() if k.startswith("skill:")}
    return [parse_skill(blobs.get(sha).decode(), "mission") for sha in written.values()]


async def spent(folder: MissionFolder) -> Spent:
    """What the mission used so far, calls without an answer at what they had reserved."""
    async with await Views.open(folder.root, folder.mission) as views:
        total = Spent()
        for one in (await views.spent_by_attempt()).values():
            total = total.plus(one)
        lost = sum((await views.unsettled()).values())
    return total.plus(Spent(dollars=lost))


def created(folder: MissionFolder) -> int:
    """When a mission was created: its private clone's `HEAD` is written then and never again."""
    head = folder.repository / "HEAD"
    return head.stat().st_mtime_ns if head.exists() else 0


SLUG = 40
"""Characters of a slug; words are kept whole, but for one that is longer by itself."""


def slug_of(goal: str) -> str:
    """A few words of the goal, fit for a branch."""
    joined = re.sub(r"(?<=\w)['\u2019](?=\w)", "", goal.lower())  # `shop's` is `shops`, not `shop-s`
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in joined).split()
    kept = [w for w in words if w not in ("a", "an", "the", "to", "and", "of", "for", "with", "that", "in")][:5]
    while len(kept) > 1 and len("-".join(kept)) > SLUG:
        kept.pop()
    return "-".join(kept)[:SLUG] or "mission"
