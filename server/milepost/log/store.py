"""The event log of one mission: appended by one writer in fsynced batches, read by anyone, checked by its chain."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

import aiosqlite

from milepost.domain.errors import LogConflict, Refused
from milepost.domain.record import Event, Record
from milepost.log.chain import Anchor, Chain
from milepost.log.connection import DATABASE, open_reader, open_writer
from milepost.log.faults import damaged, explained
from milepost.log.head import HeadFile, read_head
from milepost.log.row import COLUMNS, Row, Tail, chained, record_of
from milepost.log.settle import settled

MAX_BATCH = 2_000
"""Events in one append; SQLite takes some 32,000 values in one statement."""
CHUNK = 2_000
"""Rows read at a time where a whole log is walked."""
ROW = f"({', '.join('?' * len(Row._fields))})"
SELECT = f"SELECT {COLUMNS} FROM events"
NEWEST = "(SELECT hash FROM events WHERE mission_id = ? ORDER BY seq DESC LIMIT 1)"


class Batch(NamedTuple):
    """Events made ready for the log: nothing is written yet."""

    after: Tail
    rows: list[Row]
    records: list[Record]


class EventLog:
    """An open log; `await EventLog.open(…)` makes one, and it must be closed."""

    def __init__(
        self, folder: Path, mission_id: str, db: aiosqlite.Connection, tail: Tail, head: HeadFile | None
    ) -> None:
        self.folder = folder
        self.mission_id = mission_id
        self.path = folder / DATABASE
        self.inode = self.path.stat().st_ino
        self._db = db
        self._tail = tail
        self._head = head
        self._lock = asyncio.Lock()

    @classmethod
    async def open(cls, folder: Path, mission_id: str, *, write: bool) -> Self:
        """Open the log in a mission's folder; the writer makes it where there is none.

        Raises LogCorrupt where it is damaged, cut, newer or another mission's; LogUnavailable where it is out of reach.
        """
        path, reached = folder / DATABASE, _reached(folder)
        db = await (open_writer(folder) if write else open_reader(folder))
        async with AsyncExitStack() as stack:
            stack.push_async_callback(db.close)
            with explained(path):
                tail = await _tail(db, path, mission_id)
            if reached > tail.seq:
                raise damaged(path, f"events {tail.seq + 1} to {reached} were written and are missing")
            head = HeadFile(folder, path.stat().st_ino) if write else None
            log = cls(folder, mission_id, db, tail, head)
            if head is not None:
                head.write(tail.seq)
            stack.pop_all()
        return log

    @property
    def last_seq(self) -> int:
        """The newest event: for the writer always, for a reader as of `open` or `refresh`; 0 for an empty log."""
        return self._tail.seq

    @property
    def last_hash(self) -> str:
        """The hash of the newest event's row, which a commit's trailer carries."""
        return self._tail.hash

    @property
    def writable(self) -> bool:
        """Whether this is the writer's side."""
        return self._head is not None

    def prepare(
        self, events: Sequence[Event], *, by: str, order: str | None = None, attempt: str | None = None, at: float
    ) -> Batch:
        """The events as they would be appended now; pure, so that a caller may fold them before they are written."""
        if len(events) > MAX_BATCH:
            raise Refused(f"{len(events)} events are too many for one batch; expected at most {MAX_BATCH}")
        pairs = chained(events, self._tail, mission=self.mission_id, by=by, order=order, attempt=attempt, at=at)
        return Batch(self._tail, [row for row, _ in pairs], [record for _, record in pairs])

    async def commit(self, batch: Batch) -> list[Record]:
        """Write a prepared batch: all of it, on disk, or nothing.

        Raises LogConflict where anything was appended since it was prepared; LogUnavailable where the disk does not
        take it.
        """
        async with self._lock:
            return await settled(self._commit(batch))

    async def append(
        self, events: Sequence[Event], *, by: str, order: str | None = None, attempt: str | None = None, at: float
    ) -> list[Record]:
        """Append events in one transaction; returns once they are on disk. Raises as `commit` does."""
        async with self._lock:
            return await settled(self._commit(self.prepare(events, by=by, order=order, attempt=attempt, at=at)))

    async def _commit(self, batch: Batch) -> list[Record]:
        if self._head is None:
            raise Refused(f"the log {str(self.path)!r} was opened for reading; expected write=True")
        if not batch.rows:
            return []
        if batch.after != self._tail or not await self._insert(batch):
            raise LogConflict(
                f"the log {str(self.path)!r} no longer ends at event {batch.after.seq}: another process appended "
                f"first; this one must stop writing"
            )
        self._tail = Tail(batch.rows[-1].seq, batch.rows[-1].hash)
        self._head.write(self._tail.seq)
        return batch.records

    async def _insert(self, batch: Batch) -> bool:
        # One statement is one transaction and one hop to the database's thread; the guard is part of it.
        values = ", ".join([ROW] * len(batch.rows))
        parameters = [value for row in batch.rows for value in row]
        expected = batch.after.hash if batch.after.seq else None
        with explained(self.path):
            inserted = await self._db.execute_fetchall(
                f"INSERT INTO events ({COLUMNS}) SELECT * FROM (VALUES {values}) WHERE {NEWEST} IS ? RETURNING seq",
                [*parameters, self.mission_id, expected],
            )
        return len(list(inserted)) == len(batch.rows)

    async def refresh(self) -> int:
        """A reader's look at how far the log has come; returns `last_seq`."""
        if self._head is None:
            with explained(self.path):
                self._tail = await _tail(self._db, self.path, self.mission_id)
        return self._tail.seq

    def replaced(self) -> bool:
        """Whether the file was replaced since it was opened, so that it must be opened again."""
        return not self.path.exists() or self.path.stat().st_ino != self.inode

    async def facts(self, after: int = 0, limit: int | None = None) -> list[Record]:
        """The facts behind a sequence number, oldest first; turns are not touched."""
        where = "INDEXED BY facts WHERE is_fact = 1 AND mission_id = ? AND seq > ? ORDER BY seq LIMIT ?"
        return await self._read(where, self.mission_id, after, -1 if limit is None else limit)

    async def turns(self, attempt: str) -> list[Record]:
        """The turns of one attempt, oldest first."""
        where = "INDEXED BY attempts WHERE attempt = ? AND mission_id = ? AND is_fact = 0 ORDER BY seq"
        return await self._read(where, attempt, self.mission_id)

    async def answers(self, order: str) -> list[Record]:
        """What was recorded for an order: empty as long as nobody has decided on it."""
        where = "INDEXED BY orders WHERE order_id = ? AND mission_id = ? ORDER BY seq"
        return await self._read(where, order, self.mission_id)

    async def records(self, after: int = 0, limit: int | None = None) -> list[Record]:
        """Facts and turns behind a sequence number, oldest first."""
        return [record_of(row) for row in await self._rows(after, -1 if limit is None else limit)]

    async def verify(self, anchors: Sequence[Anchor] = ()) -> None:
        """Check every row, the chain, and that each anchor `(seq, hash)` taken from a commit is still there.

        Raises LogCorrupt whose `seq` is the first event that was tampered with or is missing.
        """
        chain = Chain(anchors)
        while rows := await self._rows(chain.tail.seq, CHUNK):
            chain.follow(rows)
        chain.end()
        with explained(self.path):
            found = await self._db.execute_fetchall("PRAGMA integrity_check(1)")
        verdict = next(str(row[0]) for row in found)
        if verdict != "ok":
            raise damaged(self.path, verdict)

    async def close(self) -> None:
        """Fold the write-ahead log into the database, if this is the writer, and let go of it."""
        if self._head is not None:
            # A checkpoint that finds no space loses nothing: the next one takes it up.
            with suppress(sqlite3.OperationalError):
                await self._db.execute_fetchall("PRAGMA wal_checkpoint(TRUNCATE)")
            self._head.close()
            self._head = None
        await self._db.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _rows(self, after: int, limit: int) -> list[Row]:
        with explained(self.path):
            sql = f"{SELECT} WHERE mission_id = ? AND seq > ? ORDER BY seq LIMIT ?"
            found = await self._db.execute_fetchall(sql, (self.mission_id, after, limit))
        return [Row(*row) for row in found]

    async def _read(self, where: str, *parameters: str | int) -> list[Record]:
        with explained(self.path):
            found = await self._db.execute_fetchall(f"{SELECT} {where}", parameters)
        return [record_of(Row(*row)) for row in found]


def _reached(folder: Path) -> int:
    """How far the log must come by its `head`; it was on disk before `head` was written."""
    path, head = folder / DATABASE, read_head(folder)
    if head is None:
        return 0
    if head.seq and not (path.exists() and path.stat().st_size):
        # Opening it now would put an empty log in its place.
        raise damaged(path, f"{head.seq} events were written, and the file is gone or empty")
    return head.seq


async def _tail(db: aiosqlite.Connection, path: Path, mission_id: str) -> Tail:
    found = await db.execute_fetchall(f"{SELECT} WHERE mission_id = ? ORDER BY seq DESC LIMIT 1", (mission_id,))
    for row in found:
        record_of(Row(*row))
        return Tail(row[1], row[-1])
    for row in await db.execute_fetchall("SELECT mission_id FROM events LIMIT 1"):
        raise damaged(path, f"it belongs to mission {row[0]!r}, expected {mission_id!r}")
    return Tail()
