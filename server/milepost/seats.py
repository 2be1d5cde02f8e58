"""Which model sits where when the user has not said: a shipped table, chosen by the keys that are found."""

import tomllib
from collections.abc import Collection
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from milepost.domain.seat import SEATS, VALIDATORS, Seat


class Provider(BaseModel):
    """One maker of models: the variable that holds its key, and a row for each seat."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str
    family: str
    orchestrator: Seat
    worker: Seat
    scrutiny: Seat
    reviewer: Seat
    tester: Seat
    auditor: Seat
    researcher: Seat

    def seat(self, name: str) -> Seat:
        """The row of one seat, with key and family."""
        row: Seat = getattr(self, name)
        return row.model_copy(update={"api_key_env": self.key, "family": self.family})


@cache
def providers() -> tuple[Provider, ...]:
    """The shipped table, best first."""
    rows = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))["provider"]
    return tuple(Provider.model_validate(row) for row in rows)


def known_keys() -> tuple[str, ...]:
    """The environment variables that default seats can use."""
    return tuple(provider.key for provider in providers())


def default_seats(keys: Collection[str]) -> dict[str, Seat]:
    """A seat of each name for the keys that were found; none without a known key.

    With two makers at hand, validators are not of the worker's.
    """
    found = [provider for provider in providers() if provider.key in keys]
    if not found:
        return {}
    doer, judge = found[0], found[min(1, len(found) - 1)]
    return {name: (judge if name in VALIDATORS else doer).seat(name) for name in SEATS}
