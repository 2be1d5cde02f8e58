"""How a runner is asked to leave, by a file beside its log, so that somebody else may take the lease."""

import asyncio
import time

from milepost.domain.errors import Refused
from milepost.log.folder import MissionFolder
from milepost.log.lease import Lease

MARK = "leave"
LOOK_S = 0.2
PATIENCE_S = 30.0
"""How long a runner may take to come to its end."""


async def ask_to_leave(folder: MissionFolder) -> None:
    """Have the runner leave, and wait until it did. Raises Refused where it does not."""
    mark = folder.root / MARK
    mark.touch()
    deadline = time.monotonic() + PATIENCE_S
    try:
        while Lease(folder.root).held_by_other():
            if time.monotonic() > deadline:
                raise Refused(f"the runner of {folder.mission} did not leave within {PATIENCE_S:g} s; try again")
            await asyncio.sleep(LOOK_S)
    finally:
        mark.unlink(missing_ok=True)


async def heed(folder: MissionFolder, stop: asyncio.Event) -> None:
    """Set `stop` once the runner of this process is asked to leave; a wish from before it began is not meant for it."""
    mark = folder.root / MARK
    mark.unlink(missing_ok=True)
    while not stop.is_set():
        await asyncio.sleep(LOOK_S)
        if mark.exists():
            stop.set()
