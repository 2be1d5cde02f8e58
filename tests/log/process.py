"""What a test does in a process of its own: write without end, or hold the lease until told to let go."""

import asyncio
import itertools
import sys
from pathlib import Path

from milepost.log.lease import Lease
from milepost.log.store import EventLog
from tests.log.samples import MISSION, fact, turn


async def write(folder: Path) -> None:
    """Append until killed; each sequence number is printed once it is acknowledged."""
    async with await EventLog.open(folder, MISSION, write=True) as log:
        for number in itertools.count():
            await log.append([fact(number), turn(number)], by="engine", attempt="worker.F1.1", at=float(number))
            print(log.last_seq, flush=True)


def hold(folder: Path) -> None:
    """Hold the lease until a line comes in."""
    lease = Lease(folder)
    print(lease.acquire(), flush=True)
    sys.stdin.readline()
    lease.release()
    print("released", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    if sys.argv[1] == "write":
        asyncio.run(write(Path(sys.argv[2])))
    else:
        hold(Path(sys.argv[2]))
