"""Counts the time a mission was at work, by its log alone, so that no restart resets it (L17)."""

from collections.abc import Callable

from milepost.domain import events as e
from milepost.domain.record import Record
from milepost.log.store import EventLog


class Stopwatch:
    """Runs while a runner carries the mission and nothing holds it.

    What the user paused, a question that waited for them and a provider's limit cost no time, and neither does a
    machine that was switched off.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.total = 0.0
        self.since: float | None = None
        """When it last began to run; None while it stands."""
        self.carried = False
        self.holds: set[str] = set()
        self.approved: float | None = None
        """What it showed when the mission was approved."""
        self.begun: dict[str, float] = {}
        """What it showed at the start of each attempt."""

    def seconds(self) -> float:
        """What it shows now."""
        return self.total + (max(0.0, self.clock() - self.since) if self.since is not None else 0.0)

    def hours(self) -> float:
        """Hours since the approval."""
        return 0.0 if self.approved is None else (self.seconds() - self.approved) / 3600

    def saw(self, record: Record) -> None:
        """One more record of the log, in their order."""
        event = record.event
        # Between the last word of a runner that died and the first of the next nobody was at work.
        if self.since is not None and not isinstance(event, e.RunnerStarted):
            self.total += max(0.0, record.at - self.since)
        match event:
            case e.RunnerStarted():
                self.carried = True
            case e.RunnerStopped():
                self.carried = False
            case e.HoldPlaced():
                self.holds.add(event.hold)
            case e.HoldLifted():
                self.holds.discard(event.hold)
            case e.MissionApproved():
                self.approved = self.total
            case e.AttemptStarted():
                self.begun[event.attempt] = self.total
            case _:
                pass
        self.since = record.at if self.carried and not self.holds else None


async def read_off(log: EventLog, clock: Callable[[], float]) -> Stopwatch:
    """The stopwatch of a mission as its log left it; it stands until a runner starts."""
    watch = Stopwatch(clock)
    for record in await log.facts():
        if isinstance(record.event, e.RunnerStarted) and record.seq > 1:
            # The last thing the runner before did, which need not have been a fact.
            for last in await log.records(record.seq - 2, 1):
                watch.saw(last)
        watch.saw(record)
    for last in await log.records(max(0, log.last_seq - 1), 1):
        watch.saw(last)
    watch.since, watch.carried = None, False
    return watch
