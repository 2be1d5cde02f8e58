"""The sandbox holds: each threat that concerns processes is tried for real, and has no effect."""

import asyncio
import contextlib
import ctypes
import http.server
import os
import secrets
import shlex
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from ptyprocess import PtyProcess

from milepost.domain.errors import WorkspaceError
from milepost.workspace.cell import Cell, Room
from milepost.workspace.sandbox import launcher, mounts, open_cell, sandbox_available, toolchain
from milepost.workspace.sandbox.bubblewrap import Bubblewrap
from tests.workspace.living import gone, living, names, odd_seconds, until

PYTHON = f"{shlex.quote(sys.executable)} -I -S -c "


async def output(cell: Cell, command: str) -> str:
    return (await cell.run(command, timeout_s=20)).output.decode()


async def succeeds(cell: Cell, command: str) -> bool:
    return (await cell.run(command, timeout_s=20)).exit_code == 0


def python(script: str, *words: object) -> str:
    return PYTHON + shlex.quote(script) + " " + shlex.join(map(str, words))


@pytest.fixture
def host_server() -> Iterator[int]:
    """The port of a server on this machine's own loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


async def test_commands_are_nobody_in_particular(walled: Cell) -> None:
    assert (await output(walled, "id -un; id -u; hostname")).split() == ["agent", "1000", "cell"]
    status = await output(walled, "grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status")
    assert status.split() == ["CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1"]


@pytest.mark.parametrize("folder", ["", "/usr", "/etc", "/usr/bin", "/run", "/root", "/var", "/home", "/opt"])
async def test_S17_nothing_can_be_written_outside_the_tree(walled: Cell, folder: str) -> None:
    place = f"{folder}/milepost-{secrets.token_hex(8)}"
    assert not await succeeds(walled, f"echo x > {place}")
    assert not os.access(place, os.F_OK)


async def test_S17_a_link_out_of_the_tree_leads_nowhere(walled: Cell, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")
    (tree / "link").symlink_to(tmp_path / "secret")
    (tree / "up").symlink_to("../secret")
    roads = f"link up ../secret {tmp_path}/secret /proc/self/root/{tmp_path}/secret"
    assert "canary" not in await output(walled, f"cat {roads}")
    assert not await succeeds(walled, "echo changed > link")
    assert (tmp_path / "secret").read_text() == "canary"


@pytest.mark.parametrize(
    "place",
    [
        "/etc/shadow", "/etc/gshadow", "/etc/ssl/private/any", "/var/run/docker.sock", "/run/user", "/proc/kcore",
        "/var/lib/dpkg/status",
    ],
)
async def test_S22_secrets_of_the_system_cannot_be_read(walled: Cell, place: str) -> None:
    assert not await succeeds(walled, f"head -c 1 {place} | grep -q .")


async def test_S22_home_folders_other_trees_and_our_state_are_not_there(
    sandbox: bool, tree: Path, scratch: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, state = tmp_path / "user", tmp_path / "user" / "tools" / "state"
    for place in (home / ".ssh", home / "tools" / "bin", home / "tools" / "lib", home / "project", state):
        place.mkdir(parents=True)
    for place in (home / ".ssh" / "id", home / "project" / "secret", state / "mission.db"):
        place.write_text("canary")
    program = home / "tools" / "bin" / "hello"
    program.write_text("#!/bin/sh\necho hello from the user\n")
    program.chmod(0o755)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", f"{program.parent}:relative:/no/such:{os.environ['PATH']}")
    shown = tmp_path / "objects"
    shown.mkdir()
    (shown / "pack").write_text("seen")
    cell = await open_cell(tree, sandbox=sandbox, scratch=scratch, hidden=[state], visible=[shown])
    try:
        assert await output(cell, "hello") == "hello from the user\n"
        assert await output(cell, f"cat {shown}/pack") == "seen"
        assert not await succeeds(cell, f"echo x > {shown}/pack || echo x > {program}")
        assert await output(cell, f"grep -rs canary {home} /home /tmp/kept /run /var") == ""
        assert await output(cell, f"ls -A {state} {home}/.ssh {home}/project 2>/dev/null") == f"{state}:\n"
        assert not await succeeds(cell, f"echo x > {state}/x")
    finally:
        await cell.close()


async def test_S05_masked_paths_can_be_read_and_not_changed_nor_made(
    sandbox: bool, tree: Path, scratch: Path
) -> None:
    (tree / ".git").mkdir()
    (tree / ".git" / "config").write_text("user's own\n")
    cell = await open_cell(tree, sandbox=sandbox, scratch=scratch, mask=[".git", ".vscode"])
    try:
        assert await output(cell, "cat .git/config") == "user's own\n"
        for attempt in (
            "echo x >> .git/config", "mv .git moved", "rm -rf .git", "ln -sfn /tmp .git/hooks", "touch .git/new",
            "echo x > .vscode/tasks.json", "mv .vscode moved", "rmdir .vscode", "mkdir d && mv -T d .vscode",
        ):
            assert not await succeeds(cell, attempt), attempt
        assert await succeeds(cell, "echo x > ordinary")
    finally:
        await cell.close()
    assert (tree / ".git" / "config").read_text() == "user's own\n"
    assert names(tree) == [".git", "d", "ordinary", "src"]


async def test_S05_what_is_laid_over_the_tree_cannot_be_changed(
    sandbox: bool, tree: Path, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "check.py").write_text("check")
    cell = await open_cell(tree, sandbox=sandbox, scratch=scratch, readonly=[(tmp_path / "check.py", "checks/a.py")])
    try:
        for attempt in ("echo x > checks/a.py", "chmod 777 checks/a.py", "rm -f checks/a.py", "mv checks/a.py b"):
            assert not await succeeds(cell, attempt), attempt
    finally:
        await cell.close()
    assert (tmp_path / "check.py").read_text() == "check"


async def test_S17_a_mount_is_never_led_out_of_the_tree_by_a_link(
    sandbox: bool, tree: Path, scratch: Path, tmp_path: Path
) -> None:
    (tmp_path / "check.py").write_text("check")
    (tree / "checks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(WorkspaceError, match="is a link"):
        await open_cell(tree, sandbox=sandbox, scratch=scratch, readonly=[(tmp_path / "check.py", "checks/a.py")])
    assert not os.access(tmp_path / "elsewhere", os.F_OK)


async def test_a_read_only_tree_cannot_be_changed(sandbox: bool, tree: Path, scratch: Path) -> None:
    cell = await open_cell(tree, sandbox=sandbox, scratch=scratch, read_only_tree=True)
    assert await output(cell, "cat src/main.txt") == "main\n"
    assert not await succeeds(cell, "echo x > new")
    assert await succeeds(cell, "echo x > /tmp/new")
    await cell.close()


async def test_S27_no_process_inside_shows_the_engines_environment(
    walled: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOME_API_KEY", "canary")
    assert "canary" not in await output(walled, "cat /proc/[0-9]*/environ")
    argv = walled.argv(["/bin/sh", "-c", "cat /proc/[0-9]*/environ"], terminal=False)
    driven = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True)
    assert "HOME=" in driven.stdout and "canary" not in driven.stdout


async def test_S15_a_variable_given_to_a_command_does_not_lead_the_launcher_astray(walled: Cell) -> None:
    finished = await walled.run("echo $LD_PRELOAD", timeout_s=20, env={"LD_PRELOAD": "/tree/evil.so"})
    assert "/tree/evil.so" in finished.output.decode()
    assert b"nsenter" not in finished.output and b"bwrap" not in finished.output


async def test_S28_sockets_of_the_host_cannot_be_reached(walled: Cell, tmp_path: Path) -> None:
    abstract = f"\0milepost-{secrets.token_hex(8)}"
    connect = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1].replace('@', chr(0)))"
    with socket.socket(socket.AF_UNIX) as named, socket.socket(socket.AF_UNIX) as unnamed:
        os.chdir(tmp_path)
        named.bind("s")
        unnamed.bind(abstract)
        for listening, address in ((named, f"{tmp_path}/s"), (unnamed, abstract)):
            listening.listen()
            assert not await succeeds(walled, python(connect, address.replace("\0", "@")))


async def test_S29_devices_and_the_settings_of_the_kernel_are_out_of_reach(walled: Cell) -> None:
    before = os.lstat("/dev/null").st_rdev
    await output(walled, "ln -sf x /dev/null; rm -rf /dev/zero /etc/hostname")
    assert os.lstat("/dev/null").st_rdev == before
    for name in ("sys/kernel/core_pattern", "sys/kernel/printk", "sysrq-trigger", "sys/vm/drop_caches"):
        open_it = "import os, sys; os.open(sys.argv[1], os.O_WRONLY)"
        assert not await succeeds(walled, python(open_it, f"/proc/{name}")), name
    assert not await succeeds(walled, "ls /dev/[hsv]d[a-z] /dev/kmsg /dev/mem")


async def test_S29_mounts_cannot_be_undone(walled: Cell) -> None:
    for attempt in (
        "umount /etc/passwd", "umount /proc", "mount -o remount,rw /usr", "mount -t tmpfs none /usr",
        "unshare -Urm sh -c 'umount /etc/passwd || umount -l /proc || mount -o remount,bind,rw /usr'",
        "unshare -Um sh -c 'umount /etc/passwd || mount -o remount,bind,rw /usr'",
    ):
        assert not await succeeds(walled, attempt), attempt


async def test_S30_the_network_leads_nowhere(walled: Cell, host_server: int) -> None:
    connect = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=3)"
    assert await asyncio.to_thread(lambda: socket.create_connection(("127.0.0.1", host_server)).close()) is None
    own = [address for address in host_addresses() if not address.startswith("127.")]
    for address in ("127.0.0.1", "::1", "0.0.0.0", *own):
        assert not await succeeds(walled, python(connect, address, host_server)), address
    for address in ("192.0.2.1", "169.254.169.254", "2001:db8::1"):
        assert "unreachable" in await output(walled, python(connect, address, 80))


def host_addresses() -> list[str]:
    return subprocess.run(["hostname", "-I"], capture_output=True, text=True).stdout.split()


async def test_S31_no_name_is_looked_up(walled: Cell) -> None:
    look_up = "import socket, sys; socket.getaddrinfo(sys.argv[1], 80)"
    assert not await succeeds(walled, python(look_up, "canary.example.com"))
    assert await succeeds(walled, python(look_up, "127.0.0.1"))


async def test_cells_do_not_reach_each_other(sandbox: bool, tree: Path, tmp_path: Path) -> None:
    cells = [await open_cell(tree, sandbox=sandbox, scratch=tmp_path / name) for name in "ab"]
    serve = python("import socket; s = socket.create_server(('127.0.0.1', 8000)); print('up', flush=True); s.accept()")
    both = [await cell.start(serve, log=tmp_path / f"{n}.log") for n, cell in enumerate(cells)]
    for server in both:
        await until(lambda server=server: b"up" in server.output()[0])  # type: ignore[misc]
    connect = python("import socket; socket.create_connection(('127.0.0.1', 8000))")
    assert await succeeds(cells[0], connect)
    assert await both[0].ended(10)
    assert not await succeeds(cells[0], connect)
    assert both[1].alive
    for cell in cells:
        await cell.close()


async def test_F48_a_daemon_ends_with_its_command(walled: Cell) -> None:
    word = odd_seconds()
    finished = await walled.run(f"setsid sh -c 'setsid sleep {word} & sleep {word}' & echo done", timeout_s=20)
    assert finished.output == b"done\n" and finished.ms < 5000
    assert not living(word)


async def test_F48_what_was_stopped_is_gone_when_stop_returns(walled: Cell, tmp_path: Path) -> None:
    word = odd_seconds()
    for grace_s in (0, 5):
        server = await walled.start(f"setsid sleep {word} & sleep {word}", log=tmp_path / "log")
        await until(lambda: len(sleeping(word)) == 2)
        await server.stop(grace_s)
        assert not server.alive and not living(word)


async def test_F51_other_processes_can_be_neither_seen_nor_ended(walled: Cell, tmp_path: Path) -> None:
    word = odd_seconds()
    server = await walled.start(f"sleep {word}", log=tmp_path / "log")
    await until(lambda: living(word))
    assert word not in await output(walled, "cat /proc/[0-9]*/cmdline; ps ax")
    assert int(await output(walled, "ls -d /proc/[0-9]* | wc -l")) < 10
    for pid in living(word):
        assert not await succeeds(walled, f"kill -TERM {pid}")
    assert server.alive


async def test_a_command_has_no_terminal_and_a_driver_has_its_own(walled: Cell) -> None:
    assert not await succeeds(walled, "exec 3<>/dev/tty")
    script = "trap 'echo caught; exit 4' INT; test -t 0 && echo up; read _"
    program = PtyProcess.spawn(walled.argv(["sh", "-c", script]))
    try:
        await asyncio.to_thread(read_until, program, b"up")
        program.sendintr()
        await asyncio.to_thread(read_until, program, b"caught")
        assert await asyncio.to_thread(program.wait) == 4
    finally:
        program.close(force=True)


def read_until(program: PtyProcess, word: bytes) -> None:
    seen = b""
    while word not in seen:
        seen += program.read(100)


async def test_git_and_a_virtual_environment_work_in_the_tree(walled: Cell) -> None:
    assert await succeeds(walled, "git init -q . && git add -A && git -c user.name=a -c user.email=a@b commit -qm one")
    made = await walled.run(f"{sys.executable} -m venv --without-pip v && v/bin/python -c 'print(1)'", timeout_s=60)
    assert made.output == b"1\n"


async def test_a_command_that_speaks_like_bubblewrap_is_a_command(walled: Cell) -> None:
    finished = await walled.run("echo 'bwrap: no'; exit 1", timeout_s=20)
    assert (finished.output, finished.exit_code) == (b"bwrap: no\n", 1)


async def test_a_sandbox_that_cannot_be_entered_is_no_commands_fault(
    sandbox: bool, tree: Path, scratch: Path, tmp_path: Path
) -> None:
    real = launcher.find()
    (tmp_path / "bwrap").symlink_to(real.bwrap)
    room = Room(host_tree=tree, scratch=scratch)
    room.furnish()
    tools = toolchain.find({}, tmp_path, python=False)
    # Outside the walls this name leads to bubblewrap, inside it leads nowhere.
    cell = await Bubblewrap.open(room, launcher.Launcher(str(tmp_path / "bwrap"), real.nsenter), tools)
    try:
        with pytest.raises(WorkspaceError, match=r"cannot be entered any more \(nsenter: .*open another cell"):
            await cell.run("true", timeout_s=20)
    finally:
        await cell.close()


CRASH = """
import asyncio, sys
from pathlib import Path
from milepost.workspace.sandbox import open_cell

