"""The order of things that LSP prescribes, and the exit codes, seen from outside."""

from tests.lsp.conftest import Start
from tests.lsp.wire import Wire

HOVER = {"textDocument": {"uri": "file:///a.md"}, "position": {"line": 1, "character": 2}}


def test_a_conversation_from_initialize_to_exit(start: Start) -> None:
    wire = start()
    said = wire.initialize()
    assert said["capabilities"]["hoverProvider"] is True
    assert said["serverInfo"]["name"] == "milepost"
    assert wire.request("textDocument/hover", HOVER)["contents"].startswith("1:2")
    assert wire.leave() == 0
    assert wire.stray == b""


def test_the_client_may_send_all_at_once(start: Start) -> None:
    wire = start()
    numbers = [wire.ask("initialize", {"processId": None, "rootUri": None, "capabilities": {}})]
    wire.notify("initialized", {})
    numbers += [wire.ask("textDocument/hover", HOVER), wire.ask("shutdown")]
    wire.notify("exit")
    assert wire.code() == 0
    assert ["result" in wire.reply(number) for number in numbers] == [True, True, True]


def test_exit_does_not_cut_off_the_answer_to_shutdown(start: Start) -> None:
    wire = start()
    wire.initialize()
    wire.request("probe/leaveSlowly")
    number = wire.ask("shutdown")
    wire.notify("exit")
    assert wire.code() == 0
    assert wire.result(number) is None


def test_exit_without_shutdown_is_1(probe: Wire) -> None:
    probe.notify("exit")
    assert probe.code() == 1


def test_exit_before_initialize_is_1(start: Start) -> None:
    wire = start()
    wire.notify("exit")
    assert wire.code() == 1


def test_the_end_of_the_file_without_shutdown_is_1(probe: Wire) -> None:
    probe.close()
    assert probe.code() == 1


def test_the_end_of_the_file_after_shutdown_is_0(probe: Wire) -> None:
    probe.request("shutdown")
    probe.close()
    assert probe.code() == 0


def test_what_was_sent_before_the_end_of_the_file_is_answered(probe: Wire) -> None:
    number = probe.ask("probe/echo", {"value": 1})
    probe.close()
    assert probe.code() == 1
    assert probe.result(number)["myValue"] == 1
