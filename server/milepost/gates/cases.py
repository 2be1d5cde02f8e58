"""Which test cases must have passed, and which of them did not (D18d)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from milepost.domain.handoff import Renamed, TestFile
from milepost.domain.receipt import TestRun

_SEPARATOR = re.compile(r"::| > | \u203a ")


@dataclass(frozen=True, slots=True)
class Named:
    """A case as a handoff names it: a file, and the case's name in that file."""

    file: str
    name: str

    def __str__(self) -> str:
        return f"{self.file}::{self.name}"


@dataclass(frozen=True, slots=True)
class Expected:
    """What must pass: ids seen to pass before, and cases that handoffs name."""

    ids: frozenset[str] = frozenset()
    named: tuple[Named, ...] = ()


def named(tests: Iterable[TestFile]) -> list[Named]:
    """The cases of a handoff's `tests`, one by one."""
    return [Named(test.file, case.name) for test in tests for case in test.cases]


def expected(base: TestRun | None, cases: Iterable[Named], renamed: Iterable[Renamed] = ()) -> Expected:
    """Ids that passed at the base or the last seal, moved as the handoffs say, and the cases handoffs name."""
    before = frozenset(base.passed if base else ())
    ids, old = set(before), []
    for change in renamed:
        # A case that passed already is nobody's new name: that would excuse a deleted one.
        if change.new not in before:
            old.append(change.old)
            if change.old in ids:
                ids.remove(change.old)
                ids.add(change.new)
    kept = [case for case in cases if not any(matches(case, was) and _in_file(case.file, was) for was in old)]
    return Expected(frozenset(ids), tuple(dict.fromkeys(kept)))


def missing(wanted: Expected, run: TestRun) -> list[str]:
    """What was expected to pass and did not: gone, failed or skipped."""
    gone = sorted(wanted.ids - set(run.passed))
    return gone + [str(case) for case in wanted.named if not did_pass(case, run)]


def did_pass(case: Named, run: TestRun) -> bool:
    """Whether the case, in all its variants, passed."""
    return bool(candidates(case, run.passed)) and not candidates(case, [*run.failed, *run.skipped])


def candidates(case: Named, ids: Iterable[str]) -> list[str]:
    """The ids that a named case can mean: those of its own file where ids tell files apart, otherwise all."""
    same_name = [test_id for test_id in ids if matches(case, test_id)]
    return [test_id for test_id in same_name if _in_file(case.file, test_id)] or same_name


def matches(case: Named, test_id: str) -> bool:
    """Whether an id can be that case, its file aside: the same name, a variant of it, or nested under it."""
    wanted = _SEPARATOR.split(case.name)[-1].strip()
    actual = test_id.rpartition("::")[2]
    if case.name in (test_id, actual) or wanted == _SEPARATOR.split(actual)[-1].strip():
        return True
    return actual.startswith((f"{wanted}[", f"{wanted}/", f"{wanted}(")) or actual.endswith(f" {wanted}")


def _in_file(file: str, test_id: str) -> bool:
    path = PurePosixPath(file)
    dotted = ".".join(path.with_suffix("").parts)
    place = test_id.rpartition("::")[0]
    return file in place or dotted in place or path.name.split(".")[0] in re.split(r"[./\\ :]", place)
