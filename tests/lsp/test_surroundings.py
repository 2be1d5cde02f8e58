"""What is around the conversation: signals, odd pipes, memory, imports, a client that dies."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from milepost.lsp.watchdog import Watchdog, alive
from tests.lsp.conftest import ROOT, Start
from tests.lsp.wire import Wire


def test_ctrl_c_in_the_editors_terminal_is_the_editors(probe: Wire) -> None:
    probe.process.send_signal(signal.SIGINT)
    assert probe.request("probe/echo", {"value": 1})["myValue"] == 1
    assert probe.leave() == 0


def test_a_handler_that_exits_ends_the_server_with_1(probe: Wire, log_folder: Path) -> None:
    probe.ask("probe/leave")
    assert probe.code() == 1
    assert "a handler ended the server" in (log_folder / "lsp.log").read_text()


def test_the_servers_thoughts_end_with_the_conversation(probe: Wire, log_folder: Path) -> None:
    probe.notify("probe/wait", {})
    probe.request("probe/echo", {"value": 1})
    assert probe.leave() == 0
    assert "Task was destroyed" not in (log_folder / "lsp.log").read_text()
    assert probe.errors.count("\n") == 1, "only what the probe prints itself"


def test_what_a_save_began_is_finished_before_the_end(probe: Wire, log_folder: Path) -> None:
    probe.notify("probe/save", {"value": str(log_folder / "saved")})
    assert probe.leave() == 0
    assert (log_folder / "saved").read_text() == "saved"


def test_pipes_that_do_not_block(log_folder: Path) -> None:
    begin = "import os, sys; [os.set_blocking(n, False) for n in (0, 1)]; os.execv(sys.executable, sys.argv[1:])"
    words = [sys.executable, "-c", begin, sys.executable, "-m", "tests.lsp.probe", str(log_folder)]
    with Wire(words, folder=ROOT) as wire:
        wire.initialize()
        wire.ask("probe/flood", {"count": 500, "size": 4000})
        assert len(wire.request("probe/echo", {"value": "x" * 1_000_000})["myValue"]) == 1_000_000
        assert wire.leave() == 0


def test_a_client_that_gives_no_standard_error(log_folder: Path) -> None:
    words = ["sh", "-c", 'exec "$0" "$@" 2>&-', sys.executable, "-m", "tests.lsp.probe", str(log_folder)]
    with Wire(words, folder=ROOT) as wire:
        wire.initialize()
        assert wire.request("probe/print") == ""
        assert wire.leave() == 0
        assert wire.stray == b""


def test_many_edits_leave_no_memory_behind(probe: Wire) -> None:
    probe.open("file:///a.md", "line\n" * 1200)
    edit(probe, 5_000)
    before = probe.request("probe/state")["memory"]
    edit(probe, 10_000)
    assert probe.request("probe/state")["memory"] - before < 5 * 2**20


def edit(wire: Wire, count: int) -> None:
    at = {"line": 7, "character": 1}
    for version in range(count):
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": "file:///a.md", "version": version},
            "contentChanges": [{"range": {"start": {**at, "character": 0}, "end": at}, "text": "m"}],
        })


def test_what_is_imported_before_initialize() -> None:
    """Each of these takes a good part of the time that the whole start may take."""
    # Who measures coverage imports things of its own into every process.
    unmeasured = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    found = subprocess.run(
        [sys.executable, "-c", "import sys, milepost.lsp.serving; print(*sys.modules)"], check=True,
        capture_output=True, text=True, cwd=ROOT, env=unmeasured,
    ).stdout.split()
    heavy = re.compile(r"pydantic|litellm|typer|rich|jinja2|httpx|aiosqlite|sqlite3|yaml|milepost\.(?!lsp|domain|ide)")
    assert not [name for name in found if heavy.match(name)]
    assert not [name for name in found if name.startswith("milepost.domain.") and name != "milepost.domain.errors"]


def test_the_watchdog_sees_a_process_end() -> None:
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    gone = threading.Event()
    Watchdog(process.pid, gone.set).start()
    assert not gone.is_set()
    process.kill()
    assert gone.wait(10), "also before anybody has buried it"
    process.wait()
    assert process.stdin is not None
    process.stdin.close()


def test_the_watchdog_looks_for_itself_where_the_system_cannot_tell() -> None:
    process = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    gone = threading.Event()
    Watchdog(process.pid, gone.set, descriptor=lambda _: None).start()
    process.kill()
    process.wait()
    assert gone.wait(10)
    assert process.stdin is not None
    process.stdin.close()


@pytest.mark.parametrize("process", [0, -1, 2**22 + 1])
def test_a_process_that_cannot_be_seen_is_not_watched(start: Start, process: int) -> None:
    assert not alive(process)
    wire = start()
    wire.initialize(processId=process)
    assert wire.request("probe/echo", {"value": 1})["myValue"] == 1
    assert wire.leave() == 0
