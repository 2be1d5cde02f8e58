"""Seats: who made a model, and which numbers make no sense."""

from typing import Any

import pytest
from pydantic import ValidationError

from milepost.domain.seat import SEATS, VALIDATORS, Price, Seat, family

FAMILIES = [
    ("claude-9", "anthropic"),
    ("anthropic/claude-9", "anthropic"),
    ("bedrock/eu/claude-9", "anthropic"),
    ("openai/gpt-9", "openai"),
    ("o3-mini", "openai"),
    ("azure/o1", "openai"),
    ("gemini/gemini-9", "google"),
    ("ollama/llama9", "meta"),
    ("groq/Qwen-9", "alibaba"),
    ("xai/grok-9", "xai"),
    ("acme/tiny", "acme"),
    ("tiny", "tiny"),
]


@pytest.mark.parametrize(("model", "maker"), FAMILIES)
def test_family_is_read_from_the_models_name(model: str, maker: str) -> None:
    assert family(Seat(model=model)) == maker


def test_declared_family_counts_more_than_the_name() -> None:
    assert family(Seat(model="openai/our-own", family="llama")) == "llama"


@pytest.mark.parametrize("field", [
    {"model": ""}, {"model": " "}, {"context": 100}, {"max_output": 1}, {"silence_s": 0}, {"max_turns": 0},
    {"max_minutes": 0}, {"effort": "some"}, {"price": {"fresh": -1, "out": 0}}, {"speed": 1},
])
def test_seat_that_makes_no_sense_is_refused(field: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Seat.model_validate({"model": "m", **field})


def test_model_may_cost_nothing() -> None:
    assert Seat(model="m", price=Price(fresh=0, out=0)).price == Price(fresh=0, cached=0, out=0)


def test_validators_are_seats() -> None:
    assert set(SEATS) > VALIDATORS and "worker" not in VALIDATORS
