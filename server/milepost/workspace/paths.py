"""What a path is: one that steers tools (control), or product, test, inert and generated files."""

import re
import unicodedata
from functools import cache
from typing import Literal

from pathspec import GitIgnoreSpec
from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

from milepost.domain.services import Paths

Kind = Literal["product", "test", "inert", "generated"]

CONTROL = (
    ".gitattributes", ".gitmodules", ".git",
    ".vscode", ".idea", "*.code-workspace", ".devcontainer", ".devcontainer.json",
    ".mcp.json", ".envrc",
    ".github/workflows", ".github/actions", ".gitlab-ci.yml", ".gitlab/ci", ".circleci", ".buildkite", ".travis.yml",
    ".gitea/workflows", ".forgejo/workflows", ".woodpecker", ".woodpecker.yml", ".drone.yml", ".ci",
    "azure-pipelines.yml", "bitbucket-pipelines.yml", "appveyor.yml", "Jenkinsfile",
    "AGENTS.md", "CLAUDE.md", "GEMINI.md", ".claude", ".cursor", ".cursorrules", ".github/copilot-instructions.md",
    ".milepost",
)
"""Files and folders, at any depth, that an editor, an agent, a shell or a CI service would obey."""

TESTS = (
    "**/tests/**", "**/test/**", "**/__tests__/**", "**/spec/**", "**/e2e/**", "**/testdata/**", "**/__snapshots__/**",
    "test_*.py", "*_test.py", "conftest.py", "*_test.go", "*_spec.rb", "*_test.rb", "*_test.exs", "*_test.dart",
    "*Test.java", "*Tests.java", "*IT.java", "*Test.kt", "*Test.php", "*Tests.cs", "*Test.cs", "*Tests.swift",
    "*.test.js", "*.test.jsx", "*.test.ts", "*.test.tsx", "*.test.mjs", "*.test.cjs", "*.test.mts", "*.test.cts",
    "*.spec.js", "*.spec.jsx", "*.spec.ts", "*.spec.tsx", "*.spec.mjs", "*.spec.cjs", "*.spec.mts", "*.spec.cts",
)
"""Globs of files that are tests by custom, in the languages Milepost meets most."""


class PathKinds:
    """Sorts paths by the manifest, its globs read as in a `.gitignore`; generated wins over test, test over inert."""

    def __init__(self, paths: Paths) -> None:
        self._kinds: tuple[tuple[Kind, GitIgnoreSpec], ...] = (
            ("generated", GitIgnoreSpec.from_lines(paths.generated)),
            ("test", GitIgnoreSpec.from_lines([*TESTS, *paths.tests])),
            ("inert", GitIgnoreSpec.from_lines(paths.inert)),
        )

    def kind(self, path: str) -> Kind:
        """What the path is."""
        return next((kind for kind, globs in self._kinds if globs.match_file(path)), "product")

    def inert(self, path: str) -> bool:
        """Whether no verdict depends on it."""
        return self.kind(path) == "inert"


def is_control(path: str) -> bool:
    """Whether the path steers a tool, in any spelling that some file system takes for it."""
    return is_git_entry(path) or _control().match_file(_folded(path))


def is_git_entry(path: str) -> bool:
    """Whether some part of the path is a `.git`, in any spelling that some file system takes for it."""
    return any(re.fullmatch(r"\.git(:.*)?|git~\d+", part, re.DOTALL) for part in _folded(path).split("/"))


def translate(glob: str) -> str:
    """A regular expression, for `fullmatch` with DOTALL, that matches what the glob matches in a `.gitignore`."""
    expression, _ = GitIgnoreSpecPattern.pattern_to_regex(glob)
    return f"(?:{expression}).*" if expression else "(?!)"


@cache
def _control() -> GitIgnoreSpec:
    return GitIgnoreSpec.from_lines(f"**/{_folded(glob)}" for glob in CONTROL)


def _folded(path: str) -> str:
    # As the most forgiving file system compares: case, width, invisible characters, trailing dots and spaces.
    plain = unicodedata.normalize("NFKC", path).casefold()
    visible = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return "/".join(part.rstrip(". ") or part for part in visible.split("/"))
