"""The rules of the house, each a function from a checkout to the list of what breaks it. `test_tidy.py` holds them."""

import ast
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import distributions
from pathlib import Path

Rule = Callable[[Path], list[str]]

FOUR = {"domain", "model", "workspace", "text"}
ACTORS = {"agent", "drivers", "gates"}
MAY_IMPORT: dict[str, set[str]] = {
    "domain": set(),
    "scripts": {"domain"},
    "model": {"domain"},
    "workspace": {"domain"},
    "text": {"domain"},
    "log": {"domain"},
    "agent": FOUR | {"drivers", "gates", "scripts"},
    "drivers": FOUR,
    "gates": FOUR,
    "runner": FOUR | ACTORS | {"log", "scripts"},
    "report": {"domain", "log"},
    "ide": {"domain"},
    "lsp": {"config", "domain", "log", "ide"},
    "seats": {"domain"},
    "config": {"domain", "text", "seats"},
    "app": FOUR | ACTORS | {"log", "runner", "report", "config", "seats"},
    "recording": {"domain", "report"},
    "replay": {"app", "domain", "log", "recording", "report"},
    "demo": {"domain", "recording", "text"},
    "cli": {"app", "config", "demo", "domain", "lsp", "recording", "replay", "report", "seats"},
    "__main__": {"cli", "lsp"},
    "__init__": set(),
}
"""What each layer may import of ours, besides itself and the version."""

