"""A command that is told to a shell that waited runs as one that was started for it."""

import os
import signal
from pathlib import Path

import pytest

from milepost.workspace.cell import Cell
from milepost.workspace.standby import LONGEST, Standby
from tests.workspace.living import gone, names, odd_seconds, until

BASH = "/bin/bash"
LOOKS = [
    "env | sort", "pwd; echo $0 $# $- $$; cat; echo read $?", "echo '  two  spaces  '\necho second", "exit 7",
    "printf 'a\\0b' | od -c", r"echo 'back\slash' \"quoted\" naïve ☃", "nowhere-to-be-found", "if", "kill -9 $$",
    "echo error >&2; echo out; false", "ulimit -a; umask; trap; alias; set -o", "",
]


@pytest.mark.parametrize("command", LOOKS)
async def test_what_a_command_sees_does_not_tell(walled: Cell, command: str) -> None:
    # One with input gets a shell of its own; the one after it finds one that waits.
    fresh = await walled.run(command, timeout_s=20, stdin=b"")
    await walled.run("true", timeout_s=20)
    await until(lambda: waits(walled))
    told = await walled.run(command, timeout_s=20)
    assert (told.exit_code, told.output) == (fresh.exit_code, fresh.output)


def waiting(cell: Cell) -> Standby:
    found = cell._standby
    assert isinstance(found, Standby)
    return found


def waits(cell: Cell) -> bool:
    return cell._standby is not None


async def test_one_that_was_killed_is_not_missed(walled: Cell) -> None:
    await walled.run("true", timeout_s=20)
    await until(lambda: waits(walled))
    child = waiting(walled).child
    os.killpg(child.pid, signal.SIGKILL)
    await until(lambda: child.exit_code is not None)
    assert (await walled.run("echo here", timeout_s=20)).output == b"here\n"


async def test_variables_of_one_command_are_not_those_of_the_next(walled: Cell) -> None:
    for value in ("one", "one", "two", ""):
        env = {"GREETING": value} if value else {}
        finished = await walled.run("echo ${GREETING-none}", timeout_s=20, env=env)
        assert finished.output.decode().strip() == (value or "none")
        await until(lambda: waits(walled))


async def test_nothing_waits_once_the_cell_is_closed(walled: Cell) -> None:
    await walled.run("true", timeout_s=20)
    await until(lambda: waits(walled))
    await walled.close()
    await walled.close()


async def test_limit_of_time_counts_from_the_telling(tmp_path: Path) -> None:
    standby = Standby(BASH, walls=[], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    seconds = odd_seconds()
    finished = await standby.run(f"sleep {seconds}", timeout_s=0.2, max_output=100)
    assert finished is not None and finished.timed_out and finished.exit_code is None
    await gone(seconds)


async def test_one_that_is_dismissed_runs_nothing(tmp_path: Path) -> None:
    standby = Standby(BASH, walls=[], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    await standby.dismiss()
    assert names(tmp_path) == []


async def test_one_that_is_gone_is_no_answer(tmp_path: Path) -> None:
    standby = Standby(BASH, walls=[], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    os.killpg(standby.child.pid, signal.SIGKILL)
    await until(lambda: not standby.fits([]))
    assert await standby.run("touch ran", timeout_s=20, max_output=100) is None
    assert names(tmp_path) == []


async def test_engine_that_dies_tells_it_nothing(tmp_path: Path) -> None:
    """The end of its input, as when whoever holds the other end is killed, is no command."""
    standby = Standby(BASH, walls=[], cwd=tmp_path, env={"PATH": "/usr/bin:/bin"})
    os.close(standby.teller)
    await until(lambda: not standby.fits([]))
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("shell", "command", "env", "can"),
    [
        (BASH, "true", {}, True), ("/bin/sh", "true", {}, False), (BASH, "x" * (LONGEST + 1), {}, False),
        (BASH, "true", {"BASH_ENV": "start.sh"}, False), (BASH, "true", {"PORT_APP": "1"}, True),
    ],
)
def test_what_it_can_take(shell: str, command: str, env: dict[str, str], can: bool) -> None:
    assert Standby.can_take(shell, command, env) is can
