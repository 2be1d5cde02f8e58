"""Commands of a worker: receipts of what the engine saw, in the foreground and in the background, and services."""

import pytest

from milepost.agent.tools.run_command import ended
from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.events import DocumentWritten
from milepost.domain.receipt import Receipt
from milepost.domain.services import Manifest
from tests.agent.scene import MANIFEST, Scene, call, json_of


@pytest.fixture
async def worker(running: Scene):
    return await running.desk("worker", "F1")


async def test_command_leaves_a_receipt(worker):
    shown = await call(worker, "run_command", command="echo hello; exit 3")
    assert shown.text.startswith("exit code 3 in ")
    assert shown.text.endswith("; receipt R1\nhello")
    name, receipt = worker.receipts[0]
    assert (name, receipt.command, receipt.exit_code, receipt.tree) == ("R1", "echo hello; exit 3", 3, "")
    assert receipt is shown.receipt
    assert worker.blobs.get(receipt.output) == b"hello"


async def test_success_is_said_where_the_watch_looks_for_it(worker):
    assert "exit code 0" in (await call(worker, "run_command", command="true")).text[:200]


async def test_F44_long_output_is_cut_and_kept_whole(worker):
    shown = await call(worker, "run_command", command="seq 1 20000")
    assert len(shown.text) < 8_300
    assert f"all of it: read_record {worker.attempt}/R1" in shown.text
    assert shown.text.endswith("20000")
    assert len(worker.blobs.get(worker.receipts[0][1].output).splitlines()) == 20_000
    rest = await call(worker, "read_record", id=f"{worker.attempt}/R1", offset=16_000)
    assert rest.text.endswith("go on with offset=32000]")
    with pytest.raises(ToolError, match="beyond its end"):
        await call(worker, "read_record", id="R1", offset=1_000_000)


async def test_F46_command_out_of_time_has_no_exit_code(worker):
    shown = await call(worker, "run_command", command="sleep 60", timeout_s=1)
    assert shown.text.startswith("out of time after ")
    assert worker.receipts[0][1].exit_code is None
    assert worker.receipts[0][1].timed_out


def test_flood_is_said():
    receipt = Receipt(command="yes", exit_code=None, output="x", ms=1500)
    assert ended(receipt) == "stopped after 1.5 s: it printed without end"
    assert ended(None) == "no receipt"


async def test_S38_F45_output_is_clean(worker):
    shown = await call(worker, "run_command", command=r"printf '\033[31mred\033[0m \377 \007end'")
    assert shown.text.endswith("\nred � end")


async def test_ports_and_paths_of_this_machine_are_not_shown(worker):
    port = worker.services.env()["PORT_APP"]
    shown = await call(worker, "run_command", command="echo http://127.0.0.1:$PORT_APP/x; pwd")
    assert port not in shown.text
    assert shown.text.endswith("\nhttp://app/x\n/tree")
    assert worker.receipts[0][1].tail == "http://app/x\n/tree"


async def test_command_without_output_says_so(worker):
    assert (await call(worker, "run_command", command="true")).text.endswith("(no output)")


async def test_arguments_are_bounded(worker):
    for wrong in ({"timeout_s": 0}, {"timeout_s": 1801}, {"command": ""}, {"sandbox": False}):
        with pytest.raises(ToolError, match="do not fit"):
            await call(worker, "run_command", **{"command": "true", **wrong})


# --- background ---

async def test_background_command_is_read_and_stopped(worker):
    started = await call(worker, "run_command", command="echo one; read _ < wait; sleep 60", background=True)
    assert started.text.startswith("started as B1")
    assert worker.receipts == []
    stopped = await call(worker, "stop_command", id="B1")
    assert stopped.text.startswith("B1 ended with exit code ")
    assert (await call(worker, "command_output", id="B1")).text.endswith("(no new output)")


async def test_output_is_shown_once_and_its_end_has_a_receipt(worker):
    await call(worker, "run_command", command="echo one; test -e go || sleep 0.2; echo two; exit 4", background=True)
    shown = await call(worker, "command_output", id="B1", wait_s=30)
    assert shown.text == "B1 ended with exit code 4\none\ntwo"
    assert shown.receipt is worker.receipts[0][1]
    assert shown.receipt.exit_code == 4
    assert worker.blobs.get(shown.receipt.output) == b"one\ntwo"
    again = await call(worker, "command_output", id="B1")
    assert (again.text, again.receipt) == ("B1 ended with exit code 4\n(no new output)", None)
    assert len(worker.receipts) == 1


async def test_running_command_is_told_as_running(worker):
    await call(worker, "run_command", command="sleep 60", background=True)
    assert (await call(worker, "command_output", id="B1", wait_s=0.01)).text == "B1 is running\n(no new output)"


async def test_unknown_background_command_is_named(worker):
    await call(worker, "run_command", command="sleep 60", background=True)
    for name in ("B7", "../B1", "\0"):
        with pytest.raises(ToolError, match=r"no background command .* there are B1"):
            await call(worker, "command_output", id=name)


async def test_F01_background_command_of_a_stopped_engine_is_gone(worker):
    await call(worker, "run_command", command="sleep 60", background=True)
    await worker.backgrounds["B1"].process.stop(0)
    worker.backgrounds.clear()
    with pytest.raises(ToolError, match="B1 ended when the engine was restarted"):
        await call(worker, "stop_command", id="B1")
    assert (await call(worker, "run_command", command="sleep 60", background=True)).text.startswith("started as B2")


# --- services ---

async def test_service_is_started_reached_and_stopped(worker):
    started = await call(worker, "start_service", name="app")
    assert started.text == "app is ready at http://app/, in commands on port $PORT_APP"
    reached = await call(
        worker, "run_command",
        command="python3 -c \"import os, urllib.request as u; "
        "print(u.urlopen('http://127.0.0.1:' + os.environ['PORT_APP'] + '/README.md').read().decode())\"",
    )
    assert "# Shop" in reached.text
    assert (await call(worker, "stop_service", name="app")).text == "app is stopped"


async def test_unknown_service_is_named(worker):
    for tool in ("start_service", "stop_service"):
        with pytest.raises(ToolError, match="expected one of app"):
            await call(worker, tool, name="db")


async def test_service_that_does_not_come_up_shows_its_log(running):
    broken = {**MANIFEST, "services": [{"name": "app", "start": "echo no luck; exit 1", "ready": {"log": "up"}}]}
    text = json_of(Manifest, broken)
    await running.record(DocumentWritten(document="services", name="services", hash="s2", text=text))
    desk = await running.desk("worker", "F1")
    with pytest.raises(WorkspaceError, match="no luck"):
        await call(desk, "start_service", name="app")


async def test_mission_without_services_says_so(running):
    text = json_of(Manifest, {"commands": MANIFEST["commands"]})
    await running.record(DocumentWritten(document="services", name="services", hash="s2", text=text))
    desk = await running.desk("worker", "F1")
    for tool in ("start_service", "stop_service"):
        with pytest.raises(ToolError, match="names no service"):
            await call(desk, tool, name="app")
    desk.services = None
    with pytest.raises(ToolError, match="names no service"):
        await call(desk, "start_service", name="app")
    assert (await call(desk, "run_command", command="echo $HOME")).text.endswith("/home/agent")