async def main():
    cell = await open_cell(Path(sys.argv[1]), sandbox=True, scratch=Path(sys.argv[2]))
    await cell.start(f"setsid sleep {sys.argv[3]} & sleep {sys.argv[3]}", log=Path(sys.argv[2]) / "log")
    await cell.run(f"sleep {sys.argv[3]}", timeout_s=60)

asyncio.run(main())
"""


async def test_F48_nothing_survives_an_engine_that_is_killed(sandbox: bool, tree: Path, scratch: Path) -> None:
    word = odd_seconds()
    engine = crashing(tree, scratch, word)
    await until(lambda: len(sleeping(word)) == 3, 30)
    engine.kill()
    await asyncio.to_thread(engine.wait)
    assert await gone(word)


def crashing(*words: object) -> subprocess.Popen[bytes]:
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    return subprocess.Popen([sys.executable, "-c", CRASH, *map(str, words)], env=env)


def sleeping(word: str) -> list[int]:
    found = []
    for pid in living(word):
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/comm").read_text() == "sleep\n":
                found.append(pid)
    return found


UNPRIVILEGED = 65534


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user; who is none tries it all the time")
def test_S29_an_unprivileged_user_has_the_same_walls(sandbox: bool) -> None:
    folder = Path("/tmp") / f"milepost-{secrets.token_hex(8)}"
    folder.mkdir()
    os.chown(folder, UNPRIVILEGED, UNPRIVILEGED)
    try:
        assert in_child(lambda: asyncio.run(as_nobody(folder))) == 0
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def in_child(act: object) -> int:
    """The exit code of a forked child that gave up its rights and did something."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setgroups([])
            os.setgid(UNPRIVILEGED)
            os.setuid(UNPRIVILEGED)
            # Who gives up rights without a new program stays closed to himself otherwise.
            ctypes.CDLL(None).prctl(4, 1)
            os.environ["HOME"] = "/nonexistent"
            act()  # type: ignore[operator]
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


