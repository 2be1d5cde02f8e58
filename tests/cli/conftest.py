"""The command line as a process of its own, on a repository, a home and a state folder of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import milepost
from milepost.log.folder import MissionFolder
from milepost.log.lease import Lease
from tests.cli import tapes
from tests.runner import story

PACKAGE = Path(milepost.__file__).parents[1]
PATIENCE_S = 90


@dataclass
class Terminal:
    """Starts commands in the repository."""

    repository: Path
    tmp: Path
    env: dict[str, str]
    tape: Path = field(default_factory=Path)

    def __call__(self, *words: str, code: int | None = 0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """One command; `code` is the exit code it must end with."""
        argv = [sys.executable, "-m", "milepost", *words]
        done = subprocess.run(
            argv, cwd=self.repository, env=self.env, capture_output=True, text=True, timeout=PATIENCE_S, input=stdin
        )
        assert code is None or done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def json(self, *words: str, code: int | None = 0) -> Any:
        """What a command prints for programs."""
        return json.loads(self(*words, "--json", code=code).stdout)

    def record(self, replies: Any) -> None:
        """Have the models of new missions say this."""
        self.tape = tapes.write(self.tmp / "tape.jsonl", replies)

    def new(self, *words: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """A mission whose models are the recording."""
        model = f"cassette:{self.tape}"
        return self(
            "new", "A discount", "-m", "discount", "--model", model, "--no-sandbox", "--trust", *words, code=code
        )

    @property
    def folder(self) -> MissionFolder:
        """The folder of the mission."""
        return MissionFolder(next((self.state / "missions").glob("*/discount")))

    @property
    def state(self) -> Path:
        """The state folder."""
        return Path(self.env["MILEPOST_STATE_DIR"])

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The status once it is as wanted."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            now: dict[str, Any] = self.json("status", "-m", "discount")
            if holds(now):
                return now
            assert time.monotonic() < deadline, f"still {now}"

    def nobody_carries(self) -> None:
        """Wait until no runner holds the lease."""
        deadline = time.monotonic() + PATIENCE_S
        while Lease(self.folder.root).held_by_other():
            assert time.monotonic() < deadline, "the runner did not leave"


@pytest.fixture
def milepost_(tmp_path: Path, home: Path) -> Iterator[Terminal]:
    """The command line; runners that are left behind are ended by their id."""
    repository = story.make_repository(tmp_path / "shop")
    env = {**os.environ, "PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": ""}
    terminal = Terminal(repository, tmp_path, env)
    yield terminal
    for pid in ours(tmp_path):
        os.kill(pid, signal.SIGKILL)


def ours(tmp_path: Path) -> list[int]:
    """Keepers first, then runners, of the missions below a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"milepost" in words and any(w.startswith(bytes(tmp_path)) for w in words):
            found.append((b"_keep" not in words, int(path.parent.name)))
    return [pid for _, pid in sorted(found)]
