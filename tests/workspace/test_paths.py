import re

import pytest

from milepost.domain.services import Paths
from milepost.workspace.paths import PathKinds, is_control, is_git_entry, translate


@pytest.mark.parametrize(
    "path",
    [
        ".gitattributes", "web/.gitattributes", ".gitmodules", ".git", ".git/config", "sub/.git/hooks/pre-commit",
        ".vscode", ".vscode/tasks.json", "app/.idea/x.xml", ".mcp.json", ".envrc", ".devcontainer/devcontainer.json",
        "shop.code-workspace", ".github/workflows/ci.yml", ".gitlab-ci.yml", "Jenkinsfile", ".ci/run",
        "AGENTS.md", "docs/CLAUDE.md", ".milepost/settings.toml", ".claude/settings.json",
    ],
)  # fmt: skip
def test_S06_paths_that_steer_tools_are_control(path: str):
    assert is_control(path)


@pytest.mark.parametrize(
    "path",
    [
        ".VSCODE/tasks.json", ".GIT/config", "Agents.MD", ".git /config", ".git./config", "git~1/config",
        ".g\u200bit/config", ".git::$INDEX_ALLOCATION/config", "\uff0egit/config", ".Envrc", ".vscode. /x",
    ],
)  # fmt: skip
def test_S06_other_spellings_of_a_control_path_are_control(path: str):
    assert is_control(path)


@pytest.mark.parametrize(
    "path",
    [
        ".gitignore", "src/.gitignore", ".github/ISSUE_TEMPLATE.md", ".gitkeep", "git/hooks.py", "agents.py",
        "vscode/x", "src/agents.mdx", "git~/x", ".env", "docs/ci/run",
    ],
)  # fmt: skip
def test_ordinary_paths_are_not_control(path: str):
    assert not is_control(path)


def test_a_git_folder_is_told_from_files_about_git():
    assert is_git_entry("a/.Git/config")
    assert not is_git_entry(".gitignore")
    assert not is_git_entry(".vscode/x")


@pytest.mark.parametrize(
    "path",
    [
        "tests/data.json", "server/tests/a/b.py", "test_shop.py", "shop/conftest.py", "shop/price_test.go",
        "web/cart.spec.ts", "web/__tests__/cart.js", "web/cart.test.tsx", "src/test/java/A.java", "e2e/login.ts",
    ],
)  # fmt: skip
def test_usual_test_files_are_tests(path: str):
    assert PathKinds(Paths()).kind(path) == "test"


def test_the_manifest_adds_to_the_kinds_and_the_rest_is_product():
    kinds = PathKinds(Paths(tests=["checks/**"], inert=["notes/**", "*.md"], generated=["dist/**", "*.min.js"]))
    expected = {
        "checks/a/b.py": "test", "notes/x": "inert", "web/README.md": "inert", "dist/app.js": "generated",
        "tests/x.min.js": "generated", "src/app.py": "product", "a\nb .py": "product",
    }  # fmt: skip
    assert {path: kinds.kind(path) for path in expected} == expected


@pytest.mark.parametrize(
    ("glob", "fits", "does_not"),
    [
        ("*.py", ("a.py", "d/e.py"), ("a.pyc",)),
        ("src/**/test_*", ("src/test_a", "src/d/e/test_b"), ("lib/src/test_a", "src/a_test")),
        ("docs/**", ("docs/a", "docs/b/c"), ("docs", "x/docs/a")),
        ("docs/", ("docs/a", "x/docs/a"), ("docs",)),
        ("[!a]?c", ("xbc",), ("abc", "x/c")),
        ("#comment", (), ("#comment", "comment")),
    ],
)
def test_a_glob_becomes_an_expression_as_a_gitignore_reads_it(glob: str, fits: tuple[str], does_not: tuple[str]):
    pattern = re.compile(translate(glob), re.DOTALL)
    assert [path for path in (*fits, *does_not) if pattern.fullmatch(path)] == list(fits)


def test_a_test_that_lies_in_an_inert_folder_is_a_test():
    kinds = PathKinds(Paths())
    assert kinds.kind("docs/test_examples.py") == "test"
    assert not kinds.inert("docs/test_examples.py")
    assert kinds.inert("docs/guide/intro.rst")
    assert not kinds.inert("src/docs/intro.py")
