"""A probe server in a process of its own, driven over its pipes."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.lsp.wire import LIMIT, Wire
from tests.runner.conftest import begun, stage

__all__ = ["begun", "stage"]
ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., Wire]


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that nobody announces, such as a line in a file."""
    limit, tick = time.monotonic() + LIMIT, threading.Event()
    while not holds():
        assert time.monotonic() < limit, f"not in time: {what}"
        tick.wait(0.01)


@pytest.fixture(autouse=True)
def nobody_stays(tmp_path: Path) -> Iterator[None]:
    """Runners that an order let go on end with their test, those that have just been started too."""
    yield
    for process in keepers(str(tmp_path)):
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


def keepers(folder: str) -> list[int]:
    """The processes that keep a runner of a mission in this folder; each leads a group of its own."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = place.read_text().split("\0")
            if "_keep" in words and any(word.startswith(folder) for word in words):
                found.append(int(place.parent.name))
    return found


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


@pytest.fixture(scope="module")
def steady(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """A probe that all tests of a module share: what they do to it must leave it as it was."""
    folder = tmp_path_factory.mktemp("state")
    with Wire([sys.executable, "-m", "tests.lsp.probe", str(folder)], folder=ROOT) as wire:
        wire.initialize()
        yield wire
        assert wire.leave() == 0
        assert wire.stray == b""
