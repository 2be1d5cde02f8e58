"""A tester's and an auditor's hands: what they do to the program is evidence, recorded on the tree they judge."""

import sys

import pytest

from milepost.agent.tools.observing import judged_tree
from milepost.domain.errors import ToolError
from milepost.domain.events import DocumentWritten
from milepost.domain.services import Manifest
from milepost.log.blobs import Blobs
from milepost.log.redact import Redactor
from tests.agent.scene import MANIFEST, Scene, call, json_of, logged


@pytest.fixture
async def tester(running: Scene):
    await running.round()
    desk = await running.desk("tester", "flow-1", milestone="M1", round=1, assertions=["SHOP-001"])
    yield desk
    terminal = desk.drivers.get("terminal")
    if terminal is not None:
        await terminal.close()


async def test_command_of_a_tester_is_evidence_and_receipt(tester):
    shown = await call(tester, "run_command", command="echo 5")
    assert "exit code 0" in shown.text[:200]
    assert "[E1]" in shown.text
    (evidence,) = shown.evidence
    assert (evidence.id, evidence.kind, evidence.tree) == ("E1", "receipt", tester.mission.round.tree)
    assert tester.evidence == [evidence]
    assert tester.receipts == [("R1", shown.receipt)]
    assert shown.receipt.tree == await judged_tree(tester)
    assert (await call(tester, "run_command", command="false")).evidence[0].id == "E2"


async def test_long_command_is_not_told_again_to_who_ran_it(tester):
    shown = await call(tester, "run_command", command="echo first\necho second")
    assert "$ echo first …\n" in shown.text and "echo second" not in shown.text
    assert "echo second" in tester.blobs.get(shown.evidence[0].blob).decode()


async def test_what_a_service_printed_can_be_read(tester):
    assert (await call(tester, "command_output", id="app")).text == "(no output)"
    await call(tester, "start_service", name="app")
    await call(tester, "http_request", method="GET", url="http://app/README.md")
    assert "GET /README.md" in (await call(tester, "command_output", id="app")).text


async def test_F01_resumed_attempt_goes_on_counting(tester):
    first = await call(tester, "run_command", command="echo 1")
    tester.drivers.clear()
    assert [e.id for e in tester.evidence] == ["E1"]
    second = await call(tester, "run_command", command="echo 2")
    assert (first.evidence[0].id, second.evidence[0].id) == ("E1", "E2")


async def test_auditor_uses_the_program_too(running):
    desk = await running.desk("auditor")
    shown = await call(desk, "run_command", command="python3 -c 'print(2 + 3)'")
    assert shown.evidence[0].tree == await running.repository.tree_of(running.base)


async def test_request_is_evidence_for_its_assertion(tester):
    await call(tester, "start_service", name="app")
    shown = await call(tester, "http_request", method="GET", url="http://app/README.md", assertion="SHOP-002")
    assert "200" in shown.text
    assert "# Shop" in shown.text
    assert tester.services.env()["PORT_APP"] not in shown.text
    assert (shown.evidence[0].kind, shown.evidence[0].assertion) == ("request", "SHOP-002")
    again = await call(tester, "http_request", method="GET", url="http://app/gone", headers={"X-A": "b"})
    assert (again.evidence[0].id, "404" in again.text) == ("E2", True)


async def test_users_have_cookies_of_their_own_and_listening_ends_with_the_desk(tester):
    await call(tester, "start_service", name="app")
    shown = await call(tester, "http_request", method="GET", url="http://app/README.md", user="ada")
    assert "GET http://app/README.md as ada → 200" in shown.text
    listened = await call(tester, "http_listen", url="ws://app/README.md", user="ada", count=1)
    assert "did not open a WebSocket: 200" in listened.text
    assert listened.evidence[0].kind == "request"
    await tester.close()
    assert "http" not in tester.drivers


async def test_file_and_library_are_evidence(tester):
    (tester.tree / "till.py").write_text("def total(prices):\n    return sum(prices)\n")
    used = await call(
        tester, "use_library", language="python", code="import till; print(till.total([2, 3]))", assertion="SHOP-001"
    )
    assert "\n5\n" in used.text and used.receipt is not None
    assert (used.evidence[0].kind, used.evidence[0].assertion) == ("receipt", "SHOP-001")
    shown = await call(tester, "show_file", path="till.py")
    assert "till.py: text, LF" in shown.text and "return sum(prices)" in shown.text
    assert shown.evidence[0].kind == "file"


