"""Settings by dotted name: what changes, what is refused, and what stays as it was."""

from typing import Any

import pytest

from milepost.domain.errors import Refused
from milepost.domain.seat import Price, Seat
from milepost.domain.settings import Settings, change

WORKER = Seat(model="gpt-1", price=Price(fresh=0, out=0), family="ours", effort="high")
SETTINGS = Settings(seats={"worker": WORKER})

CHANGES: list[tuple[str, Any, Any]] = [
    ("seat.worker.effort", "low", lambda s: s.seats["worker"].effort == "low"),
    ("seat.worker.max_turns", 7, lambda s: s.seats["worker"].max_turns == 7),
    ("seat.worker.fallbacks", ["a", "b"], lambda s: s.seats["worker"].fallbacks == ["a", "b"]),
    ("seat.worker.price", {"fresh": 1, "out": 2}, lambda s: s.seats["worker"].price == Price(fresh=1, out=2)),
    ("budget.dollars", 12.5, lambda s: s.budget.dollars == 12.5),
    ("budget.hours", None, lambda s: s.budget.hours is None),
    ("caps.rounds", 9, lambda s: s.caps.rounds == 9),
    ("grant.network", True, lambda s: s.grants == {"network": True}),
    ("publish", "never", lambda s: s.publish == "never"),
    ("unattended", True, lambda s: s.unattended),
]


@pytest.mark.parametrize(("key", "value", "holds"), CHANGES, ids=[k for k, *_ in CHANGES])
def test_setting_changes_by_its_name(key: str, value: Any, holds: Any) -> None:
    assert holds(change(SETTINGS, key, value))


REFUSALS: list[tuple[str, Any, str]] = [
    ("depth", 1, "unknown setting 'depth'; expected seat.<orchestrator|worker|"),
    ("seat.cook.model", "m", "unknown setting"),
    ("seat.worker", {}, "unknown setting"),
    ("budget", 1, "unknown setting"),
    ("caps.", 1, "unknown setting"),
    ("grant.", True, "unknown setting"),
    ("sandbox", False, "unknown setting"),
    ("seats", {}, "unknown setting"),
    ("distinct_families", False, "unknown setting"),
    ("seat.worker.speed", 1, "'seat.worker.speed' cannot be 1"),
    ("seat.worker.max_turns", 0, "cannot be 0"),
    ("budget.dollars", "much", "cannot be 'much'"),
    ("budget.euros", 1, "'budget.euros' cannot be 1"),
    ("publish", "sometimes", "cannot be 'sometimes'"),
    ("seat.worker.model", "", "cannot be ''"),
    ("grant.network", [], "cannot be []"),
]


@pytest.mark.parametrize(("key", "value", "expected"), REFUSALS, ids=[f"{k}={v}" for k, v, _ in REFUSALS])
def test_setting_is_refused(key: str, value: Any, expected: str) -> None:
    with pytest.raises(Refused) as caught:
        change(SETTINGS, key, value)
    assert expected in str(caught.value)


def test_seat_that_was_not_set_starts_as_a_copy_of_the_workers() -> None:
    """It was the same record once: the worker got the tester's model with it."""
    changed = change(SETTINGS, "seat.tester.effort", "low")
    assert changed.seats == {"worker": WORKER, "tester": WORKER.model_copy(update={"effort": "low"})}


def test_seat_without_a_worker_to_copy_must_be_given_a_model_first() -> None:
    assert change(Settings(seats={}), "seat.tester.model", "m").seats["tester"].model == "m"
    with pytest.raises(Refused, match=r"seat\.tester\.effort"):
        change(Settings(seats={}), "seat.tester.effort", "low")


def test_L11_another_model_does_not_keep_the_price_of_the_one_before() -> None:
    """A price of nothing for a model at home would let an expensive one spend without limit."""
    changed = change(SETTINGS, "seat.worker.model", "gpt-2").seats["worker"]
    assert (changed.model, changed.price, changed.family, changed.effort) == ("gpt-2", None, None, "high")
    assert change(SETTINGS, "seat.worker.model", "gpt-1").seats["worker"] == WORKER


def test_settings_are_never_changed_in_place() -> None:
    change(SETTINGS, "seat.worker.effort", "low")
    change(SETTINGS, "grant.network", True)
    assert (SETTINGS.seats["worker"].effort, SETTINGS.grants) == ("high", {})
