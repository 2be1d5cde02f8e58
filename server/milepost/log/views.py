"""Sums and excerpts of the log for reports, computed by SQL over a read-only connection; nothing is folded."""

from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import aiosqlite

from milepost.domain.budget import Spent
from milepost.domain.record import Record
from milepost.log.connection import DATABASE, open_reader
from milepost.log.faults import explained
from milepost.log.row import COLUMNS, Row, record_of

K = TypeVar("K")

SPENT = """
SELECT attempt, coalesce(body ->> '$.model', ''), sum(body ->> '$.cost'), total(body ->> '$.usage.fresh'),
    total(body ->> '$.usage.cached'), total(body ->> '$.usage.out'), sum(kind = 'turn_ended')
FROM events INDEXED BY kinds
WHERE kind IN ('turn_ended', 'turn_failed') AND mission_id = ? AND attempt IS NOT NULL
GROUP BY 1, 2 ORDER BY 1, 2
"""
UNSETTLED = """
SELECT started.attempt, sum(started.body ->> '$.reserved')
FROM events AS started INDEXED BY kinds
WHERE started.kind = 'turn_started' AND started.mission_id = ? AND started.attempt IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM events AS ended INDEXED BY attempts
    WHERE ended.attempt = started.attempt AND ended.seq > started.seq AND ended.mission_id = started.mission_id
        AND ended.kind IN ('turn_ended', 'turn_failed') AND ended.body ->> '$.n' = started.body ->> '$.n'
)
GROUP BY 1 ORDER BY 1
"""
ACTIVITY = """
WITH open (attempt) AS (
    SELECT body ->> '$.attempt' FROM events INDEXED BY kinds WHERE kind = 'attempt_started' AND mission_id = ?1
    EXCEPT SELECT body ->> '$.attempt' FROM events INDEXED BY kinds WHERE kind = 'attempt_ended' AND mission_id = ?1
), newest (seq) AS (
    SELECT (
        SELECT seq FROM events INDEXED BY attempts
        WHERE events.attempt = open.attempt AND mission_id = ?1 AND kind IN ('turn_started', 'tool_started')
        ORDER BY seq DESC LIMIT 1
    ) FROM open
)
SELECT attempt, seq, at, kind, body ->> '$.n', coalesce(body ->> '$.name', '') FROM events
WHERE mission_id = ?1 AND seq IN (SELECT seq FROM newest) ORDER BY seq DESC
"""


@dataclass(frozen=True, slots=True)
class Account:
    """What one attempt spent on one model."""

    attempt: str
    model: str
    """Empty for calls without an answer."""
    spent: Spent

    @property
    def seat(self) -> str:
        """The seat, which an attempt's id begins with."""
        return self.attempt.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Activity:
    """The newest thing that an open attempt began."""

    attempt: str
    seq: int
    at: float
    kind: str
    """`turn_started` or `tool_started`."""
    turn: int
    tool: str
    """Empty for a turn."""


class Views:
    """Questions to one mission's log; `await Views.open(…)` makes one, and it must be closed."""

    def __init__(self, folder: Path, mission_id: str, db: aiosqlite.Connection) -> None:
        self._path = folder / DATABASE
        self._mission_id = mission_id
        self._db = db

    @classmethod
    async def open(cls, folder: Path, mission_id: str) -> Self:
        """Open a mission's log for reading. Raises as `EventLog.open` does."""
        async with AsyncExitStack() as stack:
            db = await open_reader(folder)
            stack.push_async_callback(db.close)
            views = cls(folder, mission_id, db)
            stack.pop_all()
        return views

    async def accounts(self) -> list[Account]:
        """What was spent, for each attempt and model."""
        rows = await self._rows(SPENT, self._mission_id)
        return [Account(attempt, model, _spent(*sums)) for attempt, model, *sums in rows]

    async def spent_by_attempt(self) -> dict[str, Spent]:
        """What each attempt spent so far, failed calls included."""
        return _summed((account.attempt, account.spent) for account in await self.accounts())

    async def spent_by_seat(self) -> dict[str, Spent]:
        """What each seat spent so far."""
        return _summed((account.seat, account.spent) for account in await self.accounts())

    async def spent_by_model(self) -> dict[tuple[str, str], Spent]:
        """What each seat spent on each model."""
        return _summed(((account.seat, account.model), account.spent) for account in await self.accounts())

    async def unsettled(self) -> dict[str, float]:
        """Dollars reserved, by attempt, for turns that neither ended nor failed: in flight, or cut off by a crash."""
        return {attempt: float(dollars) for attempt, dollars in await self._rows(UNSETTLED, self._mission_id)}

    async def last_turn(self, attempt: str) -> Record | None:
        """The newest `turn_ended` of an attempt."""
        sql = (
            f"SELECT {COLUMNS} FROM events INDEXED BY attempts WHERE attempt = ? AND mission_id = ? "
            "AND kind = 'turn_ended' ORDER BY seq DESC LIMIT 1"
        )
        rows = await self._rows(sql, attempt, self._mission_id)
        return record_of(Row(*rows[0])) if rows else None

    async def activity(self) -> list[Activity]:
        """What each open attempt began last, the newest first; attempts that began nothing are left out."""
        return [Activity(*row) for row in await self._rows(ACTIVITY, self._mission_id)]

    async def transcript(self, attempt: str) -> list[Record]:
        """Everything recorded for an attempt, facts and turns, oldest first."""
        sql = f"SELECT {COLUMNS} FROM events INDEXED BY attempts WHERE attempt = ? AND mission_id = ? ORDER BY seq"
        return [record_of(Row(*row)) for row in await self._rows(sql, attempt, self._mission_id)]

    async def close(self) -> None:
        """Let go of the log."""
        await self._db.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _rows(self, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        with explained(self._path):
            return [tuple(row) for row in await self._db.execute_fetchall(sql, parameters)]


def _spent(dollars: float | None, fresh: float, cached: float, out: float, turns: int) -> Spent:
    return Spent(dollars=dollars or 0.0, fresh=int(fresh), cached=int(cached), out=int(out), turns=turns)


def _summed(accounts: Iterable[tuple[K, Spent]]) -> dict[K, Spent]:
    sums: dict[K, Spent] = {}
    for key, spent in accounts:
        sums[key] = sums[key].plus(spent) if key in sums else spent
    return sums
