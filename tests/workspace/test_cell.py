"""A cell is the same room with walls and without: only what can leave it differs."""

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.workspace.cell import MAX_COMMAND, Cell, Room, free_port
from milepost.workspace.process import Finished
from milepost.workspace.sandbox import open_cell
from tests.workspace.living import gone, living, names, odd_seconds, open_files, until

PYTHON = shlex.quote(sys.executable)
LISTEN = f"{PYTHON} -I -S -c 'import socket, sys; s = socket.create_server((\"127.0.0.1\", int(sys.argv[1]))); "
SERVE = LISTEN + "print(\"up\", flush=True)\nwhile True: s.accept()[0].sendall(b\"hello\")' "
CONNECT = "socket.create_connection((\"127.0.0.1\", int(sys.argv[1])))"
ASK = f"{PYTHON} -I -S -c 'import socket, sys; print({CONNECT}.recv(9))' "


async def run(cell: Cell, command: str, **words: object) -> Finished:
    return await cell.run(command, timeout_s=20, **words)  # type: ignore[arg-type]


def everything(tree: Path) -> list[str]:
    return sorted(path.name for path in tree.rglob("*"))


async def said(cell: Cell, command: str, **words: object) -> str:
    finished = await run(cell, command, **words)
    assert finished.exit_code == 0, finished.output.decode()
    return finished.output.decode()


async def test_commands_work_at_the_root_of_the_tree(cell: Cell, tree: Path) -> None:
    assert await said(cell, "pwd; cat src/main.txt; echo new > made") == f"{cell.tree}\nmain\n"
    assert (tree / "made").read_text() == "new\n"
    assert cell.host_tree == tree
    assert cell.tree in (PurePosixPath("/tree"), PurePosixPath(tree))


async def test_a_command_says_how_it_ended(cell: Cell) -> None:
    assert (await run(cell, "exit 3")).exit_code == 3
    assert (await run(cell, "kill -KILL $$")).exit_code == 137
    assert (await run(cell, "no-such-program")).exit_code == 127


async def test_commands_are_taken_by_bash_where_there_is_one(cell: Cell) -> None:
    assert await said(cell, "[[ a == a ]] && echo {1..3}") == "1 2 3\n"


async def test_a_command_may_read_and_be_limited(cell: Cell) -> None:
    assert await said(cell, "cat", stdin=b"given") == "given"
    assert await said(cell, "cat") == ""
    finished = await run(cell, "echo first; seq 100000; echo last", max_output=200)
    assert finished.truncated and finished.output.startswith(b"first\n") and finished.output.endswith(b"last\n")


async def test_a_command_out_of_time_is_asked_first(cell: Cell) -> None:
    finished = await cell.run("trap 'echo bye; exit 0' TERM; echo on; sleep 600 & wait", timeout_s=0.5)
    assert finished.timed_out and finished.exit_code is None
    assert finished.output == b"on\nbye\n"
    assert finished.ms < 2400


async def test_a_command_that_ignores_its_end_is_killed(cell: Cell) -> None:
    word = odd_seconds()
    finished = await cell.run(f"trap '' TERM; while :; do sleep {word}; done", timeout_s=0.2)
    assert finished.timed_out
    assert await gone(word)


@pytest.mark.parametrize("cwd", ["src", "./src", "src/.", "src/../src", "TREE/src"])
async def test_a_command_may_work_in_a_folder_of_the_tree(cell: Cell, cwd: str) -> None:
    assert await said(cell, "pwd", cwd=cwd.replace("TREE", str(cell.tree))) == f"{cell.tree}/src\n"


@pytest.mark.parametrize(
    "cwd", ["/", "~", "..", "/etc", "src/../..", "out", "none", "src/main.txt", "a\0b", "TREE-evil"]
)
async def test_S20_a_working_folder_outside_the_tree_is_refused(cell: Cell, tree: Path, cwd: str) -> None:
    (tree / "out").symlink_to("/etc")
    tree.with_name("tree-evil").mkdir()
    with pytest.raises(ToolError, match="no folder of the tree"):
        await run(cell, "pwd", cwd=cwd.replace("TREE", str(cell.tree)))


@pytest.mark.parametrize("command", ["a\0b", "x" * (MAX_COMMAND + 1)])
async def test_a_command_that_no_shell_takes_is_refused(cell: Cell, command: str) -> None:
    with pytest.raises(ToolError, match="the command"):
        await run(cell, command)
    with pytest.raises(ToolError, match="the command"):
        await cell.start(command, log=Path("/dev/null"))


