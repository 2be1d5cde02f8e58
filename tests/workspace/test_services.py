"""Services are ready when somebody relies on them, in the order they need, under names and not numbers."""

import asyncio
import os
import shlex
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.services import Manifest
from milepost.workspace.cell import Cell
from milepost.workspace.process import MAX_LOG
from milepost.workspace.sandbox import open_cell
from milepost.workspace.services import Services
from tests.workspace.living import gone, living, names, odd_seconds, until

SERVER = """
import http.server, os, sys
host, status = sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1", int(os.environ.get("STATUS", 200))

class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(status if self.path == "/health" else 404)
        self.end_headers()

if ":" in host:
    http.server.HTTPServer.address_family = 10
print("listening", flush=True)
http.server.HTTPServer((host, int(sys.argv[1])), Health).serve_forever()
"""


def serve(name: str, *words: str) -> str:
    return f"exec {shlex.quote(sys.executable)} -I serve.py $PORT_{name.replace('-', '_').upper()} {shlex.join(words)}"


def manifest(*services: dict[str, Any]) -> Manifest:
    return Manifest.model_validate({"commands": {"test": {"run": "true"}}, "services": list(services)})


def web(name: str = "api", **fields: Any) -> dict[str, Any]:
    return {"name": name, "start": serve(name), "port": 8000, "ready": {"http": "/health"}, "timeout_s": 20, **fields}


def once(name: str, start: str, depends_on: Sequence[str] = (), **fields: Any) -> dict[str, Any]:
    """A service that does its work and ends."""
    return {"name": name, "start": start, "ready": {"exit": 0}, "depends_on": list(depends_on), **fields}


@pytest.fixture
def of(cell: Cell, tree: Path, tmp_path: Path) -> Any:
    (tree / "serve.py").write_text(SERVER)
    return lambda *services: Services(cell, manifest(*services), tmp_path / "logs")


@pytest.fixture
async def api(of: Any) -> AsyncIterator[Services]:
    services = of(web())
    yield services
    await services.stop_all()


async def test_a_service_is_ready_once_it_answers(api: Services, cell: Cell, tmp_path: Path) -> None:
    started = await api.start("api")
    assert started.url == "http://api/"
    assert started.port == int(api.env()["PORT_API"])
    assert started.log == tmp_path / "logs" / "api.log"
    assert "listening" in started.log.read_text()
    ask = f"{shlex.quote(sys.executable)} -I -c 'import os, urllib.request as u; u.urlopen(os.environ[\"URL\"])'"
    asked = await cell.run(ask, timeout_s=20, env={"URL": api.resolve("http://api/health")})
    assert asked.exit_code == 0, asked.output


async def test_a_service_that_is_ready_is_left_alone(api: Services) -> None:
    first, second = await asyncio.gather(api.start("api"), api.start("api"))
    third = await api.start("api")
    assert first == second == third
    assert first.log.read_text().count("listening") == 1


async def test_a_service_that_died_is_started_again(of: Any, tree: Path) -> None:
    os.mkfifo(tree / "end")
    services = of({
        "name": "job-queue", "start": "echo up; read _ < end", "ready": {"log": "^up$"}, "timeout_s": 20,
    })
    started = await services.start("job-queue")
    assert (started.url, started.port, services.env()) == (None, None, {})
    assert started.log.read_text() == "up\n"
    await asyncio.to_thread((tree / "end").write_text, "\n")
    started.log.write_text("")
    await until_started_again(services)
    assert started.log.read_text() == "up\n"
    await services.stop_all()


async def until_started_again(services: Services) -> None:
    async with asyncio.timeout(20):
        while not (await services.start("job-queue")).log.read_text():
            pass


async def test_dependencies_come_first_and_once(of: Any, tree: Path) -> None:
    services = of(
        once("d", "echo d >> order", ["b", "c"]), once("c", "echo c >> order", ["a"]),
        once("b", "echo b >> order", ["a"]), once("a", "echo a >> order"),
    )
    await services.start("d")
    assert (tree / "order").read_text().split() == ["a", "b", "c", "d"]
    await services.start("d")
    await services.start("b")
    assert (tree / "order").read_text().split() == ["a", "b", "c", "d"]
    await services.stop("a")
    await services.start("d")
    assert (tree / "order").read_text().split() == ["a", "b", "c", "d", "a"]


