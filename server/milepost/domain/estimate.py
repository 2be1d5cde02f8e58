"""What a mission may cost and how long it may take, before there is a history of our own."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from milepost.domain.budget import cost
from milepost.domain.errors import Refused
from milepost.domain.seat import Price
from milepost.domain.turn import Usage

# The one long mission whose numbers were published whole (Factory's Slack clone): 40 features planned, 6 milestones,
# 90 sittings of workers and validators where features + 2 x milestones is 52: 1.7 times as many.
EXCESS = 1.7

# The same mission: 778.5M tokens, of them 30.3M input, 744.9M read from a cache, 3.4M output.
FRESH, CACHED, OUT = 0.0389, 0.9568, 0.0044


@dataclass(frozen=True, slots=True)
class Typical:
    """One sitting of a seat, as published: how often, how many tokens, how long."""

    features: float
    """Sittings for each feature."""
    milestones: float
    """Sittings for each milestone."""
    tokens: int
    minutes: float
    spread: float
    """The 90th percentile of a sitting's turns over their median."""


# The same mission: workers 485.5M tokens and 9.98 h in 63 sittings, 51 turns in the median, 123 at p90; validators
# 263.8M and 6.14 h in 27 sittings with 82 sub-sittings, 30 and 37 turns; orchestration 29.2M and 0.38 h for those 90.
# A validator's sitting (9.8M, 13.6 min) is a scrutiny with its reviewers, by 27 and 82 in 109, or a tester.
TYPICAL: dict[str, Typical] = {
    "worker": Typical(1, 0, 7_700_000, 9.5, 123 / 51),
    "reviewer": Typical(0, 1, 7_350_000, 10.2, 37 / 30),
    "scrutiny": Typical(0, 1, 2_450_000, 3.4, 37 / 30),
    "tester": Typical(0, 1, 9_800_000, 13.6, 37 / 30),
    "orchestrator": Typical(1, 2, 325_000, 0.25, 1),
}
"""Tokens of every kind and minutes for one sitting of each seat; all reviewers of a milestone count as one."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range: from every attempt passing at once, to the published excess with every sitting a long one."""

    attempts: int
    dollars_low: float
    dollars_high: float
    hours_low: float
    hours_high: float

    def as_dict(self) -> dict[str, float]:
        """As `mission_proposed` keeps it."""
        return asdict(self)


def estimate(features: int, milestones: int, prices: Mapping[str, Price]) -> Estimate:
    """What so many features and milestones may take, at each seat's price.

    Raises Refused where a seat of TYPICAL has no price.
    """
    unpriced = [seat for seat in TYPICAL if seat not in prices]
    if unpriced:
        raise Refused(f"no price is known for {', '.join(unpriced)}; give one as seat.<name>.price (0 is allowed)")
    dollars_low = dollars_high = minutes_low = minutes_high = 0.0
    for seat, typical in TYPICAL.items():
        sittings = typical.features * features + typical.milestones * milestones
        dollars = sittings * cost(_usage(typical.tokens), prices[seat])
        dollars_low += dollars
        dollars_high += dollars * EXCESS * typical.spread
        minutes_low += sittings * typical.minutes
        minutes_high += sittings * typical.minutes * EXCESS * typical.spread
    return Estimate(
        round((features + 2 * milestones) * EXCESS), round(dollars_low, 2), round(dollars_high, 2),
        round(minutes_low / 60, 1), round(minutes_high / 60, 1),
    )


def _usage(tokens: int) -> Usage:
    return Usage(fresh=round(tokens * FRESH), cached=round(tokens * CACHED), out=round(tokens * OUT))
