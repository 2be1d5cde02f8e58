"""A request as LiteLLM takes it: OpenAI's message format, with cache markers where the model's maker honours them."""

from typing import Any

from milepost.domain.seat import Seat, family
from milepost.model.messages import Message, Request

MARK = {"cache_control": {"type": "ephemeral"}}


def arguments(request: Request) -> dict[str, Any]:
    """The arguments of one completion that follow from the request alone."""
    seat = request.seat
    given: dict[str, Any] = {
        "model": seat.model,
        "messages": messages(request),
        "max_tokens": seat.max_output,
        "stream": seat.stream,
        "num_retries": 0,
        "max_retries": 0,
    }
    if request.tools:
        given["tools"] = tools(request)
    if seat.stream:
        given["stream_options"] = {"include_usage": True}
    if seat.effort is not None:
        given["reasoning_effort"] = seat.effort
    if seat.api_base is not None:
        given["api_base"] = seat.api_base
    return given


def marked(seat: Seat) -> bool:
    """Whether the model's maker wants to be told what to cache."""
    return family(seat) == "anthropic"


def tools(request: Request) -> list[dict[str, Any]]:
    """The tools; the last one carries the marker for all of them."""
    found = [tool.wire for tool in request.tools]
    if marked(request.seat):
        found[-1] = {**found[-1], **MARK}
    return found


def messages(request: Request) -> list[dict[str, Any]]:
    """The messages; system prompt, end of the last prompt and end of this one carry markers."""
    mark = marked(request.seat)
    found = [_shaped(message, sees=request.seat.vision, thinks=mark) for message in request.messages]
    if mark:
        for place in _stable_places(request):
            found[place] = _with_mark(found[place])
    return found


def _shaped(message: Message, *, sees: bool, thinks: bool) -> dict[str, Any]:
    shaped = message.wire_with_images if sees else message.wire
    if message.thinking and thinks:
        return {**shaped, "thinking_blocks": list(message.thinking)}
    return shaped


def _stable_places(request: Request) -> set[int]:
    """The system prompt, what this prompt ends with, and what the one before ended with."""
    last_reply = max((n for n, m in enumerate(request.messages) if m.role == "assistant"), default=0)
    places = {0, last_reply - 1, len(request.messages) - 1}
    return {n for n in places if n >= 0 and request.messages[n].content}


def _with_mark(shaped: dict[str, Any]) -> dict[str, Any]:
    if shaped["role"] == "tool":
        return {**shaped, **MARK}
    content = shaped["content"]
    parts = content if isinstance(content, list) else [{"type": "text", "text": content}]
    return {**shaped, "content": [*parts[:-1], {**parts[-1], **MARK}]}
