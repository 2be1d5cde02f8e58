"""The command line on a repository, a home and a state folder of its own: inside this process, or as one of its own."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import milepost
from milepost.cli.entry import main
from milepost.log.folder import MissionFolder
from milepost.log.lease import Lease
from tests.cli import tapes
from tests.runner import story

PACKAGE = Path(milepost.__file__).parents[1]
PATIENCE_S = 90


@dataclass(frozen=True)
class Said:
    """What a command printed, and the code it ended with."""

    code: int
    stdout: str
    stderr: str


@dataclass
class Terminal:
    """Starts commands in the repository; what they launch are real processes."""

    repository: Path
    tmp: Path
    env: dict[str, str]
    tape: Path = field(default_factory=Path)

    def __call__(self, *words: str, code: int | None = 0, stdin: str = "") -> Said:
        """One command; `code` is the exit code it must end with."""
        out, err = io.StringIO(), io.StringIO()
        before = sys.argv, sys.stdin, sys.excepthook
        sys.argv, sys.stdin = ["milepost", *words], io.StringIO(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as left:
                main()
        finally:
            sys.argv, sys.stdin, sys.excepthook = before
        found = Said(int(left.value.code or 0), out.getvalue(), err.getvalue())
        assert code is None or found.code == code, f"{words}: {found.code}\n{found.stdout}\n{found.stderr}"
        return found

    def process(self, *words: str, **options: Any) -> subprocess.Popen[str]:
        """One command as a process of its own."""
        argv = [sys.executable, "-m", "milepost", *words]
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL}
        return subprocess.Popen(argv, cwd=self.repository, env=self.env, text=True, **{**streams, **options})

    def json(self, *words: str, code: int | None = 0) -> Any:
        """What a command prints for programs."""
        return json.loads(self(*words, "--json", code=code).stdout)

    def record(self, replies: Any) -> None:
        """Have the models of new missions say this."""
        self.tape = tapes.write(self.tmp / "tape.jsonl", replies)

    def new(self, *words: str, code: int | None = 0) -> Said:
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

    def complete(self) -> None:
        """A whole mission, from its goal to its end, with nobody there."""
        self.record(tapes.whole())
        answers = self.tmp / "answers.md"
        answers.write_text("## currency\neuro\n")
        self.new("--answers", str(answers), "--approve-as-proposed", "--unattended")

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The status once there is one and it is as wanted."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            said = self("status", "-m", "discount", "--json", code=None)
            now: dict[str, Any] = json.loads(said.stdout) if said.code == 0 else {}
            if now and holds(now):
                return now
            assert time.monotonic() < deadline, f"still {now or said}"

    def kill_runner(self) -> None:
        """Kill the runner, not its keeper."""
        os.kill(next(pid for pid in ours(self.tmp) if b"_run" in words_of(pid)), signal.SIGKILL)

    def kill_all(self) -> None:
        """Kill keeper and runner."""
        end_runners(self.tmp)
        self.nobody_carries()

    def nobody_carries(self) -> None:
        """Wait until no runner holds the lease."""
        deadline = time.monotonic() + PATIENCE_S
        while Lease(self.folder.root).held_by_other():
            assert time.monotonic() < deadline, "the runner did not leave"


@pytest.fixture
def milepost_(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """The command line; runners that are left behind are ended by their id."""
    repository = story.make_repository(tmp_path / "shop")
    yield sitting_in(repository, tmp_path, monkeypatch)
    end_runners(tmp_path)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terminal]:
    """A terminal beside a mission that was completed: only for tests that leave it as it is."""
    tmp = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        for name, part in (("HOME", "home"), ("MILEPOST_CONFIG_DIR", "config"), ("MILEPOST_STATE_DIR", "state")):
            monkeypatch.setenv(name, str(tmp / part))
        terminal = sitting_in(story.make_repository(tmp / "shop"), tmp, monkeypatch)
        terminal.complete()
        yield terminal
    end_runners(tmp)


def sitting_in(repository: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in a repository, with no editor set."""
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE))
    for name in ("EDITOR", "VISUAL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(repository)
    return Terminal(repository, tmp, dict(os.environ))


def end_runners(tmp: Path) -> None:
    """End what was started below a folder and is still there, each by its id."""
    for pid in [*ours(tmp), *at_work_below(tmp)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def at_work_below(tmp: Path) -> list[int]:
    """Commands of missions that work there: without a sandbox they outlive a runner that was killed."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cwd"):
        with suppress(OSError):
            if path.readlink().is_relative_to(tmp) and int(path.parent.name) != os.getpid():
                found.append(int(path.parent.name))
    return found


def ours(tmp: Path) -> list[int]:
    """Keepers first, then runners, of the missions below a folder."""
    pids = [int(path.name) for path in Path("/proc").glob("[0-9]*")]
    started = {pid: words_of(pid) for pid in pids}
    mine = [p for p, words in started.items() if b"milepost" in words and any(w.startswith(bytes(tmp)) for w in words)]
    return sorted(mine, key=lambda pid: (b"_keep" not in started[pid], pid))


def words_of(pid: int) -> list[bytes]:
    """The words a process was started with; none where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return []
