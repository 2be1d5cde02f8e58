"""A mission and its log as one: what is recorded is folded at once, and whoever waits for a state is told."""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from milepost.domain.errors import Refused
from milepost.domain.evolve import evolve
from milepost.domain.mission import Mission
from milepost.domain.record import TURN_KINDS, Event, Record
from milepost.log.redact import Redactor
from milepost.log.settle import settled
from milepost.log.store import EventLog

Clock = Callable[[], float]


class MissionLog:
    """The event log with the state folded from it; every change goes through one lock (D16)."""

    def __init__(self, events: EventLog, mission: Mission | None, clock: Clock, redactor: Redactor) -> None:
        self.events = events
        """The log itself, to read turns and records, and to verify."""
        self._mission = mission
        self._clock = clock
        self._redactor = redactor
        self._changed = asyncio.Condition()

    @classmethod
    async def open(
        cls, folder: Path, mission_id: str, write: bool = True, *, clock: Clock = time.time,
        redactor: Redactor | None = None,
    ) -> Self:
        """Open the log in a mission's folder and fold its facts. Raises as `EventLog.open` does."""
        events = await EventLog.open(folder, mission_id, write=write)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(events.close)
            mission = folded(None, await events.facts(), events.last_seq)
            stack.pop_all()
        return cls(events, mission, clock, redactor or Redactor())

    @property
    def mission(self) -> Mission | None:
        """The mission as it stands; None until it was created."""
        return self._mission

    async def record(
        self, *events: Event, by: str = "engine", order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append events, secrets redacted and time stamped; returns once they are on disk and folded."""
        async with self._changed:
            return await settled(self._record(events, by, order, attempt))

    async def decide(
        self, fn: Callable[[Mission], Sequence[Event]], *, by: str, order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append what `fn` answers to the newest state; nothing comes between the look and the record.

        Raises what `fn` raises, with nothing appended.
        """
        async with self._changed:
            if self._mission is None:
                raise Refused(f"mission {self.events.mission_id!r} has not been created")
            return await settled(self._record(fn(self._mission), by, order, attempt))

    async def _record(
        self, events: Sequence[Event], by: str, order: str | None, attempt: str | None
    ) -> list[Record]:
        clean = [self._redactor.event(event) for event in events]
        batch = self.events.prepare(clean, by=by, order=order, attempt=attempt, at=self._clock())
        # Folded before it is written: an event that cannot be folded must never get into the log.
        mission = folded(self._mission, batch.records, self.events.last_seq + len(batch.records))
        records = await self.events.commit(batch)
        self._become(mission)
        return records

    async def refresh(self) -> Mission | None:
        """A reader's look at what was appended since; wakes whoever waits."""
        async with self._changed:
            before = self.events.last_seq
            if await self.events.refresh() != before:
                facts = await self.events.facts(before)
                self._become(folded(self._mission, facts, self.events.last_seq))
        return self._mission

    async def wait(self, predicate: Callable[[Mission], bool]) -> Mission:
        """Sleep until the mission exists and the predicate holds for it; returns that state."""
        async with self._changed:
            while self._mission is None or not predicate(self._mission):
                await self._changed.wait()
            return self._mission

    async def close(self) -> None:
        """Let what is being recorded end, then close the log."""
        async with self._changed:
            await self.events.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _become(self, mission: Mission | None) -> None:
        self._mission = mission
        self._changed.notify_all()


def folded(mission: Mission | None, records: Iterable[Record], seq: int) -> Mission | None:
    """The mission after the records up to `seq`; turns change nothing in it but the sequence number."""
    for record in records:
        if record.seq <= seq and record.event.kind not in TURN_KINDS:
            mission = evolve(mission, record)
    return None if mission is None else replace(mission, seq=seq)
