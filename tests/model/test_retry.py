"""The one retry layer: it waits as told, gives up in time, and turns to fallbacks."""

from collections.abc import Sequence

import pytest

from milepost.domain.errors import ModelError, Remedy
from milepost.domain.seat import Price, Seat
from milepost.model.retry import PARK_S, fallbacks, first_that_answers, with_retries

NOW = 5_000.0


def error(remedy: Remedy, reason: str = "server", retry_at: float | None = None) -> ModelError:
    return ModelError(f"it said {reason}", remedy=remedy, reason=reason, retry_at=retry_at)


class Calls:
    """Fails as told, then answers; remembers how long it was waited for."""

    def __init__(self, *errors: ModelError) -> None:
        self.errors = list(errors)
        self.asked = 0
        self.waits: list[float] = []

    async def __call__(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"

    async def wait(self, seconds: float) -> None:
        self.waits.append(seconds)

    async def patiently(self, tries: int = 5, jitter: float = 1.0) -> str:
        return await with_retries(self, wait=self.wait, tries=tries, clock=lambda: NOW, jitter=lambda: jitter)


async def test_the_first_answer_is_taken_at_once() -> None:
    calls = Calls()
    assert await calls.patiently() == "answer"
    assert (calls.asked, calls.waits) == (1, [])


async def test_F31_pauses_double() -> None:
    calls = Calls(*[error("retry")] * 4)
    assert await calls.patiently() == "answer"
    assert calls.waits == [1.0, 2.0, 4.0, 8.0]


async def test_pauses_have_an_end_and_vary() -> None:
    calls = Calls(*[error("retry")] * 9)
    await calls.patiently(tries=10, jitter=0.0)
    assert calls.waits[0] == 0.5
    assert calls.waits[-2:] == [30.0, 30.0]


@pytest.mark.parametrize(("retry_at", "wait"), [(NOW + 30, 30.25), (NOW - 30, 0.25)])
async def test_F30_at_least_as_long_as_the_provider_says(retry_at: float, wait: float) -> None:
    calls = Calls(error("retry", "rate_limit", retry_at))
    await calls.patiently(jitter=0.25)
    assert calls.waits == [wait]


@pytest.mark.parametrize("remedy", ["park", "stop", "context"])
async def test_F40_nothing_else_is_asked_again(remedy: Remedy) -> None:
    calls = Calls(error(remedy, "quota", NOW + 9))
    with pytest.raises(ModelError) as caught:
        await calls.patiently()
    assert (calls.asked, caught.value.remedy, caught.value.retry_at) == (1, remedy, NOW + 9)


async def test_F31_used_up_tries_park() -> None:
    calls = Calls(*[error("retry")] * 9)
    with pytest.raises(ModelError, match="asked 3 times in vain: it said server") as caught:
        await calls.patiently(tries=3)
    assert calls.asked == 3
    assert (caught.value.remedy, caught.value.reason, caught.value.retry_at) == ("park", "server", NOW + PARK_S)


async def test_no_tries_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="expected at least 1"):
        await Calls().patiently(tries=0)


async def asked(seat: Seat, answers: dict[str, ModelError | str]) -> tuple[str | ModelError, list[str]]:
    seen: list[str] = []

    async def call(candidate: Seat) -> str:
        seen.append(candidate.model)
        answer = answers[candidate.model]
        if isinstance(answer, ModelError):
            raise answer
        return answer

    try:
        return await first_that_answers(seat, call), seen
    except ModelError as raised:
        return raised, seen


SEAT = Seat(model="a/one", fallbacks=["a/two", "b/three"])
STOP, PARK = error("stop", "unknown"), error("park", "quota", NOW + 60)


@pytest.mark.parametrize(("answers", "expected", "seen"), [
    ({"a/one": "1"}, "1", ["a/one"]),
    ({"a/one": STOP, "a/two": "2"}, "2", ["a/one", "a/two"]),
    ({"a/one": PARK, "a/two": STOP, "b/three": "3"}, "3", ["a/one", "a/two", "b/three"]),
    ({"a/one": STOP, "a/two": STOP, "b/three": PARK}, PARK, ["a/one", "a/two", "b/three"]),
    ({"a/one": STOP, "a/two": error("stop"), "b/three": error("stop")}, STOP, ["a/one", "a/two", "b/three"]),
])
async def test_F41_fallbacks_in_order(
    answers: dict[str, ModelError | str], expected: str | ModelError, seen: Sequence[str]
) -> None:
    assert await asked(SEAT, answers) == (expected, list(seen))


async def test_F42_a_full_window_is_not_passed_on() -> None:
    full = error("context", "context")
    assert await asked(SEAT, {"a/one": full}) == (full, ["a/one"])


def test_address_and_key_stay_with_their_provider() -> None:
    price = Price(fresh=1, out=1)
    seat = Seat(
        model="openai/one", fallbacks=["openai/two", "claude-sonnet-4-5"], api_base="http://localhost:1", price=price,
        api_key_env="MINE", family="x",
    )
    same, other = fallbacks(seat)
    assert (same.api_base, same.api_key_env, same.price, same.fallbacks) == ("http://localhost:1", "MINE", price, [])
    assert (other.api_base, other.api_key_env, other.price, other.family) == (None, None, None, None)