async def test_S27_nothing_of_our_environment_gets_in(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary-in-the-environment")
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/canary-in-the-environment")
    seen = await said(cell, "env; cat /proc/self/environ")
    argv = cell.argv(["/bin/sh", "-c", "env; cat /proc/self/environ"], terminal=False)
    driven = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True)
    for text in (seen, driven.stdout):
        assert "HOME=" in text
        assert "canary-in-the-environment" not in text


async def test_commands_see_the_clean_environment_and_what_they_are_given(cell: Cell) -> None:
    seen = dict(line.split("=", 1) for line in (await said(cell, "env", env={"PORT_API": "8000"})).splitlines())
    assert cell.environment().items() <= seen.items()
    assert seen["PORT_API"] == "8000"
    assert (seen["TERM"], seen["CI"], seen["NO_COLOR"]) == ("dumb", "1", "1")
    assert set(seen) - set(cell.environment()) <= {"PORT_API", "PWD", "SHLVL", "_", "OLDPWD", "MILEPOST_CELL"}


async def test_home_and_temporary_files_last_as_long_as_the_cell(cell: Cell, tree: Path) -> None:
    await said(cell, "echo kept > ~/kept; echo also > $TMPDIR/also; mktemp")
    assert await said(cell, "cat ~/kept $TMPDIR/also") == "kept\nalso\n"
    assert not os.access(f"{os.environ['HOME']}/kept", os.F_OK)
    assert names(tree) == ["src"]


async def test_our_own_python_can_be_run(cell: Cell) -> None:
    assert await said(cell, f"{PYTHON} -c 'import sys; print(sys.prefix)'") == f"{sys.prefix}\n"


async def test_a_background_command_is_reached_by_the_next_one_and_by_drivers(cell: Cell, tmp_path: Path) -> None:
    port = cell.port("api", 8000)
    server = await cell.start(f"{SERVE} {port}", log=tmp_path / "log")
    await until(lambda: b"up" in server.output()[0])
    assert await said(cell, f"{ASK} {port}") == "b'hello'\n"
    argv = cell.argv(["/bin/sh", "-c", f"{ASK} $PORT"], env={"PORT": str(port)}, terminal=False)
    driven = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True)
    assert driven.stdout == "b'hello'\n", driven.stderr
    await server.stop()
    assert not server.alive
    assert (await run(cell, f"{ASK} {port}")).exit_code == 1


async def test_a_background_command_is_asked_to_stop(cell: Cell, tmp_path: Path) -> None:
    script = "trap 'echo bye; exit 5' TERM; echo up; sleep 600 & wait"
    server = await cell.start(script, log=tmp_path / "log", cwd="src")
    await until(lambda: b"up" in server.output()[0])
    await server.stop(10)
    assert (server.output()[0], server.exit_code) == (b"up\nbye\n", 5)


async def test_a_driver_works_in_a_folder_and_may_have_a_terminal(cell: Cell) -> None:
    for terminal in (True, False):
        argv = cell.argv(["sh", "-c", 'pwd; echo "$@"', "sh"], cwd="src", terminal=terminal)
        driven = await asyncio.to_thread(subprocess.run, [*argv, "one", "a b"], capture_output=True, text=True)
        assert driven.stdout == f"{cell.tree}/src\none a b\n", driven.stderr


async def test_F48_closing_ends_everything_daemons_too(cell: Cell, tmp_path: Path) -> None:
    word = odd_seconds()
    await cell.start(f"setsid sh -c 'setsid sleep {word} & exec sleep {word}' & sleep {word}", log=tmp_path / "log")
    driver = driving(cell.argv(["sleep", word], terminal=False))
    await until(lambda: len({*living(word)}) >= 4)
    await cell.close()
    await asyncio.to_thread(driver.wait, 10)
    assert await gone(word)


