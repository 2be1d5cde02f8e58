"""The runner of one mission: takes the lease, drains the inbox, and goes from step to step until nothing is left."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from milepost import __version__
from milepost.domain import events as e
from milepost.domain.errors import MilepostError
from milepost.domain.mission import Mission
from milepost.domain.next import Step, next_step
from milepost.runner.clerk import drain
from milepost.runner.office import Office
from milepost.runner.perform import perform

POLL_S = 0.2
"""How often the inbox is looked into."""


class Runner:
    """Carries one mission; `stop_when` says at which state it leaves although the mission has not ended."""

    def __init__(self, office: Office, *, stop_when: Callable[[Mission], bool] = lambda mission: False) -> None:
        self.office = office
        self.stop_when = stop_when
        self.stopping = asyncio.Event()

    async def run(self) -> str:
        """Go on until the mission ended, `stop_when` holds, or somebody stopped us; why it left."""
        office = self.office
        await office.log.record(
            e.RunnerStarted(epoch=office.mission.epoch + 1, version=__version__, boot=boot_id())
        )
        clerk = asyncio.create_task(self.orders())
        try:
            reason = await self.steps()
        finally:
            clerk.cancel()
            await asyncio.gather(clerk, return_exceptions=True)
        await drain(office.log, office.folder)
        await office.log.record(e.RunnerStopped(reason=reason))
        office.project(office.mission)
        return reason

    async def steps(self) -> str:
        """The loop: the next step, performed; while the mission is held, wait for its state to change."""
        office = self.office
        told = ""
        while not self.stopping.is_set():
            mission = office.mission
            if mission.ended:
                office.attention(mission)
                return f"the mission is {mission.phase}"
            if self.stop_when(mission):
                return f"the mission is {mission.word}"
            step = next_step(mission)
            if step is not None:
                await self.one(step)
                continue
            if mission.word != told:
                told = mission.word
                office.project(mission)
                office.attention(mission)
            await self.until_changed(mission)
        return "it was asked to stop"

    async def one(self, step: Step) -> None:
        """Perform one step; an interruption or a stop from outside cancels it."""
        work = asyncio.create_task(perform(self.office, step))
        halted = asyncio.create_task(self.halted(self.office.mission))
        await asyncio.wait({work, halted}, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            work.cancel()
        halted.cancel()
        results = await asyncio.gather(work, halted, return_exceptions=True)
        error = results[0]
        if isinstance(error, asyncio.CancelledError):
            return
        if isinstance(error, MilepostError):
            await self.block(error)
        elif isinstance(error, BaseException):
            raise error

    async def halted(self, before: Mission) -> None:
        """Return once an open attempt was ended from outside, the mission ended, or we are to stop."""
        open_then = {a.started.attempt for a in before.open_attempts}

        def cut(mission: Mission) -> bool:
            interrupted = any(
                a.outcome == "interrupted" for name, a in mission.attempts.items()
                if name in open_then or a.seq > before.seq
            )
            return interrupted or (mission.phase in ("cancelled", "failed"))

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
            await asyncio.sleep(POLL_S)


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
