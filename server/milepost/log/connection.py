"""Connections to `mission.db`: one that writes and checkpoints, any number that only read (D20)."""

import os
import sqlite3
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import aiosqlite

from milepost.domain.errors import LogUnavailable
from milepost.log.faults import explained
from milepost.log.schema import expect_newest, migrate

DATABASE = "mission.db"
BUSY_S = 5.0
"""How long a statement waits for another process before it gives up."""
WAL_BYTES = 4 * 1024 * 1024
"""What the write-ahead log shrinks back to after a checkpoint."""

LENIENT = partial(str, encoding="utf-8", errors="replace")
"""Damaged text is read with marks in it, so that the hash names the event instead of SQLite naming a column."""


async def open_writer(folder: Path) -> aiosqlite.Connection:
    """The connection of the one writer; makes folder and database, brings an old layout forward."""
    path = folder / DATABASE
    _make(folder, path)
    with explained(path):
        async with AsyncExitStack() as stack:
            db = await _connect(path, "rw", stack)
            await migrate(db, path)
            await _be_durable(db, path)
            stack.pop_all()
    return db


async def open_reader(folder: Path) -> aiosqlite.Connection:
    """A connection that cannot write, for as many processes as like.

    Raises LogUnavailable where there is no log (yet).
    """
    path = folder / DATABASE
    if not path.exists():
        raise LogUnavailable(f"there is no log at {str(path)!r}: expected the folder of a mission that was created")
    with explained(path):
        async with AsyncExitStack() as stack:
            db = await _connect(path, "ro", stack)
            await expect_newest(db, path)
            stack.pop_all()
    return db


def _make(folder: Path, path: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives the files beside it the same rights.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise LogUnavailable(f"the log {str(path)!r} cannot be opened for writing: {error}") from error


async def _connect(path: Path, mode: str, stack: AsyncExitStack) -> aiosqlite.Connection:
    # aiosqlite's thread outlives a connect that fails, and then speaks to a loop that may be gone: so try it first.
    sqlite3.connect(_uri(path, mode), uri=True).close()
    db = await aiosqlite.connect(_uri(path, mode), uri=True, isolation_level=None, timeout=BUSY_S)
    stack.push_async_callback(db.close)
    db.text_factory = LENIENT
    return db


def _uri(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"


async def _be_durable(db: aiosqlite.Connection, path: Path) -> None:
    rows = await db.execute_fetchall("PRAGMA journal_mode = WAL")
    if [tuple(row) for row in rows] != [("wal",)]:
        raise LogUnavailable(f"the file system of {str(path)!r} has no shared memory for SQLite; expected a local disk")
    await db.execute("PRAGMA synchronous = FULL")
    await db.execute("PRAGMA fullfsync = ON")
    await db.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")
