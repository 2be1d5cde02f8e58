"""What a person sets in their editor holds, in every client that can be asked or tells by itself."""

import asyncio
from typing import Any

import pytest

from milepost.lsp.preferences import Preferences
from milepost.lsp.server import Server
from tests.lsp.desktop import GATED, Desktop, editor
from tests.lsp.test_mission import Stages, completed

PATIENCE_S = 60
ASKED: dict[str, Any] = {
    **GATED,
    "workspace": {
        "configuration": True, "didChangeConfiguration": {"dynamicRegistration": True},
        "codeLens": {"refreshSupport": True},
    },
}


async def lenses(desk: Desktop) -> Any:
    return await desk.ask("textDocument/codeLens", {"textDocument": {"uri": desk.contract.as_uri()}})


async def hints(desk: Desktop) -> Any:
    everything = {"start": {"line": 0, "character": 0}, "end": {"line": 200, "character": 0}}
    return await desk.ask("textDocument/inlayHint", {
        "textDocument": {"uri": desk.contract.as_uri()}, "range": everything,
    })


async def shown(desk: Desktop, on: bool) -> None:
    """Ask until lenses and hints are there, or are not: what the client said may come round after its next request."""
    async with asyncio.timeout(PATIENCE_S):
        while bool(await lenses(desk)) is not on or bool(await hints(desk)) is not on:
            pass


OFF, ON = ({"codeLens": {"enabled": on}, "inlayHints": {"enabled": on}} for on in (False, True))
REFRESH, ASK, REGISTER = "workspace/codeLens/refresh", "workspace/configuration", "client/registerCapability"


async def test_client_is_asked_at_the_start_and_after_each_change(stage: Stages) -> None:
    made = await completed(stage)
    answers = {ASK: [OFF], REGISTER: None, REFRESH: None}
    async with editor(made, ASKED, answers=answers) as desk:
        [wanted] = (await desk.heard(REGISTER))["registrations"]
        assert (wanted["method"], wanted["registerOptions"]) == (
            "workspace/didChangeConfiguration", {"section": "milepost"}
        )
        assert (await desk.heard(ASK))["items"] == [{"section": "milepost"}]
        await shown(desk, False)
        seen, desk.wire.answers[ASK] = len(desk.wire.messages), [ON]
        desk.wire.notify("workspace/didChangeConfiguration", {"settings": None})
        await shown(desk, True)
        await desk.heard(REFRESH, since=seen)


@pytest.mark.parametrize("settings", [None, {}, [], "all", {"codeLens": False}, {"codeLens": {"enabled": "no"}}])
def test_what_makes_no_sense_changes_nothing(settings: Any) -> None:
    preferences = Preferences(Server("probe", "0"))
    preferences.take(OFF)
    preferences.take(settings)
    assert (preferences.lenses, preferences.hints) == (False, False)


async def test_client_that_cannot_be_asked_tells_by_itself(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        assert await lenses(desk)
        assert await hints(desk)
        settings = {"milepost": OFF, "other": {}}
        desk.wire.notify("workspace/didChangeConfiguration", {"settings": settings})
        await shown(desk, False)
        assert not [m for m in desk.wire.messages if m.get("method") in (ASK, REGISTER)]


async def test_client_that_does_not_say_keeps_everything(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made, {**GATED, "workspace": {"configuration": True}}) as desk:
        asked = await asyncio.to_thread(desk.wire.wait_for, lambda m: m.get("method") == ASK)
        desk.wire.send({"jsonrpc": "2.0", "id": asked["id"], "error": {"code": -32603, "message": "not now"}})
        assert await lenses(desk) and await hints(desk)
