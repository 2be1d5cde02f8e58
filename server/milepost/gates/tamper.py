"""Compares two sets of files for what makes a suite greener without making the program better."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from milepost.domain.handoff import Renamed, Severity
from milepost.gates import runner_config, thresholds
from milepost.gates.marks import Mark, MarkKind, marks
from milepost.gates.python_source import TestShape
from milepost.gates.source import tests_in
from milepost.workspace.paths import PathKinds, is_control

ChangeKind = Literal[
    "skip", "xfail", "suppression", "swallowed_error", "hollow_assertion", "always_equal", "introspection",
    "deleted_test", "emptied_test", "weakened_test", "threshold", "runner_config", "shadow", "control_path",
]
Files = Mapping[str, str]
"""Path to text; files that are no text are left out."""

_BLOCKING: frozenset[MarkKind] = frozenset({"skip", "xfail", "hollow_assertion", "always_equal"})
_IN_TESTS: frozenset[MarkKind] = frozenset({"skip", "xfail", "hollow_assertion"})
@dataclass(frozen=True, slots=True)
class Change:
    """One thing that was not so at the base."""

    path: str
    line: int
    kind: ChangeKind
    what: str
    severity: Severity


def compare(before: Files, after: Files, kinds: PathKinds, *, renamed: Iterable[Renamed] = ()) -> list[Change]:
    """Everything listed against the base, by path and line; a mark or test that only moved is not listed."""
    found = [
        *_new_marks(before, after, kinds), *_tests(before, after, kinds, renamed),
        *_configuration(before, after), *_places(before, after),
    ]
    return sorted(found, key=lambda change: (change.path, change.line, change.kind))


def _new_marks(before: Files, after: Files, kinds: PathKinds) -> Iterator[Change]:
    # Counted over all files, so that what was only moved or re-indented is not new.
    spare = Counter((mark.kind, mark.what) for _, mark in _marks(before, kinds))
    for path, mark in _marks(after, kinds):
        if spare[mark.kind, mark.what]:
            spare[mark.kind, mark.what] -= 1
        else:
            severity: Severity = "blocking" if mark.kind in _BLOCKING else "non_blocking"
            yield Change(path, mark.line, mark.kind, mark.what, severity)


def _marks(files: Files, kinds: PathKinds) -> Iterator[tuple[str, Mark]]:
    for path, text in files.items():
        kind = kinds.kind(path)
        if kind in ("product", "test"):
            for mark in marks(path, text):
                if kind == "test" or mark.kind not in _IN_TESTS:
                    yield path, mark


def _tests(before: Files, after: Files, kinds: PathKinds, renamed: Iterable[Renamed]) -> Iterator[Change]:
    excused = {_bare(change.old) for change in renamed}
    now = {path: _shapes(path, text) for path, text in after.items() if kinds.kind(path) == "test"}
    fresh = Counter(
        name for path, shapes in now.items() for name in shapes if name not in _shapes(path, before.get(path, ""))
    )
    for path, text in before.items():
        if kinds.kind(path) == "test":
            for name, old in _shapes(path, text).items():
                new = now.get(path, {}).get(name)
                if new:
                    yield from _weaker(path, old, new)
                elif fresh[name]:
                    fresh[name] -= 1
                else:
                    severity: Severity = "non_blocking" if _bare(name) in excused else "blocking"
                    yield Change(path, 1, "deleted_test", f"{name} is gone", severity)


def _weaker(path: str, old: TestShape, new: TestShape) -> Iterator[Change]:
    if old.asserts and not new.asserts:
        yield Change(path, new.line, "emptied_test", f"{new.name} asserts nothing any more", "blocking")
    elif new.asserts < old.asserts:
        what = f"{new.name} had {old.asserts} assertions and has {new.asserts}"
        yield Change(path, new.line, "weakened_test", what, "non_blocking")


def _configuration(before: Files, after: Files) -> Iterator[Change]:
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if thresholds.is_config(path) and old is not None:
            for line, what in thresholds.lowered(old, new or ""):
                yield Change(path, line, "threshold", what, "blocking")
            for line, what in thresholds.raised(old, new or ""):
                yield Change(path, line, "threshold", what, "non_blocking")
        if runner_config.is_runner_config(path):
            yield from _runner(path, old, new)


def _runner(path: str, old: str | None, new: str | None) -> Iterator[Change]:
    what = runner_config.changed(path, old, new)
    if what:
        yield Change(path, 1, "runner_config", what, "non_blocking")
    if new is not None and what:
        for line, text in runner_config.turned(old or "", new):
            yield Change(path, line, "runner_config", text, "blocking")
        if path.endswith("package.json"):
            for line, text in runner_config.no_ops(old or "", new):
                yield Change(path, line, "runner_config", text, "blocking")


def _places(before: Files, after: Files) -> Iterator[Change]:
    for path, text in after.items():
        if is_control(path) and before.get(path) != text:
            yield Change(path, 1, "control_path", "changed" if path in before else "added", "blocking")
        if runner_config.shadows(path) and path not in before:
            yield Change(path, 1, "shadow", f"{path} would be loaded in place of a tool", "blocking")
    for path in before.keys() - after.keys():
        if is_control(path):
            yield Change(path, 1, "control_path", "removed", "blocking")


def _shapes(path: str, text: str) -> dict[str, TestShape]:
    return {shape.name: shape for shape in tests_in(path, text)} if text else {}


def _bare(name: str) -> str:
    return name.rpartition("::")[2].rpartition(".")[2].partition("[")[0]
