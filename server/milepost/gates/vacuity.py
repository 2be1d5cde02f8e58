"""Takes a feature's product change back in a scratch tree: what still passes there never tested it (D11)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from milepost.domain.contract import Assertion
from milepost.domain.handoff import TestFile
from milepost.domain.receipt import Receipt, TestRun
from milepost.domain.services import Command
from milepost.gates.cases import Named, candidates, named
from milepost.gates.receipts import Keep
from milepost.gates.red import examine
from milepost.gates.suite import is_green, run_suite
from milepost.workspace.cell import Cell
from milepost.workspace.paths import PathKinds

Lay = Callable[[], AbstractAsyncContextManager[Cell]]
"""Lays the scratch tree, checks included, opens a cell on it, and clears both away."""


@dataclass(frozen=True, slots=True)
class Vacuity:
    """What did not turn red: assertion ids and `file::case`; `provable` is False where there was nothing to turn."""

    vacuous: tuple[str, ...]
    provable: bool
    receipts: tuple[Receipt, ...]


def product_paths(changed: Iterable[str], kinds: PathKinds) -> list[str]:
    """Of the paths a feature changed, those to be put back to where it started."""
    return [path for path in changed if kinds.kind(path) == "product"]


async def prove(
    lay: Lay, *, assertions: Sequence[Assertion], tests: Sequence[TestFile], command: Command | None, keep: Keep,
    env: Mapping[str, str] | None = None, tree: str = "",
) -> Vacuity:
    """Runs the feature's checks, guards aside, and its tests on the tree without its product change."""
    checks = [a for a in assertions if a.check and not a.is_guard and not a.removed]
    cases = named(tests) if command else []
    if not checks and not cases:
        return Vacuity((), provable=False, receipts=())
    vacuous: list[str] = []
    receipts: list[Receipt] = []
    async with lay() as cell:
        for assertion in checks:
            result, receipt = await examine(cell, assertion, keep=keep, env=env, tree=tree)
            receipts.append(receipt)
            if result == "green":
                vacuous.append(assertion.id)
        if command and cases:
            receipt, run = await run_suite(cell, command, keep=keep, env=env or {}, tree=tree)
            receipts.append(receipt)
            green = is_green(command, receipt, run)
            vacuous += [str(case) for case in cases if _still_passes(case, run, green=green)]
    return Vacuity(tuple(vacuous), provable=True, receipts=tuple(receipts))


def _still_passes(case: Named, run: TestRun, *, green: bool) -> bool:
    """Whether a case did not turn red; where there is no report, whether the whole suite did not."""
    if not run.report:
        return green
    return bool(candidates(case, [*run.passed, *run.skipped])) and not candidates(case, run.failed)
