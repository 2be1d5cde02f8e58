"""Live models over real HTTP, in the wire formats of OpenAI and Anthropic, streamed and whole."""

import asyncio
import json

import pytest

from milepost.domain.errors import ModelError
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Call, Usage
from milepost.model.gateway import Gateway
from milepost.model.messages import Image, Message, Request, ToolSchema
from tests.model.conftest import OPENING, READ_FILE, Ask
from tests.model.endpoint import Endpoint

WIRES = pytest.mark.parametrize("wire", ["openai", "anthropic"])
STREAMS = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])
PNG = Image("image/png", b"\x89PNG not really")
A, B = {"path": "a.py"}, {"path": "b.py"}


def turn(content: str, *calls: Call) -> Message:
    return Message("assistant", content, calls=calls)


@WIRES
@STREAMS
async def test_text_comes_back_with_usage_and_name(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    completion = await gateway.complete(ask(wire, "plain", stream=stream))
    assert completion.reply.content == "hello world"
    assert completion.reply.tool_calls == []
    expected = Usage(fresh=200, cached=800, out=50) if wire == "openai" else Usage(fresh=500, cached=500, out=40)
    assert completion.usage == expected
    assert completion.model == completion.fingerprint == "plain-2026"
    assert completion.ms >= 0


@WIRES
@STREAMS
async def test_parallel_calls_are_put_together(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    reply = (await gateway.complete(ask(wire, "two-calls", stream=stream))).reply
    assert [(c.id, c.name, c.arguments) for c in reply.tool_calls] == [
        ("call_1", "read_file", A), ("call_2", "read_file", B),
    ]


@STREAMS
@pytest.mark.parametrize("model", ["gpt-5.6", "responses/two-calls"])
async def test_models_that_are_only_asked_through_responses(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, model: str, stream: bool
) -> None:
    completion = await gateway.complete(ask("openai", model, stream=stream, effort="low"))
    assert [seen.path for seen in endpoint.seen] == ["/v1/responses"]
    assert completion.usage == Usage(fresh=200, cached=800, out=50)
    if model == "gpt-5.6":
        assert completion.reply.content == "hello world"
    else:
        assert [call.arguments for call in completion.reply.tool_calls] == [A, B]


@pytest.mark.parametrize("wire", ["openrouter", "mistral", "databricks", "together_ai"])
async def test_other_providers_bring_calls_and_usage_too(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str
) -> None:
    completion = await gateway.complete(ask(wire, "two-calls", price=Price(fresh=1, out=1)))
    assert [call.arguments for call in completion.reply.tool_calls] == [A, B]
    assert completion.usage == Usage(fresh=200, cached=800, out=50)
    with pytest.raises(ModelError, match="had ended"):
        await gateway.complete(ask(wire, "cut-quietly"))
    assert len(endpoint.seen) == 2


async def test_fingerprint_is_the_providers_own(gateway: Gateway, ask: Ask) -> None:
    assert (await gateway.complete(ask("openai", "fingerprinted", stream=False))).fingerprint == "fp_7"


@STREAMS
async def test_F36_broken_arguments_come_through_as_text(gateway: Gateway, ask: Ask, stream: bool) -> None:
    for model, raw in (("bad-args", '{"path": "a.p'), ("list-args", '["a.py"]')):
        reply = (await gateway.complete(ask("openai", model, stream=stream))).reply
        assert [call.arguments for call in reply.tool_calls] == [raw]


@WIRES
@STREAMS
async def test_no_arguments_are_an_empty_object(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    reply = (await gateway.complete(ask(wire, "no-args", stream=stream))).reply
    assert [call.arguments for call in reply.tool_calls] == [{}]


@STREAMS
@pytest.mark.parametrize(("model", "ids"), [("twin-ids", ["call_1", "call_3_2"]), ("no-ids", ["call_3_1", "call_3_2"])])
async def test_F36_every_call_has_an_id_of_its_own(
    gateway: Gateway, ask: Ask, stream: bool, model: str, ids: list[str]
) -> None:
    reply = (await gateway.complete(ask("openai", model, stream=stream))).reply
    assert [call.id for call in reply.tool_calls] == ids


@WIRES
@STREAMS
@pytest.mark.parametrize("model", ["too-long", "too-long-whole"])
async def test_F37_a_call_at_the_token_limit_cannot_be_run(
    gateway: Gateway, ask: Ask, wire: str, stream: bool, model: str
) -> None:
    [call] = (await gateway.complete(ask(wire, model, stream=stream))).reply.tool_calls
    assert isinstance(call.arguments, str)
    assert "cut off here" in call.arguments


@STREAMS
async def test_F39_an_empty_answer_is_an_empty_reply(gateway: Gateway, ask: Ask, stream: bool) -> None:
    completion = await gateway.complete(ask("openai", "empty", stream=stream))
    assert (completion.reply.content, completion.reply.tool_calls) == ("", [])


@STREAMS
async def test_missing_usage_is_estimated_not_free(gateway: Gateway, ask: Ask, stream: bool) -> None:
    messages = (*OPENING, Message("user", "x" * 3000))
    usage = (await gateway.complete(ask("openai", "no-usage", stream=stream, messages=messages))).usage
    assert 1000 <= usage.fresh < 1100
    assert usage.out > 0


@STREAMS
async def test_thinking_comes_back_signed_and_is_sent_again(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, stream: bool
) -> None:
    reply = (await gateway.complete(ask("anthropic", "thinking", stream=stream))).reply
    assert reply.thinking == [{"type": "thinking", "thinking": "hmm, so", "signature": "sig=="}]
    said = Message("assistant", reply.content, calls=tuple(reply.tool_calls), thinking=tuple(reply.thinking))
    answered = Message("tool", "text of a.py", call_id="call_1", name="read_file")
    await gateway.complete(ask("anthropic", "plain", stream=stream, messages=(*OPENING, said, answered)))
    assert endpoint.seen[-1].body["messages"][1]["content"][0] == reply.thinking[0]
    await gateway.complete(ask("openai", "plain", stream=stream, messages=(*OPENING, said, answered)))
    assert "thinking_blocks" not in endpoint.seen[-1].body["messages"][2]


# --- what is sent ---

@WIRES
async def test_seat_settings_arrive(gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str) -> None:
    await gateway.complete(ask(wire, "claude-sonnet-4-5", max_output=4096, effort="low", stream=True))
    body = endpoint.seen[-1].body
    assert body["model"] == "claude-sonnet-4-5"
    assert body["stream"] is True
    assert body["max_tokens"] == 4096
    if wire == "openai":
        assert body["reasoning_effort"] == "low"
    else:
        assert body["thinking"]["type"] == "enabled"


async def test_streaming_is_off_where_the_seat_says_so(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    await gateway.complete(ask("openai", "plain", stream=False))
    assert not endpoint.seen[-1].body.get("stream")


async def test_cache_markers_arrive_at_anthropic(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    messages = (
        *OPENING, turn("", Call(id="c1", name="read_file", arguments=A)), Message("tool", "one", call_id="c1"),
        turn("", Call(id="c2", name="read_file", arguments=B)), Message("tool", "two", call_id="c2"),
    )
    tools = (ToolSchema("look", "Looks.", {"type": "object", "properties": {}}), READ_FILE)
    await gateway.complete(ask("anthropic", "plain", messages=messages, tools=tools))
    body, mark = endpoint.seen[-1].body, {"type": "ephemeral"}
    assert [tool.get("cache_control") for tool in body["tools"]] == [None, mark]
    assert [part.get("cache_control") for part in body["system"]] == [mark]
    marks = [[part.get("cache_control") for part in message["content"]] for message in body["messages"]]
    assert marks == [[None], [None], [mark], [None], [mark]]


async def test_a_prompt_that_ends_with_a_person_is_marked(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    messages = (*OPENING, turn("done?"), Message("user", "Not yet."))
    await gateway.complete(ask("anthropic", "plain", messages=messages))
    marks = [message["content"][-1].get("cache_control") for message in endpoint.seen[-1].body["messages"]]
    assert marks == [{"type": "ephemeral"}, None, {"type": "ephemeral"}]


async def test_no_markers_are_sent_to_others(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    await gateway.complete(ask("openai", "plain"))
    assert "cache_control" not in json.dumps(endpoint.seen[-1].body)


async def test_what_is_sent_only_grows(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    first = [*OPENING, turn("ok", Call(id="c1", name="read_file", arguments=A)), Message("tool", "1", call_id="c1")]
    await gateway.complete(ask("openai", "plain", messages=first))
    await gateway.complete(ask("openai", "plain", messages=[*first, turn("fine"), Message("user", "on")]))
    short, long = (seen.body["messages"] for seen in endpoint.seen)
    assert long[:len(short)] == short
    assert first[2].wire is first[2].wire


@WIRES
async def test_images_arrive_where_the_seat_can_see(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str
) -> None:
    messages = (
        OPENING[0], Message("user", "look", images=(PNG,)), turn("", Call(id="c1", name="read_file", arguments=A)),
        Message("tool", "shot", call_id="c1", images=(PNG,)),
    )
    await gateway.complete(ask(wire, "plain", messages=messages, vision=True))
    encoded = "iVBORyBub3QgcmVhbGx5"
    assert json.dumps(endpoint.seen[-1].body).replace("\\", "").count(encoded[:8]) == 2
    await gateway.complete(ask(wire, "plain", messages=messages, vision=False))
    assert encoded[:8] not in json.dumps(endpoint.seen[-1].body)


@WIRES
async def test_F36_a_broken_call_can_be_sent_back(gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str) -> None:
    broken = Call(id="c1", name="read_file", arguments='{"path": "a.p')
    messages = (*OPENING, turn("", broken), Message("tool", "error: not JSON", call_id="c1"))
    assert (await gateway.complete(ask(wire, "plain", messages=messages))).reply.content == "hello world"
    assert "a.p" in json.dumps(endpoint.seen[-1].body["messages"])


@WIRES
async def test_F39_an_empty_reply_can_be_sent_back(gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str) -> None:
    messages = (*OPENING, turn(""), Message("user", "Say something."))
    assert (await gateway.complete(ask(wire, "plain", messages=messages))).reply.content == "hello world"
    if wire == "anthropic":
        assert all(part["text"] for m in endpoint.seen[-1].body["messages"] for part in m["content"])


# --- money and keys ---

async def test_cost_is_the_seats_own_price(gateway: Gateway, ask: Ask) -> None:
    request = ask("openai", "plain", price=Price(fresh=1.0, cached=0.1, out=2.0))
    assert (await gateway.complete(request)).cost == pytest.approx((200 * 1.0 + 800 * 0.1 + 50 * 2.0) / 1e6)


async def test_cost_is_the_tables_with_cache_writes(gateway: Gateway, ask: Ask) -> None:
    cost = (await gateway.complete(ask("anthropic", "claude-sonnet-4-5"))).cost
    assert cost == pytest.approx((200 * 3.0 + 300 * 3.75 + 500 * 0.3 + 40 * 15.0) / 1e6)


async def test_cost_of_an_unknown_model_is_not_known(gateway: Gateway, ask: Ask) -> None:
    assert (await gateway.complete(ask("openai", "plain"))).cost is None


@WIRES
async def test_the_seats_key_is_sent(gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str) -> None:
    await gateway.complete(ask(wire, "plain"))
    headers = endpoint.seen[-1].headers
    assert "secret-1" in (headers.get("x-api-key") or headers["authorization"])


async def test_a_missing_key_is_said_before_the_call(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    with pytest.raises(ModelError, match="no key: 'OTHER'") as caught:
        await gateway.complete(ask("openai", "plain", api_key_env="OTHER"))
    assert (caught.value.remedy, caught.value.reason) == ("stop", "auth")
    assert endpoint.seen == []


async def test_a_providers_key_is_not_sent_to_another_address(ask: Ask, endpoint: Endpoint) -> None:
    gateway = Gateway({"OPENAI_API_KEY": "secret-2"})
    await gateway.complete(ask("openai", "plain", api_key_env=None))
    assert "secret-2" not in str(endpoint.seen[-1].headers)
    await gateway.close()


async def test_a_providers_usual_key_is_found(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", endpoint.openai)
    gateway = Gateway({"OPENAI_API_KEY": "secret-3"})
    request = Request("worker.F1.1", 1, _seat("openai/plain"), OPENING, ())
    await gateway.complete(request)
    assert endpoint.seen[-1].headers["authorization"] == "Bearer secret-3"
    await gateway.close()


def _seat(model: str) -> Seat:
    return Seat(model=model)


# --- threads and connections ---

async def test_calls_run_side_by_side(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    requests = [gateway.complete(ask("openai", "plain", stream=n % 2 == 0)) for n in range(12)]
    assert {c.reply.content for c in await asyncio.gather(*requests)} == {"hello world"}
    assert len(endpoint.seen) == 12


async def test_a_connection_is_used_again(ask: Ask, endpoint: Endpoint) -> None:
    gateway = Gateway({"KEY": "k"})
    for wire in ("openai", "anthropic"):
        for stream in (True, False, True):
            await gateway.complete(ask(wire, "plain", stream=stream))
    assert len({seen.peer for seen in endpoint.seen}) == 1
    await gateway.close()


async def test_closing_lets_go_of_a_call_under_way(ask: Ask, endpoint: Endpoint) -> None:
    gateway = Gateway({"KEY": "k"})
    call = asyncio.create_task(gateway.complete(ask("openai", "stall")))
    await asyncio.to_thread(endpoint.waiting.wait, 5)
    await gateway.close()
    with pytest.raises(ModelError):
        await call
    assert await asyncio.to_thread(endpoint.closed.wait, 5)


async def test_nothing_is_printed(
    gateway: Gateway, ask: Ask, capfd: pytest.CaptureFixture[str]
) -> None:
    await gateway.complete(ask("openai", "plain"))
    for model in ("bad", "boom", "missing", "cut"):
        with pytest.raises(ModelError):
            await gateway.complete(ask("anthropic", model))
    assert capfd.readouterr().out == ""
