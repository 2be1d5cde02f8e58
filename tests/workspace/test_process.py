"""Commands end in time, whatever they print and leave behind."""

import asyncio
import os
import stat
import subprocess
from pathlib import Path

import pytest

from milepost.domain.errors import WorkspaceError
from milepost.workspace.capture import FLOOD, Capture
from milepost.workspace.child import Child, descendants
from milepost.workspace.process import Background, Finished, finish, start
from tests.workspace.living import gone, living, odd_seconds, open_files, until

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


async def sh(script: str, *, timeout_s: float = 20, max_output: int = 10**6, stdin: bytes | None = None) -> Finished:
    return await finish(
        ["/bin/sh", "-c", script], cwd=Path("/"), env=ENV, timeout_s=timeout_s, max_output=max_output, stdin=stdin
    )


def background(script: str, log: Path) -> Background:
    return start(["/bin/sh", "-c", script], cwd=Path("/"), env=ENV, log=log)


def reader() -> subprocess.Popen[bytes]:
    """A process that ends with 3 once it was told something."""
    return subprocess.Popen(["/bin/sh", "-c", "read _; exit 3"], stdin=subprocess.PIPE, start_new_session=True)


def await_end(pid: int) -> None:
    """Waits until a process has ended, and leaves it to be reaped."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)


async def until_said(running: Background, word: bytes) -> None:
    await until(lambda: word in running.output()[0])


async def test_output_and_errors_come_merged_in_order() -> None:
    finished = await sh("echo one; echo two >&2; echo three; exit 7")
    assert (finished.output, finished.exit_code) == (b"one\ntwo\nthree\n", 7)
    assert (finished.timed_out, finished.truncated) == (False, False)


async def test_a_signal_counts_as_128_and_its_number() -> None:
    assert (await sh("kill -SEGV $$")).exit_code == 139


async def test_F46_a_command_that_reads_finds_the_end_at_once() -> None:
    assert (await sh("cat; echo read")).output == b"read\n"


async def test_stdin_is_given_whole_however_long_and_unread() -> None:
    long = b"x" * 3_000_000
    assert (await sh("wc -c", stdin=long)).output.strip() == b"3000000"
    assert (await sh("true", stdin=long)).exit_code == 0


async def test_a_command_out_of_time_may_say_goodbye() -> None:
    finished = await sh("trap 'echo bye; exit 0' TERM; echo on; sleep 600 & wait", timeout_s=0.3)
    assert finished.timed_out and finished.exit_code is None
    assert finished.output == b"on\nbye\n"


async def test_a_command_that_ignores_its_end_is_killed_after_the_grace() -> None:
    word = odd_seconds()
    finished = await sh(f"trap '' TERM; while :; do sleep {word}; done", timeout_s=0.1)
    assert finished.timed_out
    assert 2000 <= finished.ms < 6000
    assert await gone(word)


async def test_F44_a_flood_is_cut_and_its_source_ended() -> None:
    finished = await sh("yes", timeout_s=60, max_output=10_000)
    assert finished.exit_code is None and not finished.timed_out
    assert finished.truncated
    assert len(finished.output) < 10_100


async def test_F44_head_and_tail_are_kept_and_the_gap_is_told() -> None:
    finished = await sh("echo first; head -c 100000 /dev/zero | tr '\\0' x; echo last", max_output=1000)
    assert finished.exit_code == 0 and finished.truncated
    assert finished.output.startswith(b"first\n")
    assert finished.output.endswith(b"last\n")
    assert b"\n... 99011 bytes left out ...\n" in finished.output


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 500, 600_000, 2_000_000])
def test_capture_keeps_what_fits_and_counts_the_rest(size: int) -> None:
    data = bytes(i % 251 for i in range(size))
    capture = Capture(10)
    for at in range(0, size, 70_000):
        capture.add(data[at : at + 70_000])
    assert capture.total == size < FLOOD
    if size <= 10:
        assert capture.output() == data
    else:
        assert capture.output() == data[:5] + b"\n... %d bytes left out ...\n" % (size - 10) + data[-5:]


async def test_F45_any_bytes_pass_unchanged() -> None:
    assert (await sh("printf '\\000\\377\\033[31m'")).output == b"\0\xff\x1b[31m"


async def test_F47_a_child_that_holds_the_pipe_is_not_waited_for() -> None:
    word = odd_seconds()
    finished = await sh(f"sleep {word} & echo done")
    assert finished.output == b"done\n" and finished.ms < 5000
    assert await gone(word)


async def test_F47_a_daemon_that_floods_the_pipe_does_not_hold_us_up() -> None:
    finished = await sh("setsid sh -c 'while echo more; do :; done' & echo done")
    assert b"done\n" in finished.output and finished.ms < 5000


@pytest.mark.needs("setsid")
async def test_F48_a_child_in_another_session_ends_with_a_command_out_of_time() -> None:
    word = odd_seconds()
    finished = await sh(f"setsid sh -c 'trap \"\" TERM; sleep {word}' & wait; sleep {word}", timeout_s=0.3)
    assert finished.timed_out
    assert await gone(word)


async def test_a_cancelled_wait_leaves_nothing_running() -> None:
    word = odd_seconds()
    waiting = asyncio.create_task(sh(f"sleep {word} & wait"))
    await until(lambda: living(word))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await gone(word)


@pytest.mark.parametrize(
    ("argv", "cwd"), [(["/no/such/program"], "/"), (["/bin/true"], "/no/such/folder"), (["/bin/echo", "a\0b"], "/")]
)
async def test_what_cannot_start_is_named(argv: list[str], cwd: str) -> None:
    before = open_files()
    with pytest.raises(WorkspaceError, match=f"cannot start '{argv[0]}' in '{cwd}'"):
        await finish(argv, cwd=Path(cwd), env=ENV, timeout_s=5)
    assert open_files() == before


async def test_F14_a_command_inherits_no_open_file_of_ours(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as lock:
        finished = await sh("ls -l /proc/$$/fd")
        assert str(lock.name).encode() not in finished.output


async def test_no_descriptor_is_left_open() -> None:
    await sh("true")
    before = open_files()
    await asyncio.gather(*(sh("echo x") for _ in range(5)))
    await sh("yes", timeout_s=0.01, max_output=1000)
    assert open_files() == before


async def test_F28_what_we_start_goes_first_when_memory_runs_out() -> None:
    # It is written while the shell starts; what the shell forks afterwards inherits it.
    own = "/proc/$$/oom_score_adj"
    finished = await sh(f"until read n < {own} && [ $n = 500 ]; do :; done; cat /proc/self/oom_score_adj")
    assert finished.output == b"500\n"


async def test_descendants_are_found_nearest_first(tmp_path: Path) -> None:
    running = background("sh -c 'sleep 600 & echo up; wait' & wait", tmp_path / "log")
    await until_said(running, b"up")
    below = descendants(running.pid)
    assert len(below) == 2
    assert descendants(below[0]) == below[1:]
    await running.stop(0)


async def test_a_process_without_pidfd_is_watched_by_a_thread() -> None:
    process = reader()
    child = Child(process, None, by_thread=True)
    assert child.exit_code is None and not await child.ended(0.01)
    process.communicate(b"\n")
    assert await child.ended(10)
    assert child.exit_code == 3


async def test_background_output_is_read_piece_by_piece(tmp_path: Path) -> None:
    go = tmp_path / "go"
    os.mkfifo(go)
    running = background(f"echo first; read _ < {go}; echo second >&2; exit 4", tmp_path / "logs" / "a.log")
    await until_said(running, b"first\n")
    assert running.alive and running.exit_code is None
    first, read_to = running.output()
    await asyncio.to_thread(go.write_text, "\n")
    assert await running.ended(10)
    assert (first, running.output(read_to)) == (b"first\n", (b"second\n", 13))
    assert (running.alive, running.exit_code) == (False, 4)
    assert running.tail(5) == b"cond\n" and running.tail(99) == b"first\nsecond\n"
    assert stat.S_IMODE(running.log.stat().st_mode) == 0o600


async def test_a_new_start_replaces_the_log(tmp_path: Path) -> None:
    for word in (b"old and long\n", b"new\n"):
        running = background(f"printf '{word.decode().strip()}\\n'", tmp_path / "a.log")
        assert await running.ended(10)
    assert running.output() == (b"new\n", 4)


async def test_background_is_asked_before_it_is_killed(tmp_path: Path) -> None:
    polite = background("trap 'echo bye; exit 5' TERM; echo up; sleep 600 & wait", tmp_path / "polite.log")
    rude = background("trap '' TERM; echo up; while :; do sleep 600; done", tmp_path / "rude.log")
    await until_said(polite, b"up")
    await until_said(rude, b"up")
    await asyncio.gather(polite.stop(10), rude.stop(0.1))
    assert (polite.exit_code, polite.output()[0]) == (5, b"up\nbye\n")
    assert rude.exit_code == 137
    await rude.stop()


async def test_the_end_of_a_background_process_is_seen_without_waiting(tmp_path: Path) -> None:
    running = background("exit 0", tmp_path / "log")
    await_end(running.pid)
    assert not running.alive


async def test_background_that_cannot_start_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot start"):
        start(["/no/such"], cwd=tmp_path, env={}, log=tmp_path / "log")