HOMES: dict[str, set[str]] = {
    "pydantic": set(MAY_IMPORT),
    "pydantic_core": set(MAY_IMPORT),
    "pydantic_settings": {"config.py"},
    "platformdirs": {"config.py", "text/assets.py", "lsp/ready.py"},
    "watchfiles": {"lsp/watch.py"},
    "litellm": {"model/gateway.py", "model/prices.py", "model/tokens.py"},
    "aiosqlite": {"log"},
    "sqlite3": {"log"},
    "pygls": {"lsp"},
    "lsprotocol": {"lsp"},
    "attrs": {"lsp"},
    "cattrs": {"lsp"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli"},
    "jinja2": {"text"},
    "yaml": {"text"},
    "git": {"workspace"},
    "pathspec": {"workspace", "gates", "agent"},
    "pyte": {"drivers"},
    "wcwidth": {"drivers"},
    "PIL": {"drivers"},
    "ptyprocess": {"drivers"},
    "playwright": {"drivers"},
    "httpx": {"drivers"},
}
"""The one place where each library of others (and sqlite3) is imported: a layer or a file."""

IMPURE = {
    "asyncio", "concurrent", "io", "logging", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil",
    "signal", "socket", "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "uuid",
}
IMPURE_CALLS = {"now", "utcnow", "today", "open", "print", "input"}
LATE_IMPORTS = {
    "model/gateway.py": "litellm takes four seconds to import",
    "agent/tools/observing.py": "Playwright is an extra, which only missions with a web application need",
}
LONG_FILES = {"domain/events.py": "one union of everything that can have happened, one class a screen line"}
LONG_FUNCTIONS: dict[str, str] = {}
CATCH_ALL: dict[str, str] = {}
SPEAKS_OF_STUBS = {"gates/stubs.py": "looks for these words in the work of others"}
FILE_LINES, FUNCTION_LINES, TEXT_LINES = 400, 60, 800
SHELF = {"utils", "util", "helpers", "helper", "common", "base", "core", "manager", "impl", "misc", "shared"}
TAGGED = {"domain/events.py", "domain/orders.py", "domain/turns.py"}
"""Unions whose members are explained by their `kind`."""
OFF_GLOSSARY = {"Task", "Job", "Session", "Role", "Persona", "Ticket", "Story", "Sprint", "Manager", "Util", "Helper"}
HOSTS = [".".join(parts) for parts in (
    ("pypi", "org"), ("pythonhosted", "org"), ("registry", "npmjs", "org"), ("registry", "yarnpkg", "com"),
    ("registry", "npmmirror", "com"), ("proxy", "golang", "org"), ("crates", "io"), ("anaconda", "org"),
)]


def package(root: Path) -> Path:
    return root / "server" / "milepost"


def modules(root: Path) -> Iterator[tuple[str, str, ast.Module]]:
    """Path inside the package, text and tree of each of our modules."""
    for path in sorted(package(root).rglob("*.py")):
        text = path.read_text()
        yield path.relative_to(package(root)).as_posix(), text, ast.parse(text, str(path))


def test_files(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((root / "tests").rglob("*.py")):
        yield path.relative_to(root).as_posix(), ast.parse(path.read_text(), str(path))


def committed(root: Path) -> list[Path]:
    """Every file that is in git or would go there."""
    if not (root / ".git").exists():
        return [path for path in root.rglob("*") if path.is_file()]
    words = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split("\0")
    return [root / name for name in names if name and (root / name).is_file()]


def layer(name: str) -> str:
    return name.partition("/")[0].removesuffix(".py")


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def arrows_point_down(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        here = layer(name)
        if here not in MAY_IMPORT:
            found.append(f"{name}: {here!r} is not a layer of ours; expected one of {sorted(MAY_IMPORT)}")
            continue
        for line, target in imported(tree):
            top, _, rest = target.partition(".")
            below = rest.partition(".")[0]
            if top == "milepost" and below not in MAY_IMPORT[here] | {here, "__version__"}:
                found.append(f"{name}:{line}: {here} must not import {below or 'the package itself'}")
    return found


def libraries_stay_at_home(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for line, target in imported(tree):
            top = target.partition(".")[0]
            if top == "milepost" or (top in sys.stdlib_module_names and top not in HOMES):
                continue
            if not HOMES.get(top, set()) & {layer(name), name}:
                found.append(f"{name}:{line}: {top} is imported only in {sorted(HOMES.get(top, set())) or 'no place'}")
    return found


def domain_is_pure(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        if layer(name) != "domain":
            continue
        found += [f"{name}:{line}: domain must not import {target}" for line, target in imported(tree)
                  if target.partition(".")[0] in IMPURE and not target.startswith("pathlib.Pure")]
        for node in ast.walk(tree):
            if isinstance(node, ast.AsyncFunctionDef | ast.Await):
                found.append(f"{name}:{node.lineno}: domain never waits")
            if isinstance(node, ast.Call) and called(node) in IMPURE_CALLS:
                found.append(f"{name}:{node.lineno}: domain must not call {called(node)}()")
    return found


def called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def imports_are_plain(root: Path) -> list[str]:
    """Absolute, at the top, and real."""
    found = []
    for name, _, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                found.append(f"{name}:{node.lineno}: relative import")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and name not in LATE_IMPORTS:
                found += [f"{name}:{line}: import of {target} inside a function" for line, target in imported(node)]
            if "TYPE_CHECKING" in (getattr(node, "id", ""), getattr(node, "attr", "")):
                found.append(f"{name}:{node.lineno}: TYPE_CHECKING")
    return found


def modules_say_what_they_are(root: Path) -> list[str]:
    found = [f"{name}: no module docstring" for name, _, tree in modules(root) if not ast.get_docstring(tree)]
    folders = {path.parent for path in package(root).rglob("*.py")}
    return found + [f"{folder.relative_to(package(root))}/__init__.py: missing" for folder in sorted(folders)
                    if not (folder / "__init__.py").is_file()]


def files_are_small(root: Path) -> list[str]:
    return [f"{name}: {n} lines, expected at most {FILE_LINES}" for name, text, _ in modules(root)
            if (n := len(text.splitlines())) > FILE_LINES and name not in LONG_FILES]


def functions_are_small(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and f"{name}:{node.name}" not in LONG_FUNCTIONS:
                n = (node.end_lineno or node.lineno) - node.lineno + 1
                if n > FUNCTION_LINES:
                    found.append(f"{name}:{node.name}: {n} lines, expected at most {FUNCTION_LINES}")
    return found


def exceptions_are_needed(root: Path) -> list[str]:
    """A named exception that nothing needs any more goes."""
    texts = {name: text for name, text, _ in modules(root)}
    found = [f"LONG_FILES: {name} is short" for name in LONG_FILES
             if len(texts.get(name, "").splitlines()) <= FILE_LINES]
    return found + [f"LONG_FUNCTIONS: {key} is gone" for key in LONG_FUNCTIONS
                    if f"def {key.rpartition(':')[2]}(" not in texts.get(key.partition(":")[0], "")]


def domain_speaks_the_glossary(root: Path) -> list[str]:
    """Each public class of the domain explains itself, or its words are explained by the glossary or its module."""
    glossary = ast.get_docstring(ast.parse((package(root) / "domain" / "__init__.py").read_text())) or ""
    found = []
    for name, _, tree in modules(root):
        if layer(name) != "domain" or name in TAGGED:
            continue
        explained = f"{glossary} {ast.get_docstring(tree)}".lower()
        found += [f"{name}:{node.lineno}: {node.name} is explained nowhere" for node in tree.body
                  if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
                  and not any(word.lower().rstrip("s") in explained for word in words(node.name))]
    return found


def names_are_in_the_glossary(root: Path) -> list[str]:
    """One thing, one word: the words that the glossary rules out name no class."""
    return [f"{name}:{node.lineno}: {node.name}: {word} is off the glossary" for name, _, tree in modules(root)
            for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
            for word in words(node.name) if word in OFF_GLOSSARY]


def words(name: str) -> list[str]:
    return re.findall(r"[A-Z][a-z]+|[A-Z]+(?![a-z])", name)


def nothing_lies_on_a_shelf(root: Path) -> list[str]:
    return [f"{name}: a shelf, not a noun" for name, _, _ in modules(root)
            if SHELF & {part.removesuffix(".py") for part in name.split("/")}]


def nothing_is_swallowed(root: Path) -> list[str]:
    found = []
    for name, _, tree in modules(root):
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and name not in CATCH_ALL:
                caught = {getattr(part, "id", "") for part in ast.walk(node.type)} if node.type else {"Exception"}
                if caught & {"Exception", "BaseException"}:
                    found.append(f"{name}:{node.lineno}: catches everything")
    return found


def nothing_is_unfinished(root: Path) -> list[str]:
    unfinished = re.compile(r"TODO|FIXME|XXX|NotImplementedError")
    return [f"{name}:{n}: unfinished: {line.strip()}" for name, text, _ in modules(root)
            if name not in SPEAKS_OF_STUBS for n, line in enumerate(text.splitlines(), 1) if unfinished.search(line)]


def committed_text(root: Path) -> Iterator[tuple[str, str]]:
    for path in committed(root):
        yield path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8", errors="replace")


def no_registry_is_named(root: Path) -> list[str]:
    found = [f"{path.name}: names registries" for path in committed(root) if path.name == "uv" + ".lock"]
    for name, text in committed_text(root):
        found += [f"{name}: names {host}" for host in HOSTS if host in text]
        if name.endswith("package-lock.json") and '"resolved":' in text:
            found.append(f"{name}: says where packages come from")
    return found


def no_path_of_this_machine(root: Path) -> list[str]:
    return [f"{name}: holds {str(root)!r}" for name, text in committed_text(root) if f"{root}/" in text]


def the_lock_pins_every_package_by_hash(root: Path) -> list[str]:
    lock = re.split(r"\n(?=\S)", (root / "requirements.lock").read_text().strip())
    found = [f"requirements.lock: {entry.splitlines()[0]!r} has no hash" for entry in lock
             if "--hash=sha256:" not in entry]
    wanted = re.findall(r'^    "([\w-]+)==([\w.]+)",$', (root / "pyproject.toml").read_text(), re.MULTILINE)
    pinned = {entry.split(" ")[0].lower() for entry in lock}
    plain = {re.sub(r"\[.*]", "", entry) for entry in pinned}
    found += [f"requirements.lock: {name}=={version} is missing; `make lock`" for name, version in wanted
              if f"{name}=={version}".lower() not in plain]
    # pip before 23.3 takes the newest `name[extra]`, whatever `name==version` says, and then misses its hash.
    return found + [f"requirements.lock: {name} is wanted with an extra, pinned without one" for name in with_extras()
                    if any(entry.startswith(f"{name}==") for entry in pinned)]


def with_extras() -> set[str]:
    """Distributions that an installed one asks for by `name[extra]`, unless only for an extra of its own."""
    wants = [want for each in distributions() for want in each.requires or () if "extra ==" not in want]
    return {found[1].lower() for want in wants if (found := re.match(r"([\w.-]+)\[", want))}


def text_is_short(root: Path) -> list[str]:
    """What a person must read to know how it behaves."""
    files = [path for part in ("prompts", "skills") for path in (root / part).rglob("*.md")]
    n = sum(len(path.read_text().splitlines()) for path in files)
    return [f"prompts and skills: {n} lines, expected at most {TEXT_LINES}"] if n > TEXT_LINES else []


def tests_are_honest(root: Path) -> list[str]:
    """No sleep, no mock, no patch of our own code, and no test left out without a word."""
    found = []
    for name, tree in test_files(root):
        found += [f"{name}:{line}: {target}" for line, target in imported(tree) if target.startswith("unittest.mock")]
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                words = ast.unparse(node.func)
                said = bool(node.args and "skipif" not in words) or any(word.arg == "reason" for word in node.keywords)
                if re.search(r"(pytest|mark)\.(skip|skipif|xfail)$", words) and not said:
                    found.append(f"{name}:{node.lineno}: left out without a reason")
                if words == "monkeypatch.setattr":
                    found.append(f"{name}:{node.lineno}: patches code; hand it something real instead")
                if words in ("time.sleep", "asyncio.sleep") and ast.unparse(node.args[0]) != "0":
                    found.append(f"{name}:{node.lineno}: sleeps; wait for a condition instead")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found += [f"{name}:{node.lineno}: left out without a reason" for mark in node.decorator_list
                          if re.search(r"mark\.(skip|skipif|xfail)$", ast.unparse(mark))]
    return found


RULES: list[Rule] = [
    arrows_point_down, libraries_stay_at_home, domain_is_pure, imports_are_plain, modules_say_what_they_are,
    files_are_small, functions_are_small, exceptions_are_needed, domain_speaks_the_glossary, names_are_in_the_glossary,
    nothing_lies_on_a_shelf,
    nothing_is_swallowed, nothing_is_unfinished, no_registry_is_named, no_path_of_this_machine,
    the_lock_pins_every_package_by_hash, text_is_short, tests_are_honest,
]
