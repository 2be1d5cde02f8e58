"""A runner's noise: events appended to a log at a steady pace. Usage: python -m tests.bench.appender ROOT RATE.

Every tenth event fails or passes an assertion, so that there is something to show; each line printed is the number of
a failed one, which its note says, and the time at which it was on disk.
"""

import asyncio
import sys
import threading
import time
from pathlib import Path

from milepost.domain import events as e
from milepost.domain.hashes import assertion_hash
from milepost.domain.mission import Mission
from milepost.domain.record import Event
from milepost.domain.turns import ToolStarted
from milepost.log.lease import Lease
from milepost.log.mission_log import MissionLog


def next_event(mission: Mission, number: int) -> Event:
    """A tool call; every tenth time a verdict."""
    if number % 10:
        return ToolStarted(n=1, call=f"c{number}", name="run_command", arguments={"command": "make test"})
    assertion = mission.contract.live[number // 10 % len(mission.contract.live)]
    depends = e.Dependencies(assertion=assertion_hash(assertion), product="p")
    outcome = "failed" if number % 20 else "passed"
    return e.VerdictGiven(
        assertion=assertion.id, outcome=outcome, tree="t", depends=depends, note=f"seen {number}", milestone="M1",
        round=1,
    )


async def main(root: Path, rate: float) -> None:
    """Append until stopped."""
    lease, pause = Lease(root), threading.Event()
    assert lease.acquire()
    async with await MissionLog.open(root, root.name) as log:
        assert log.mission is not None
        # No number is used twice in one log.
        number, due = log.mission.seq // 20 * 20, time.monotonic()
        while True:
            number, due = number + 1, due + 1 / rate
            event = next_event(log.mission, number)
            await log.record(event, by="engine", attempt="worker.F1.1")
            if event.kind == "verdict_given" and event.outcome == "failed":
                print(f"{number} {time.time():.6f}", flush=True)
            pause.wait(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
