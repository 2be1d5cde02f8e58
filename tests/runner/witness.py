"""What tests see while a mission is at work: what models were sent, commands that wait for the test, processes."""

import asyncio
import os
from collections.abc import Callable, Sequence
from itertools import pairwise

from milepost.domain.turn import Reply
from milepost.model.messages import Message, Request
from milepost.model.scripted import Step
from tests.runner.conftest import Stage

WAITS = "echo started > waiting.tmp; while [ ! -e go.tmp ]; do sleep 0.02; done"
"""A command that goes on until the test lets it."""
STAYS = "echo $$ > waiting.tmp; exec tail -f /dev/null"
"""A command that never ends by itself and tells its number."""
PATIENCE_S = 30


class Heard:
    """What models were sent, turn by turn."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, list[Message]]] = []

    def then(self, reply: Reply) -> Callable[[Request], Reply]:
        """A step that listens, then says this."""

        def step(request: Request) -> Reply:
            self.requests.append((request.attempt, list(request.messages)))
            return reply

        return step

    def all(self, steps: Sequence[Reply]) -> list[Step]:
        """The steps with ears."""
        return [self.then(step) for step in steps]

    def of(self, attempt: str) -> list[list[Message]]:
        """What one attempt was sent."""
        return [messages for name, messages in self.requests if name == attempt]

    def first(self, attempt: str) -> str:
        """The card and assignment an attempt began with."""
        return self.of(attempt)[0][1].content

    def is_one_context(self, attempt: str) -> bool:
        """Whether each question began with the one before, byte for byte."""
        return all(
            [m.wire for m in longer[: len(shorter)]] == [m.wire for m in shorter]
            for shorter, longer in pairwise(self.of(attempt))
        )


async def comes_true(look: Callable[[], bool]) -> None:
    """Wait until something can be seen."""
    never = asyncio.Event()
    async with asyncio.timeout(PATIENCE_S):
        while not look():
            await asyncio.wait([asyncio.ensure_future(asyncio.wait_for(never.wait(), 0.01))])


async def waiting(stage: Stage) -> None:
    """Wait until the worker's command is at work."""
    await comes_true((stage.place.tree / "waiting.tmp").exists)


def release(stage: Stage) -> None:
    """Let the worker's command end."""
    (stage.place.tree / "go.tmp").touch()


async def number(stage: Stage) -> int:
    """The number of the process that the worker's command is."""
    path = stage.place.tree / "waiting.tmp"
    await comes_true(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


async def gone(pid: int) -> None:
    """Wait until a process is no more."""
    await comes_true(lambda: not is_alive(pid))


def is_alive(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def answered(stage: Stage, attempt: str, count: int, kind: str = "tool_ended") -> None:
    """Wait until the log has so many turns of that kind of an attempt."""
    async with asyncio.timeout(PATIENCE_S):
        async for log in stage.app.follow(stage.place):
            if sum(r.event.kind == kind for r in await log.events.turns(attempt)) >= count:
                return
