"""Every command of the product page is there, and its help teaches it."""

import subprocess
import sys

import pytest

from milepost import __version__
from tests.cli.conftest import PACKAGE, Terminal

LATER = {"demo", "watch", "import", "bench", "lsp", "replay"}
"""Commands of the product page that other parts bring."""
COMMANDS = [
    "new", "answer", "propose", "approve", "run", "status", "items", "resolve", "pause", "interrupt", "resume", "steer",
    "amend", "waive", "recheck", "revert", "set", "cancel", "publish", "land", "verify", "why", "report", "seats",
    "doctor", "trust", "prune",
]
WITHOUT_JSON: set[str] = set()


def test_every_command_of_the_product_page_exists(milepost_: Terminal) -> None:
    shown = milepost_("--help").stdout
    assert [name for name in COMMANDS if f"│ {name} " not in shown] == []
    for group in ("Start", "Follow", "Steer", "Judge", "Finish", "Look", "Care"):
        assert f"─ {group} ─" in shown
    assert "First steps" in shown and "Exit codes" in shown
    assert "_keep" not in shown and "_run" not in shown


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_each_command_has_an_example_and_offers_json(milepost_: Terminal, name: str) -> None:
    shown = milepost_(name, "--help").stdout
    assert f"Usage: milepost {name}" in shown
    assert "Example" in shown and f"milepost {name}" in shown.partition("Example")[2]
    assert "--json" in shown and "--repository" in shown


def test_version_is_said(milepost_: Terminal) -> None:
    assert milepost_("--version").stdout == f"milepost {__version__}\n"


def test_unknown_command_is_wrong_usage_and_names_the_nearest(milepost_: Terminal) -> None:
    said = milepost_("stauts", code=2)
    assert "status" in said.stderr


def test_litellm_is_not_imported_to_look_at_something() -> None:
    code = "import sys, milepost.cli.entry; print([m for m in ('litellm', 'openai', 'httpx') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(PACKAGE)}
    )
    assert done.stdout == "[]\n"