def driving(argv: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(argv, start_new_session=True)


async def test_what_a_command_leaves_running_ends_with_it(cell: Cell) -> None:
    word = odd_seconds()
    finished = await run(cell, f"sleep {word} & echo done")
    assert finished.output == b"done\n" and finished.ms < 5000
    assert await gone(word)


async def test_a_cancelled_command_is_gone(cell: Cell) -> None:
    word = odd_seconds()
    waiting = asyncio.create_task(run(cell, f"sleep {word}"))
    await until(lambda: living(word))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await gone(word)


async def test_a_closed_cell_runs_nothing_and_can_be_closed_again(cell: Cell) -> None:
    await cell.close()
    await cell.close()
    with pytest.raises(WorkspaceError, match="the cell is closed"):
        await run(cell, "true")
    with pytest.raises(WorkspaceError, match="the cell is closed"):
        cell.argv(["true"])


@pytest.mark.parametrize("walls", [True, False])
async def test_an_opened_and_closed_cell_leaves_no_descriptor(
    walls: bool, tree: Path, scratch: Path, request: pytest.FixtureRequest
) -> None:
    sandbox = walls and request.getfixturevalue("sandbox")
    before = open_files()
    for _ in range(2):
        cell = await open_cell(tree, sandbox=sandbox, scratch=scratch)
        await run(cell, "true")
        await cell.close()
    assert open_files() == before


async def test_commands_run_side_by_side(cell: Cell) -> None:
    finished = await asyncio.gather(*(said(cell, f"echo {n}") for n in range(5)))
    assert finished == [f"{n}\n" for n in range(5)]


def test_a_port_is_the_wanted_one_or_the_next_free() -> None:
    assert [free_port(8000, []), free_port(8000, [8000, 8001]), free_port(None, []), free_port(None, [20000])] == [
        8000, 8002, 20000, 20001,
    ]
    assert free_port(65535, [65535]) == 1024


async def test_ports_are_stable_and_distinct(cell: Cell) -> None:
    ports = [cell.port(name, 8000) for name in ("a", "b", "a", "b")]
    assert ports[:2] == ports[2:] and ports[0] != ports[1]


async def test_models_see_the_tree_where_it_is_in_the_sandbox(cell: Cell, tree: Path, scratch: Path) -> None:
    text = f"{tree}/src/a.py:1 in {scratch}/home/x, {scratch}/tmp/y; {tree}."
    assert cell.show(text) == "/tree/src/a.py:1 in /home/agent/x, /tmp/y; /tree."


def test_S18_a_path_that_only_begins_alike_is_not_the_tree(tmp_path: Path) -> None:
    room = Room(host_tree=tmp_path / "tree", scratch=tmp_path / "scratch")
    text = f"{tmp_path}/tree-evil {tmp_path}/tree2 {tmp_path}/tree.old {tmp_path}/trees/x"
    assert room.shown(text) == text


@pytest.mark.parametrize("walls", [True, False])
async def test_files_are_laid_over_the_tree_and_taken_away_again(
    walls: bool, tree: Path, scratch: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    check, folder = tmp_path / "check.py", tmp_path / "modules"
    check.write_text("check")
    folder.mkdir()
    (folder / "inner").write_text("inner")
    over = [(check, "src/main.txt")] if walls and request.getfixturevalue("sandbox") else []
    cell = await open_cell(
        tree, sandbox=walls, scratch=scratch, readonly=[(check, "checks/deep/a.py"), (folder, "modules"), *over]
    )
    assert await said(cell, "cat checks/deep/a.py modules/inner") == "checkinner"
    assert await said(cell, "cat src/main.txt") == ("check" if walls else "main\n")
    assert (tree / "checks/deep/a.py").read_text() == "check"
    await cell.close()
    assert everything(tree) == ["main.txt", "src"]
    assert (tree / "src/main.txt").read_text() == "main\n"
    assert (folder / "inner").read_text() == "inner"


@pytest.mark.parametrize(
    ("at", "source", "why"),
    [
        ("link/a.py", "check.py", "is a link"),
        ("src", "check.py", "of another kind"),
        ("none.py", "none.py", "is not there"),
        ("src/main.txt", "check.py", "is in the tree already and differs"),
    ],
)
async def test_what_cannot_be_laid_is_refused_and_leaves_no_trace(
    tree: Path, scratch: Path, tmp_path: Path, at: str, source: str, why: str
) -> None:
    (tmp_path / "check.py").write_text("check")
    (tree / "link").symlink_to("/etc")
    before = everything(tree)
    with pytest.raises(WorkspaceError, match=why):
        await open_cell(
            tree, sandbox=False, scratch=scratch,
            readonly=[(tmp_path / "check.py", "made/first.py"), (tmp_path / source, at)],
        )
    assert everything(tree) == before


async def test_a_tree_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"no folder '.*/none' to open a cell on"):
        await open_cell(tmp_path / "none", sandbox=False, scratch=tmp_path)


async def test_a_file_of_the_agents_own_stays_when_the_cell_closes(tree: Path, scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "check.py").write_text("check")
    (tree / "checks").mkdir()
    (tree / "checks/a.py").write_text("check")
    cell = await open_cell(tree, sandbox=False, scratch=scratch, readonly=[(tmp_path / "check.py", "checks/a.py")])
    await said(cell, "echo mine > checks/mine.py")
    await cell.close()
    assert names(tree / "checks") == ["a.py", "mine.py"]


