"""Money and its kin: what a call costs, what it cannot exceed, and when the next one is refused (D18b)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from milepost.domain.budget import IMAGE_TOKENS, SLACK_TOKENS, Budget, Spent, bound, cost, refusal
from milepost.domain.seat import Price
from milepost.domain.turn import Usage

PRICE = Price(fresh=3, cached=0.3, out=15)
SPENT = Spent(dollars=1.0, fresh=700, cached=200, out=100, turns=4)
tokens = st.integers(0, 200_000)
dollars = st.floats(0, 100)


def test_cost_is_tokens_at_their_prices() -> None:
    assert cost(Usage(fresh=1_000_000, cached=2_000_000, out=100_000), PRICE) == pytest.approx(3 + 0.6 + 1.5)
    assert cost(Usage(), PRICE) == 0


def test_spent_adds_up() -> None:
    assert SPENT.plus(SPENT) == Spent(dollars=2.0, fresh=1400, cached=400, out=200, turns=8)
    assert SPENT.plus(Spent()) == SPENT


@given(last=tokens, added=tokens, images=st.integers(0, 9), output=tokens, share=st.floats(0, 1), fresh=dollars,
       cached=dollars, out=dollars)
def test_L11_no_call_costs_more_than_was_set_aside(
    last: int, added: int, images: int, output: int, share: float, fresh: float, cached: float, out: float
) -> None:
    """Whatever part of the prompt was cached, and whatever caching costs: a token is never less than a byte."""
    price = Price(fresh=fresh, cached=cached, out=out)
    prompt = last + added + images * IMAGE_TOKENS + SLACK_TOKENS
    used = Usage(fresh=prompt - int(prompt * share), cached=int(prompt * share), out=output)
    most = bound(price, last_prompt=last, bytes_added=added, images=images, max_output=output)
    assert cost(used, price) <= most + 1e-9


REFUSALS: list[tuple[dict[str, Any], float, float, str | None]] = [
    ({}, 1e9, 1e9, None),
    ({"dollars": 2}, 1.0, 0, None),
    ({"dollars": 2}, 1.01, 0, "money: 1.00 of 2.00 dollars are spent and the next call"),
    ({"dollars": 0}, 0.0, 0, "raise it with `milepost set budget.dollars N`"),
    ({"tokens": 1001}, 0, 0, None),
    ({"tokens": 1000}, 0, 0, "tokens: 1000 of 1000 are used"),
    ({"turns": 5}, 0, 0, None),
    ({"turns": 4}, 0, 0, "turns: 4 of 4 are used"),
    ({"hours": 2}, 0, 1.9, None),
    ({"hours": 2}, 0, 2.0, "hours: 2.0 of 2 are over"),
]


@pytest.mark.parametrize(("limits", "reserved", "hours", "expected"), REFUSALS)
def test_L13_call_is_refused_at_each_limit(
    limits: dict[str, Any], reserved: float, hours: float, expected: str | None
) -> None:
    said = refusal(Budget.model_validate(limits), SPENT, reserved, hours)
    assert (said is None) == (expected is None)
    assert (expected or "") in (said or "")


def test_call_that_just_fits_is_not_refused_for_a_rounding_error() -> None:
    assert refusal(Budget(dollars=0.3), Spent(dollars=0.1 + 0.1), 0.1) is None
