"""Money, tokens and time: what a mission may spend, what it reserved, what is left."""

from milepost.domain.seat import Price
from milepost.domain.shape import Shape
from milepost.domain.turn import Usage

IMAGE_TOKENS = 1_600
"""Upper bound assumed for one image part."""
SLACK_TOKENS = 1_000
"""Added to every reservation for what a provider wraps around messages."""


class Budget(Shape):
    """Limits for the life of a mission; None is no limit. Restarts do not reset what was spent."""

    dollars: float | None = None
    tokens: int | None = None
    turns: int | None = None
    hours: float | None = None


class Caps(Shape):
    """Lifetime caps (D18)."""

    nudges: int = 2
    """Nudges for one attempt before it is ended as stuck."""
    feature_attempts: int = 5
    """Attempts at one feature, its fixes included."""
    rounds: int = 5
    """Rounds of one milestone."""
    audits: int = 3
    dishonest_calls: int = 3
    """Malformed calls in a row before an attempt ends."""


class Spent(Shape):
    """What was used so far."""

    dollars: float = 0.0
    fresh: int = 0
    cached: int = 0
    out: int = 0
    turns: int = 0

    def plus(self, other: "Spent") -> "Spent":
        """The sum of both."""
        return Spent(
            dollars=self.dollars + other.dollars, fresh=self.fresh + other.fresh, cached=self.cached + other.cached,
            out=self.out + other.out, turns=self.turns + other.turns,
        )


def cost(usage: Usage, price: Price) -> float:
    """Dollars for one call."""
    return (usage.fresh * price.fresh + usage.cached * price.cached + usage.out * price.out) / 1e6


def bound(price: Price, *, last_prompt: int, bytes_added: int, images: int, max_output: int) -> float:
    """Dollars that one call cannot exceed: a token is never less than a byte of UTF-8 (D18b)."""
    prompt = last_prompt + bytes_added + SLACK_TOKENS + images * IMAGE_TOKENS
    return (prompt * max(price.fresh, price.cached) + max_output * price.out) / 1e6


def refusal(budget: Budget, spent: Spent, reserved: float, hours: float = 0.0) -> str | None:
    """Why a call that reserves so many dollars, after so many hours, must not be made; or None."""
    if budget.dollars is not None and spent.dollars + reserved > budget.dollars + 1e-9:
        return (
            f"money: {spent.dollars:.2f} of {budget.dollars:.2f} dollars are spent and the next call may cost "
            f"{reserved:.2f}; raise it with `milepost set budget.dollars N`"
        )
    tokens = spent.fresh + spent.cached + spent.out
    if budget.tokens is not None and tokens >= budget.tokens:
        return f"tokens: {tokens} of {budget.tokens} are used; raise it with `milepost set budget.tokens N`"
    if budget.turns is not None and spent.turns >= budget.turns:
        return f"turns: {spent.turns} of {budget.turns} are used; raise it with `milepost set budget.turns N`"
    if budget.hours is not None and hours >= budget.hours:
        return f"hours: {hours:.1f} of {budget.hours:g} are over; raise it with `milepost set budget.hours N`"
    return None
