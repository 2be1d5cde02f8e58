"""The database engine that this Python carries."""

import sqlite3

NEEDED = (3, 38, 0)
"""The first version that reads JSON with `->>`."""


def version() -> tuple[int, ...]:
    """Of the SQLite that is linked in."""
    return sqlite3.sqlite_version_info