async def test_a_service_whose_dependency_fails_is_not_started(of: Any, tree: Path) -> None:
    services = of(once("app", "echo started >> order", ["db"]), once("db", "echo no room left; exit 3"))
    with pytest.raises(WorkspaceError, match=r"'db' is not ready: it ended with exit code 3, expected 0[^@]*no room"):
        await services.start("app")
    assert not (tree / "order").exists()


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ([once("a", "true", ["b"]), once("b", "true", ["a"])], "in a circle, a -> b -> a"),
        ([once("a", "true", ["none"])], "'a' depends on 'none', which is not in the manifest"),
        ([{**web("a"), "port": None}], "service 'a' is ready when its port answers; give it a port"),
        ([{**once("a", "true"), "ready": {"tcp": True}}], "give it a port"),
        ([{**once("a", "true"), "ready": {"log": "(unclosed"}}], r"its log matches '\(unclosed', no pattern"),
    ],
)
async def test_a_manifest_that_cannot_work_is_explained(of: Any, services: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(WorkspaceError, match=said):
        await of(*services).start("a")


async def test_an_unknown_service_is_named_with_those_there_are(of: Any) -> None:
    for act in ("start", "stop", "reset"):
        with pytest.raises(ToolError, match="no service 'none'; expected one of api"):
            await getattr(of(web()), act)("none")
    with pytest.raises(ToolError, match="none: the manifest has no services"):
        await of().start("api")


async def test_a_service_that_fails_its_health_check_is_stopped_and_its_log_told(of: Any, cell: Cell) -> None:
    services = of(web(start=f"echo to be told; STATUS=503 {serve('api')}", timeout_s=1))
    with pytest.raises(WorkspaceError) as failed:
        await services.start("api")
    assert "'api' is not ready: 503 for /health, wanted 200 after 1 s. Its log:\nto be told" in str(failed.value)
    assert services.env()["PORT_API"] not in str(failed.value)
    assert not living("serve.py")


async def test_a_service_that_ends_before_it_is_ready_is_not_waited_for(of: Any, cell: Cell) -> None:
    services = of(web(start="printf '\\033[31mboom\\033[0m in %s\\n' \"$PWD\"; exit 9", timeout_s=60))
    async with asyncio.timeout(10):
        with pytest.raises(WorkspaceError, match=r"it ended with exit code 9\. Its log:\nboom in /tree$"):
            await services.start("api")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"start": "sleep 60"}, "ConnectionRefusedError on 127.0.0.1 after 1 s"),
        ({"start": serve("api", "::1")}, "something listens on ::1: have it listen on 127.0.0.1 after 1 s"),
        ({"start": "sleep 60", "ready": {"exit": 0}}, "it did not end within 1 s"),
        ({"start": "echo warming; sleep 60", "ready": {"log": "ready"}}, "its log does not match 'ready'.*\nwarming$"),
        ({"start": "sleep 60", "ready": {"tcp": True}}, "ConnectionRefusedError"),
    ],
)
async def test_a_service_that_is_late_is_stopped_and_what_was_seen_told(
    of: Any, fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(WorkspaceError, match=said):
        await of(web(**{**fields, "timeout_s": 1})).start("api")


async def test_a_service_that_speaks_no_http_is_not_ready_by_http(of: Any, tree: Path) -> None:
    (tree / "speak.py").write_text(
        "import socket, sys\n"
        "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "while True:\n    server.accept()[0].send(b'hi\\n')\n"
    )
    start = f"exec {shlex.quote(sys.executable)} speak.py $PORT_API"
    with pytest.raises(WorkspaceError, match="no HTTP for /health, wanted 200"):
        await of(web(start=start, timeout_s=1)).start("api")
    services = of(web(start=start, ready={"tcp": True}))
    await services.start("api")
    await services.stop("api")


async def test_a_pattern_that_takes_for_ever_holds_nobody_up(of: Any) -> None:
    services = of({
        "name": "a", "start": f"echo {'a' * 40}b; sleep 60", "ready": {"log": "^(a+)+$"}, "timeout_s": 1,
    })
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    with pytest.raises(WorkspaceError, match="its log does not match"):
        await services.start("a")
    ticking.cancel()
    assert ticks > 100


async def test_a_cancelled_start_leaves_nothing_running(of: Any) -> None:
    word = odd_seconds()
    services = of(web(start=f"sleep {word}"))
    starting = asyncio.create_task(services.start("api"))
    await until(lambda: living(word))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert await gone(word)


async def test_the_seed_is_laid_once_until_the_data_is_removed(of: Any, tree: Path) -> None:
    start, seed = f"mkdir -p data/db; {serve('api')}", "echo $PORT_API >> data/db/seeds"
    services = of(web(start=start, seed=seed, data=["data/db"]))
    await services.start("api")
    await services.stop("api")
    await services.start("api")
    port = services.env()["PORT_API"]
    assert (tree / "data/db/seeds").read_text().split() == [port]
    await services.reset("api")
    assert (tree / "data").exists() and not (tree / "data/db").exists()
    await services.reset("api")
    await services.start("api")
    assert (tree / "data/db/seeds").read_text().split() == [port]
    await services.stop_all()


@pytest.mark.parametrize(
    ("seed", "said"),
    [("echo no table; exit 2", "ended with exit code 2; it printed:\nno table"), ("sleep 60", "ran out of time")],
)
async def test_a_seed_that_fails_is_told_and_the_service_stopped(of: Any, seed: str, said: str) -> None:
    word = odd_seconds()
    services = of({
        "name": "db", "start": f"echo up; sleep {word}", "ready": {"log": "up"}, "seed": seed, "timeout_s": 1,
    })
    with pytest.raises(WorkspaceError, match=said):
        await services.start("db")
    assert await gone(word)


async def test_S17_data_is_never_removed_outside_the_tree(of: Any, tree: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "data").write_text("mine")
    (tree / "out").symlink_to(tmp_path / "precious")
    (tree / "link").symlink_to(tmp_path / "precious")
    for path in (".", ".git", ".git/refs", "out/data"):
        with pytest.raises(WorkspaceError, match="cannot be data of service 'api'"):
            await of(web(data=[path])).reset("api")
    await of(web(data=["link", "none", "serve.py"])).reset("api")
    assert (tmp_path / "precious" / "data").read_text() == "mine"
    assert names(tree) == ["out", "src"]


async def test_data_that_cannot_be_removed_is_told(sandbox: bool, tree: Path, scratch: Path, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("kept")
    from_outside = await open_cell(tree, sandbox=sandbox, scratch=scratch, readonly=[(tmp_path / "kept", "data")])
    services = Services(from_outside, manifest(web(data=["data"])), tmp_path / "logs")
    with pytest.raises(WorkspaceError, match=r"the data \['data'\] of service 'api' cannot be removed: .*busy"):
        await services.reset("api")
    await from_outside.close()


async def test_a_service_is_stopped_by_its_own_command_first(of: Any, tree: Path) -> None:
    services = of({
        "name": "db", "start": "echo up; until [ -e please ]; do sleep 0.01; done; echo closed well",
        "ready": {"log": "up"}, "stop": "touch please; until grep -q . please; do exit 0; done", "timeout_s": 20,
    })
    started = await services.start("db")
    await services.stop("db")
    assert (tree / "please").exists()
    await services.stop("db")
    assert started.log.read_text().startswith("up\n")


async def test_a_service_that_binds_late_is_waited_for(of: Any) -> None:
    services = of(web(start=f"sleep 0.6; {serve('api')}"))
    assert (await services.start("api")).url == "http://api/"
    await services.stop("api")


async def test_F46_a_service_that_ignores_the_signal_to_end_is_killed(of: Any) -> None:
    word = odd_seconds()
    services = of({
        "name": "deaf", "start": f"trap '' TERM; echo up; sleep {word}; sleep {word}", "ready": {"log": "up"},
        "timeout_s": 20,
    })
    await services.start("deaf")
    async with asyncio.timeout(8):
        await services.stop("deaf")
    assert await gone(word)


async def test_a_service_that_floods_its_log_is_ended_and_can_be_started_again(of: Any, tree: Path) -> None:
    os.mkfifo(tree / "go")
    start = "echo up; read _ < go; exec yes"
    services = of({"name": "loud", "start": start, "ready": {"log": "up"}, "timeout_s": 20})
    log = (await services.start("loud")).log
    await asyncio.to_thread((tree / "go").write_text, "\n")
    await until(lambda: last_of(log, 60).endswith(b"[ended: it printed more than 32 MiB]\n"), 20)
    assert log.stat().st_size < MAX_LOG + 100
    printed = services.printed("loud")
    assert len(printed) < 3_000_000
    assert printed.startswith(b"up\ny\n") and b" bytes \xe2\x80\xa6]" in printed and printed.endswith(b"32 MiB]\n")
    await services.start("loud")
    await services.stop("loud")


def last_of(path: Path, size: int) -> bytes:
    with path.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, os.SEEK_END) - size))
        return stream.read()


