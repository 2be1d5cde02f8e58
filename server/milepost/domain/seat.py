"""Seats: who sits at the table, with which model, tools and limits."""

from typing import Annotated, Literal

from pydantic import Field

from milepost.domain.shape import Shape, Text

SEATS = ("orchestrator", "worker", "scrutiny", "reviewer", "tester", "auditor", "researcher")
SeatName = Literal["orchestrator", "worker", "scrutiny", "reviewer", "tester", "auditor", "researcher"]
VALIDATORS: frozenset[str] = frozenset({"scrutiny", "reviewer", "tester", "auditor"})


class Price(Shape):
    """US dollars for a million tokens."""

    fresh: Annotated[float, Field(ge=0)]
    cached: Annotated[float, Field(ge=0)] = 0.0
    out: Annotated[float, Field(ge=0)]


class Seat(Shape):
    """What one seat runs on. Model names are LiteLLM's, or `cassette:PATH` and `scripted:NAME`."""

    model: Text
    effort: Literal["none", "low", "medium", "high"] | None = None
    fallbacks: list[Text] = []
    """Models to try, in order, when the first one is refused or spent."""
    api_base: str | None = None
    """Root of an OpenAI- or Anthropic-style endpoint."""
    api_key_env: str | None = None
    """Name of the environment variable of the runner that holds the key."""
    price: Price | None = None
    """Overrides the price table; all zero for a model that costs nothing."""
    family: str | None = None
    """Who made the model, where its name does not tell."""
    vision: bool = False
    tools: bool = True
    stream: bool = True
    """False for endpoints that cannot stream."""
    context: Annotated[int, Field(ge=4_000)] = 200_000
    """Window in tokens; at 70 % of it the seat hands off."""
    max_output: Annotated[int, Field(ge=256)] = 16_000
    silence_s: Annotated[float, Field(gt=0)] = 120.0
    """A stream with no byte for so long is cut."""
    max_turns: Annotated[int, Field(ge=1)] = 150
    max_minutes: Annotated[float, Field(gt=0)] = 90.0


def family(seat: Seat) -> str:
    """Who made the seat's model: `anthropic`, `openai`, `google` …, as declared, by name, or the name's first part."""
    if seat.family:
        return seat.family
    name = seat.model.lower()
    known = {
        "claude": "anthropic", "gpt": "openai", "o1": "openai", "o3": "openai", "o4": "openai", "gemini": "google",
        "llama": "meta", "mistral": "mistral", "qwen": "alibaba", "deepseek": "deepseek", "kimi": "moonshot",
        "glm": "zhipu", "grok": "xai",
    }
    tail = name.rpartition("/")[2]
    return next((maker for start, maker in known.items() if tail.startswith(start)), name.partition("/")[0])
