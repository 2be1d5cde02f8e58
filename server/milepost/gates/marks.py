"""What a line of source can be marked for: skipped tests, silenced tools, swallowed errors, stubs."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from milepost.gates import python_source

MarkKind = Literal[
    "skip", "xfail", "suppression", "swallowed_error", "hollow_assertion", "always_equal", "introspection",
]

_SUFFIXES = {
    "python": (".py", ".pyi"),
    "js": (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".vue", ".svelte"),
    "go": (".go",),
    "rust": (".rs",),
    "jvm": (".java", ".kt", ".kts", ".scala"),
    "c": (".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".hh"),
    "shell": (".sh", ".bash", ".zsh", ".mk", ".yml", ".yaml"),
}
_LANGUAGE = {suffix: language for language, suffixes in _SUFFIXES.items() for suffix in suffixes}
_SHELL_NAMES = frozenset({"Makefile", "makefile", "GNUmakefile", "Justfile", "justfile", "package.json", "Dockerfile"})

_PYTHON_COMMENT = re.compile(
    r"#\s*(?:.*#\s*)?(noqa|ruff:\s*noqa|flake8:\s*noqa|type:\s*ignore|pyright:\s*ignore|pylint:\s*(?:disable|skip-file)"
    r"|mypy:\s*(?:ignore|disable)|pragma:\s*no\s*(?:cover|branch)|nosec)", re.I,
)
_PATTERNS: dict[str, tuple[tuple[MarkKind, re.Pattern[str]], ...]] = {
    "js": (
        ("suppression", re.compile(
            r"eslint-disable|@ts-ignore|@ts-nocheck|@ts-expect-error|(?:istanbul|c8|v8)\s+ignore|biome-ignore"
            r"|tslint:disable|jshint\s+ignore")),
        ("swallowed_error", re.compile(
            r"\bcatch\s*(?:\([^)]*\))?\s*\{\s*\}|\.catch\(\s*\(\w*\)\s*=>\s*\{?\s*\}?\s*\)")),
        ("skip", re.compile(
            r"\b(?:it|test|describe|suite|context)(?:\.\w+)*\.(?:skip|skipIf|todo|fixme|only|runIf)\b"
            r"|\bx(?:it|test|describe|context)\s*\(|\bf(?:it|describe)\s*\(")),
        ("xfail", re.compile(r"\b(?:it|test)(?:\.\w+)*\.(?:fails|failing|fail)\b")),
        ("hollow_assertion", re.compile(
            r"\bexpect\(\s*(?:true|1)\s*\)\s*\.(?:toBe|toEqual|toBeTruthy)\b|\bassert(?:\.ok)?\(\s*(?:true|1)\s*[,)]")),
    ),
    "go": (
        ("suppression", re.compile(r"//\s*nolint|#nosec")),
        ("skip", re.compile(r"\b[tb]\.Skip(?:f|Now)?\(|^//go:build\s+ignore|^//\s*\+build\s+ignore")),
    ),
    "rust": (
        ("suppression", re.compile(r"#!?\[(?:allow|expect)\(|#!?\[cfg_attr\([^\]]*\ballow\(")),
        ("skip", re.compile(r"#\[ignore\b")),
        ("hollow_assertion", re.compile(r"\bassert!\(\s*true\s*[,)]")),
    ),
    "jvm": (
        ("suppression", re.compile(r"@SuppressWarnings|@Suppress\(|NOSONAR|CHECKSTYLE:OFF|@SuppressFBWarnings")),
        ("swallowed_error", re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")),
        ("skip", re.compile(r"@(?:Disabled|Ignore)\b")),
        ("hollow_assertion", re.compile(r"\bassertTrue\(\s*true\s*[,)]")),
    ),
    "c": (
        ("suppression", re.compile(r"\bNOLINT|#\s*pragma\s+(?:GCC|clang)\s+diagnostic\s+ignored|LCOV_EXCL|GCOVR_EXCL")),
        ("swallowed_error", re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}")),
        ("skip", re.compile(r"\bGTEST_SKIP\b|\bDISABLED_\w+")),
    ),
    "shell": (
        ("suppression", re.compile(
            r"\|\|\s*(?:true\b|:(?=\s|$|[\"'])|exit\s+0\b)|shellcheck\s+disable|continue-on-error:\s*true|(?:^|[;\s])set\s+\+e\b"
            r"|--exit-zero\b|--passWithNoTests\b")),
    ),
}
_FALLBACK_PYTHON: tuple[tuple[MarkKind, re.Pattern[str]], ...] = (
    ("skip", re.compile(r"\bpytest\.(?:mark\.)?(?:skip|skipif|importorskip)\b|\bunittest\.skip|\bSkipTest\b")),
    ("xfail", re.compile(r"\bpytest\.(?:mark\.)?xfail\b|\bexpectedFailure\b")),
    ("hollow_assertion", re.compile(r"^\s*assert\s+True\b")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing seen on one line; `what` says it in words that do not depend on the line number."""

    line: int
    kind: MarkKind
    what: str


def language(path: str) -> str:
    """The language of a path by its name, or an empty string."""
    pure = PurePosixPath(path)
    if pure.name in _SHELL_NAMES or pure.name.startswith("Dockerfile"):
        return "shell"
    return _LANGUAGE.get(pure.suffix.lower(), "")


def marks(path: str, text: str) -> list[Mark]:
    """Everything a file is marked for, in the order of its lines."""
    spoken = language(path)
    found = _python(text) if spoken == "python" else _lines(_PATTERNS.get(spoken, ()), text)
    return sorted(found, key=lambda mark: mark.line)


def _lines(patterns: tuple[tuple[MarkKind, re.Pattern[str]], ...], text: str) -> Iterator[Mark]:
    for number, line in enumerate(text.splitlines(), 1):
        for kind, pattern in patterns:
            if pattern.search(line):
                yield Mark(number, kind, " ".join(line.split())[:160])


def _python(text: str) -> Iterator[Mark]:
    for number, comment, line in python_source.comments(text):
        if _PYTHON_COMMENT.match(comment):
            yield Mark(number, "suppression", " ".join(line.split())[:160])
    module = python_source.parse(text)
    if module is None:
        yield from _lines(_FALLBACK_PYTHON, text)
        return
    places: dict[MarkKind, list[python_source.Place]] = {
        "skip": python_source.skips(module), "xfail": python_source.xfails(module),
        "swallowed_error": python_source.swallowed(module), "hollow_assertion": python_source.hollow(module),
        "always_equal": python_source.always_equal(module), "introspection": python_source.introspection(module),
    }
    for kind, found in places.items():
        yield from (Mark(line, kind, what) for line, what in found)
