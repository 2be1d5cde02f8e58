"""The machine as the runner reckons with it: what is free, what cells take, and what a flow was seen to cost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from milepost.domain.admission import Headroom, cost
from milepost.workspace import gauge
from milepost.workspace.gauge import Footprints


@dataclass(slots=True)
class Machine:
    """Measured for as long as a runner lives; the next one begins with what is usual."""

    headroom: Callable[[int], Headroom] = gauge.headroom
    """What is free, told what the flows that sit now take."""
    footprints: Callable[[Mapping[str, Path]], Footprints] = gauge.footprints
    """What the cells that work in these folders take."""
    costs: dict[str, int] = field(default_factory=dict)
    """The most that a flow of each surface was seen to take, in MB."""

    def learn(self, surface: str, taken_mb: int) -> None:
        """Take note of what one flow took."""
        if taken_mb > self.costs.get(surface, 0):
            self.costs[surface] = taken_mb

    def cost(self, surface: str) -> int:
        """What a flow of a surface is reckoned with."""
        return cost(surface, self.costs)
