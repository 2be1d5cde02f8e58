"""What a person put off when a message box asked it: a terminal editor is opened many times a day, and asks once."""

import os
from contextlib import suppress
from pathlib import Path

NAME = "put-off"
"""In the mission's own folder, a line for each thing: it is for every editor of this machine, and goes with it."""


def put_off(root: Path) -> frozenset[str]:
    """Everything of a mission that was put off."""
    try:
        return frozenset((root / NAME).read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError):
        return frozenset()


def remember(root: Path, what: str) -> None:
    """Note that it was put off; where that cannot be written, the next editor asks again."""
    with suppress(OSError):
        file = os.open(root / NAME, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, f"{what}\n".encode())
        finally:
            os.close(file)
