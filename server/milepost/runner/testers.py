"""The testers of a round, one for each flow: side by side as far as limits and machine allow, the rest queues."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from milepost.domain import events as e
from milepost.domain.admission import Admission, Asking, Headroom, admit
from milepost.domain.mission import Mission
from milepost.domain.next import Sit
from milepost.domain.services import Limits
from milepost.runner.office import Office
from milepost.workspace.gauge import Footprints

LOOK_S = 1.0
"""How often what the flows take is looked at."""
Seat = Callable[[Office, Sit], Coroutine[Any, Any, Any]]


async def seat_testers(office: Office, sits: Sequence[Sit], seat: Seat) -> None:
    """Seat every tester once; where one fails, nobody else sits down, and the first error is raised at the end."""
    queue = Queue(office, sits, seat)
    watch = asyncio.create_task(queue.watch())
    try:
        await queue.run()
    finally:
        # Nobody is left to sit where this is left early.
        for task in (watch, *queue.running):
            task.cancel()
        await asyncio.gather(watch, *queue.running, return_exceptions=True)
    await queue.told()
    if queue.errors:
        raise queue.errors[0]


class Queue:
    """Those who wait, those who sit, and what was seen of them."""

    def __init__(self, office: Office, sits: Sequence[Sit], seat: Seat) -> None:
        self.office = office
        self.seat = seat
        self.sits = {sit.subject: sit for sit in sits}
        self.asking = {sit.subject: Asking(sit.subject, surface_of(office.mission, sit)) for sit in sits}
        self.waiting = list(self.sits)
        self.running: dict[asyncio.Task[Any], str] = {}
        self.errors: list[BaseException] = []
        self.peaks: dict[str, int] = {}
        self.together = 0
        self.taken = 0
        self.most = 0
        self.began = time.monotonic()

    async def run(self) -> None:
        """Until nobody waits and nobody sits."""
        while self.running or self.may_seat():
            if self.may_seat():
                await self.fill()
            if self.running:
                await self.risen()

    def may_seat(self) -> bool:
        """Whether somebody waits who may still sit down."""
        mission = self.office.mission
        return bool(self.waiting) and not self.errors and not mission.holds and not mission.ended

    async def fill(self) -> None:
        """Seat whoever is admitted now."""
        waiting = [self.asking[name] for name in self.waiting]
        seated = [self.asking[name] for name in self.running.values()]
        machine = self.office.machine
        room = await asyncio.to_thread(machine.headroom, self.taken) if len(self.sits) > 1 else Headroom()
        found = admit(waiting, seated, limits_of(self.office.mission), room, machine.costs)
        if not found.now:
            return
        if len(self.sits) > 1:
            await self.office.log.record(self.admitted(found, room))
        for name in found.now:
            self.waiting.remove(name)
            self.running[asyncio.create_task(self.seat(self.office, self.sits[name]))] = name
        self.most = max(self.most, len(self.running))

    async def risen(self) -> None:
        """Wait until somebody rises."""
        done, _ = await asyncio.wait(self.running, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            del self.running[task]
            if error := task.exception():
                self.errors.append(error)

    def admitted(self, found: Admission, room: Headroom) -> e.FlowsAdmitted:
        """What was decided, and what it was reckoned with."""
        first = next(iter(self.sits.values()))
        costs = {a.surface: self.office.machine.cost(a.surface) for a in self.asking.values()}
        return e.FlowsAdmitted(
            milestone=first.milestone or "", round=first.round or 0, flows=list(found.now), waiting=list(found.waiting),
            reason=found.reason, free_mb=room.memory_mb, costs=costs,
            free_cpus=None if room.cpus is None else round(room.cpus, 2),
        )

    # --- what they take ---

    async def watch(self) -> None:
        """Look every now and then at what the flows take, for as long as they sit."""
        while True:
            await asyncio.sleep(LOOK_S)
            names = list(self.running.values())
            places = {n: self.office.folder.scratch / self.sits[n].attempt for n in names}
            self.saw(await asyncio.to_thread(self.office.machine.footprints, places))

    def saw(self, seen: Footprints) -> None:
        """Take note of one look, and of what a flow of each surface costs."""
        self.taken = sum(seen.cells.values())
        self.together = max(self.together, seen.together)
        for name, taken in seen.cells.items():
            self.peaks[name] = max(self.peaks.get(name, 0), taken)
            self.office.machine.learn(self.asking[name].surface, taken)

    async def told(self) -> None:
        """Record what flows that were several took."""
        first = next(iter(self.sits.values()))
        if len(self.sits) == 1 or not self.peaks:
            return
        await self.office.log.record(e.FlowsMeasured(
            milestone=first.milestone or "", round=first.round or 0, at_once=self.most, peaks_mb=self.peaks,
            together_mb=self.together, seconds=round(time.monotonic() - self.began, 1),
        ))


def surface_of(mission: Mission, sit: Sit) -> str:
    """The surface that a flow is observed on."""
    first = mission.contract.get(sit.assertions[0]) if sit.assertions else None
    return first.surface if first is not None else ""


def limits_of(mission: Mission) -> Limits:
    """What the manifest states."""
    return mission.manifest.limits if mission.manifest else Limits()


def all_testers(sits: Sequence[Sit]) -> bool:
    """Whether these are flows, and not readers."""
    return all(sit.seat == "tester" for sit in sits)
