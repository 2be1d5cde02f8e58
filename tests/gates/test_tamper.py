"""What makes a suite greener without making the program better is listed."""

import pytest

from milepost.domain.handoff import Renamed
from milepost.domain.services import Paths
from milepost.gates.tamper import Change, compare
from milepost.workspace.paths import PathKinds

KINDS = PathKinds(Paths(generated=["gen/**"]))
TEST = "tests/test_add.py"
HONEST = "from app import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n    assert add(0, 0) == 0\n"


def listed(before: dict[str, str], after: dict[str, str]) -> list[tuple[str, str]]:
    return [(change.kind, change.severity) for change in compare(before, after, KINDS)]


def only(before: dict[str, str], after: dict[str, str]) -> Change:
    [change] = compare(before, after, KINDS)
    return change


def test_unchanged_files_list_nothing() -> None:
    files = {TEST: HONEST, "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-q'\n"}
    assert compare(files, files, KINDS) == []


def test_D01_deleted_test_is_listed() -> None:
    change = only({TEST: HONEST + "\n\ndef test_more():\n    assert add(2, 2) == 4\n"}, {TEST: HONEST})
    assert (change.kind, change.severity, change.what) == ("deleted_test", "blocking", "test_more is gone")


def test_D01_deleted_test_file_is_listed() -> None:
    assert listed({TEST: HONEST}, {}) == [("deleted_test", "blocking")]


def test_test_that_moved_to_another_file_is_not_listed() -> None:
    assert compare({TEST: HONEST}, {"tests/test_sums.py": HONEST}, KINDS) == []


def test_renamed_test_is_listed_without_blocking() -> None:
    after = {TEST: HONEST.replace("test_add(", "test_adds(")}
    [change] = compare({TEST: HONEST}, after, KINDS, renamed=[Renamed(old="tests.test_add::test_add", new="x")])
    assert change.severity == "non_blocking"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("import pytest\n\n\n@pytest.mark.skip(reason='x')\n" + HONEST[22:], "skip"),
        ("import pytest\n\npytestmark = pytest.mark.skip\n" + HONEST[22:], "skip"),
        ("import pytest\n\npytest.skip('no', allow_module_level=True)\n" + HONEST[22:], "skip"),
        ("import pytest\n\npytestmark = pytest.mark.xfail\n" + HONEST[22:], "xfail"),
        ("from unittest import SkipTest\n\nraise SkipTest('no')\n" + HONEST[22:], "skip"),
        ("from pytest import importorskip\n\nimportorskip('nothing')\n" + HONEST[22:], "skip"),
        ("import unittest\n\n\n@unittest.expectedFailure\n" + HONEST[22:], "xfail"),
        ("collect_ignore = ['test_add.py']\n" + HONEST[22:], "skip"),
    ],
)
def test_D02_skipped_test_is_listed(text: str, kind: str) -> None:
    assert listed({TEST: HONEST}, {TEST: text}) == [(kind, "blocking")]


def test_D02_early_return_is_listed() -> None:
    after = HONEST.replace("():\n    assert add(1", "():\n    return\n    assert add(1")
    assert listed({TEST: HONEST}, {TEST: after}) == [("emptied_test", "blocking"), ("skip", "blocking")]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("src/a.test.ts", "it.skip('adds', () => { expect(add(1, 2)).toBe(3) })\n", "skip"),
        ("src/a.test.js", "xit('adds', () => { expect(add(1, 2)).toBe(3) })\n", "skip"),
        ("src/a.test.js", "test.only('adds', () => { expect(add(1, 2)).toBe(3) })\n", "skip"),
        ("src/a.test.js", "test.failing('adds', () => { expect(add(1, 2)).toBe(3) })\n", "xfail"),
        ("a_test.go", "func TestAdd(t *testing.T) {\n\tt.Skip(\"no\")\n\tt.Error(1)\n}\n", "skip"),
        ("tests/a.rs", "#[ignore]\n#[test]\nfn adds() { assert_eq!(1, 1) }\n", "skip"),
        ("src/test/ATest.java", "@Disabled\n@Test\nvoid adds() { assertEquals(1, 1); }\n", "skip"),
    ],
)
def test_D02_skip_of_another_language_is_listed(path: str, text: str, kind: str) -> None:
    assert listed({}, {path: text}) == [(kind, "blocking")]


@pytest.mark.parametrize("weak", [
    "assert True", "assert add(1, 2) or True", "assert len([]) >= 0", "assert add == add", "assert (1, 'always')",
    "assert 'x'",
])
def test_D03_assertion_that_always_holds_is_listed(weak: str) -> None:
    after = HONEST.replace("assert add(0, 0) == 0", weak)
    found = listed({TEST: HONEST}, {TEST: after})
    assert found == [("weakened_test", "non_blocking"), ("hollow_assertion", "blocking")]


