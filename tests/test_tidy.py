"""The rules of the house hold, and each of them bites."""

import shutil
from pathlib import Path

import pytest

from tests import tidy

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("rule", tidy.RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: tidy.Rule) -> None:
    assert rule(ROOT) == []


DOC = '"""What this is."""\n'
PLANTS: dict[tidy.Rule, list[tuple[str, str, str]]] = {
    tidy.arrows_point_down: [
        ("~/domain/a.py", "from milepost.log.store import Log\n", "a.py:2: domain must not import log"),
        ("~/text/a.py", "import milepost.model.gateway\n", "text must not import model"),
        ("~/agent/a.py", "from milepost.runner import runner\n", "agent must not import runner"),
        ("~/lsp/a.py", "from milepost.runner import runner\n", "lsp must not import runner"),
        ("~/log/a.py", "import milepost\n", "must not import the package itself"),
        ("~/magic/a.py", "x = 1\n", "'magic' is not a layer"),
    ],
    tidy.libraries_stay_at_home: [
        ("~/agent/a.py", "import litellm\n", "litellm is imported only in"),
        ("~/runner/a.py", "import sqlite3\n", "sqlite3 is imported only in ['log']"),
        ("~/text/a.py", "from requests import get\n", "requests is imported only in no place"),
    ],
    tidy.domain_is_pure: [
        ("~/domain/a.py", "import time\n", "domain must not import time"),
        ("~/domain/a.py", "from pathlib import Path\n", "must not import pathlib.Path"),
        ("~/domain/a.py", "at = datetime.now()\n", "must not call now()"),
        ("~/domain/a.py", "async def wait() -> None: ...\n", "never waits"),
    ],
    tidy.imports_are_plain: [
        ("~/text/a.py", "from . import prompts\n", "relative import"),
        ("~/text/a.py", "def f():\n    import os\n", "import of os inside a function"),
        ("~/text/a.py", "if TYPE_CHECKING:\n    pass\n", "TYPE_CHECKING"),
    ],
    tidy.modules_say_what_they_are: [
        ("~/domain/a.py", "", "domain/a.py: no module docstring"),
        ("~/text/a.py", "", "text/__init__.py: missing"),
    ],
    tidy.files_are_small: [("~/text/a.py", "x = 1\n" * 400, "401 lines")],
    tidy.functions_are_small: [("~/text/a.py", "def f():\n" + "    x = 1\n" * 60, "a.py:f: 61 lines")],
    tidy.exceptions_are_needed: [("~/domain/events.py", "", "LONG_FILES: domain/events.py is short")],
    tidy.domain_speaks_the_glossary: [
        ("~/domain/a.py", "class Zebra:\n    pass\n", "a.py:2: Zebra is explained nowhere"),
    ],
    tidy.names_are_in_the_glossary: [("~/log/a.py", "class TaskLog:\n    'Log.'\n", "Task is off the glossary")],
    tidy.nothing_lies_on_a_shelf: [
        ("~/log/utils.py", "", "a shelf, not a noun"),
        ("~/core/log.py", "", "a shelf, not a noun"),
    ],
    tidy.nothing_is_swallowed: [
        ("~/log/a.py", "try:\n    f()\nexcept Exception:\n    g()\n", "catches everything"),
        ("~/log/a.py", "try:\n    f()\nexcept (OSError, BaseException):\n    g()\n", "catches everything"),
        ("~/log/a.py", "try:\n    f()\nexcept:\n    g()\n", "catches everything"),
    ],
    tidy.nothing_is_unfinished: [("~/log/a.py", "# TO" + "DO later\n", "a.py:2: unfinished")],
    tidy.no_registry_is_named: [
        ("server/notes.md", f"see https://{tidy.HOSTS[0]}/simple\n", f"names {tidy.HOSTS[0]}"),
        ("client-vscode/package-lock.json", '{"resolved": "x"}\n', "where packages come from"),
        ("uv" + ".lock", "", "names registries"),
    ],
    tidy.no_path_of_this_machine: [("server/notes.md", "look into {root}/server\n", "server/notes.md: holds")],
    tidy.the_lock_pins_every_package_by_hash: [
        ("requirements.lock", "litellm==1.105.3\n", "'litellm==1.105.3' has no hash"),
        ("requirements.lock", "x==1 \\\n    --hash=sha256:0\n", "litellm==1.105.3 is missing"),
        ("requirements.lock", "coverage==7.17.3 \\\n    --hash=sha256:0\n", "coverage is wanted with an extra"),
    ],
    tidy.text_is_short: [("prompts/worker/long.md", "word\n" * 801, "expected at most 800")],
    tidy.tests_are_honest: [
        ("tests/test_a.py", "@pytest.mark.skip\ndef test_a(): ...\n", "without a reason"),
        ("tests/test_a.py", "pytest.skip()\n", "without a reason"),
        ("tests/test_a.py", "mark = pytest.mark.skipif(True)\n", "without a reason"),
        ("tests/test_a.py", "time.sleep(0.1)\n", "sleeps"),
        ("tests/test_a.py", "monkeypatch.setattr(x, 'y', 1)\n", "patches code"),
        ("tests/test_a.py", "from unittest.mock import Mock\n", "unittest.mock.Mock"),
    ],
}
CASES = [pytest.param(rule, *plant, id=f"{rule.__name__}-{n}")
         for rule, plants in PLANTS.items() for n, plant in enumerate(plants)]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small checkout that keeps every rule: some real files of ours."""
    kept = [f"server/milepost/{name}" for name in ("__init__.py", "domain/__init__.py", "domain/events.py")]
    for name in (*kept, "pyproject.toml", "requirements.lock"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "tests").mkdir()
    return tmp_path


@pytest.mark.parametrize(("rule", "name", "text", "expected"), CASES)
def test_rule_bites(house: Path, rule: tidy.Rule, name: str, text: str, expected: str) -> None:
    assert rule(house) == []
    path = house / name.replace("~", "server/milepost")
    path.parent.mkdir(parents=True, exist_ok=True)
    docstring = DOC if name.endswith(".py") and rule is not tidy.modules_say_what_they_are else ""
    path.write_text(docstring + text.replace("{root}", str(house)))
    assert any(expected in line for line in rule(house)), rule(house)


def test_every_rule_is_bitten() -> None:
    assert [rule.__name__ for rule in tidy.RULES if rule not in PLANTS] == []
