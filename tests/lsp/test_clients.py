"""The server as clients see it that really exist, by the capabilities that were captured from them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types as t
from lsprotocol.converters import get_converter
from pytest_lsp import client_capabilities

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.log.lease import Lease
from tests.conftest import ROOT
from tests.editors.desk import Desk, line_of
from tests.lsp.advertised import said, unasked
from tests.lsp.told import Written, judged
from tests.lsp.visitor import REFRESHES, Visitor, plain, visiting

CAPTURES = [
    "neovim@0.6", "neovim@0.7", "neovim@0.8", "neovim@0.9", "neovim@0.10", "neovim@0.11", "emacs@29.1",
    "visual-studio-code@1.65.2", "eglot@1.9", "lsp-mode@8.0.0",
]
"""Those that pytest-lsp brings, and two of our own."""
STORED = ROOT / "tests" / "stored" / "clients"
WAIVED = "prices are served by somebody else now"


@pytest.fixture
def desk(repository: Path, tmp_path: Path) -> Desk:
    """A desk in front of the small repository."""
    return Desk.laid_out(tmp_path / "desk", repository)


@pytest.fixture
def told(desk: Desk) -> Iterator[Written]:
    """A mission whose first round failed, and that somebody carries."""
    told = judged(desk.state, desk.repository)
    lease = Lease(told.write().root)
    assert lease.acquire()
    yield told
    lease.release()


def captured(name: str) -> t.ClientCapabilities:
    """What a client says in `initialize`."""
    ours = STORED / f"{name}.json"
    if not ours.exists():
        return client_capabilities(name)
    return get_converter().structure(json.loads(ours.read_text())["capabilities"], t.ClientCapabilities)


def at(path: Path, line: int, character: int = 6) -> tuple[t.TextDocumentIdentifier, t.Position]:
    return t.TextDocumentIdentifier(path.as_uri()), t.Position(line, character)


def begun(desk: Desk, capabilities: t.ClientCapabilities) -> t.InitializeParams:
    folder = t.WorkspaceFolder(uri=desk.repository.as_uri(), name="shop")
    return t.InitializeParams(capabilities=capabilities, workspace_folders=[folder], root_uri=folder.uri)


def with_pigeons(contract: Path) -> str:
    """The contract with a surface that there is not."""
    return contract.read_text().replace("- surface: http", "- surface: pigeon")


async def look(visitor: Visitor, contract: Path) -> None:
    """Ask everything that a person can ask about an assertion."""
    client, line = visitor.client, line_of(contract, "### SHOP-002")
    document, position = at(contract, line)
    hover = await client.text_document_hover_async(t.HoverParams(document, position))
    assert hover is not None and "A price is served" in hover.contents.value
    symbols = await client.text_document_document_symbol_async(t.DocumentSymbolParams(document))
    assert [each.name.split()[0] for each in symbols or ()] == ["SHOP", "PAGE"]
    lenses = await client.text_document_code_lens_async(t.CodeLensParams(document))
    assert any("failed" in each.command.title for each in lenses or () if each.command)
    span = t.Range(position, position)
    hints = await client.text_document_inlay_hint_async(t.InlayHintParams(document, span))
    assert [hint.position.line for hint in hints or ()] == [line]
    actions = await client.text_document_code_action_async(t.CodeActionParams(document, span, t.CodeActionContext([])))
    assert "Waive SHOP-002…" in [each.title for each in actions or ()]
    places = await client.text_document_definition_async(t.DefinitionParams(document, position))
    assert isinstance(places, list) and any(each.uri.endswith("plan.md") for each in places)
    found = await client.workspace_symbol_async(t.WorkspaceSymbolParams("PAGE-002"))
    assert found and found[0].name.startswith("PAGE-002")
    field = t.Position(line_of(contract, "- surface: http"), len("- surface: "))
    offers = await client.text_document_completion_async(t.CompletionParams(document, field))
    assert isinstance(offers, list) and {"http", "terminal"} <= {each.label for each in offers}


async def follow(visitor: Visitor, told: Written, contract: Path) -> None:
    """Edit the document, and let the mission go on."""
    visitor.change(contract, with_pigeons(contract), version=2)
    await visitor.until(lambda: "CONTRACT-006" in visitor.codes(contract), "the edit is judged")
    assert visitor.version(contract) == 2
    told.order(o.WaiveAssertion(assertion="SHOP-002", reason=WAIVED))
    await told.append()
    await visitor.until(lambda: "MISSION-FAILED" not in visitor.codes(contract), "the waiver is seen")
    assert visitor.version(contract) == 2
    told.order(o.PauseMission())
    await told.append()


@pytest.mark.parametrize("capture", CAPTURES)
async def test_client_gets_everything_it_can_show_and_nothing_else(
    capture: str, desk: Desk, told: Written,
) -> None:
    capabilities = captured(capture)
    can = plain(capabilities)
    async with visiting(desk, capabilities) as visitor:
        result = await visitor.client.initialize_session(begun(desk, capabilities))
        assert result.capabilities.experimental is None
        assert result.capabilities.position_encoding in (said(can, "general.positionEncodings") or ["utf-16"])
        visitor.open(desk.contract)
        await visitor.until(lambda: visitor.version(desk.contract) == 1, "diagnostics of the text that is open")
        assert {"MISSION-FAILED", "MISSION-ATTENTION"} <= visitor.codes(desk.contract)
        await look(visitor, desk.contract)
        if said(can, "window.workDoneProgress"):
            await visitor.until(visitor.progress, "progress begins")
        await visitor.until(lambda: visitor.asked, "the question is put")
        await follow(visitor, told, desk.contract)
        if said(can, "window.workDoneProgress"):
            ends = t.WorkDoneProgressEnd
            await visitor.until(lambda: any(isinstance(p, ends) for p in visitor.progress()), "progress ends")
        wanted = {m for m in REFRESHES if said(can, m.removesuffix("/refresh").replace("/", ".") + ".refreshSupport")}
        await visitor.until(lambda: wanted <= visitor.refreshed, f"{wanted} are asked for")
        methods = {message["method"] for message in visitor.heard if "method" in message}
        broken = [words for message in visitor.heard for words in unasked(can, message)]
    assert broken == [] and not any(method.startswith("milepost/") for method in methods)
    assert [each.message.partition(":")[0] for each in visitor.asked] == ["shop asks"]


async def test_percentage_never_falls_and_the_message_says_what_went_stale(desk: Desk, told: Written) -> None:
    capabilities = captured("neovim@0.11")
    settled = len(told.mission.settled)
    async with visiting(desk, capabilities) as visitor:
        await visitor.client.initialize_session(begun(desk, capabilities))
        await visitor.until(visitor.progress, "progress begins")
        told.say(e.VerdictsExpired(assertions=["SHOP-001"], because="the page changed"))
        assert len(told.mission.settled) < settled
        await told.append()
        fewer = f"{len(told.mission.settled)} of "
        await visitor.until(lambda: fewer in (visitor.progress()[-1].message or ""), "the message says so")
        reported = [each.percentage for each in visitor.progress()]
    assert len(reported) > 1 and reported == sorted(reported)


async def test_client_that_speaks_our_messages_gets_them_and_is_asked_nothing(desk: Desk, told: Written) -> None:
    capabilities = captured("visual-studio-code@1.65.2")
    capabilities.experimental = {"milepost": {"protocolVersion": 1}}
    async with visiting(desk, capabilities) as visitor:
        result = await visitor.client.initialize_session(begun(desk, capabilities))
        assert result.capabilities.experimental["milepost"]["protocolVersions"] == [1]
        await visitor.until(lambda: visitor.codes(desk.contract), "the mission is read")
        pulled = await visitor.client.protocol.send_request_async("milepost/snapshot", {})
        assert [mission.status.mission for mission in pulled.missions] == ["shop"]
        methods = {message["method"] for message in visitor.heard if "method" in message}
    assert "milepost/status" in methods and visitor.asked == []


async def test_mission_is_there_for_the_first_question_about_its_document(desk: Desk, told: Written) -> None:
    capabilities = captured("neovim@0.7")
    async with visiting(desk, capabilities) as visitor:
        await visitor.client.initialize_session(t.InitializeParams(capabilities=capabilities))
        visitor.open(desk.contract)
        await look(visitor, desk.contract)


async def test_code_of_a_mission_whose_clone_is_gone_has_no_lens(desk: Desk, told: Written) -> None:
    capabilities = captured("neovim@0.11")
    async with visiting(desk, capabilities) as visitor:
        await visitor.client.initialize_session(begun(desk, capabilities))
        document = t.TextDocumentIdentifier((desk.tree / "shop" / "price.py").as_uri())
        assert await visitor.client.text_document_code_lens_async(t.CodeLensParams(document)) == ()


async def test_finding_stays_where_its_file_is_closed(desk: Desk, told: Written) -> None:
    capabilities, code = captured("neovim@0.11"), desk.repository / "shop" / "price.py"
    async with visiting(desk, capabilities) as visitor:
        await visitor.client.initialize_session(begun(desk, capabilities))
        visitor.open(code)
        await visitor.until(lambda: "I1" in visitor.codes(code), "the finding is told")
        document = t.TextDocumentIdentifier(code.as_uri())
        visitor.client.text_document_did_close(t.DidCloseTextDocumentParams(document))
        await visitor.client.text_document_hover_async(t.HoverParams(document, t.Position(0, 0)))
        assert "I1" in visitor.codes(code)


async def test_contract_of_no_mission_is_judged_while_it_is_open(desk: Desk, tmp_path: Path) -> None:
    capabilities, draft = captured("neovim@0.11"), tmp_path / "draft.contract.md"
    async with visiting(desk, capabilities) as visitor:
        await visitor.client.initialize_session(begun(desk, capabilities))
        visitor.open(draft, "# Contract: draft\n\n## A The area\n\n### A-001 It works\n- surface: pigeon\n")
        await visitor.until(lambda: "CONTRACT-006" in visitor.codes(draft), "its text is judged")
        visitor.client.text_document_did_close(t.DidCloseTextDocumentParams(t.TextDocumentIdentifier(draft.as_uri())))
        await visitor.until(lambda: not visitor.codes(draft), "it is silent")
