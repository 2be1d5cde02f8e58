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

BOUNDARIES, PARTS = 25, 5
SEED = 20261123


def victims(*words: str) -> list[dict[str, Any]]:
    """Run doomed missions in a process of their own; what they came to."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.runner.victim", *words], cwd=ROOT, capture_output=True, text=True, timeout=600,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return found


def end(found: dict[str, Any]) -> dict[str, Any]:
    """What must be the same, whoever was killed on the way."""
    return {key: found[key] for key in ("phase", "tree", "once", "gapless")}


@pytest.mark.timeout(600)
def test_killed_after_every_event_it_ends_the_same(tmp_path: Path) -> None:
    (undisturbed,) = victims("story", str(tmp_path / "undisturbed"))
    (killed,) = victims("every", str(tmp_path / "killed"))
    assert killed["lives"] > 30 and undisturbed["phase"] == "completed"
    assert end(killed) == end(undisturbed)


@pytest.mark.timeout(600)
def test_killed_while_flows_are_compiled_and_played_it_ends_the_same(tmp_path: Path) -> None:
    kinds = ("none", "verdicts_submitted", "script_compiled", "script_played")
    undisturbed, *killed = victims("flows", str(tmp_path), *kinds)
    assert undisturbed["once"]["script_compiled"] == 3 and undisturbed["once"]["script_played"] == 3
    for kind, found in zip(kinds[1:], killed, strict=True):
        assert found["lives"] == 2 and end(found) == end(undisturbed), (kind, found, undisturbed)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_a_random_event_it_ends_the_same(tmp_path: Path, part: int) -> None:
    (undisturbed,) = victims("at", str(tmp_path), "0")
    places = range(undisturbed["agreed"] + 1, undisturbed["events"] - 1)
    chosen = random.Random(SEED).sample(places, BOUNDARIES)[part::PARTS]
    for number, found in zip(chosen, victims("at", str(tmp_path / "dead"), *map(str, chosen)), strict=True):
        assert found["lives"] == 2 and end(found) == end(undisturbed), (number, found, undisturbed)
