"""A mission's folder, small events, and processes of their own to write, hold and die."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a mission that has no log yet."""
    return tmp_path / "mission"


@pytest.fixture
def process(folder: Path) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """Starts `tests.log.process` on the mission's folder, and kills what is still there at the end."""
    started: list[subprocess.Popen[str]] = []

    def start(what: str) -> "subprocess.Popen[str]":
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.log.process", what, str(folder)], cwd=ROOT, env=environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.kill()
        child.communicate()
