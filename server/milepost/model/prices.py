"""What models cost and can do, from the table that LiteLLM ships, read without importing LiteLLM."""

import json
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from milepost.domain.budget import cost
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Usage

TABLE = "model_prices_and_context_window_backup.json"
FREE = Price(fresh=0.0, cached=0.0, out=0.0)
"""Recordings and scripts."""
_FRESH, _CACHED, _WRITTEN, _OUT = (
    "input_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost", "output_cost_per_token",
)
_ABOVE = re.compile(rf"(?:{_FRESH}|{_CACHED}|{_WRITTEN}|{_OUT})_above_(\d+)(k?)_tokens$")
_MODES = ("chat", "responses", "completion")


@dataclass(frozen=True)
class Tier:
    """Dollars for a token, for prompts above so many tokens."""

    above: float
    fresh: float
    cached: float
    written: float
    out: float


@dataclass(frozen=True)
class Facts:
    """What the table says of a model."""

    context: int | None
    """Tokens of prompt that it takes."""
    max_output: int | None
    vision: bool
    tools: bool
    tiers: tuple[Tier, ...]
    """From small prompts to large."""


def is_live(seat: Seat) -> bool:
    """Whether a provider answers, rather than a recording or a script."""
    return not seat.model.startswith(("cassette:", "scripted:"))


def facts_of(seat: Seat) -> Facts | None:
    """What the table says of the seat's model; None where it does not know it."""
    return _facts(seat.model) if is_live(seat) else None


def price_of(seat: Seat) -> Price | None:
    """The seat's own price, or the most that the table has a token cost: written to a cache, in a long prompt.

    None where neither is known.
    """
    if seat.price is not None:
        return seat.price
    if not is_live(seat):
        return FREE
    facts = facts_of(seat)
    if facts is None:
        return None
    tiers = [tier for tier in facts.tiers if tier.above < seat.context] or list(facts.tiers[:1])
    return Price(
        fresh=max(max(tier.fresh, tier.written) for tier in tiers) * 1e6,
        cached=max(tier.cached for tier in tiers) * 1e6,
        out=max(tier.out for tier in tiers) * 1e6,
    )


def charge(seat: Seat, usage: Usage, written: int = 0) -> float | None:
    """Dollars for one call of which so many fresh tokens went into a cache; None where no price is known."""
    if seat.price is not None:
        return cost(usage, seat.price)
    if not is_live(seat):
        return 0.0
    facts = facts_of(seat)
    if facts is None:
        return None
    prompt = usage.fresh + usage.cached
    tier = next((t for t in reversed(facts.tiers) if prompt > t.above), facts.tiers[0])
    plain = max(usage.fresh - written, 0)
    return plain * tier.fresh + written * tier.written + usage.cached * tier.cached + usage.out * tier.out


@cache
def _table() -> dict[str, dict[str, Any]]:
    """Rows of models that chat, without what we do not read."""
    spec = find_spec("litellm")
    if spec is None or not spec.submodule_search_locations:
        return {}
    rows = json.loads((Path(spec.submodule_search_locations[0]) / TABLE).read_text(encoding="utf-8"))
    return {name: _useful(row) for name, row in rows.items() if row.get("mode") in _MODES}


def _useful(row: dict[str, Any]) -> dict[str, Any]:
    names = {
        _FRESH, _CACHED, _WRITTEN, _OUT, "max_input_tokens", "max_output_tokens", "litellm_provider", "tiered_pricing",
        "supports_vision", "supports_function_calling",
    }
    return {key: value for key, value in row.items() if key in names or _ABOVE.match(key)}


@cache
def _facts(model: str) -> Facts | None:
    row = _row(model)
    if row is None:
        return None
    tiers = _tiers(row)
    if not tiers:
        return None
    return Facts(
        context=row.get("max_input_tokens"), max_output=row.get("max_output_tokens"),
        vision=bool(row.get("supports_vision")), tools=bool(row.get("supports_function_calling")), tiers=tiers,
    )


def _row(model: str) -> dict[str, Any] | None:
    """A model's row, by its whole name, or by the rest of it where the first part is the row's provider."""
    table = _table()
    if model in table:
        return table[model]
    provider, _, rest = model.partition("/")
    row = table.get(rest)
    return row if row is not None and row.get("litellm_provider") == provider else None


def _tiers(row: dict[str, Any]) -> tuple[Tier, ...]:
    if stepped := row.get("tiered_pricing"):
        return tuple(_tier(step, "", step["range"][0]) for step in stepped if "range" in step)
    if row.get(_FRESH) is None:
        return ()
    found = [m for m in map(_ABOVE.match, row) if m]
    limits = sorted({(int(m[1]) * (1000 if m[2] else 1), f"_above_{m[1]}{m[2]}_tokens") for m in found})
    return (_tier(row, "", 0), *(_tier(row, suffix, above) for above, suffix in limits))


def _tier(row: dict[str, Any], suffix: str, above: float) -> Tier:
    """One tier; a rate that is not named is the plain one, and what a cache costs is then what a fresh token costs."""

    def rate(name: str, default: float) -> float:
        found = row.get(name + suffix)
        found = row.get(name) if found is None else found
        return float(default if found is None else found)

    fresh = rate(_FRESH, 0.0)
    return Tier(
        above=above, fresh=fresh, cached=rate(_CACHED, fresh), written=rate(_WRITTEN, fresh), out=rate(_OUT, 0.0)
    )
