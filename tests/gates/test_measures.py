"""Counts of a tree."""

import pytest

from milepost.domain.receipt import TestRun
from milepost.domain.services import Paths
from milepost.gates.measures import coverage_in, duplicated, findings_in, measure
from milepost.workspace.paths import PathKinds

KINDS = PathKinds(Paths())
BLOCK = "".join(f"step_{n}(value)\n" for n in range(6))


def test_tree_is_counted() -> None:
    files = {
        "app.py": "import x  # noqa\n\n# a comment\n\ndef f():\n    raise NotImplementedError\n",
        "tests/test_app.py": "import pytest\n\n\n@pytest.mark.skip(reason='x')\ndef test_a():\n    assert f() == 1\n",
        "README.md": "# TODO and # noqa\n",
    }
    counts = measure(files, KINDS, lint="app.py:1:1: F401 unused\nFound 1 error.\n", coverage="TOTAL 10 5 50%\n")
    assert counts.counts() == {
        "suppressions": 1, "skips": 1, "stubs": 1, "tests": 1, "product_lines": 3, "test_lines": 4,
        "duplicated_lines": 0, "lint_findings": 1, "coverage": 50,
    }
    assert counts.type_findings is None


def test_suite_knows_better_than_the_source_how_many_tests_there_are() -> None:
    suite = TestRun(passed=["a::b", "a::c"], failed=["a::d"], skipped=["a::e"])
    files = {"tests/test_a.py": "def test_a():\n    assert f()\n"}
    assert measure(files, KINDS, suite=suite).tests == 4
    assert measure(files, KINDS, suite=TestRun(report=False)).tests == 1


def test_D26_six_equal_lines_in_a_row_are_duplicated() -> None:
    indented = "def g():\n" + "".join(f"    {line}\n\n" for line in BLOCK.splitlines())
    assert duplicated([f"a = 1\n{BLOCK}b = 2\n", indented]) == 12
    assert duplicated([BLOCK.replace("step_3", "other"), BLOCK]) == 0
    assert duplicated([BLOCK]) == 0


@pytest.mark.parametrize(
    ("output", "count"),
    [
        ("app.py:1:8: F401 `os` imported but unused\napp.py:2:1: E501 too long\nFound 2 errors.\n", 2),
        ("F401 [*] `os` imported but unused\n --> app.py:1:8\n", 1),
        ("app.py:3: error: Name \"x\" is not defined  [name-defined]\napp.py:3: note: see\nFound 1 error\n", 1),
        ("/w/src/a.ts\n  1:7  error  'x' is unused  no-unused-vars\n  2:1  warning  y  z\n\n2 problems\n", 2),
        ("src/a.ts(3,5): error TS2322: Type\n", 1),
        ("./a.go:7:2: declared and not used: x\n", 1),
        ("All checks passed!\n", 0),
        ("Success: no issues found in 3 source files\n", 0),
    ],
)
def test_findings_of_a_tool_are_counted(output: str, count: int) -> None:
    assert findings_in(output) == count


@pytest.mark.parametrize(
    ("output", "percent"),
    [
        ("Name Stmts Miss Cover\napp.py 10 1 90%\nTOTAL 10 1 90%\n", 90.0),
        ("TOTAL      120     10     40      4    87.5%\n", 87.5),
        ("All files          |   93.33 |      100 |      50 |   93.33 |\n", 93.33),
        ("total:\t(statements)\t71.4%\n", 71.4),
        ("Lines        : 66.66% ( 2/3 )\n", 66.66),
        ("80.21% coverage, 150/187 lines covered\n", 80.21),
        ("3 passed\n", None),
    ],
)
def test_total_of_coverage_is_read(output: str, percent: float | None) -> None:
    assert coverage_in(output) == percent