def test_D03_fallen_count_of_assertions_is_listed() -> None:
    change = only({TEST: HONEST}, {TEST: HONEST.replace("    assert add(0, 0) == 0\n", "")})
    assert (change.kind, change.what) == ("weakened_test", "test_add had 2 assertions and has 1")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("src/a.test.ts", "it('adds', () => {\n expect(add(1)).toBe(1)\n})\n", "it('adds', () => {\n add(1)\n})\n"),
        ("a_test.go", "func TestAdd(t *testing.T) {\n\tt.Error(1)\n}\n", "func TestAdd(t *testing.T) {\n\t// x\n}\n"),
        ("tests/a.rs", "#[test]\nfn adds() {\n assert_eq!(1, 1)\n}\n", "#[test]\nfn adds() {\n}\n"),
        ("tests/ATest.java", "@Test\nvoid adds() {\n assertEquals(1, 1);\n}\n", "@Test\nvoid adds() {\n}\n"),
        (TEST, HONEST, "def test_add():\n    pass\n"),
    ],
)
def test_D03_emptied_test_is_listed(path: str, before: str, after: str) -> None:
    assert ("emptied_test", "blocking") in listed({path: before}, {path: after})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "x = y  # noqa\n"),
        ("app.py", "x = y  # type: ignore[attr-defined]\n"),
        ("app.py", "if x:  # pragma: no cover\n    y = 1\n"),
        ("app.py", "x = y  # a word first  # noqa: F821\n"),
        ("a.ts", "// eslint-disable-next-line\n"),
        ("a.ts", "// @ts-ignore\n"),
        ("a.go", "f() //nolint:errcheck\n"),
        ("a.rs", "#[allow(dead_code)]\n"),
        ("a.cpp", "f(); // NOLINT\n"),
        ("A.java", "@SuppressWarnings(\"unchecked\")\n"),
        ("check.sh", "pytest || true\n"),
        ("check.sh", "set +e\n"),
    ],
)
def test_D19_suppression_is_listed(path: str, text: str) -> None:
    assert listed({}, {path: text}) == [("suppression", "non_blocking")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "try:\n    f()\nexcept Exception:\n    pass\n"),
        ("app.py", "try:\n    f()\nexcept:\n    ...\n"),
        ("a.ts", "try { f() } catch (e) {}\n"),
        ("a.ts", "f().catch(() => {})\n"),
    ],
)
def test_D19_swallowed_error_is_listed(path: str, text: str) -> None:
    assert listed({}, {path: text}) == [("swallowed_error", "non_blocking")]


def test_text_that_only_speaks_of_a_suppression_is_none() -> None:
    assert listed({}, {"app.py": "words = '# noqa'\nhelp = 'say # type: ignore'\n"}) == []


def test_mark_that_moved_is_not_new() -> None:
    before = {"a.py": "def f():\n    g()  # noqa: F821\n"}
    assert compare(before, {"b.py": "class A:\n    def f(self):\n        g()  # noqa: F821\n"}, KINDS) == []


def test_second_mark_like_the_first_is_new() -> None:
    line = "g()  # noqa: F821\n"
    assert only({"a.py": line}, {"a.py": line + line}).line == 2


def test_generated_and_inert_files_are_left_alone() -> None:
    assert listed({}, {"gen/a.py": "x  # noqa\n", "docs/a.py": "x  # noqa\n"}) == []


def test_file_that_does_not_parse_is_read_by_lines() -> None:
    broken = "import pytest\n@pytest.mark.skip\ndef test_x(:\n    assert True\n"
    assert listed({}, {TEST: broken}) == [("skip", "blocking"), ("hollow_assertion", "blocking")]


def test_D09_object_that_equals_everything_is_listed() -> None:
    text = "class Answer:\n    def __eq__(self, other):\n        return True\n"
    assert listed({}, {"app.py": text}) == [("always_equal", "blocking")]


@pytest.mark.parametrize("call", ["sys._getframe(1)", "inspect.stack()", "inspect.currentframe()"])
def test_D04_code_that_looks_at_its_caller_is_listed(call: str) -> None:
    assert listed({}, {"app.py": f"def add(a, b):\n    return {call}\n"}) == [("introspection", "non_blocking")]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pyproject.toml", "[tool.coverage.report]\nfail_under = 80\n", "[tool.coverage.report]\nfail_under = 10\n"),
        (".coveragerc", "fail_under = 80\n", "fail_under = 79.5\n"),
        ("Makefile", "test:\n\tpytest --cov-fail-under=90\n", "test:\n\tpytest --cov-fail-under=9\n"),
        ("setup.cfg", "fail_under = 80\n", ""),
        ("jest.config.js", "coverageThreshold: { branches: 80 }\n", "coverageThreshold: { branches: 8 }\n"),
        ("vitest.config.ts", "thresholds: { lines: 90 }\n", "thresholds: { lines: 1 }\n"),
    ],
)
def test_D21_lowered_threshold_is_listed(path: str, before: str, after: str) -> None:
    assert ("threshold", "blocking") in listed({path: before}, {path: after})


