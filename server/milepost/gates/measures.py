"""Counts that tell whether the code is cleaner at the end than at the base."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from milepost.domain.receipt import TestRun
from milepost.domain.shape import Shape
from milepost.gates import stubs
from milepost.gates.marks import language, marks
from milepost.gates.source import tests_in
from milepost.workspace.paths import PathKinds

WINDOW = 6
"""Lines that must be equal in a row to count as duplicated."""

_COMMENT = re.compile(r"^(?:#|//|/?\*|<!--|--\s)")
_FINDING = re.compile(
    r"^\s*(?:[EWF]:\s+)?(?:[\w./\\@+-]+\.\w+|[A-Za-z]:\\[\w.\\-]+)(?::\d+(?::\d+)?:?\s+\S|\(\d+(?:,\d+)?\):\s*\S)"
    r"|^\s*\d+:\d+\s+(?:error|warning)\b|^\s*-->\s+\S+:\d+:\d+$"
)
_TOTALS = (
    re.compile(r"^TOTAL\b.*?(\d+(?:\.\d+)?)%", re.M),
    re.compile(r"^All files\s*\|\s*(\d+(?:\.\d+)?)", re.M),
    re.compile(r"^total:\s+\(statements\)\s+(\d+(?:\.\d+)?)%", re.M),
    re.compile(r"^(?:Lines|lines\.*)\s*:\s*(\d+(?:\.\d+)?)%", re.M),
    re.compile(r"^(\d+(?:\.\d+)?)%\s+coverage", re.M),
)


class Measures(Shape):
    """What was counted in one tree; None where there was nothing to count it with."""

    suppressions: int
    skips: int
    stubs: int
    tests: int
    product_lines: int
    test_lines: int
    duplicated_lines: int
    lint_findings: int | None = None
    type_findings: int | None = None
    coverage: float | None = None

    def counts(self) -> dict[str, int]:
        """Only what could be counted, as whole numbers: coverage in percent, rounded down."""
        return {name: int(value) for name, value in self.model_dump().items() if value is not None}


def measure(
    files: Mapping[str, str], kinds: PathKinds, *, suite: TestRun | None = None,
    lint: str | None = None, types: str | None = None, coverage: str | None = None,
) -> Measures:
    """Counts of one tree; `lint`, `types` and `coverage` are what the manifest's commands printed, if there are any."""
    code = {path: text for path, text in files.items() if language(path)}
    product = {path: text for path, text in code.items() if kinds.kind(path) == "product"}
    tests = {path: text for path, text in code.items() if kinds.kind(path) == "test"}
    seen = [mark.kind for path, text in (product | tests).items() for mark in marks(path, text)]
    in_source = sum(len(tests_in(path, text)) for path, text in tests.items())
    return Measures(
        suppressions=seen.count("suppression"), skips=seen.count("skip") + seen.count("xfail"),
        stubs=len(stubs.scan(product)),
        tests=len(suite.passed) + len(suite.failed) + len(suite.skipped) if suite and suite.report else in_source,
        product_lines=_lines_of_code(product.values()), test_lines=_lines_of_code(tests.values()),
        duplicated_lines=duplicated(product.values()),
        lint_findings=None if lint is None else findings_in(lint),
        type_findings=None if types is None else findings_in(types),
        coverage=None if coverage is None else coverage_in(coverage),
    )


def duplicated(texts: Iterable[str]) -> int:
    """Lines in a run of six or more that is seen elsewhere too; blank and punctuation lines do not count."""
    files = [[line for line in map(_normal, text.splitlines()) if line] for text in texts]
    windows: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for file, lines in enumerate(files):
        for start in range(len(lines) - WINDOW + 1):
            windows[tuple(lines[start:start + WINDOW])].append((file, start))
    covered = {
        (file, start + step)
        for places in windows.values() if len(places) > 1
        for file, start in places for step in range(WINDOW)
    }
    return len(covered)


def findings_in(output: str) -> int:
    """Lines of a linter's or type checker's output that name a file and a line."""
    return sum(1 for line in output.splitlines() if _FINDING.search(line) and ": note:" not in line)


def coverage_in(output: str) -> float | None:
    """The total in percent that a coverage command printed last, or None where it printed none."""
    for pattern in _TOTALS:
        totals: list[str] = pattern.findall(output)
        if totals:
            return float(totals[-1])
    return None


def _lines_of_code(texts: Iterable[str]) -> int:
    return sum(1 for text in texts for line in text.splitlines() if line.strip() and not _COMMENT.match(line.strip()))


def _normal(line: str) -> str:
    bare = " ".join(line.split())
    return bare if any(c.isalnum() for c in bare) and not _COMMENT.match(bare) else ""
