"""The log of a mission that exists, as the runner and its attempts hold it."""

from collections.abc import Callable, Sequence

from milepost.domain.mission import Mission
from milepost.domain.record import Event, Record
from milepost.log.mission_log import MissionLog


class Logbook:
    """A MissionLog whose mission was created; `saw` is told of each record that is appended."""

    def __init__(self, log: MissionLog, saw: Callable[[Record], None] = lambda record: None) -> None:
        self.log = log
        self.saw = saw

    @property
    def mission(self) -> Mission:
        """The mission as it stands now."""
        assert self.log.mission is not None, "the mission was created before anyone opens its logbook"
        return self.log.mission

    async def record(
        self, *events: Event, by: str = "engine", order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append events; returns once they are on disk and folded."""
        return self.told(await self.log.record(*events, by=by, order=order, attempt=attempt))

    async def decide(
        self, fn: Callable[[Mission], Sequence[Event]], *, by: str, order: str | None = None, attempt: str | None = None
    ) -> list[Record]:
        """Append what `fn` decides on the newest state."""
        return self.told(await self.log.decide(fn, by=by, order=order, attempt=attempt))

    def told(self, records: list[Record]) -> list[Record]:
        """The same records, once whoever listens knows of them."""
        for record in records:
            self.saw(record)
        return records

    async def wait(self, predicate: Callable[[Mission], bool]) -> None:
        """Sleep until the predicate holds."""
        await self.log.wait(predicate)

    async def turns(self, attempt: str) -> list[Record]:
        """Every record of one attempt's turns, oldest first."""
        return await self.log.events.turns(attempt)

    def tip(self) -> tuple[int, str]:
        """Number and hash of the last row, for the trailer of a commit (D24)."""
        return self.log.events.last_seq, self.log.events.last_hash

    async def answered(self, order: str) -> bool:
        """Whether an order of that id was decided on."""
        return bool(await self.log.events.answers(order))
