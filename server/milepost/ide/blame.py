"""A line of code that a mission wrote, as blame and the trailers of its commit tell."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BlameLine:
    """One line and the commit it is from."""

    line: int
    commit: str
    feature: str
    mission: str
