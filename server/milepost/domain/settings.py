"""The settings a mission was created with; every change is an event."""

from typing import Any, Literal

from pydantic import Field

from milepost.domain.budget import Budget, Caps
from milepost.domain.errors import Refused
from milepost.domain.seat import SEATS, Seat
from milepost.domain.shape import Shape


class Settings(Shape):
    """What one mission runs under; keys are changed by dotted name, such as `seat.worker.model`."""

    seats: dict[str, Seat]
    budget: Budget = Budget()
    caps: Caps = Caps()
    publish: Literal["sealed", "handoff", "never"] = "sealed"
    sandbox: bool = True
    """False only on the user's word (`--no-sandbox`), or for the shipped demo where there is no bubblewrap."""
    unattended: bool = False
    """With nobody to ask, what cannot go on fails instead of waiting."""
    distinct_families: bool = False
    """Refuse a validator of the worker's family instead of warning."""
    grants: dict[str, bool] = Field(default_factory=dict)
    """What the user allowed beyond the default, such as `network`."""


def change(settings: Settings, key: str, value: Any) -> Settings:
    """Settings with one dotted key changed: `seat.<name>.<field>`, `budget.<field>`, `caps.<field>`, `grant.<name>` …

    Another model starts without the price and family that were given for the one before. A seat that had none of its
    own starts as a copy of the worker's.

    Raises Refused for an unknown key or a value that does not fit.
    """
    head, _, rest = key.partition(".")
    data = settings.model_dump()
    if head == "seat" and rest.partition(".")[0] in SEATS and "." in rest:
        name, _, field = rest.partition(".")
        target = data["seats"].setdefault(name, dict(data["seats"].get("worker", {})))
        if field == "model" and value != target.get("model"):
            target |= {"price": None, "family": None}
    elif head in ("budget", "caps") and rest:
        target, field = data[head], rest
    elif head == "grant" and rest:
        target, field = data["grants"], rest
    elif key in ("publish", "unattended"):
        target, field = data, key
    else:
        raise Refused(
            f"unknown setting {key!r}; expected seat.<{'|'.join(SEATS)}>.<field>, budget.<field>, caps.<field>, "
            "grant.<name>, publish or unattended"
        )
    target[field] = value
    try:
        return Settings.model_validate(data)
    except ValueError as error:
        raise Refused(f"{key!r} cannot be {value!r}: {error}") from error
