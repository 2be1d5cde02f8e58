"""Recorded replies: played back by attempt and turn, never by prompt; and the recorder."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from milepost.domain.errors import ConfigError, ModelError
from milepost.domain.shape import Shape
from milepost.domain.turn import Call, Reply, Usage
from milepost.model.messages import Completion, Model, Request
from milepost.model.prices import charge


class RecordedCall(Shape):
    """A call as a recording keeps it: ids are the player's."""

    name: str
    arguments: dict[str, Any] | str = {}


class RecordedReply(Shape):
    """A reply as a recording keeps it."""

    content: str = ""
    tool_calls: list[RecordedCall] = []


class Recorded(Shape):
    """One line of a recording."""

    attempt: str
    turn: int
    reply: RecordedReply
    usage: Usage = Usage()
    request_sha256: str = ""


def request_sha(request: Request) -> str:
    """A hash of what the model is shown: messages and tools, without the ids of calls, seat and turn."""
    digest = hashlib.sha256()
    for message in request.messages:
        digest.update(message.digest.encode())
    tools = [[tool.name, tool.description, tool.parameters] for tool in request.tools]
    digest.update(json.dumps(tools, sort_keys=True).encode())
    return digest.hexdigest()


class CassetteModel:
    """Plays a recording. Where a turn was recorded twice, the later line counts."""

    def __init__(self, source: Path | Iterable[str]) -> None:
        """Read a file or its lines. Raises ConfigError for a line that is not of a recording."""
        self.name = str(source) if isinstance(source, Path) else "lines"
        self.differing = 0
        """Requests that were not what they had been when they were recorded."""
        lines = _read(source) if isinstance(source, Path) else source
        found = [_line(self.name, n, text) for n, text in enumerate(lines, 1) if text.strip()]
        self._lines = {(line.attempt, line.turn): line for line in found}

    async def complete(self, request: Request) -> Completion:
        """The recorded reply. Raises ModelError where there is none."""
        line = self._lines.get((request.attempt, request.replay_turn))
        if line is None:
            raise ModelError(
                f"cassette {self.name!r} has no line for turn {request.replay_turn} of attempt {request.attempt!r}; "
                "expected one; record it, or give the seat a live model", remedy="stop", reason="cassette",
            )
        self.differing += line.request_sha256 not in ("", request_sha(request))
        calls = [
            Call(id=f"call_{request.turn}_{n}", name=call.name, arguments=call.arguments)
            for n, call in enumerate(line.reply.tool_calls, 1)
        ]
        return Completion(
            reply=Reply(content=line.reply.content, tool_calls=calls), usage=line.usage,
            cost=charge(request.seat, line.usage), model=request.seat.model, fingerprint="", ms=0,
        )

    async def warm(self) -> None:
        """Nothing: it was read when it was made."""

    async def close(self) -> None:
        """Nothing: it holds nothing open."""


class RecordingModel:
    """Passes requests on and writes each reply as a line, as soon as it comes."""

    def __init__(self, inner: Model, path: Path) -> None:
        self._inner = inner
        self._path = path

    async def complete(self, request: Request) -> Completion:
        """Answer one request. Raises ModelError."""
        completion = await self._inner.complete(request)
        self._write(_recorded(request, completion))
        return completion

    def _write(self, line: Recorded) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(line.model_dump_json() + "\n")

    async def warm(self) -> None:
        """Warm the model."""
        await self._inner.warm()

    async def close(self) -> None:
        """Close the model."""
        await self._inner.close()


def _recorded(request: Request, completion: Completion) -> Recorded:
    calls = [RecordedCall(name=call.name, arguments=call.arguments) for call in completion.reply.tool_calls]
    return Recorded(
        attempt=request.attempt, turn=request.turn,
        reply=RecordedReply(content=completion.reply.content, tool_calls=calls), usage=completion.usage,
        request_sha256=request_sha(request),
    )


def _read(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(
            f"cassette {str(path)!r} cannot be read: {error.strerror}; expected a file of JSON lines"
        ) from error


def _line(name: str, n: int, text: str) -> Recorded:
    try:
        return Recorded.model_validate_json(text)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the line"
        raise ConfigError(
            f"cassette {name!r}, line {n}: {place}: {first['msg']}; expected attempt, turn, reply and usage"
        ) from error