def test_D21_threshold_that_went_with_its_file_is_listed() -> None:
    assert ("threshold", "blocking") in listed({".coveragerc": "fail_under = 80\n"}, {})


def test_D21_raised_ceiling_is_listed() -> None:
    change = only({"package.json": '{"x": "--max-warnings 0"}'}, {"package.json": '{"x": "--max-warnings 9"}'})
    assert (change.kind, change.severity) == ("threshold", "non_blocking")
    assert change.what == "max-warnings was raised from 0 to 9"


def test_raised_threshold_is_not_listed() -> None:
    change = only({"tox.ini": "fail_under = 8\n"}, {"tox.ini": "fail_under = 9\n"})
    assert (change.kind, change.severity) == ("runner_config", "non_blocking")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("conftest.py", "def pytest_runtest_makereport(item, call):\n    ...\n"),
        ("tests/conftest.py", "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n"),
        ("conftest.py", "import os\n\nos._exit(0)\n"),
        ("conftest.py", "def pytest_collection_modifyitems(items):\n    items.clear()\n"),
    ],
)
def test_D06_hook_that_rewrites_results_is_blocking(path: str, text: str) -> None:
    assert ("runner_config", "blocking") in listed({}, {path: text})


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("pytest.ini", "[pytest]\n", "[pytest]\naddopts = --collect-only\n"),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\naddopts = '-q -k nothing'\n"),
        ("pyproject.toml", "", "[tool.pytest.ini_options]\naddopts = ['--deselect', 'tests/test_add.py']\n"),
        ("setup.cfg", "[tool:pytest]\n", "[tool:pytest]\naddopts = -p no:cacheprovider\n"),
        ("package.json", '{"scripts": {"test": "vitest run"}}', '{"scripts": {"test": "echo ok"}}'),
        ("package.json", '{"scripts": {"test": "vitest"}}', '{"scripts": {"test": "vitest --passWithNoTests"}}'),
        ("jest.config.js", "", "module.exports = { testPathIgnorePatterns: ['src'] }\n"),
        ("Makefile", "test:\n\tpytest\n", "test:\n\tpytest --lf\n"),
    ],
)
def test_D07_runner_turned_against_its_tests_is_blocking(path: str, before: str, after: str) -> None:
    assert ("runner_config", "blocking") in listed({path: before}, {path: after})


@pytest.mark.parametrize(
    ("path", "before", "after", "what"),
    [
        ("conftest.py", "", "import pytest\n\n\n@pytest.fixture\ndef shop():\n    return 1\n", "changed"),
        ("package.json", '{"scripts": {"test": "a"}}', '{"scripts": {"test": "b"}}', "changed script test"),
        ("package.json", '{"scripts": {}}', '{"scripts": {', "changed script test"),
        ("package.json", '{"jest": {}}', '{"jest": {"bail": 1}}', "changed jest"),
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", "[tool.mypy]\nstrict = false\n", "changed for mypy"),
        ("pyproject.toml", "", "[tool.mypy\n", "changed for everything"),
        ("Makefile", "a:\n\tpython -m pytest\n", "b:\n\tpython -m pytest tests\n", "changed"),
    ],
)
def test_D07_other_change_of_a_runner_is_listed(path: str, before: str, after: str, what: str) -> None:
    change = only({path: before}, {path: after})
    assert (change.kind, change.severity, change.what) == ("runner_config", "non_blocking", what)


def test_D07_removed_and_added_configuration_is_listed() -> None:
    assert only({"pytest.ini": "[pytest]\n"}, {}).what == "removed"
    assert only({}, {"pytest.ini": "[pytest]\n"}).what == "added"


@pytest.mark.parametrize("path", ["pyproject.toml", "package.json"])
def test_new_dependency_is_no_change_of_a_runner(path: str) -> None:
    texts = {
        "pyproject.toml": ("", "[project]\ndependencies = ['x']\n"),
        "package.json": ("{}", '{"dependencies": {"x": "1"}}'),
    }
    before, after = texts[path]
    assert compare({path: before}, {path: after}, KINDS) == []


@pytest.mark.parametrize(
    "path", ["pytest.py", "pytest/__init__.py", "sitecustomize.py", "src/usercustomize.py", "a.pth"]
)
def test_D08_file_that_stands_in_for_a_tool_is_blocking(path: str) -> None:
    assert ("shadow", "blocking") in listed({}, {path: "x = 1\n"})


@pytest.mark.parametrize(
    "path", [".git/hooks/post-commit", "sub/.git", ".github/workflows/ci.yml", "AGENTS.md", ".envrc"]
)
def test_D12_control_path_is_blocking(path: str) -> None:
    assert ("control_path", "blocking") in listed({}, {path: "x"})
    assert only({path: "x"}, {}).what == "removed"
    assert ("control_path", "blocking") in listed({path: "x"}, {path: "y"})