async def as_nobody(folder: Path) -> None:
    tree = folder / "tree"
    tree.mkdir()
    assert sandbox_available() is None
    cell = await open_cell(tree, sandbox=True, scratch=folder / "scratch")
    word = odd_seconds()
    server = await cell.start(f"setsid sleep {word} & sleep {word}", log=folder / "log")
    await until(lambda: len(sleeping(word)) == 2)
    seen = await cell.run("id -un; touch /usr/x; echo >> /proc/sys/kernel/core_pattern", timeout_s=9)
    assert seen.output.startswith(b"agent\n"), seen
    assert seen.output.count(b"Read-only file system") + seen.output.count(b"Permission denied") == 2, seen
    status = await cell.run("grep ^CapBnd /proc/self/status; grep -c . /proc/net/dev", timeout_s=9)
    assert status.output == b"CapBnd:\t0000000000000000\n3\n", status
    stopped = await cell.run("trap 'echo bye; exit' TERM; sleep 600 & wait", timeout_s=0.3)
    assert stopped.timed_out and stopped.output == b"bye\n", stopped
    argv = cell.argv(["id", "-u"], terminal=False)
    driven = await asyncio.to_thread(subprocess.run, argv, capture_output=True)
    assert driven.stdout == b"1000\n", driven
    await cell.close()
    assert not server.alive
    assert await gone(word)


