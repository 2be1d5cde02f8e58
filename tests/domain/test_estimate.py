"""The estimate shown before approval."""

import pytest

from milepost.domain.errors import Refused
from milepost.domain.estimate import CACHED, FRESH, OUT, TYPICAL, estimate
from milepost.domain.seat import Price

FREE = Price(fresh=0, out=0)
FABLE = Price(fresh=3, cached=0.3, out=15)


def test_attempts_are_the_floor_times_its_measured_excess() -> None:
    assert estimate(40, 6, dict.fromkeys(TYPICAL, FREE)).attempts == 88


def test_dollars_are_of_the_seats_that_cost() -> None:
    found = estimate(10, 1, {**dict.fromkeys(TYPICAL, FREE), "worker": FABLE})
    one = 7.7 * (FRESH * 3 + CACHED * 0.3 + OUT * 15)
    assert found.dollars_low == pytest.approx(10 * one, abs=0.01)
    assert found.dollars_high == pytest.approx(10 * one * 1.7 * 123 / 51, abs=0.02)


def test_published_mission_lies_in_its_own_range() -> None:
    found = estimate(40, 6, dict.fromkeys(TYPICAL, FABLE))
    spent = 30.3 * 3 + 744.9 * 0.3 + 3.4 * 15
    assert found.dollars_low < spent < found.dollars_high
    assert found.hours_low < 16.5 < found.hours_high


def test_free_models_cost_nothing_and_still_take_time() -> None:
    found = estimate(1, 1, dict.fromkeys(TYPICAL, FREE)).as_dict()
    assert (found["dollars_low"], found["dollars_high"]) == (0, 0)
    assert 0 < found["hours_low"] < found["hours_high"]
    assert set(found) == {"attempts", "dollars_low", "dollars_high", "hours_low", "hours_high"}


def test_seat_without_price_is_refused() -> None:
    with pytest.raises(Refused, match="no price is known for tester"):
        estimate(1, 1, {seat: FREE for seat in TYPICAL if seat != "tester"})


def test_kinds_of_tokens_add_up() -> None:
    assert pytest.approx(1, abs=1e-3) == FRESH + CACHED + OUT
