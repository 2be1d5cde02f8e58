"""One turn in the words the log keeps: what the model said, and what it cost."""

from typing import Any

from milepost.domain.shape import Shape


class Call(Shape):
    """One tool call a model asked for."""

    id: str
    name: str
    arguments: dict[str, Any] | str
    """The parsed object, or the raw text where it was not a JSON object."""


class Reply(Shape):
    """What a model answered in one turn."""

    content: str = ""
    tool_calls: list[Call] = []
    thinking: list[dict[str, Any]] = []
    """Provider blocks that must be sent back unchanged, such as signed thinking."""


class Usage(Shape):
    """Tokens of one call."""

    fresh: int = 0
    """Prompt tokens that were not read from a cache, cache writes included."""
    cached: int = 0
    """Prompt tokens read from a cache."""
    out: int = 0
    """Tokens written by the model, thinking included."""
