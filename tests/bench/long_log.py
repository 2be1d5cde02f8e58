"""A log as a long mission has it: many turns, few facts."""

from milepost.domain import events as e
from milepost.domain.turn import Reply, Usage
from milepost.domain.turns import ToolEnded, ToolStarted, TurnEnded, TurnStarted
from milepost.log.mission_log import MissionLog

ATTEMPT = "worker.F1.1"
TURN = [
    TurnStarted(n=1, reserved=0.1, bytes=1000, shared=900),
    TurnEnded(
        n=1, reply=Reply(content="words " * 20), usage=Usage(fresh=10, cached=1000, out=50), cost=0.01, model="m"
    ),
    *(ToolStarted(n=1, call=f"c{n}", name="run_command", arguments={"command": "make test"}) for n in range(5)),
    *(ToolEnded(n=1, call=f"c{n}", name="run_command", outcome="ok", result="output " * 50) for n in range(4)),
]


async def fill(log: MissionLog, count: int) -> None:
    """Let a log grow to so many events."""
    while log.mission is not None and log.mission.seq < count:
        batch = [x for n in range(100) for x in (*TURN, e.FactNoted(text=f"fact {log.mission.seq} {n}", source="w"))]
        await log.record(*batch, by=ATTEMPT, attempt=ATTEMPT)
