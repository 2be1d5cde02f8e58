"""What decides how tests, linters and type checkers run, and whether it was turned against them."""

import json
import re
import tomllib
from pathlib import PurePosixPath
from typing import Any

_NAMES = frozenset({
    "conftest.py", "pytest.ini", ".pytest.ini", "tox.ini", "setup.cfg", ".coveragerc", "noxfile.py", "Makefile",
    "GNUmakefile", "Justfile", "justfile", "mypy.ini", ".mypy.ini", "ruff.toml", ".ruff.toml", ".flake8", ".pylintrc",
    "pyrightconfig.json", ".golangci.yml", ".golangci.yaml", "clippy.toml", "karma.conf.js", "nextest.toml",
    "tsconfig.json", "biome.json", ".npmrc", "phpunit.xml",
})
_PATTERN = re.compile(
    r"^(?:jest|vitest|vite|playwright|cypress|babel|eslint|ava)\.config\.\w+$|^\.(?:eslintrc|mocharc|nycrc|c8rc)"
)
_SHADOWS = frozenset({
    "pytest", "_pytest", "unittest", "coverage", "sitecustomize", "usercustomize", "mypy", "ruff", "pluggy",
})
_TOOLS = (
    "pytest", "coverage", "ruff", "mypy", "pyright", "pylint", "flake8", "tox", "hatch", "poe", "nox", "black", "isort",
)
_EMBEDDED = ("jest", "vitest", "nyc", "c8", "mocha", "ava", "eslintConfig", "xo")
"""Keys of a `package.json` under which tools keep their configuration."""
_SCRIPTS = re.compile(r"^(?:pre|post)?(?:test|lint|type|check|build|coverage)", re.I)
_NOTHING = re.compile(r"^\s*(?:true|:|exit 0|echo\b[^&|;]*)\s*$")
_HOOK = re.compile(
    r"def\s+(pytest_(?:runtest_\w+|sessionfinish|collection_modifyitems|itemcollected|report_\w+|pyfunc_call"
    r"|ignore_collect|collect_\w+|deselected|terminal_summary|unconfigure|exception_interact|pycollect_\w+|generate_tests"
    r"|assertrepr_compare|cmdline_\w+|load_initial_conftests))|\bos\._exit\b|\batexit\.|\bsys\.exit\b|\bexitstatus\s*=",
)
_DESELECTS = re.compile(
    r"(?:^|[\s\"'=\[,])(--collect-only|--co\b|--deselect\b|--ignore(?:-glob)?\b|--last-failed|--lf\b|--exitfirst|-p\s*no:"
    r"|--testNamePattern|--testPathIgnorePatterns|--passWithNoTests|--exit-zero|--reruns\b|--retries\b)"
    r"|(?:addopts|pytest\b|[\"'])[^#]*?(?<![\w-])-(?:k|m|x)(?=[\s=\"'])"
    r"|\b(testPathIgnorePatterns|norecursedirs|collect_ignore\w*|ignore_errors|passWithNoTests|continue-on-error)\b",
)

Place = tuple[int, str]


def is_runner_config(path: str) -> bool:
    """Whether a file by its name decides how a tool runs."""
    name = PurePosixPath(path).name
    return name in _NAMES or name in ("pyproject.toml", "package.json") or bool(_PATTERN.search(name))


def shadows(path: str) -> bool:
    """Whether a file would be loaded in place of a tool, such as a `pytest.py` or `sitecustomize.py` in the tree."""
    pure = PurePosixPath(path)
    if pure.suffix == ".pth":
        return True
    top = pure.parts[0].removesuffix(".py")
    return pure.suffix == ".py" and (top in _SHADOWS or pure.stem in ("sitecustomize", "usercustomize"))


def turned(before: str, after: str) -> list[Place]:
    """New lines that leave tests out or meddle with their results."""
    known = {line.strip() for line in before.splitlines()}
    found = []
    for number, line in enumerate(after.splitlines(), 1):
        if line.strip() not in known:
            meddles = _HOOK.search(line) or _DESELECTS.search(line)
            if meddles:
                found.append((number, " ".join(line.split())[:160]))
    return found


def changed(path: str, before: str | None, after: str | None) -> str:
    """What changed in a runner's configuration, in a few words; empty where nothing that a runner reads did."""
    name = PurePosixPath(path).name
    if before == after:
        return ""
    if after is None:
        return "removed"
    if name == "pyproject.toml":
        return _tables(before or "", after)
    if name == "package.json":
        return _scripts(before or "{}", after)
    return "added" if before is None else "changed"


def no_ops(before: str, after: str) -> list[Place]:
    """Scripts of a `package.json` that no longer do anything."""
    was, now = _script_table(before or "{}"), _script_table(after)
    idle = [key for key, command in now.items() if _SCRIPTS.match(key) and _NOTHING.match(command)]
    gone = [key for key in idle if was.get(key) != now[key]]
    return [(_line_of(after, f'"{key}"'), f"script {key!r} is {now[key]!r}, which does nothing") for key in gone]


def _tables(before: str, after: str) -> str:
    was, now = _tools(before), _tools(after)
    differ = sorted(tool for tool in was.keys() | now.keys() if was.get(tool) != now.get(tool))
    return f"changed for {', '.join(differ)}" if differ else ""


def _tools(text: str) -> dict[str, Any]:
    try:
        tools = tomllib.loads(text).get("tool", {})
    except tomllib.TOMLDecodeError:
        # What no reader can parse is compared as it stands.
        return {"everything": text}
    return {tool: tools[tool] for tool in _TOOLS if tool in tools}


def _scripts(before: str, after: str) -> str:
    was, now = _script_table(before), _script_table(after)
    keys = {f"script {key}" for key in was.keys() | now.keys() if was.get(key) != now.get(key) and _SCRIPTS.match(key)}
    old, new = _document(before), _document(after)
    keys |= {key for key in _EMBEDDED if old.get(key) != new.get(key)}
    return f"changed {', '.join(sorted(keys))}" if keys else ""


def _script_table(text: str) -> dict[str, str]:
    scripts = _document(text).get("scripts")
    return {str(k): str(v) for k, v in scripts.items()} if isinstance(scripts, dict) else {}


def _document(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError:
        # What no reader can parse is compared as it stands.
        return {"scripts": {"test": text}}
    return data if isinstance(data, dict) else {}


def _line_of(text: str, needle: str) -> int:
    return next((n for n, line in enumerate(text.splitlines(), 1) if needle in line), 1)
