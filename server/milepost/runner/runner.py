"""The runner of one mission: takes orders out of the inbox, and goes from step to step until nothing is left."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from milepost import __version__
from milepost.domain import events as e
from milepost.domain.errors import LogConflict, LogCorrupt, LogUnavailable, MilepostError
from milepost.domain.mission import Mission
from milepost.domain.next import Step, next_step
from milepost.runner.clerk import drain
from milepost.runner.edits import clear_leftovers
from milepost.runner.office import Office
from milepost.runner.perform import perform
from milepost.runner.publishing import publish_due
from milepost.runner.saved import Saved

POLL_S = 0.2
"""How often the inbox is looked into."""
WRITELESS = (LogConflict, LogCorrupt, LogUnavailable)
"""Errors after which nothing can be recorded any more: the runner dies of them, and somebody else takes over."""
READABLE = ("brief", "contract", "plan", "features", "milestones", "items", "rounds")
"""What of a mission its documents are made of."""


class Runner:
    """Carries one mission; `stop_when` says at which state it leaves although the mission has not ended."""

    def __init__(self, office: Office, *, stop_when: Callable[[Mission], bool] = lambda mission: False) -> None:
        self.office = office
        self.stop_when = stop_when
        self.stopping = asyncio.Event()
        self.saved = Saved(office.folder, office.project)
        self.told = office.mission.word
        """What the user was told last."""

    async def run(self) -> str:
        """Go on until the mission ended, `stop_when` holds, or somebody stopped us; why it left."""
        office = self.office
        await office.log.record(
            e.RunnerStarted(epoch=office.mission.epoch + 1, version=__version__, boot=boot_id())
        )
        await publish_due(office)
        beside = [
            asyncio.create_task(work) for work in (self.steps(), self.orders(), self.herald(), self.scribe())
        ]
        await first_of(*beside)
        # The others never end by themselves: where one of them did, this raises why.
        reason = next(str(task.result()) for task in beside if not task.cancelled())
        await drain(office.log, office.folder)
        await office.log.record(e.RunnerStopped(reason=reason))
        self.announce()
        office.project(office.mission)
        return reason

    async def steps(self) -> str:
        """The loop: the next step, performed; while the mission is held, wait for its state to change."""
        while not self.stopping.is_set():
            mission = self.office.mission
            if mission.ended:
                return f"the mission is {mission.phase}"
            if self.stop_when(mission):
                return f"the mission is {mission.word}"
            step = next_step(mission)
            if step is not None:
                await self.one(step)
            else:
                await self.until_changed(mission)
        return "it was asked to stop"

    async def one(self, step: Step) -> None:
        """Perform one step; an interruption or a stop from outside cancels it."""
        work = asyncio.create_task(perform(self.office, step))
        halted = asyncio.create_task(self.halted(self.office.mission))
        await first_of(work, halted)
        try:
            if work.cancelled():
                await clear_leftovers(self.office)
            else:
                work.result()
        except WRITELESS:
            raise
        except MilepostError as error:
            await self.block(error)

    async def halted(self, before: Mission) -> None:
        """Return once an open attempt was ended from outside, the mission ended, or we are to leave."""
        open_then = {a.started.attempt for a in before.open_attempts}

        def cut(mission: Mission) -> bool:
            interrupted = any(
                a.outcome == "interrupted" for name, a in mission.attempts.items()
                if name in open_then or a.seq > before.seq
            )
            over = mission.phase in ("cancelled", "failed")
            return interrupted or over or (asks(mission) and self.stop_when(mission))

        stop = asyncio.create_task(self.stopping.wait())
        told = asyncio.ensure_future(self.office.log.wait(cut))
        await first_of(stop, told)

    async def block(self, error: MilepostError) -> None:
        """A step failed for a reason outside the mission: hold it and say what to mend."""

        def hold(mission: Mission) -> list[e.HoldPlaced]:
            if mission.holds or mission.ended:
                return []
            return [e.HoldPlaced(hold="blocked", reason=f"{type(error).__name__}: {error}"[:2000])]

        await self.office.log.decide(hold, by="engine")

    async def until_changed(self, mission: Mission) -> None:
        """Sleep until the state is another one, or we are to stop."""
        changed = asyncio.ensure_future(self.office.log.wait(lambda m: m.seq > mission.seq))
        stop = asyncio.create_task(self.stopping.wait())
        await first_of(changed, stop)

    async def orders(self) -> None:
        """Look into the inbox for as long as we run."""
        while True:
            await drain(self.office.log, self.office.folder)
            await self.saved.take(self.office.log)
            await asyncio.sleep(POLL_S)

    async def herald(self) -> None:
        """Tell the user as soon as the mission waits for them, also where an attempt sleeps over its question."""
        while True:
            self.announce()
            await self.office.log.wait(lambda mission: mission.word != self.told)

    async def scribe(self) -> None:
        """Keep the documents that people read as new as the log, a few times a second at most."""
        while True:
            shown = self.office.mission
            self.office.project(shown)
            await self.office.log.wait(partial(reads_otherwise, shown))
            await asyncio.sleep(POLL_S)

    def announce(self) -> None:
        """Tell the user, once, what the mission came to."""
        mission = self.office.mission
        if mission.word != self.told:
            self.told = mission.word
            self.office.project(mission)
            self.office.attention(mission)


def reads_otherwise(shown: Mission, now: Mission) -> bool:
    """Whether the documents would say something new: a part that did not change is the very same object."""
    return any(getattr(shown, part) is not getattr(now, part) for part in READABLE)


def asks(mission: Mission) -> bool:
    """Whether an attempt may sleep over a question: it finds its item again when it goes on."""
    blocked = mission.holds.get("blocked")
    return blocked is not None and bool(blocked.items)


async def first_of(*waiting: asyncio.Future[Any]) -> None:
    """Return once one of them is done; the others are cancelled, and gone when this returns."""
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def boot_id() -> str:
    """Names this boot of the machine, where the system tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