NO_BUBBLEWRAP = """
import asyncio, sys
from pathlib import Path
from milepost.domain.errors import WorkspaceError
from milepost.workspace.sandbox import open_cell, sandbox_available

print(sandbox_available())
try:
    asyncio.run(open_cell(Path(sys.argv[1]), sandbox=True, scratch=Path(sys.argv[2])))
except WorkspaceError as error:
    print("refused:", error)
"""


async def test_S25_without_bubblewrap_no_cell_is_opened(sandbox: bool, tree: Path, scratch: Path) -> None:
    hide = ["bwrap", "--dev-bind", "/", "/", "--ro-bind", "/dev/null", launcher.find().bwrap, "--"]
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    argv = [*hide, sys.executable, "-c", NO_BUBBLEWRAP, str(tree), str(scratch)]
    tried = await asyncio.to_thread(subprocess.run, argv, capture_output=True, text=True, env=env)
    available, refused = tried.stdout.splitlines()
    assert "sudo apt-get install bubblewrap" in available
    assert refused == f"refused: {available}"
    assert not os.access(scratch / "home", os.F_OK)


@pytest.mark.parametrize(
    ("here", "missing"),
    [([], "bubblewrap util-linux"), (["bwrap"], "util-linux"), (["nsenter"], "bubblewrap")],
)
def test_S25_what_is_missing_is_named_with_the_command_that_installs_it(
    tmp_path: Path, here: list[str], missing: str
) -> None:
    for name in here:
        (tmp_path / name).symlink_to("/bin/true")
    assert f"sudo apt-get install {missing}, or say --no-sandbox" in (sandbox_available([str(tmp_path)]) or "")


