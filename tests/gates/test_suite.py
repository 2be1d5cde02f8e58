"""A suite is green by what its report says, and eleven ways to fake that are caught."""

import sys
from pathlib import Path

import pytest

from milepost.domain.receipt import Receipt, TestRun
from milepost.domain.services import Command, Paths
from milepost.gates.cases import expected, missing
from milepost.gates.suite import REPORT_PREFIX, is_green, run_suite, why_red
from milepost.gates.tamper import compare
from milepost.workspace.cell import Cell
from milepost.workspace.paths import PathKinds
from milepost.workspace.sandbox import open_cell
from tests.gates.conftest import Shelf

# A work folder on the path, as `python -m pytest` has it; nothing of this machine's plugins.
PYTEST = Command(
    run=f"{sys.executable} -m pytest -q -p no:cacheprovider --junitxml={{report}}", report="junit", timeout_s=60
)
ENV = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONDONTWRITEBYTECODE": "1"}
HONEST_TEST = """from app import add


def test_add():
    assert add(1, 2) == 3


def test_zero():
    assert add(0, 0) == 0
"""
WRONG = "def add(a, b):\n    return a - b\n"
BASE = TestRun(passed=["tests.test_add::test_add", "tests.test_add::test_zero"])


def lay(tree: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def names(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.iterdir())


async def ran(cell: Cell, shelf: Shelf, command: Command = PYTEST) -> tuple[Receipt, TestRun]:
    return await run_suite(cell, command, keep=shelf.keep, env=ENV, tree="t")


async def test_honest_suite_is_green(cell: Cell, tree: Path, shelf: Shelf) -> None:
    lay(tree, {"app.py": "def add(a, b):\n    return a + b\n", "tests/test_add.py": HONEST_TEST})
    receipt, run = await ran(cell, shelf)
    assert is_green(PYTEST, receipt, run)
    assert why_red(PYTEST, receipt, run) == ""
    assert run == BASE
    assert receipt.command == PYTEST.run
    assert not [name for name in names(tree) if name.startswith(REPORT_PREFIX)]


async def test_honest_failure_is_red(cell: Cell, tree: Path, shelf: Shelf) -> None:
    lay(tree, {"app.py": WRONG, "tests/test_add.py": HONEST_TEST})
    receipt, run = await ran(cell, shelf)
    assert not is_green(PYTEST, receipt, run)
    assert why_red(PYTEST, receipt, run) == "1 failed: tests.test_add::test_add"
    assert missing(expected(BASE, []), run) == ["tests.test_add::test_add"]


CHEATS = {
    "D05_exit_at_import": {"app.py": "import os\nos._exit(0)\n"},
    "D05_sys_exit_at_import": {"app.py": "import sys\nsys.exit(0)\n"},
    "D06_conftest_rewrites_reports": {"conftest.py": (
        "import pytest\n\n\n@pytest.hookimpl(hookwrapper=True)\ndef pytest_runtest_makereport(item, call):\n"
        "    outcome = yield\n    report = outcome.get_result()\n    report.outcome = 'passed'\n"
        "    report.longrepr = None\n"
    )},
    "D07_collect_only": {"pytest.ini": "[pytest]\naddopts = --collect-only\n"},
    "D07_deselects_all": {"pytest.ini": "[pytest]\naddopts = -k nothing_is_named_so\n"},
    "D02_module_skip": {"tests/test_add.py": "import pytest\n\npytestmark = pytest.mark.skip\n" + HONEST_TEST},
    "D02_module_xfail": {"tests/test_add.py": "import pytest\n\npytestmark = pytest.mark.xfail\n" + HONEST_TEST},
    "D08_fake_pytest": {"pytest.py": "print('2 passed in 0.01s')\n"},
    "D06_status_set_to_zero": {"conftest.py": (
        "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n    session.testsfailed = 0\n"
    )},
    "D09_always_equal": {"app.py": (
        "class Answer:\n    def __eq__(self, other):\n        return True\n\n\ndef add(a, b):\n    return Answer()\n"
    )},
    "D04_looks_at_its_caller": {"app.py": (
        "import sys\n\n\ndef add(a, b):\n    caller = sys._getframe(1).f_code.co_name\n"
        "    return {'test_add': 3, 'test_zero': 0}.get(caller, a - b)\n"
    )},
}


@pytest.mark.parametrize("cheat", CHEATS)
async def test_cheat_is_caught(cheat: str, cell: Cell, tree: Path, shelf: Shelf) -> None:
    before = {"app.py": WRONG, "tests/test_add.py": HONEST_TEST}
    lay(tree, before | CHEATS[cheat])
    receipt, run = await ran(cell, shelf)
    by_report = not is_green(PYTEST, receipt, run) or bool(missing(expected(BASE, []), run))
    listed = compare(before, before | CHEATS[cheat], PathKinds(Paths()))
    by_source = any(change.severity == "blocking" for change in listed)
    if cheat == "D04_looks_at_its_caller":
        # No report can tell it from the truth: it is put before the readers, who judge it.
        assert [change.kind for change in listed] == ["introspection"]
        assert not by_report
    elif cheat in ("D06_conftest_rewrites_reports", "D09_always_equal"):
        assert by_source
    else:
        assert by_report


@pytest.mark.parametrize(
    ("run", "why"),
    [
        ("true", "'true' ended with 0 but left no whole JUnit report at {report}"),
        ("echo '<testsuites/>' > {report}", "no test passed (0 skipped)"),
        ("echo '<testsuite><testcase name=\"a\"><skipped/></testcase></testsuite>' > {report}", "passed (1 skipped)"),
        ("echo '<testsuite><testcase' > {report}", "left no whole JUnit report"),
        ("exit 7", "ended with exit code 7"),
    ],
)
async def test_D05_exit_code_zero_alone_is_not_green(run: str, why: str, cell: Cell, shelf: Shelf) -> None:
    command = Command(run=run, report="junit")
    receipt, seen = await ran(cell, shelf, command)
    assert not is_green(command, receipt, seen)
    assert why in why_red(command, receipt, seen)


async def test_suite_that_hangs_is_red(cell: Cell, shelf: Shelf) -> None:
    command = Command(run="sleep 60", report="junit", timeout_s=1)
    receipt, seen = await ran(cell, shelf, command)
    assert why_red(command, receipt, seen) == "'sleep 60' did not end within 1 s"


async def test_failures_are_named_up_to_five(cell: Cell, shelf: Shelf) -> None:
    run = TestRun(failed=[f"a::t{n}" for n in range(6)])
    receipt, _ = await ran(cell, shelf, Command(run="exit 1"))
    assert why_red(PYTEST, receipt, run) == "6 failed: a::t0, a::t1, a::t2, a::t3, a::t4 …"


async def test_command_without_a_report_is_green_by_its_exit_code(cell: Cell, shelf: Shelf) -> None:
    command = Command(run="true")
    receipt, seen = await ran(cell, shelf, command)
    assert is_green(command, receipt, seen)
    assert not seen.report


@pytest.mark.needs("bwrap")
async def test_report_written_behind_walls_is_read(tree: Path, shelf: Shelf) -> None:
    walled = await open_cell(tree, sandbox=True, scratch=tree.parent / "walled")
    try:
        command = Command(run="cd / && echo '<testsuite><testcase name=\"a\"/></testsuite>' > {report}", report="junit")
        receipt, seen = await ran(walled, shelf, command)
    finally:
        await walled.close()
    assert is_green(command, receipt, seen)
    assert names(tree) == []


async def test_folder_of_reports_is_one_run(cell: Cell, tree: Path, shelf: Shelf) -> None:
    case = "<testsuite><testcase classname=\"{0}\" name=\"t\"/></testsuite>"
    line = " && ".join(f"echo '{case.format(name)}' > {{report}}/TEST-{name}.xml" for name in "ab")
    command = Command(run=f"mkdir {{report}} && {line}", report="junit")
    receipt, seen = await ran(cell, shelf, command)
    assert is_green(command, receipt, seen)
    assert seen.passed == ["a::t", "b::t"]
    assert names(tree) == []


async def test_D05_report_left_behind_by_somebody_is_not_read(cell: Cell, tree: Path, shelf: Shelf) -> None:
    (tree / f"{REPORT_PREFIX}0000.xml").write_text("<testsuite><testcase name='a'/></testsuite>")
    _, seen = await ran(cell, shelf, Command(run="true {report}", report="junit"))
    assert not seen.report


@pytest.mark.parametrize("trick", [
    "ln -s ../secret.xml {report}", "mkfifo {report}", "mkdir {report} && ln -s ../../secret.xml {report}/a.xml",
])
async def test_report_that_is_no_plain_file_is_refused(trick: str, cell: Cell, tree: Path, shelf: Shelf) -> None:
    (tree.parent / "secret.xml").write_text("<testsuite><testcase classname='a' name='secret'/></testsuite>")
    _, seen = await ran(cell, shelf, Command(run=trick, report="junit"))
    assert seen == TestRun(report=False)
    assert names(tree) == []
    assert (tree.parent / "secret.xml").exists()
