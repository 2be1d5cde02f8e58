"""Where the time of a mission went: draft, work, validation, audit, holds."""

from dataclasses import dataclass, field

from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.report.shapes import HoldRow, SpanKind, SpanRow

Place = tuple[SpanKind, str]
ENDS = (e.MissionCompleted, e.MissionFailed, e.MissionCancelled)


@dataclass(slots=True)
class Timeline:
    """Fed with each fact and the mission after it, in order; closed once."""

    spans: dict[Place, float] = field(default_factory=dict)
    holds: list[HoldRow] = field(default_factory=list)
    until: float = 0.0
    _since: float = 0.0
    _place: Place | None = None
    _stopped: bool = False
    _open: dict[str, HoldRow] = field(default_factory=dict)
    _sittings: dict[str, tuple[float, float | None]] = field(default_factory=dict)

    def saw(self, record: Record, mission: Mission) -> None:
        """Take one fact into account."""
        event = record.event
        self._count(record.at)
        if isinstance(event, e.RunnerStarted | e.RunnerStopped):
            self._stopped = isinstance(event, e.RunnerStopped)
        elif isinstance(event, e.HoldPlaced):
            self._placed(event, record.at)
        elif isinstance(event, e.HoldLifted):
            self._lifted(event.hold, record.at)
        elif isinstance(event, e.AttemptStarted):
            self._sittings[event.attempt] = (record.at, None)
        elif isinstance(event, e.AttemptEnded):
            self._sittings[event.attempt] = (self._sittings[event.attempt][0], record.at)
        elif isinstance(event, ENDS):
            for kind in list(self._open):
                self._lifted(kind, record.at)
        self._place = place(mission, self._stopped)

    def close(self, at: float) -> None:
        """Count what is still going on until `at`."""
        self._count(at)
        for row in self._open.values():
            self.holds.append(row.model_copy(update={"seconds": self.until - row.placed}))
        self._open.clear()
        self.holds.sort(key=lambda row: row.placed)

    @property
    def held(self) -> float:
        """Seconds in which at least one hold was placed."""
        return sum(seconds for (kind, _), seconds in self.spans.items() if kind == "held")

    @property
    def rows(self) -> list[SpanRow]:
        """The spans in the order in which they began."""
        return [SpanRow(kind=kind, milestone=m, seconds=s) for (kind, m), s in self.spans.items() if s]

    def of(self, kind: SpanKind, milestone: str) -> float:
        """Seconds of one kind for one milestone."""
        return self.spans.get((kind, milestone), 0.0)

    def sat(self, attempt: str) -> float:
        """How long an attempt sat, holds left out."""
        started, ended = self._sittings[attempt]
        ended = self.until if ended is None else ended
        return max(0.0, ended - started - self._held_between(started, ended))

    def _count(self, at: float) -> None:
        if self._place is not None:
            self.spans[self._place] = self.spans.get(self._place, 0.0) + at - self._since
            self.until = at
        self._since = at
        self.until = self.until or at

    def _placed(self, event: e.HoldPlaced, at: float) -> None:
        since = self._open[event.hold].placed if event.hold in self._open else at
        self._open[event.hold] = HoldRow(kind=event.hold, reason=event.reason, placed=since, lifted=None, seconds=0.0)

    def _lifted(self, kind: str, at: float) -> None:
        row = self._open.pop(kind, None)
        if row is not None:
            self.holds.append(row.model_copy(update={"lifted": at, "seconds": at - row.placed}))

    def _held_between(self, start: float, end: float) -> float:
        held, reached = 0.0, start
        for row in self.holds:
            first, last = max(row.placed, reached), min(end if row.lifted is None else row.lifted, end)
            if last > first:
                held += last - first
                reached = last
        return held


def place(mission: Mission, stopped: bool) -> Place | None:
    """What the time after this state goes into; None for an ended mission."""
    if mission.ended:
        return None
    milestone = mission.open_milestone or ("audit" if mission.phase == "running" else "")
    if mission.holds:
        return "held", milestone if mission.phase == "running" else ""
    if mission.phase == "proposed":
        return "proposed", ""
    if stopped:
        return "stopped", ""
    if mission.phase == "draft":
        return "draft", ""
    judged = mission.round
    if judged is not None and judged.outcome is None:
        return "validation", judged.milestone
    return ("work", milestone) if mission.open_milestone else ("audit", "")
