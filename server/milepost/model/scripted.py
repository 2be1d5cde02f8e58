"""Models that say what a script tells them: for demonstrations and tests."""

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from milepost.domain.errors import ModelError
from milepost.domain.turn import Call, Reply, Usage
from milepost.model.messages import Completion, Request
from milepost.model.prices import charge

Step = Reply | Callable[[Request], Reply] | ModelError
"""What happens at one point of a script: a reply, one made from the request, or a failure before the next reply."""
Script = Mapping[str, Sequence[Step]]
"""Steps by a glob over attempt ids, such as `worker.F1.*`; the first glob that matches counts."""
BYTES_PER_TOKEN = 4


def say(text: str) -> Reply:
    """A reply that calls nothing."""
    return Reply(content=text)


def call(name: str, /, **arguments: Any) -> Reply:
    """A reply that calls one tool."""
    return calls((name, arguments))


def calls(*wanted: tuple[str, Mapping[str, Any]], content: str = "") -> Reply:
    """A reply that calls several tools."""
    made = [Call(id="", name=name, arguments=dict(arguments)) for name, arguments in wanted]
    return Reply(content=content, tool_calls=made)


class ScriptedModel:
    """Says the n-th reply of a script in turn n of an attempt; after an unknown result the same one once more.

    A failure is raised once, before the reply that follows it, and is no turn.
    """

    def __init__(self, script: Script) -> None:
        self._script = script
        self._raised: set[tuple[str, int]] = set()

    async def complete(self, request: Request) -> Completion:
        """The scripted reply. Raises ModelError where the script does, or has ended."""
        step = self._step(request)
        reply = _with_ids(step if isinstance(step, Reply) else step(request), request.turn)
        usage = _usage(request, reply)
        return Completion(
            reply=reply, usage=usage, cost=charge(request.seat, usage), model=request.seat.model, fingerprint="", ms=0
        )

    def _step(self, request: Request) -> Reply | Callable[[Request], Reply]:
        turn = 0
        for place, step in enumerate(self._steps(request.attempt)):
            if not isinstance(step, ModelError):
                turn += 1
                if turn == request.replay_turn:
                    return step
            elif turn + 1 == request.replay_turn and (request.attempt, place) not in self._raised:
                self._raised.add((request.attempt, place))
                raise step
        raise ModelError(
            f"the script has {turn} replies for attempt {request.attempt!r}; expected one for turn "
            f"{request.replay_turn}", remedy="stop", reason="scripted",
        )

    def _steps(self, attempt: str) -> Sequence[Step]:
        return next((steps for glob, steps in self._script.items() if fnmatchcase(attempt, glob)), ())

    async def warm(self) -> None:
        """Nothing to warm."""

    async def close(self) -> None:
        """Nothing to close."""


def _with_ids(reply: Reply, turn: int) -> Reply:
    made = [c if c.id else c.model_copy(update={"id": f"call_{turn}_{n}"}) for n, c in enumerate(reply.tool_calls, 1)]
    return reply.model_copy(update={"tool_calls": made})


def _usage(request: Request, reply: Reply) -> Usage:
    sent = sum(len(m.content.encode()) + sum(_size(c) for c in m.calls) for m in request.messages)
    got = len(reply.content.encode()) + sum(_size(c) for c in reply.tool_calls)
    return Usage(fresh=sent // BYTES_PER_TOKEN, out=got // BYTES_PER_TOKEN)


def _size(made: Call) -> int:
    return len(made.name) + len(str(made.arguments).encode())
