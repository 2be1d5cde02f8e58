"""Putting an answer together: from one response or from the events of a stream."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from milepost.domain.turn import Call, Reply, Usage

CUT_OFF = "\n[cut off here: the reply reached its limit of tokens]"


@dataclass
class _Part:
    """A call while its pieces arrive."""

    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass
class Answer:
    """What has arrived of one answer."""

    content: str = ""
    parts: dict[int, _Part] = field(default_factory=dict)
    thinking: list[dict[str, Any]] = field(default_factory=list)
    finish: str | None = None
    """Why the model stopped, in OpenAI's words; None while it has not said so."""
    usage: Usage | None = None
    written: int = 0
    """Tokens of the fresh ones that were written to the provider's cache."""
    model: str = ""
    fingerprint: str = ""
    _texts: list[str] = field(default_factory=list)
    _thought: str = ""

    def whole(self, response: Any) -> None:
        """Take a response in one piece."""
        self._head(response)
        for choice in response.choices[:1]:
            message = choice.message
            self.finish = choice.finish_reason
            self.content = message.content or ""
            self.thinking = [dict(b) for b in getattr(message, "thinking_blocks", None) or ()]
            for index, call in enumerate(message.tool_calls or ()):
                function = call.function
                self.parts[index] = _Part(call.id or "", function.name or "", function.arguments or "")

    def take(self, event: Any) -> None:
        """Take one event of a stream."""
        self._head(event)
        for choice in event.choices[:1]:
            delta = choice.delta
            self._texts.append(getattr(delta, "content", None) or "")
            for call in getattr(delta, "tool_calls", None) or ():
                self._piece(call)
            for block in getattr(delta, "thinking_blocks", None) or ():
                self._think(dict(block))
            self.finish = choice.finish_reason or self.finish
        if self.finish:
            self.content = "".join(self._texts)

    def _head(self, source: Any) -> None:
        self.model = source.model or self.model
        self.fingerprint = getattr(source, "system_fingerprint", None) or self.fingerprint
        self.account(source)

    def account(self, source: Any) -> None:
        """Take the usage that a response or an event tells of, if it does."""
        raw: Any = getattr(source, "usage", None)
        prompt = getattr(raw, "prompt_tokens", 0) or 0
        if prompt:
            details = getattr(raw, "prompt_tokens_details", None)
            cached = getattr(details, "cached_tokens", 0) or 0
            self.usage = Usage(fresh=max(prompt - cached, 0), cached=cached, out=raw.completion_tokens or 0)
            self.written = getattr(raw, "cache_creation_input_tokens", 0) or 0

    def _piece(self, call: Any) -> None:
        part = self.parts.setdefault(call.index, _Part())
        part.id = part.id or call.id or ""
        part.name = part.name or call.function.name or ""
        part.arguments += call.function.arguments or ""

    def _think(self, block: dict[str, Any]) -> None:
        """Keep blocks that can be sent back: those that came with their signature, or sealed."""
        self._thought += block.get("thinking") or ""
        if block.get("signature"):
            self.thinking.append({**block, "thinking": block.get("thinking") or self._thought})
            self._thought = ""
        elif block.get("type") == "redacted_thinking":
            self.thinking.append(block)

    def reply(self, turn: int) -> Reply:
        """All of it; calls without an id of their own get one."""
        return Reply(content=self.content, tool_calls=list(self._calls(turn)), thinking=self.thinking)

    def _calls(self, turn: int) -> Iterator[Call]:
        taken: set[str] = set()
        last = max(self.parts, default=0)
        for index, part in sorted(self.parts.items()):
            id = part.id if part.id and part.id not in taken else f"call_{turn}_{index + 1}"
            taken.add(id)
            cut = self.finish == "length" and index == last
            yield Call(id=id, name=part.name, arguments=part.arguments + CUT_OFF if cut else _parsed(part.arguments))


def _parsed(arguments: str) -> dict[str, Any] | str:
    half = len(arguments) // 2
    if half > 2 and arguments[:half] == arguments[half:]:
        # Where LiteLLM makes a stream of a response in one piece, it gives the arguments twice.
        return _parsed(arguments[:half])
    try:
        found = json.loads(arguments or "{}")
    except ValueError:
        return arguments
    return found if isinstance(found, dict) else arguments