async def test_S25_a_sandbox_that_fails_is_explained(tree: Path, scratch: Path, tmp_path: Path) -> None:
    for name, script in (("bwrap", "echo 'bwrap: no permission' >&2; exit 1"), ("nsenter", "exit 1")):
        (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
        (tmp_path / name).chmod(0o755)
    folders = [str(tmp_path)]
    assert "bwrap: no permission" in (sandbox_available(folders) or "")
    room = Room(host_tree=tree, scratch=scratch, mask=(".git",))
    room.furnish()
    with pytest.raises(WorkspaceError, match="bwrap: no permission"):
        await Bubblewrap.open(room, launcher.find(folders), toolchain.find({}, tmp_path, python=False))
    assert not (tree / ".git").exists()


@pytest.mark.parametrize(
    ("name", "value", "mended"),
    [
        ("user/max_user_namespaces", "0", "sudo sysctl -w user.max_user_namespaces=15000"),
        ("kernel/unprivileged_userns_clone", "0", "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
        ("kernel/unprivileged_userns_clone", "1", "docker run"),
    ],
)
def test_S25_a_setting_that_forbids_it_is_named(tmp_path: Path, name: str, value: str, mended: str) -> None:
    (tmp_path / name).parent.mkdir()
    (tmp_path / name).write_text(f"{value}\n")
    assert mended in launcher.explain("bwrap: no permission", tmp_path).partition(": ")[2]
    assert "bubblewrap said 'nothing'" in launcher.explain("", tmp_path)


def test_the_sandbox_can_be_had(sandbox: bool) -> None:
    assert sandbox_available() is None


def user(tmp_path: Path, **files: str) -> Path:
    home = tmp_path / "home"
    for name, target in files.items():
        place = home / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if target:
            place.symlink_to(home / target)
        else:
            place.touch()
    return home


def roots(home: Path, *folders: str, **variables: str) -> set[str]:
    environ = {"PATH": ":".join(str(home / folder) for folder in folders), **variables}
    found = toolchain.find(environ, home, python=False)
    return {str(root.relative_to(home)) for root in found.roots}


def test_S22_toolchains_are_shown_whole_and_folders_shared_with_secrets_are_not(tmp_path: Path) -> None:
    home = user(tmp_path, **{
        ".pyenv/shims/python": "", ".pyenv/bin/pyenv": "", ".pyenv/versions/3/bin/python": "",
        ".nvm/versions/node/v20/bin/node": "", ".nvm/versions/node/v20/lib/x": "",
        ".cargo/bin/cargo": "", ".cargo/lib/x": "", ".cargo/credentials.toml": "", ".rustup/toolchains/x": "",
        ".local/lib/x": "", ".local/share/keyrings/login": "", "bin/mine": "", "lib/x": "",
        "project/.venv/bin/python": ".pyenv/versions/3/bin/python", "project/.venv/pyvenv.cfg": "",
    })
    assert roots(
        home, ".pyenv/shims", ".pyenv/bin", ".nvm/versions/node/v20/bin", ".cargo/bin", "bin", "project/.venv/bin"
    ) == {".pyenv", ".nvm", ".cargo/bin", ".rustup", "bin", "project/.venv"}


def test_S22_what_links_lead_to_is_shown_and_no_more_than_that(tmp_path: Path) -> None:
    home = user(tmp_path, **{
        "share/tools/ruff/bin/ruff": "", "share/tools/ruff/pyvenv.cfg": "",
        "project/script.sh": "", "project/secret": "",
        ".local/bin/ruff": "share/tools/ruff/bin/ruff", ".local/bin/script": "project/script.sh",
        ".local/bin/broken": "none", ".local/bin/plain": "",
    })
    assert roots(home, ".local/bin") == {".local/bin", "share/tools/ruff", "project/script.sh"}


def test_S22_a_variable_that_names_a_home_shows_nothing(tmp_path: Path) -> None:
    home = user(tmp_path, **{"jdk/bin/java": "", "jdk/lib/x": ""})
    assert roots(home, JAVA_HOME=str(home)) == set()
    assert roots(home, JAVA_HOME=str(home / "jdk")) == {"jdk"}
    assert roots(home, JAVA_HOME="relative", GOROOT=str(home / "none")) == set()


def test_an_empty_path_is_the_systems(tmp_path: Path) -> None:
    found = toolchain.find({}, tmp_path, python=False)
    assert "/usr/bin" in found.path.split(":")
    assert found.roots == ()


def test_S22_what_others_may_not_read_is_closed(tmp_path: Path) -> None:
    for name, mode in (("open", 0o644), ("key", 0o600), ("shut/inner", 0o644), ("deep/a/b/key", 0o640)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        (tmp_path / name).chmod(mode)
    (tmp_path / "shut").chmod(0o700)
    (tmp_path / "link").symlink_to("key")
    found = [path.relative_to(tmp_path).as_posix() for path in mounts.closed(tmp_path, 4)]
    assert found == ["deep/a/b/key", "key", "shut"]
    assert [path.name for path in mounts.closed(tmp_path, 1)] == ["key", "shut"]
    assert list(mounts.closed(tmp_path / "none", 1)) == []
