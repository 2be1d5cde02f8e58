"""Following a mission at a real terminal: it asks, shows the proposal, and Ctrl-C leaves it running."""

import re
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ptyprocess import PtyProcessUnicode

from milepost.model.scripted import call, calls
from tests.cli import tapes
from tests.cli.conftest import PATIENCE_S, Terminal
from tests.runner import story

ANSI = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\r")


class Screen:
    """A command at a terminal of 100 columns, and all it has shown."""

    def __init__(self, terminal: Terminal, *words: str) -> None:
        argv = [sys.executable, "-m", "milepost", *words]
        env = {**terminal.env, "TERM": "xterm"}
        self.child = PtyProcessUnicode.spawn(argv, cwd=str(terminal.repository), env=env, dimensions=(50, 100))
        self.shown = ""
        self.at = 0

    def until(self, text: str) -> str:
        """Read until this is shown after what was waited for before; what came up to it."""
        deadline = time.monotonic() + PATIENCE_S
        while (place := self.shown.find(text, self.at)) < 0:
            assert time.monotonic() < deadline, f"never said {text!r}:\n{self.shown}"
            try:
                self.shown += ANSI.sub("", self.child.read(4096))
            except EOFError:
                raise AssertionError(f"ended without {text!r}:\n{self.shown}") from None
        begun, self.at = self.at, place + len(text)
        return self.shown[begun : self.at]

    def type(self, line: str) -> None:
        """Type a line."""
        self.child.write(line + "\n")

    def code(self) -> int:
        """Read to the end; the exit code."""
        while True:
            try:
                self.shown += ANSI.sub("", self.child.read(4096))
            except EOFError:
                break
        self.child.wait()
        return int(self.child.exitstatus)


Open = Callable[..., Screen]


@pytest.fixture
def at_terminal(milepost_: Terminal) -> Iterator[Open]:
    """Starts commands at a terminal; those that are still there at the end are ended."""
    screens: list[Screen] = []

    def start(*words: str) -> Screen:
        screens.append(Screen(milepost_, *words))
        return screens[-1]

    yield start
    for screen in screens:
        screen.child.close(force=True)


def new(milepost_: Terminal, *words: str) -> list[str]:
    return ["new", "A discount", "-m", "discount", "--model", f"cassette:{milepost_.tape}", "--no-sandbox", *words]


def test_mission_from_trust_to_completion_at_a_terminal(milepost_: Terminal, at_terminal: Open) -> None:
    milepost_.record(tapes.whole())
    screen = at_terminal(*new(milepost_))
    screen.until("Do you trust it? [y/N]")
    screen.type("y")
    assert "2. dollar" in screen.until("a number, or your own words, empty for later:")
    screen.type("9")
    screen.until("I1 has no option 9; expected 1 to 2")
    screen.type("2")
    shown = screen.until("[q]uit for now:")
    for part in ("Summary", "A discount.", "DISC-001", "F1 Discount", "Estimate", "Documents"):
        assert part in shown
    screen.type("a")
    assert screen.code() == 0
    assert "discount  completed  100% (2 of 2 assertions)" in screen.shown
    assert milepost_.json("items", "--all")[0]["answer"] == "dollar"


def test_no_trust_starts_nothing(milepost_: Terminal, at_terminal: Open) -> None:
    milepost_.record(tapes.asking())
    screen = at_terminal(*new(milepost_))
    screen.until("[y/N]")
    screen.type("")
    assert screen.code() == 2
    assert "so nothing was started" in " ".join(screen.shown.split())
    assert milepost_.json("status", "--all") == []


