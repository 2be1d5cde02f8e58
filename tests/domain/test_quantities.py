"""Money, counts and lengths of time, as terminal, report and editor say them."""

import pytest

from milepost.domain.quantities import count, length, money


@pytest.mark.parametrize(("seconds", "shown"), [
    (-3, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 min"), (61, "1 min 1 s"), (3_600, "1 h"), (3_725, "1 h 2 min"),
    (90_000, "1 d 1 h"),
])
def test_time_is_told_in_its_two_largest_units(seconds: float, shown: str) -> None:
    assert length(seconds) == shown


@pytest.mark.parametrize(("dollars", "limit", "shown"), [
    (0, None, "$0.00"), (0.004, None, "$0.0040"), (1.239, None, "$1.24"), (1.5, 10.0, "$1.50 of $10.00"),
])
def test_money_is_finer_than_a_cent_where_there_is_less_than_one(
    dollars: float, limit: float | None, shown: str
) -> None:
    assert money(dollars, limit) == shown


def test_numbers_of_things_read_as_words() -> None:
    assert (count(1, "item"), count(0, "item"), count(2, "mismatch")) == ("1 item", "0 items", "2 mismatches")
