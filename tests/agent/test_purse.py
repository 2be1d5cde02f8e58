"""Money is set aside before a call and settled after it; together, calls never exceed the limit."""

from hypothesis import given
from hypothesis import strategies as st

from milepost.agent.purse import Purse
from milepost.domain.budget import Budget, Spent
from milepost.domain.turn import Usage


def purse(dollars: float | None = 1.0, spent: float = 0.0, **more: float) -> Purse:
    """A purse with that limit."""
    return Purse(lambda: Budget.model_validate({"dollars": dollars, **more}), Spent(dollars=spent))


def test_what_is_set_aside_counts_against_the_next_call() -> None:
    held = purse(1.0)
    assert held.refusal(0.6) is None
    assert held.refusal(0.6) is not None and held.set_aside == 0.6
    held.settle(0.6, Usage(fresh=10, cached=2, out=3), 0.1)
    assert held.refusal(0.6) is None and held.spent.dollars == 0.1


def test_settlement_says_what_one_call_used() -> None:
    assert purse().settle(0.5, Usage(fresh=10, cached=2, out=3), 0.1) == Spent(
        dollars=0.1, fresh=10, cached=2, out=3, turns=1
    )
    assert purse().settle(0.5, None, 0.5) == Spent(dollars=0.5, turns=1)


def test_more_money_counts_at_once() -> None:
    limit = [0.1]
    held = Purse(lambda: Budget(dollars=limit[0]), Spent())
    assert held.refusal(0.5) is not None
    limit[0] = 1.0
    assert held.refusal(0.5) is None


def test_other_limits_refuse_too() -> None:
    used = Spent(fresh=60, cached=30, out=20, turns=5)
    assert "tokens: 110 of 100" in (Purse(lambda: Budget(tokens=100), used).refusal(0.0) or "")
    assert "turns: 5 of 5" in (Purse(lambda: Budget(turns=5), used).refusal(0.0) or "")
    assert "hours: 2.0 of 2" in (Purse(lambda: Budget(hours=2), used, lambda: 2.0).refusal(0.0) or "")
    assert Purse(lambda: Budget(hours=2), used, lambda: 1.9).refusal(0.0) is None


@given(st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), max_size=30), st.floats(0, 5))
def test_L17_parallel_calls_never_exceed_the_limit(asked: list[tuple[float, float]], limit: float) -> None:
    """Whatever is asked for, and however little of it is used in the end."""
    held = purse(limit)
    open_: list[tuple[float, float]] = []
    for n, (dollars, share) in enumerate(asked):
        if held.refusal(dollars) is None:
            open_.append((dollars, dollars * share))
        if n % 3 == 2 and open_:
            held.settle(open_[0][0], None, open_[0][1])
            open_.pop(0)
        assert held.spent.dollars + held.set_aside <= limit + 1e-6
