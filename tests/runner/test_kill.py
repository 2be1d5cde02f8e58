"""Killed anywhere and started again, a mission comes to the same end, with no effect twice and no event lost."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT

BOUNDARIES = 25
SEED = 20261123


def victim(*words: str) -> dict[str, Any]:
    """Run a doomed mission in a process of its own; what it came to."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.runner.victim", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The same mission with nobody killing it."""
    return victim("at", str(tmp_path_factory.mktemp("undisturbed")), "1000000")


def same(found: dict[str, Any], reference: dict[str, Any]) -> bool:
    """Whether both came to the same."""
    keys = ("phase", "tree", "once", "gapless")
    return {k: found[k] for k in keys} == {k: reference[k] for k in keys}


@pytest.mark.timeout(600)
def test_killed_after_every_event_it_ends_the_same(tmp_path: Path, undisturbed: dict[str, Any]) -> None:
    found = victim("every", str(tmp_path))
    assert found["lives"] > 30
    assert same(found, undisturbed), (found, undisturbed)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(5))
def test_killed_at_a_random_event_it_ends_the_same(tmp_path: Path, undisturbed: dict[str, Any], part: int) -> None:
    chosen = random.Random(SEED).sample(range(2, undisturbed["events"]), BOUNDARIES)[part::5]
    for number in chosen:
        found = victim("at", str(tmp_path / str(number)), str(number))
        assert found["lives"] > 1 and same(found, undisturbed), (number, found, undisturbed)
