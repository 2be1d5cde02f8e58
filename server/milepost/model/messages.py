"""What goes to a model and what comes back, for every provider alike."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, Protocol

from milepost.domain.seat import Seat
from milepost.domain.turn import Call, Reply, Usage


@dataclass(frozen=True)
class Image:
    """A picture shown to a model that can see."""

    media_type: str
    data: bytes

    @cached_property
    def part(self) -> dict[str, Any]:
        """As OpenAI chat completions has it."""
        encoded = base64.b64encode(self.data).decode()
        return {"type": "image_url", "image_url": {"url": f"data:{self.media_type};base64,{encoded}"}}


@dataclass(frozen=True)
class Message:
    """One message of a context; its provider form is computed once, because contexts only grow."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str
    images: tuple[Image, ...] = ()
    calls: tuple[Call, ...] = ()
    call_id: str | None = None
    """Of a tool's message: the call it answers."""
    name: str | None = None
    """Of a tool's message: the tool."""
    thinking: tuple[dict[str, Any], ...] = ()

    @cached_property
    def wire(self) -> dict[str, Any]:
        """As OpenAI chat completions has it, without images and thinking; not to be changed."""
        if self.role == "tool":
            return {"role": "tool", "tool_call_id": self.call_id, "content": self.content}
        if not self.calls:
            return {"role": self.role, "content": self.content}
        return {"role": self.role, "content": self.content or None, "tool_calls": [_call(c) for c in self.calls]}

    @cached_property
    def wire_with_images(self) -> dict[str, Any]:
        """The same with its images."""
        if not self.images:
            return self.wire
        text = [{"type": "text", "text": self.content}] if self.content else []
        return {**self.wire, "content": [*text, *(image.part for image in self.images)]}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what it says; ids and thinking differ from one provider to the next and are left out."""
        calls = [[call.name, call.arguments] for call in self.calls]
        images = [hashlib.sha256(image.data).hexdigest() for image in self.images]
        said = json.dumps([self.role, self.content, calls, self.name, images], sort_keys=True)
        return hashlib.sha256(said.encode()).hexdigest()


def _call(call: Call) -> dict[str, Any]:
    # Providers refuse a whole prompt for one call whose arguments are not a JSON object.
    arguments = call.arguments if isinstance(call.arguments, dict) else {"not_a_json_object": call.arguments}
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": json.dumps(arguments)}}


@dataclass(frozen=True)
class ToolSchema:
    """A tool as the model is told of it."""

    name: str
    description: str
    parameters: dict[str, Any]
    """JSON schema of its arguments."""

    @cached_property
    def wire(self) -> dict[str, Any]:
        """As OpenAI chat completions has it; not to be changed."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}


@dataclass(frozen=True)
class Request:
    """One question to a model: the whole context of an attempt."""

    attempt: str
    turn: int
    """Counts the replies of this attempt from 1; a call that failed is asked again with the same number."""
    seat: Seat
    messages: Sequence[Message]
    tools: Sequence[ToolSchema]
    unknowns: int = 0
    """How often so far a result of this attempt was unknown, the last one included: from the log, so that it
    survives a restart."""

    @property
    def replay_turn(self) -> int:
        """The turn of a recording that answers this one: after an unknown result the same reply comes once more.

        Each unknown result repeats one recorded turn, so the recording lags by one more from then on (D22b).
        """
        return self.turn - self.unknowns


@dataclass(frozen=True)
class Completion:
    """One answer of a model."""

    reply: Reply
    usage: Usage
    cost: float | None
    """Dollars; None where no price is known."""
    model: str
    """As the provider named it."""
    fingerprint: str
    ms: int


class Model(Protocol):
    """Whatever answers requests."""

    async def complete(self, request: Request) -> Completion:
        """Answer one request. Raises ModelError."""
        ...

    async def warm(self) -> None:
        """Do now what would make the first answer slow."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