async def test_a_service_that_floods_before_it_is_ready_is_told_so(of: Any) -> None:
    async with asyncio.timeout(20):
        with pytest.raises(WorkspaceError, match="'loud' is not ready: it was ended, since it flooded its log") as told:
            await of(web("loud", start="exec yes", timeout_s=60)).start("loud")
    assert len(str(told.value)) < 3_000


async def test_S16_a_service_that_becomes_a_daemon_is_not_ready_and_ends_with_its_cell(of: Any, cell: Cell) -> None:
    word = odd_seconds()
    services = of(web(start=f"setsid -f sleep {word}; exit 0"))
    with pytest.raises(WorkspaceError, match="exit code 0: a service must stay in the foreground"):
        await services.start("api")
    await cell.close()
    assert await gone(word)


async def test_S16_daemons_of_a_service_end_with_its_cell(of: Any, cell: Cell) -> None:
    word = odd_seconds()
    services = of({
        "name": "db", "start": f"setsid -f sleep {word}; echo up; exec sleep {word}", "ready": {"log": "up"},
        "timeout_s": 20,
    })
    await services.start("db")
    await services.stop_all()
    await cell.close()
    assert await gone(word)


async def test_all_are_stopped_the_last_started_first(of: Any, tree: Path) -> None:
    def lasting(name: str, *needed: str) -> dict[str, Any]:
        return {
            "name": name, "start": "echo up; sleep 600", "ready": {"log": "up"}, "depends_on": list(needed),
            "stop": f"echo {name} >> stopped", "timeout_s": 20,
        }

    services = of(lasting("c", "b"), lasting("a"), lasting("b", "a"))
    await services.start("c")
    await services.stop_all()
    assert (tree / "stopped").read_text().split() == ["c", "b", "a"]
    await services.stop_all()
    assert (tree / "stopped").read_text().split() == ["c", "b", "a"]


