"""Money: set aside before a call, settled after it, never above the limit (D18b)."""

from collections.abc import Callable

from milepost.domain.budget import Budget, Spent, refusal
from milepost.domain.turn import Usage


class Purse:
    """What was spent and what is set aside; one for all attempts of a mission, so that parallel calls share the limit.

    `hours` says how long the mission was at work so far.
    """

    def __init__(self, budget: Callable[[], Budget], spent: Spent, hours: Callable[[], float] = lambda: 0.0) -> None:
        self.budget = budget
        self.spent = spent
        self.hours = hours
        self.set_aside = 0.0

    def refusal(self, dollars: float) -> str | None:
        """Why this call must not be made, or None; None sets the money aside."""
        reason = refusal(self.budget(), self.spent, self.set_aside + dollars, self.hours())
        if reason is None:
            self.set_aside += dollars
        return reason

    def settle(self, reserved: float, usage: Usage | None, cost: float) -> Spent:
        """Put back what was set aside and count what was used; what this one call spent."""
        self.set_aside = max(0.0, self.set_aside - reserved)
        used = usage or Usage()
        one = Spent(dollars=cost, fresh=used.fresh, cached=used.cached, out=used.out, turns=1)
        self.spent = self.spent.plus(one)
        return one
