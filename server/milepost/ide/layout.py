"""On which line of the projected contract and plan each thing stands; worked out once for each contract and plan."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from milepost.domain.contract import Contract
from milepost.domain.contract_format import format_area, format_assertion, format_contract
from milepost.domain.plan import Plan


@dataclass(frozen=True, eq=False)
class Layout:
    """The lines of the two documents, from 0; compared by identity, so that snapshots of one contract share it."""

    contract: Contract
    plan: Plan | None

    @cached_property
    def assertions(self) -> Mapping[str, int]:
        """The line of each assertion's heading in the contract."""
        return dict(self._headings())

    @cached_property
    def features(self) -> Mapping[str, int]:
        """The line of each milestone and feature in the plan."""
        return dict(self._entries())

    def _headings(self) -> Iterator[tuple[str, int]]:
        line = format_contract(replace(self.contract, areas=())).count("\n")
        for area in self.contract.areas:
            # A free line stands between what follows one another.
            line += 1 + format_area(replace(area, assertions=())).count("\n")
            for assertion in area.assertions:
                yield assertion.id, line + 1
                line += 1 + format_assertion(assertion).count("\n")

    def _entries(self) -> Iterator[tuple[str, int]]:
        if self.plan is None:
            return
        line = 2
        for milestone in self.plan.milestones:
            yield milestone.id, line
            line += 4 + milestone.outcome.count("\n")
            for feature in self.plan.features:
                if feature.milestone == milestone.id:
                    yield feature.id, line
                    line += 1
            line += 1
