"""SQLite's errors in our words: what is damaged, what is only in the way, and what to do about it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from milepost.domain.errors import LogConflict, LogCorrupt, LogUnavailable

ADVICE = {
    "SQLITE_FULL": "the disk is full; free some space, then go on",
    "SQLITE_BUSY": "another process holds it; end that one, then go on",
    "SQLITE_CANTOPEN": "it or its folder cannot be opened; check that both exist and are yours",
    "SQLITE_READONLY": "it is read-only for this user; check the rights of its folder",
    "SQLITE_IOERR": "the disk did not take or give the data; check its space and health, then go on",
}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turns what SQLite says of a log into LogConflict, LogUnavailable or LogCorrupt."""
    try:
        yield
    except sqlite3.IntegrityError as error:
        raise LogConflict(
            f"another process has written to {str(path)!r} since this one looked; this one must stop writing"
        ) from error
    except sqlite3.DatabaseError as error:
        advice = _advice(error)
        if advice is not None:
            raise LogUnavailable(f"the log {str(path)!r} cannot be used just now ({error}): {advice}") from error
        raise damaged(path, str(error)) from error


def damaged(path: Path, found: str) -> LogCorrupt:
    """The error for a file that is not the log it should be."""
    return LogCorrupt(
        f"{str(path)!r} is not a sound mission log: {found}. Nothing was changed. Copy its folder aside, then put back "
        f"an earlier copy (mission.db together with mission.db-wal), or try `sqlite3 mission.db .recover` on the copy"
    )


def _advice(error: sqlite3.DatabaseError) -> str | None:
    name = getattr(error, "sqlite_errorname", "")
    return next((text for code, text in ADVICE.items() if name.startswith(code)), None)
