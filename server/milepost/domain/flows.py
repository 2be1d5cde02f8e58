"""Grouping assertions for testers: the engine does it, not a model, so that a replay groups them the same."""

from collections.abc import Iterable
from dataclasses import dataclass

from milepost.domain.contract import Assertion

LARGEST = 8
"""Assertions in one flow."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What one tester is asked to show: assertions of one area and one surface, or one that must be alone."""

    name: str
    """`flow-1`, `flow-2` …"""
    assertions: tuple[Assertion, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of its assertions."""
        return tuple(a.id for a in self.assertions)

    @property
    def surface(self) -> str:
        """The surface they are observed on."""
        return self.assertions[0].surface


def flows(assertions: Iterable[Assertion]) -> list[Flow]:
    """Flows for the live assertions that need a tester, in the order of their first ids."""
    groups: dict[tuple[str, str, str], list[Assertion]] = {}
    wanted = (a for a in assertions if a.needs_tester and not a.removed)
    for assertion in sorted(wanted, key=_rank):
        by_itself = assertion.id if assertion.alone else ""
        groups.setdefault((assertion.area, assertion.surface, by_itself), []).append(assertion)
    parts = [tuple(g[at:at + LARGEST]) for g in groups.values() for at in range(0, len(g), LARGEST)]
    return [Flow(f"flow-{n}", part) for n, part in enumerate(parts, start=1)]


def _rank(assertion: Assertion) -> tuple[str, int, str]:
    """Sorts AUTH-999 before AUTH-1000."""
    number = assertion.id.rpartition("-")[2]
    return assertion.area, int(number) if number.isdecimal() else 0, assertion.id
