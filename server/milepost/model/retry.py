"""The one retry layer: waiting as providers ask, then exponentially, and fallback models after that."""

import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from milepost.domain.errors import ModelError
from milepost.domain.seat import Seat
from milepost.model.prices import price_of

T = TypeVar("T")
Wait = Callable[[float], Awaitable[None]]
TRIES = 5
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
PARK_S = 900.0
"""How long a mission is parked when every try was in vain."""


async def with_retries(
    call: Callable[[], Awaitable[T]],
    *,
    wait: Wait,
    tries: int = TRIES,
    clock: Callable[[], float] = time.time,
    jitter: Callable[[], float] = random.random,
) -> T:
    """What `call` brings, asked up to `tries` times while its errors say `retry`.

    `wait` sleeps so many seconds; `jitter` is a number from 0 to 1. Raises the last ModelError; when the tries are
    used up it says `park`.
    """
    for failed in range(1, tries + 1):
        try:
            return await call()
        except ModelError as error:
            if error.remedy != "retry":
                raise
            if failed == tries:
                raise _exhausted(error, tries, clock()) from error
            await wait(_pause(error, failed, clock(), jitter()))
    raise ValueError(f"tries is {tries!r}; expected at least 1")


def _pause(error: ModelError, failed: int, now: float, jitter: float) -> float:
    """Never less than the provider asked for; otherwise twice as long each time; a little more by chance."""
    if error.retry_at is not None:
        return max(error.retry_at - now, 0.0) + jitter
    longest: float = min(FIRST_WAIT_S * 2.0 ** (failed - 1), LONGEST_WAIT_S)
    return longest * (0.5 + jitter / 2)


def _exhausted(error: ModelError, tries: int, now: float) -> ModelError:
    return ModelError(
        f"asked {tries} times in vain: {error}", remedy="park", reason=error.reason,
        retry_at=max(now + PARK_S, error.retry_at or 0.0),
    )


async def first_that_answers(seat: Seat, call: Callable[[Seat], Awaitable[T]]) -> T:
    """What the seat brings, or the first of its fallbacks where it is refused or spent.

    Raises the first ModelError if none answers: what the user is told is about the model that was asked for. If only
    fallbacks can be waited for, it is theirs.
    """
    errors: list[ModelError] = []
    for candidate in (seat, *fallbacks(seat)):
        try:
            return await call(candidate)
        except ModelError as error:
            if error.remedy not in ("stop", "park"):
                raise
            errors.append(error)
    raise next((e for e in errors if e.remedy == "park"), errors[0])


def fallbacks(seat: Seat) -> list[Seat]:
    """A seat for each fallback model; address and key go along only within one provider."""
    found = []
    for model in seat.fallbacks:
        changed: dict[str, object] = {"model": model, "fallbacks": [], "price": None, "family": None}
        if model.partition("/")[0] != seat.model.partition("/")[0]:
            changed |= {"api_base": None, "api_key_env": None}
        other = seat.model_copy(update=changed)
        found.append(other if price_of(other) else other.model_copy(update={"price": seat.price}))
    return found
