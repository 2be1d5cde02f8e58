"""A check that says no is told from one that cannot start, that crashes, and that shows nothing."""

import sys
from pathlib import Path

import pytest

from milepost.domain.contract import Assertion
from milepost.domain.receipt import CheckResult
from milepost.gates.command_words import Needs, needs
from milepost.gates.red import examine
from milepost.workspace.cell import Cell
from tests.gates.conftest import Shelf

PY = sys.executable
FILES = {
    "checks/no.py": "print('looked')\nprint('NOT MET: nothing there')\nraise SystemExit(1)\n",
    "checks/yes.py": "print('fine')\n",
    "checks/torn.py": "import todo_app_that_is_not_there\n",
    "checks/two_minds.py": "print('NOT MET: but ends well')\n",
    "checks/no.sh": "echo 'NOT MET: no file'\nexit 2\n",
    "checks/calls_missing.sh": "exec no-such-program --version\n",
    "checks/no.js": "console.log('NOT MET: no export'); process.exit(1)\n",
    "checks/torn.js": "require('./not-there')\n",
    "checks/test_no.py": "def test_a():\n    assert 1 == 2\n",
    "checks/test_yes.py": "def test_a():\n    assert 1 == 1\n",
    "checks/test_none.py": "x = 1\n",
    "checks/test_torn.py": "import todo_app_that_is_not_there\n\n\ndef test_a():\n    assert True\n",
    "checks/test_skips.py": "import pytest\n\n\ndef test_a():\n    pytest.skip('later')\n",
    "checks/unit_none.py": "import unittest\n",
    "checks/unit_skips.py": (
        "import unittest\n\n\nclass A(unittest.TestCase):\n"
        "    @unittest.skip('x')\n    def test_a(self):\n        pass\n"
    ),
    "checks/none.test.js": "\n",
    "Makefile": "yes:\n\t@true\nno:\n\t@echo 'NOT MET: no'; exit 1\ntorn: out.bin\n",
    "words.txt": "one\n",
}
PYTEST = f"{PY} -m pytest -q -p no:cacheprovider"


@pytest.fixture(autouse=True)
def checks(tree: Path) -> None:
    for name, text in FILES.items():
        path = tree / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize(
    ("command", "result", "code"),
    [
        (f"{PY} checks/no.py", "red", 1),
        (f"{PY} checks/yes.py", "green", 0),
        (f"{PY} checks/torn.py", "error", 1),
        (f"{PY} checks/gone.py", "absent", 2),
        (f"{PY} -m no_such_module_here", "absent", 1),
        (f"{PY} checks/two_minds.py", "error", 0),
        (f"cd checks && {PY} no.py", "red", 1),
        (f"cd checks && {PY} gone.py", "absent", 2),
        (f"{PYTEST} checks/test_no.py", "error", 1),
        (f"{PYTEST} checks/test_yes.py", "green", 0),
        (f"{PYTEST} checks/test_gone.py", "absent", 4),
        (f"{PYTEST} checks/test_yes.py::test_gone", "absent", 4),
        (f"{PYTEST} checks/test_none.py", "absent", 5),
        (f"{PYTEST} checks/test_yes.py -k nothing", "absent", 5),
        (f"{PYTEST} checks/test_yes.py -k nothing || true", "absent", 0),
        (f"{PYTEST} checks/test_torn.py", "error", 2),
        (f"{PYTEST} checks/test_skips.py", "error", 0),
        (f"{PY} -m unittest checks.unit_none", "absent", 0),
        (f"{PY} -m unittest checks.unit_gone", "absent", 1),
        (f"{PY} -m unittest checks/unit_skips.py", "error", 0),
        ("sh checks/no.sh", "red", 2),
        ("sh checks/gone.sh", "absent", None),
        ("checks/gone.sh", "absent", 127),
        ("no-such-program", "absent", 127),
        ("for n in 1; do exit 3; done", "error", 3),
        ("sh checks/calls_missing.sh", "error", 127),
        ("node checks/no.js", "red", 1),
        ("node checks/torn.js", "error", 1),
        ("node checks/gone.js", "absent", 1),
        ("node --test checks/none.test.js 2>&1 | grep -v 'pass 1'; exit 1", "error", 1),
        ("make -s yes", "green", 0),
        ("make -s no || (echo 'NOT MET: make'; exit 2)", "red", 2),
        ("make -s gone", "absent", 2),
        ("make -s torn", "error", 2),
        ("grep -q one words.txt", "green", 0),
        ("grep -q two words.txt", "error", 1),
        ("grep -L one gone.txt", "error", 2),
        ("test -e gone.txt || { echo 'NOT MET: no gone.txt'; exit 1; }", "red", 1),
        ("echo 'Ran 0 tests in 0.0s'", "absent", 0),
        ("echo '# tests 0'; echo '# pass 0'; echo '# fail 0'", "absent", 0),
        ("echo 'ok  example.com/a 0.1s [no tests to run]'", "error", 0),
        ("echo 'ok  example.com/a 0.1s'; echo '?  example.com/b [no test files]'", "green", 0),
        ("echo 'test result: ok. 0 passed; 0 failed; 0 ignored'", "error", 0),
        ("echo 'test result: ok. 2 passed; 0 failed; 0 ignored'", "green", 0),
        ("echo 'npm error Missing script: \"check\"'; exit 1", "absent", 1),
    ],
)
async def test_check_is_told_by_what_it_says(
    command: str, result: CheckResult, code: int | None, cell: Cell, shelf: Shelf
) -> None:
    assertion = Assertion(id="A-001", title="t", surface="command", check=command)
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    found, receipt = await examine(cell, assertion, keep=shelf.keep, env=env, tree="t")
    assert found == result, shelf[receipt.output].decode()
    assert receipt.command == command
    assert code is None or receipt.exit_code == code


async def test_check_that_does_not_end_is_a_timeout(cell: Cell, shelf: Shelf) -> None:
    assertion = Assertion(id="A-001", title="t", check="echo 'NOT MET: x'; sleep 60")
    found, receipt = await examine(cell, assertion, keep=shelf.keep, timeout_s=0.2)
    assert found == "timeout"
    assert receipt.timed_out


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("A=1 env B=2 timeout 5s python3 checks/a.py 2>&1 | tail", Needs(("python3", "tail"), (("checks/a.py",),))),
        ("uv run pytest -k one tests/a.py::test_b > out.txt 2> err.txt", Needs(("pytest",), (("tests/a.py",),))),
        ("cd a && cd b && ./run.sh; sh -c 'echo x'", Needs(("sh",), (("a/b/run.sh",),))),
        ("if test -f x; then node a.js; fi", Needs(("test", "node"), (("a.js",),))),
        ("make -j2 CC=gcc all", Needs(("make",), (), ("all",))),
        ("$PYTHON checks/a.py", Needs()),
        ("python3 $FILE", Needs(("python3",))),
        ("for f in a b; do python3 $f; done", Needs()),
        ("python3 - <<EOF\nprint(1)\nEOF", Needs()),
        ("f() { true; }; f", Needs()),
        ("echo 'never closed", Needs()),
        ("node --test", Needs(("node",))),
        ("python3 -m unittest discover", Needs(("python3",), ())),
        ("python3 -W error -c 'print(1)'", Needs(("python3",))),
    ],
)
def test_what_a_command_needs_is_read_from_its_words(command: str, wanted: Needs) -> None:
    assert needs(command) == wanted
