"""Which model sits on a seat."""

import json
from pathlib import Path

import pytest

from milepost.domain.errors import ConfigError
from milepost.domain.seat import Seat
from milepost.model.messages import Request
from milepost.model.router import Router
from milepost.model.scripted import say
from tests.model.conftest import Ask


async def content(router: Router, model: str, turn: int = 1) -> str:
    return (await router.complete(Request("worker.F1.1", turn, Seat(model=model), (), ()))).reply.content


async def test_recordings_scripts_and_live_models_side_by_side(tmp_path: Path, ask: Ask) -> None:
    tape = tmp_path / "demo.jsonl"
    reply = {"content": "recorded", "tool_calls": []}
    tape.write_text(json.dumps({"attempt": "worker.F1.1", "turn": 1, "reply": reply, "request_sha256": "other"}))
    router = Router({"KEY": "k"}, scripts={"demo": {"*": [say("scripted")]}})
    await router.warm()
    assert await content(router, f"cassette:{tape}") == "recorded"
    assert await content(router, "scripted:demo") == "scripted"
    assert (await router.complete(ask("openai", "plain"))).reply.content == "hello world"
    assert router.differing == 1
    await router.close()


def test_live_seats_share_one_gateway_and_recordings_one_player() -> None:
    router = Router({}, scripts={"demo": {}})
    assert router.connect(Seat(model="a/b")) is router.connect(Seat(model="c/d")) is router.gateway
    assert router.connect(Seat(model="scripted:demo")) is router.connect(Seat(model="scripted:demo"))


def test_a_script_that_is_not_there_is_named() -> None:
    with pytest.raises(ConfigError, match="there is no script 'x'; expected one of: demo"):
        Router({}, scripts={"demo": {}}).connect(Seat(model="scripted:x"))
    with pytest.raises(ConfigError, match="expected one of: none"):
        Router({}).connect(Seat(model="scripted:x"))
    with pytest.raises(ConfigError, match="cannot be read"):
        Router({}).connect(Seat(model="cassette:/nowhere.jsonl"))
