"""The 17 defects of pygls' transport that research found, each shown to be absent from a real process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.lsp.conftest import ROOT, Start, until
from tests.lsp.wire import Wire

HOVER = {"textDocument": {"uri": "file:///a.md"}, "position": {"line": 1, "character": 2}}


def test_defect_01_print_cannot_wedge_the_client(probe: Wire) -> None:
    assert probe.request("probe/print") == "", "standard input is empty for everybody else"
    assert probe.request("probe/echo", {"value": 1})["myValue"] == 1
    assert probe.leave() == 0
    assert probe.stray == b""
    for words in ("an import that prints", "a print", "a write", "a child"):
        assert words in probe.errors


def test_defect_02_busy_workers_do_not_stop_the_reader(probe: Wire) -> None:
    working = [probe.ask("probe/work", {"seconds": 60}) for _ in range(12)]
    assert probe.request("textDocument/hover", HOVER)
    assert not any(probe.replies(number) for number in working)
    assert probe.leave() == 0
    assert [probe.reply(number)["error"]["code"] for number in working] == [-32800] * 12


@pytest.mark.parametrize("params", [
    {"textDocument": {"uri": "file:///a"}, "position": {"line": None, "character": 1}},
    {"textDocument": {"uri": "file:///a"}, "position": {"line": -1, "character": 1}},
    {"position": 3}, {}, [], None, "text", 5,
])
def test_defect_03_bad_params_are_answered(steady: Wire, params: object) -> None:
    assert steady.reply(steady.ask("textDocument/hover", params))["error"]["code"] == -32602
    assert not shown(steady)


def test_defect_03_bad_params_of_our_own_methods_are_answered_without_their_values(steady: Wire) -> None:
    reply = steady.reply(steady.ask("probe/strict", {"count": "hunter2", "more": "hunter2"}))
    assert reply["error"]["code"] == -32602
    assert "params.count" in reply["error"]["message"]
    assert "hunter2" not in json.dumps(reply)


@pytest.mark.parametrize(("answer", "words"), [
    ({"result": None}, "does not fit"), ({"result": {}}, "does not fit"), ({"result": 5}, "does not fit"),
    ({"error": {"code": 1, "message": "no window"}}, "no window"), ({"error": "odd"}, "odd"), ({"error": None}, "None"),
])
def test_defect_04_a_bad_answer_of_the_client_reaches_who_waits(steady: Wire, answer: dict, words: str) -> None:
    before = len(steady.messages)
    number = steady.ask("probe/ask", {"method": "window/showDocument", "params": {"uri": "file:///a"}})
    asked = steady.wait_for(lambda each: each.get("method") == "window/showDocument", since=before)
    steady.send({"jsonrpc": "2.0", "id": asked["id"], **answer})
    assert words in steady.result(number)["error"]
    assert steady.request("probe/state")["kept"] == 1, "only this request itself"
    assert not shown(steady)


def test_defect_04_a_client_that_never_answers_is_not_waited_for(probe: Wire) -> None:
    number = probe.ask("probe/ask", {
        "method": "window/showMessageRequest", "params": {"type": 1, "message": "?"}, "seconds": 0.05,
    })
    assert "in time" in probe.result(number)["error"]
    asked = probe.wait_for(lambda each: each.get("method") == "window/showMessageRequest")
    assert probe.notification("$/cancelRequest") == {"id": asked["id"]}
    probe.send({"jsonrpc": "2.0", "id": asked["id"], "result": None})
    assert probe.request("probe/state")["kept"] == 1


def test_defect_05_notifications_leave_nothing_behind(probe: Wire) -> None:
    probe.open("file:///a.md", "a")
    for version in range(3000):
        probe.notify("textDocument/didChange", {
            "textDocument": {"uri": "file:///a.md", "version": version}, "contentChanges": [{"text": f"{version}"}],
        })
    assert probe.request("probe/text", {"uri": "file:///a.md"})["text"] == "2999"
    assert probe.request("probe/state")["kept"] == 1


def test_defect_05_progress_tokens_end_with_the_work(probe: Wire) -> None:
    probe.answers["window/workDoneProgress/create"] = None
    probe.request("probe/progress")
    kinds = [each["params"]["value"]["kind"] for each in probe.messages if each.get("method") == "$/progress"]
    assert kinds == ["begin", "report", "end"]
    assert probe.request("probe/state")["tokens"] == 0


def test_defect_06_a_cancel_overtakes_what_is_queued(probe: Wire) -> None:
    probe.ask("probe/block", {"seconds": 0.2}, "slow")
    numbers = [probe.ask("probe/hear", {"value": n}) for n in range(20)]
    for number in numbers[:19]:
        probe.notify("$/cancelRequest", {"id": number})
    assert probe.result(numbers[19]) is None
    assert [probe.reply(number)["error"]["code"] for number in numbers[:19]] == [-32800] * 19
    assert probe.request("probe/state")["heard"] == 1


@pytest.mark.parametrize(("method", "params"), [
    ("probe/wait", {}), ("workspace/executeCommand", {"command": "probe.wait"}),
])
def test_defect_06_what_waits_is_cancelled(probe: Wire, method: str, params: dict) -> None:
    number = probe.ask(method, params)
    probe.request("probe/echo", {"value": 0})
    probe.notify("$/cancelRequest", {"id": number})
    assert probe.reply(number)["error"]["code"] == -32800
    assert probe.request("probe/state")["cancelled"] == 1


def test_defect_06_odd_cancels_are_ignored(steady: Wire) -> None:
    for params in ({}, None, [], {"id": None}, {"id": "unknown"}, {"id": {}}, {"id": True}, {"id": 99999}):
        steady.notify("$/cancelRequest", params)
    assert steady.request("probe/echo", {"value": 1})["myValue"] == 1
    assert steady.request("probe/state")["kept"] == 1


def test_defect_07_a_handler_that_blocks_the_loop_is_named_in_the_log(probe: Wire, log_folder: Path) -> None:
    probe.request("probe/block", {"seconds": 0.15})
    assert probe.leave() == 0
    assert "last with probe/block" in (log_folder / "lsp.log").read_text()


def test_defect_08_the_exit_code_says_whether_shutdown_came_first(start: Start) -> None:
    with start() as wire:
        wire.initialize()
        assert wire.leave() == 0
    with start() as wire:
        wire.initialize()
        wire.notify("exit")
        assert wire.code() == 1


@pytest.mark.parametrize("busy", ["probe/work", "probe/toThread", "probe/block", "probe/wait"])
def test_defect_09_a_busy_handler_does_not_outlive_the_client(probe: Wire, busy: str) -> None:
    probe.ask(busy, {} if busy == "probe/wait" else {"seconds": 600})
    if busy != "probe/block":
        probe.request("probe/echo", {"value": 0})
    probe.close()
    assert probe.code() == 1


@pytest.mark.parametrize("busy", ["probe/work", "probe/toThread", "probe/wait"])
def test_defect_09_a_busy_handler_does_not_outlive_a_proper_end(probe: Wire, busy: str) -> None:
    number = probe.ask(busy, {} if busy == "probe/wait" else {"seconds": 600})
    assert probe.leave() == 0
    assert probe.reply(number)["error"]["code"] == -32800


def test_defect_09_the_death_of_the_client_ends_the_server_though_others_hold_the_pipe(log_folder: Path) -> None:
    client = subprocess.Popen(
        [sys.executable, "-m", "tests.lsp.doomed_client", str(log_folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )
    assert client.stdout is not None
    server, holder = map(int, client.stdout.readline().split())
    client.send_signal(signal.SIGKILL)
    client.wait()
    try:
        until(lambda: not _alive(server), "the server is gone")
        assert _alive(holder), "somebody held the pipe all the while"
    finally:
        subprocess.run(["kill", "-9", str(holder)], check=False)
        client.stdout.close()


def test_defect_10_requests_before_initialize_and_after_shutdown_are_answered(start: Start) -> None:
    wire = start()
    wire.notify("textDocument/didOpen", {"not": "heard"})
    assert wire.reply(wire.ask("textDocument/hover", HOVER))["error"]["code"] == -32002
    assert wire.reply(wire.ask("shutdown"))["error"]["code"] == -32002
    wire.initialize()
    assert wire.reply(wire.ask("initialize", {"capabilities": {}}))["error"]["code"] == -32600
    wire.request("shutdown")
    assert wire.reply(wire.ask("textDocument/hover", HOVER))["error"]["code"] == -32600
    assert wire.reply(wire.ask("shutdown"))["error"]["code"] == -32600
    wire.notify("exit")
    assert wire.code() == 0


def test_defect_10_initialize_that_failed_may_be_tried_again(start: Start) -> None:
    wire = start()
    assert wire.reply(wire.ask("initialize", {"capabilities": 5}))["error"]["code"] == -32602
    assert wire.reply(wire.ask("probe/state"))["error"]["code"] == -32002
    wire.initialize()
    assert wire.leave() == 0


def test_defect_10_unknown_methods(steady: Wire) -> None:
    before = len(steady.messages)
    for method in ("probe/unknown", "$/unknown", "textDocument/didOpen", "exit", "initialized", "", "\ud800"):
        assert steady.reply(steady.ask(method, {}))["error"]["code"] == -32601
    for method in ("probe/unknown", "$/unknown", "textDocument/hover", ""):
        steady.notify(method, {})
    assert steady.request("probe/echo", {"value": 1})["myValue"] == 1
    assert len([each for each in steady.messages[before:] if "error" in each]) == 7


@pytest.mark.parametrize("header", [
    b"content-length:%d\r\n\r\n", b"CONTENT-LENGTH : %d\r\n\r\n", b"Content-Length: %d\n\n",
    b"Content-Type: application/vscode-jsonrpc; charset=utf-8\r\nContent-Length: %d\r\n\r\n",
    b"Content-Length: %d\r\nContent-Type: application/vscode-jsonrpc; charset=utf8\r\n\r\n",
    b"what is this\nand this\r\n\r\n\r\nContent-Length: %d\r\n\r\n", b"{}Content-Length: %d\r\n\r\n",
    b"Content-Length: -5\r\n\r\nContent-Length: many\r\n\r\nContent-Length: %d\r\n\r\n",
    b"Content-Length: 99999999999999999999\r\n\r\nContent-Length: %d\r\n\r\n",
])
def test_defect_11_odd_headers_and_garbage_are_survived(steady: Wire, header: bytes) -> None:
    number = f"after {header!r}"
    body = json.dumps({"jsonrpc": "2.0", "id": number, "method": "probe/echo", "params": {"value": 1}}).encode()
    steady.raw(header % len(body) + body)
    assert steady.result(number)["myValue"] == 1
    assert steady.request("probe/state")["kept"] == 1


@pytest.mark.parametrize(("body", "code"), [
    (b"{", -32700), (b"", -32700), (b"\xff\xfe", -32700), (b"[" * 100_000, -32700), (b'{"a": NaN}', -32700),
    (b"1" * 5000, -32700), (b"[]", -32600), (b"5", -32600), (b"{}", -32600), (b"null", -32600),
    (b'[{"jsonrpc": "2.0", "id": 1, "method": "probe/state"}]', -32600), (b'{"jsonrpc": "1.0", "method": "x"}', -32600),
    (b'{"jsonrpc": "2.0", "method": 5}', -32600), (b'{"jsonrpc": "2.0", "method": "x", "id": null}', -32600),
    (b'{"jsonrpc": "2.0", "method": "x", "id": 1.5}', -32600),
    (b'{"jsonrpc": "2.0", "method": "x", "id": true}', -32600),
])
def test_defect_11_what_is_no_message_is_answered(steady: Wire, body: bytes, code: int) -> None:
    before = len(steady.messages)
    steady.raw(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
    reply = steady.wait_for(lambda each: "method" not in each and each["id"] is None, since=before)
    assert reply["error"]["code"] == code
    assert steady.request("probe/echo", {"value": 1})["myValue"] == 1


def test_defect_11_a_message_that_is_too_long_is_skipped(start: Start) -> None:
    wire = start(message=1000)
    wire.initialize()
    wire.send({"jsonrpc": "2.0", "id": "long", "method": "probe/echo", "params": {"value": "x" * 5000}})
    assert wire.reply(None)["error"]["code"] == -32600
    assert wire.request("probe/echo", {"value": 1})["myValue"] == 1


def test_defect_12_the_keys_of_the_protocol_are_harmless_inside(steady: Wire) -> None:
    inside = {
        "jsonrpc": "2.0", "id": 5, "method": "textDocument/hover", "params": {"jsonrpc": 1, "error": {}}, "class": 1,
        "my-key": [{"jsonrpc": "2.0", "result": None}], "type_name": "x",
    }
    assert steady.request("probe/echo", {"value": inside})["myValue"] == inside
    assert steady.request("probe/raw", inside) == inside


@pytest.mark.parametrize("method", ["probe/raise", "probe/unwritable", "probe/infinite"])
def test_defect_13_faults_are_for_the_log_alone(probe: Wire, log_folder: Path, method: str) -> None:
    reply = probe.reply(probe.ask(method))
    assert reply["error"]["code"] == -32603
    assert set(reply["error"]) == {"code", "message"}
    number = reply["error"]["message"].rpartition(" ")[2]
    probe.notify("probe/raiseQuietly")
    assert probe.leave() == 0
    written = (log_folder / "lsp.log").read_text()
    assert f"fault {number} in {method}" in written
    assert "in probe/raiseQuietly" in written
    assert not shown(probe)
    assert str(ROOT) not in json.dumps(probe.messages)


def test_defect_13_what_is_meant_for_the_person_arrives(steady: Wire) -> None:
    assert steady.reply(steady.ask("probe/refuse"))["error"] == {
        "code": -32803, "message": "expected this, found that"}
    assert steady.reply(steady.ask("probe/decline"))["error"] == {"code": -32803, "message": "not today"}


def test_defect_14_the_log_has_one_line_for_a_request_and_no_payload(probe: Wire, log_folder: Path) -> None:
    for _ in range(20):
        probe.request("probe/echo", {"value": "hunter2" * 1000}, 30)
    assert probe.leave() == 0
    lines = (log_folder / "lsp.log").read_text().splitlines()
    assert len([line for line in lines if "probe/echo" in line and line.endswith(" ms ok")]) == 20
    assert not [line for line in lines if "hunter2" in line]
    assert "hunter2" not in probe.errors


def test_defect_15_a_client_that_does_not_read_blocks_nobody(probe: Wire, log_folder: Path) -> None:
    probe.pause()
    probe.ask("probe/flood", {"count": 2000, "size": 4000})
    for number in range(50):
        probe.ask("probe/hear", {"value": number}, f"hear{number}")
    until(lambda: "hear49 probe/hear" in (log_folder / "lsp.log").read_text(), "all were handled, and none was read")
    probe.go_on()
    assert probe.request("probe/state")["heard"] == 50
    numbers = [each["params"]["number"] for each in probe.messages if each.get("method") == "probe/noise"]
    assert numbers == list(range(2000)), "what is not droppable is all there, in order"


def test_defect_15_only_the_newest_of_what_is_droppable_waits(probe: Wire, log_folder: Path) -> None:
    probe.pause()
    probe.ask("probe/flood", {"count": 300, "size": 4000})
    probe.ask("probe/flood", {"count": 5000, "size": 4000, "key": "noise"}, "droppable")
    until(lambda: "droppable probe/flood" in (log_folder / "lsp.log").read_text(), "it was handled")
    probe.go_on()
    probe.reply("droppable")
    numbers = [each["params"]["number"] for each in probe.messages if each.get("method") == "probe/noise"]
    assert numbers[-1] == 4999
    assert len(numbers) < 1000


def test_defect_15_a_client_that_reads_nothing_for_long_is_given_up(start: Start) -> None:
    wire = start(patience=0.2)
    wire.initialize()
    wire.pause()
    wire.ask("probe/flood", {"count": 1000, "size": 4000})
    assert wire.process.wait(30) == 1


def test_defect_15_what_waits_for_the_client_is_bounded(start: Start) -> None:
    wire = start(unread=1_000_000)
    wire.initialize()
    wire.pause()
    wire.ask("probe/flood", {"count": 1000, "size": 4000})
    assert wire.process.wait(30) == 1


@pytest.mark.skipif(not Path("/proc/self/net/tcp").exists(), reason="looks into /proc")
def test_defect_16_nothing_listens(probe: Wire) -> None:
    probe.request("probe/state")
    open_files = [each.readlink().name for each in Path(f"/proc/{probe.process.pid}/fd").iterdir()]
    ours = {name[8:-1] for name in open_files if name.startswith("socket:[")}
    listening = {
        line.split()[9] for name in ("tcp", "tcp6", "udp", "udp6") if (table := Path("/proc/self/net", name)).exists()
        for line in table.read_text().splitlines()[1:]
    }
    assert not ours & listening


def test_defect_17_only_three_things_end_a_line(steady: Wire) -> None:
    text = "a\u2028b\x0cc\x85d\x0be\x1cf\ng\rh\r\ni"
    steady.open("file:///lines.md", text)
    assert steady.request("probe/text", {"uri": "file:///lines.md"})["lines"] == [
        "a\u2028b\x0cc\x85d\x0be\x1cf\n", "g\r", "h\r\n", "i",
    ]


def shown(wire: Wire) -> list[dict]:
    """What popped up in front of the user."""
    return [each for each in list(wire.messages) if each.get("method") == "window/showMessage"]


def _alive(process: int) -> bool:
    """Whether it runs; one that is dead and not buried does not."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
