"""Orders on their way from an editor to a mission: files in its inbox, and processes of ours for what is more (D19)."""

import asyncio
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.domain.errors import LogUnavailable, Refused
from milepost.log import inbox
from milepost.log.folder import MissionFolder
from milepost.log.inbox import OrderFile
from milepost.log.lease import Lease
from milepost.log.store import EventLog
from milepost.lsp.detached import outliving

ANSWER_S = 10.0
"""How long an order may wait for its answer before a person is told that it waits."""
LOOK_S = 0.05
LINES = 12
"""Of what a process of ours complained, as much as a message box takes."""


@dataclass(slots=True)
class Sender:
    """Gives orders and starts processes of ours, with the keys that an editor handed over."""

    state_dir: Path
    keys: dict[str, str] = field(default_factory=dict)
    """Names and values of keys; they live here and in the environment of what is started, nowhere else."""

    def submit(self, folder: MissionFolder, order: str, arguments: Mapping[str, Any], seen: Mapping[str, str]) -> str:
        """Put an order into the inbox; its id. It is durable when this returns.

        Raises LogUnavailable where it cannot be written: a full disk, say.
        """
        given = OrderFile(
            id=inbox.new_id(), mission=folder.mission, order=order, arguments=dict(arguments), by="user",
            seen=dict(seen),
        )
        try:
            inbox.submit(folder.root, given)
        except OSError as error:
            raise LogUnavailable(f"the order could not be written ({error.strerror}): nothing was ordered") from error
        return given.id

    async def settle(self, folder: MissionFolder, order: str) -> None:
        """Have an order decided on, and a runner go on where the mission can.

        Raises Refused with the reason, or where nobody answered in time.
        """
        if not Lease(folder.root).held_by_other():
            await self.run("_clerk", str(folder.root), "--go-on")
        loop = asyncio.get_running_loop()
        deadline = loop.time() + ANSWER_S
        while not await answered(folder, order):
            if loop.time() > deadline:
                raise Refused("nobody answered yet: the order waits in the mission's inbox, and is applied once")
            await asyncio.sleep(LOOK_S)

    async def run(self, *arguments: str, codes: Collection[int] = (0,)) -> str:
        """Run one of our own commands to its end; what it printed. It goes on where the editor is closed meanwhile.

        Raises Refused with its complaint where it ends with another code than these.
        """
        words = [sys.executable, "-P", "-m", "milepost", *arguments]
        code, out, err = await outliving(words, self.state_dir, self.environment())
        if code not in codes:
            complaint = err.strip().splitlines()
            raise Refused("\n".join(complaint[-LINES:]) or f"milepost {arguments[0]} ended with {code}")
        return out

    def environment(self) -> dict[str, str]:
        """Of what is started: this process's own, and the keys."""
        return {**os.environ, **self.keys}


async def answered(folder: MissionFolder, order: str) -> bool:
    """Whether an order was decided on. Raises Refused where it was refused."""
    async with await EventLog.open(folder.root, folder.mission, write=False) as log:
        records = await log.answers(order)
    for record in records:
        if record.event.kind == "order_refused":
            raise Refused(record.event.reason)
    return bool(records)