async def test_variables_are_upper_case_and_ports_differ(of: Any) -> None:
    services = of(web(), web("job-queue"), once("seeder", "true"))
    env = services.env()
    assert set(env) == {"PORT_API", "PORT_JOB_QUEUE"}
    assert len(set(env.values())) == 2
    assert services.env() == env


async def test_in_the_sandbox_a_service_keeps_its_port(walled: Cell, tmp_path: Path) -> None:
    services = Services(walled, manifest(web(), web("second")), tmp_path)
    assert services.env() == {"PORT_API": "8000", "PORT_SECOND": "8001"}


async def test_addresses_are_resolved_by_name_and_masked_again(of: Any) -> None:
    services = of(web(), web("job-queue"), once("seeder", "true"))
    port = services.env()["PORT_JOB_QUEUE"]
    for url, real in (
        ("http://job-queue/a/b?c=http://api/#d", f"http://127.0.0.1:{port}/a/b?c=http://api/#d"),
        ("http://job-queue", f"http://127.0.0.1:{port}"),
        ("http://JOB-QUEUE:80/", f"http://127.0.0.1:{port}/"),
        ("ws://user:word@job-queue/x", f"ws://user:word@127.0.0.1:{port}/x"),
    ):
        assert services.resolve(url) == real
    printed = f"see http://127.0.0.1:{port}/a, http://localhost:{port} or [::1]:{port}, 0.0.0.0:{port}."
    assert services.mask(printed) == "see http://job-queue/a, http://job-queue or job-queue, job-queue."
    assert services.mask(f"{port}0 and 1{port} and x{port} and 3.{port} and 9127.0.0.1:5") == (
        f"{port}0 and 1{port} and x{port} and 3.{port} and 9127.0.0.1:5"
    )
    assert services.mask(f"Listening on port {port}.") == "Listening on port $PORT_JOB_QUEUE."


@pytest.mark.parametrize(
    "url", ["http://seeder/", "http://example.com/", "/path", "http://[broken/", "http://127.0.0.1:1/"]
)
async def test_an_address_of_no_service_is_refused_with_those_there_are(of: Any, url: str) -> None:
    with pytest.raises(ToolError, match=r"http://<service>|expected one of http://api/"):
        of(web(), once("seeder", "true")).resolve(url)
    with pytest.raises(ToolError, match=r"http://<service>|none: no service has a port"):
        of().resolve(url)
