"""Who may write a mission: an exclusive lock on `run.lock`, which the system takes back when its holder dies."""

import fcntl
import os
import time
from pathlib import Path

LOCK = "run.lock"
TRIES = 5
PAUSE_S = 0.002


class Lease:
    """The right to write one mission; at most one process on this machine has it."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / LOCK
        self._file: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds it."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lease if nobody has it; True also where it is ours already."""
        for attempt in range(TRIES):
            if self._file is not None:
                return True
            if attempt:
                # Somebody who only asks holds the lock for a moment too; a holder outlasts these tries.
                time.sleep(PAUSE_S)
            self._file = self._locked(fcntl.LOCK_EX)
        return self._file is not None

    def release(self) -> None:
        """Let go of the lease; the file stays, as removing it would let two processes lock two files."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def held_by_other(self) -> bool:
        """Whether another process, or another object in this one, holds it now."""
        if self._file is not None or not self.path.exists():
            return False
        file = self._locked(fcntl.LOCK_SH)
        if file is not None:
            os.close(file)
        return file is None

    def _locked(self, how: int) -> int | None:
        """An open file that holds the lock, or None."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
            if os.fstat(file).st_ino == self.path.stat().st_ino:
                return file
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(file)
        return None