async def test_picture_of_a_terminal_is_shown_to_who_can_see(tester):
    await call(tester, "terminal_open", command="echo painted; read x", until="painted")
    shown = await call(tester, "terminal_look", what="picture")
    text, image = shown.evidence
    assert (text.kind, image.kind, shown.images) == ("screen", "screenshot", (image.blob,))
    assert tester.blobs.get(image.blob).startswith(b"\x89PNG")
    assert "painted" in shown.text


async def test_S50_key_that_a_program_shows_is_in_no_picture(tester):
    tester.blobs = Blobs(tester.blobs.folder, Redactor())
    pictures = []
    for key in ("AKIA1234567890ABCDEF", "[redacted]"):
        await call(tester, "terminal_open", command=f"echo '{key} is shown'; read x", until="shown")
        shown = await call(tester, "terminal_look", what="picture")
        assert "AKIA1234567890ABCDEF" not in shown.text
        pictures.append(tester.blobs.get(shown.images[0]))
    assert pictures[0] == pictures[1]


async def test_request_elsewhere_is_refused(tester):
    with pytest.raises(ToolError, match="names no service"):
        await call(tester, "http_request", method="GET", url="http://example.com/")
    with pytest.raises(ToolError, match="do not fit"):
        await call(tester, "http_request", method="BREW", url="http://app/")


async def test_terminal_is_used_like_a_keyboard(tester):
    opened = await call(tester, "terminal_open", command="printf 'name? '; read n; echo hello $n; read x", rows=5)
    assert "name?" in opened.text
    sent = await call(tester, "terminal_send", keys=["Ada ", "L", "Enter"])
    assert "hello Ada L" in sent.text
    looked = await call(tester, "terminal_look", what="colors")
    assert [e.id for e in tester.evidence] == ["E1", "E2", "E3"]
    assert looked.evidence[0].kind == "screen"


async def test_terminal_that_is_not_open_says_so(tester):
    with pytest.raises(ToolError, match="no program is open"):
        await call(tester, "terminal_look")


async def test_text_of_keys_keeps_its_spaces(tester):
    await call(tester, "terminal_open", command="printf 'go '; IFS= read -r n; printf '<%s>' \"$n\"; read x", rows=5)
    assert "<  a  >" in (await call(tester, "terminal_send", keys=["  a  ", "Enter"])).text


async def test_service_of_a_tester_begins_empty_and_keeps_its_data(running):
    store = {"name": "db", "start": "mkdir -p data; echo up; exec sleep 60", "ready": {"log": "up"}, "data": ["data"]}
    app = {"name": "app", "start": "echo up; exec sleep 60", "ready": {"log": "up"}, "depends_on": ["db"]}
    text = json_of(Manifest, {**MANIFEST, "services": [store, app]})
    await running.record(DocumentWritten(document="services", name="services", hash="s2", text=text))
    await running.round()
    desk = await running.desk("tester", "flow-1", milestone="M1", round=1)
    (desk.tree / "data").mkdir()
    (desk.tree / "data/old").write_text("left over")
    assert (await call(desk, "start_service", name="app")).text == "app is ready"
    assert not (desk.tree / "data/old").exists()
    (desk.tree / "data/new").write_text("written")
    for tool in ("stop_service", "start_service"):
        await call(desk, tool, name="db")
    assert (desk.tree / "data/new").exists()
    with pytest.raises(ToolError, match="expected one of db, app"):
        await call(desk, "start_service", name="nope")


async def test_worker_starts_a_service_on_the_data_it_has(running):
    desk = await running.desk("worker", "F1")
    (desk.tree / "data").mkdir()
    (desk.tree / "data/old").write_text("mine")
    await call(desk, "start_service", name="app")
    assert (desk.tree / "data/old").exists()


async def test_evidence_of_another_attempt_is_read_from_the_log(tester, running):
    await logged(tester, "run_command", command=f"{sys.executable} -c \"print('x' * 20)\"")
    other = await running.desk("orchestrator")
    shown = await call(other, "read_record", id=f"{tester.attempt}/E1")
    assert shown.text.startswith("E1 receipt:")
    assert "x" * 20 in shown.text