def test_question_can_wait_and_the_proposal_can_be_edited_and_returned(
    milepost_: Terminal, at_terminal: Open, tmp_path: Path
) -> None:
    again = call("propose_mission", summary="A discount, again.")
    milepost_.record({**tapes.asking(), "orchestrator.2": [again], "orchestrator.3": [again]})
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nsed -i 's/it returns 18/it returns exactly 18/' \"$1\"\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    milepost_.env["EDITOR"] = str(editor)

    screen = at_terminal(*new(milepost_, "--trust"))
    screen.until("empty for later:")
    screen.type("")
    assert screen.code() == 3
    assert 'milepost answer I1 "your answer"' in screen.shown

    screen = at_terminal("answer")
    screen.until("empty for later:")
    screen.type("1")
    assert screen.code() == 0

    screen = at_terminal("run")
    screen.until("[q]uit for now:")
    screen.type("x")
    screen.until("[q]uit for now:")
    screen.type("e")
    assert "it returns exactly 18" in screen.until("[q]uit for now:")
    screen.type("r")
    screen.until("What should be different?")
    screen.type("make it cheaper")
    screen.until("[q]uit for now:")
    screen.type("q")
    assert screen.code() == 3
    assert milepost_.json("status")["state"] == "proposed"

    screen = at_terminal("approve")
    screen.until("Approve? [y/N]")
    screen.type("n")
    assert screen.code() == 0 and "Nothing was approved" in screen.shown


def test_editor_that_is_not_set_is_said_and_asked_again(milepost_: Terminal, at_terminal: Open) -> None:
    milepost_.record(tapes.asking())
    screen = at_terminal(*new(milepost_, "--trust"))
    screen.until("empty for later:")
    screen.type("1")
    screen.until("[q]uit for now:")
    screen.type("e")
    screen.until("no editor is set: set $EDITOR")
    screen.until("[q]uit for now:")
    screen.type("q")
    assert screen.code() == 3


def sleeping() -> dict[str, list[object]]:
    """A mission whose worker runs a command that takes long."""
    return {
        **tapes.whole(), "worker.F1.1": [calls(("run_command", {"command": "sleep 600"}))],
        "orchestrator.2": [call("end_turn", summary="It stays stopped.")],
    }


def test_live_picture_shows_who_does_what_and_ctrl_c_leaves_the_mission_running(
    milepost_: Terminal, at_terminal: Open, tmp_path: Path
) -> None:
    milepost_.record(sleeping())
    (tmp_path / "answers.md").write_text("## *\neuro\n")
    screen = at_terminal(*new(milepost_, "--trust", "--answers", str(tmp_path / "answers.md"), "--approve-as-proposed"))
    screen.until("worker.F1.1: run_command, turn 1")
    screen.until("0 of 2 assertions settled")
    screen.child.kill(signal.SIGINT)
    assert screen.code() == 130
    said = " ".join(screen.shown.split())
    assert "discount goes on without you: `milepost run -m discount` follows it" in said

    assert milepost_.json("status")["running"] is True
    assert milepost_.json("interrupt", "enough")["recorded"] == ["attempt_ended", "item_opened", "hold_placed"]
    assert milepost_("run", code=6).stdout.count("enough") >= 1
    assert "I2" in milepost_("items").stdout


def test_killed_runner_is_started_again_by_its_keeper(milepost_: Terminal, tmp_path: Path) -> None:
    milepost_.record(sleeping())
    (tmp_path / "answers.md").write_text("## *\neuro\n")
    started = milepost_.process(
        *new(milepost_, "--trust", "--answers", str(tmp_path / "answers.md"), "--approve-as-proposed")
    )
    milepost_.until(lambda now: any(a["doing"] == "run_command" for a in now["activity"]))
    started.send_signal(signal.SIGINT)
    assert started.wait() == 130
    milepost_.kill_runner()
    now = milepost_.until(lambda now: now["running"])
    assert now["state"] == "running"


def test_mission_that_nobody_carries_is_interrupted_and_run_goes_on(milepost_: Terminal) -> None:
    milepost_.record({**tapes.asking(), "worker.F1.1": story.script()["worker.F1.*"]})
    milepost_.new(code=3)
    milepost_.kill_all()
    milepost_("answer", "1")
    milepost_.until(lambda now: now["state"] == "proposed")
