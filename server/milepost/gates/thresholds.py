"""Numbers in configuration that decide what is good enough, and whether one of them was moved."""

import re
from collections import defaultdict
from pathlib import PurePosixPath

Place = tuple[int, str]
"""A line of the later text, and what happened there."""

_FILES = frozenset({
    "pyproject.toml", "setup.cfg", "tox.ini", "pytest.ini", ".pytest.ini", ".coveragerc", "package.json", ".nycrc",
    ".nycrc.json", "codecov.yml", ".codecov.yml", "pom.xml", "build.gradle", "build.gradle.kts", "Makefile",
    "noxfile.py",
    "sonar-project.properties", ".pylintrc", ".flake8", "ruff.toml", ".eslintrc", ".eslintrc.json", "clippy.toml",
})
_CONFIG_NAME = re.compile(r"\.config\.\w+$|^\.eslintrc|^\.c8rc|^Justfile$", re.I)
_FLOOR = re.compile(
    r"(?<![\w-])(?P<key>fail[_-]under|(?:--)?cov-fail-under|min(?:imum)?[_-]?coverage|check-coverage-min|minimum)"
    r"[\"']?\s*(?:[:=]|\s)\s*[\"']?(?P<value>\d+(?:\.\d+)?)", re.I,
)
_JS_FLOOR = re.compile(
    r"(?<![\w-])[\"']?(?P<key>branches|functions|lines|statements)[\"']?\s*[:=]\s*(?P<value>\d+(?:\.\d+)?)"
)
_CEILING = re.compile(
    r"(?<![\w-])(?:--)?(?P<key>max[_-]warnings|max[_-]complexity|max[_-]?line[_-]length|line[_-]length|max[_-]args"
    r"|max[_-]branches|max[_-]statements|cognitive-complexity-threshold)[\"']?\s*(?:[:=,]|\s)\s*"
    r"[\"']?(?P<value>\d+)", re.I,
)

Numbers = dict[str, list[tuple[int, float]]]


def is_config(path: str) -> bool:
    """Whether a file by its name can hold a threshold."""
    name = PurePosixPath(path).name
    return name in _FILES or bool(_CONFIG_NAME.search(name))


def lowered(before: str, after: str) -> list[Place]:
    """Floors that fell or went away."""
    was, now = _floors(before), _floors(after)
    found = []
    for key, values in was.items():
        later = now.get(key, [])
        for index, (_, value) in enumerate(values):
            if index >= len(later):
                found.append((1, f"{key} {value:g} was removed"))
            elif later[index][1] < value:
                found.append((later[index][0], f"{key} was lowered from {value:g} to {later[index][1]:g}"))
    return found


def raised(before: str, after: str) -> list[Place]:
    """Ceilings that were lifted, such as the warnings that are let through."""
    was, now = _numbers(_CEILING, before), _numbers(_CEILING, after)
    return [
        (line, f"{key} was raised from {old:g} to {value:g}")
        for key, values in now.items()
        for (_, old), (line, value) in zip(was.get(key, []), values, strict=False) if value > old
    ]


def _floors(text: str) -> Numbers:
    found = _numbers(_FLOOR, text)
    if "hreshold" in text:
        found.update(_numbers(_JS_FLOOR, text))
    return found


def _numbers(pattern: re.Pattern[str], text: str) -> Numbers:
    found: Numbers = defaultdict(list)
    for number, line in enumerate(text.splitlines(), 1):
        for match in pattern.finditer(line):
            key = match["key"].lower().replace("_", "-").removeprefix("--")
            found[key].append((number, float(match["value"])))
    return found
