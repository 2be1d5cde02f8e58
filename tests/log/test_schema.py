"""Layouts go forward in one transaction with a copy kept, and a newer one is left alone."""

import sqlite3
from contextlib import closing
from pathlib import Path

import aiosqlite
import pytest

from milepost.domain.errors import LogCorrupt, LogUnavailable
from milepost.log.schema import MIGRATIONS, expect_newest, migrate
from milepost.log.store import EventLog
from tests.log.samples import MISSION, fact, five, place, query


async def m999_colour(db: aiosqlite.Connection) -> None:
    await db.execute("ALTER TABLE events ADD COLUMN colour TEXT")


async def m999_trips(db: aiosqlite.Connection) -> None:
    await db.execute("ALTER TABLE events ADD COLUMN colour TEXT")
    await db.execute("SELECT nothing FROM nowhere")


async def test_F59_layout_goes_forward_and_a_copy_is_kept(folder: Path) -> None:
    await five(folder)
    path = folder / "mission.db"
    (folder / "mission.v1.db").write_text("left by a crash")
    async with aiosqlite.connect(path, isolation_level=None) as db:
        await migrate(db, path, [*MIGRATIONS, m999_colour])
        await migrate(db, path, [*MIGRATIONS, m999_colour])
    assert query(folder, "SELECT count(colour), count(*) FROM events") == [(0, 5)]
    assert query(folder, "PRAGMA user_version") == [(2,)]
    with closing(sqlite3.connect(folder / "mission.v1.db")) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (1,)
        assert copy.execute("SELECT count(*) FROM events").fetchone() == (5,)


async def test_F59_migration_that_fails_changes_nothing(folder: Path) -> None:
    await five(folder)
    path = folder / "mission.db"
    async with aiosqlite.connect(path, isolation_level=None) as db:
        with pytest.raises(sqlite3.OperationalError):
            await migrate(db, path, [*MIGRATIONS, m999_trips])
    assert query(folder, "PRAGMA user_version") == [(1,)]
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(6)], by="engine", at=6.0)
        await log.verify()


async def test_F59_newer_layout_is_refused_and_left_alone(folder: Path) -> None:
    await five(folder)
    query(folder, "PRAGMA user_version = 7")
    before = (folder / "mission.db").read_bytes()
    for write in (True, False):
        with pytest.raises(LogCorrupt, match="has layout 7, this Milepost knows up to 1: install the newer one"):
            await EventLog.open(folder, MISSION, write=write)
    assert (folder / "mission.db").read_bytes() == before


async def test_reader_waits_for_the_writer_to_bring_a_layout_forward(folder: Path) -> None:
    place(folder)
    with pytest.raises(LogUnavailable, match="has layout 0, expected 1"):
        await EventLog.open(folder, MISSION, write=False)
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert log.last_seq == 0
    async with aiosqlite.connect(folder / "mission.db") as db:
        await expect_newest(db, folder / "mission.db")


async def test_kill_between_mode_and_layout_leaves_a_log_that_opens(folder: Path) -> None:
    place(folder)
    query(folder, "PRAGMA journal_mode = WAL")
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(1)], by="engine", at=1.0)
        await log.verify()


async def test_writer_is_durable_and_bounded(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        found = {}
        for name in ("journal_mode", "synchronous", "journal_size_limit", "busy_timeout"):
            rows = await log._db.execute_fetchall(f"PRAGMA {name}")
            found[name] = next(iter(rows))[0]
    assert found == {"journal_mode": "wal", "synchronous": 2, "journal_size_limit": 4194304, "busy_timeout": 5000}
