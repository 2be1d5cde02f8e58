"""The layout of `mission.db`: migrations, applied forward by the writer, each newer layout refused by older code."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import aiosqlite

from milepost.domain.errors import LogCorrupt, LogUnavailable
from milepost.log.faults import damaged

Migration = Callable[[aiosqlite.Connection], Awaitable[None]]

APPLICATION_ID = int.from_bytes(b"MILE")
"""Marks the file as ours, so that somebody else's database is not taken for an empty log."""

EVENTS = """
CREATE TABLE events (
    mission_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at REAL NOT NULL,
    by TEXT NOT NULL,
    order_id TEXT,
    attempt TEXT,
    kind TEXT NOT NULL,
    is_fact INTEGER NOT NULL,
    body TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (mission_id, seq)
) STRICT
"""


async def m001_events(db: aiosqlite.Connection) -> None:
    """The events, with ways to the facts, to one attempt, to one kind and to an order's answer."""
    await db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    await db.execute(EVENTS)
    await db.execute("CREATE INDEX facts ON events (seq) WHERE is_fact = 1")
    await db.execute("CREATE INDEX attempts ON events (attempt, seq) WHERE attempt IS NOT NULL")
    await db.execute("CREATE INDEX kinds ON events (kind, seq)")
    await db.execute("CREATE INDEX orders ON events (order_id, seq) WHERE order_id IS NOT NULL")


MIGRATIONS: Sequence[Migration] = (m001_events,)


async def number(db: aiosqlite.Connection, sql: str) -> int:
    """The one number that a statement answers with."""
    rows = await db.execute_fetchall(sql)
    return next((int(row[0]) for row in rows), 0)


async def layout(db: aiosqlite.Connection, path: Path, newest: int = len(MIGRATIONS)) -> int:
    """The layout of an open database; 0 for one that is still empty.

    Raises LogCorrupt for a database that is not a mission log, or one of a newer Milepost.
    """
    version = await number(db, "PRAGMA user_version")
    if version > newest:
        raise LogCorrupt(
            f"the log {str(path)!r} has layout {version}, this Milepost knows up to {newest}: install the newer one "
            f"that wrote it; nothing was changed"
        )
    empty = await number(db, "SELECT count(*) FROM sqlite_master") == 0
    if not empty and (version == 0 or await number(db, "PRAGMA application_id") != APPLICATION_ID):
        raise damaged(path, "it is an SQLite database that something else made")
    return version


async def migrate(db: aiosqlite.Connection, path: Path, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Bring the layout forward in one transaction; an older log is copied to `mission.v<n>.db` first."""
    version = await layout(db, path, len(migrations))
    if version == len(migrations):
        return
    if version:
        copy = path.with_name(f"{path.stem}.v{version}{path.suffix}")
        copy.unlink(missing_ok=True)
        await db.execute("VACUUM INTO ?", (str(copy),))
    await db.execute("BEGIN IMMEDIATE")
    try:
        for step in migrations[await number(db, "PRAGMA user_version"):]:
            await step(db)
        await db.execute(f"PRAGMA user_version = {len(migrations)}")
        await db.commit()
    finally:
        if db.in_transaction:
            await db.rollback()


async def expect_newest(db: aiosqlite.Connection, path: Path) -> None:
    """A reader's check, as it may not change the layout.

    Raises LogUnavailable for a log that waits for its next writer.
    """
    version = await layout(db, path)
    if version != len(MIGRATIONS):
        raise LogUnavailable(
            f"the log {str(path)!r} has layout {version}, expected {len(MIGRATIONS)}; it is brought forward when the "
            f"mission is next resumed"
        )
