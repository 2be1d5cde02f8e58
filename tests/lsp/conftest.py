"""A probe server in a process of its own, driven over its pipes."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.lsp.wire import Wire

ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., Wire]


@pytest.fixture
def log_folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def start(log_folder: Path) -> Iterator[Start]:
    """Starts a probe; limits are given by name, such as `patience=0.5`."""
    with ExitStack() as stack:

        def begin(**limits: float) -> Wire:
            words = [sys.executable, "-m", "tests.lsp.probe", str(log_folder)]
            return stack.enter_context(Wire([*words, *(f"{name}={limits[name]}" for name in limits)], folder=ROOT))

        yield begin


@pytest.fixture
def probe(start: Start) -> Wire:
    """A probe that is initialized."""
    wire = start()
    wire.initialize()
    return wire
