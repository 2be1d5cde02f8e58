"""Every way in which a provider fails, over real HTTP, and what is to be done about it."""

import asyncio
import time

import pytest

from milepost.domain.errors import ModelError
from milepost.domain.seat import Seat
from milepost.model.faults import Contact, fault, is_fault
from milepost.model.gateway import Gateway
from tests.model.conftest import Ask
from tests.model.endpoint import Endpoint

NOW = 1_000_000.0
WIRES = pytest.mark.parametrize("wire", ["openai", "anthropic"])
STREAMS = pytest.mark.parametrize("stream", [True, False], ids=["streamed", "whole"])


async def failure(gateway: Gateway, ask: Ask, wire: str, model: str, **changes: object) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await gateway.complete(ask(wire, model, **changes))
    assert repr(f"{wire}/{model}") in str(caught.value)
    assert "Traceback" not in str(caught.value)
    return caught.value


def verdict(error: ModelError) -> tuple[str, str, float | None]:
    return error.remedy, error.reason, error.retry_at


@WIRES
@STREAMS
async def test_F30_retry_after_is_kept(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    assert verdict(await failure(gateway, ask, wire, "rate", stream=stream)) == ("retry", "rate_limit", NOW + 1)
    assert verdict(await failure(gateway, ask, wire, "rate-hour", stream=stream)) == ("park", "rate_limit", NOW + 3600)


async def test_F30_retry_after_as_a_date(ask: Ask) -> None:
    gateway = Gateway({"KEY": "k"})
    error = await failure(gateway, ask, "openai", "rate-date")
    assert (error.remedy, error.reason) == ("retry", "rate_limit")
    assert error.retry_at == pytest.approx(time.time() + 30, abs=5)
    await gateway.close()


async def test_F30_retry_after_in_words(gateway: Gateway, ask: Ask) -> None:
    assert verdict(await failure(gateway, ask, "openai", "rate-text")) == ("park", "rate_limit", NOW + 432)
    assert verdict(await failure(gateway, ask, "openai", "rate-bare")) == ("retry", "rate_limit", None)


@pytest.mark.parametrize(("headers", "text", "wait"), [
    ({"retry-after-ms": "1500"}, "", 1.5),
    ({"retry-after": " 2.5 "}, "", 2.5),
    ({"retry-after": "soon"}, "Please retry in 45s", 45.0),
    ({"retry-after": "Mon, 12 Jan 1970 13:47:40"}, "", 60.0),
    ({"retry-after": "Mon, 12 Jan 1970 13:47:40 GMT"}, "", 60.0),
    ({}, "Rate limit resets in 1h2m3s", 3723.0),
    ({}, "try again in 250ms", 0.25),
    ({}, "try again after 30 seconds", 30.0),
    ({}, '"retryDelay": "35s"', 35.0),
    ({}, "try again later", None),
])
def test_F30_times_are_read_in_every_form(headers: dict[str, str], text: str, wait: float | None) -> None:
    error = fault(RuntimeError(text), Contact(429, headers), Seat(model="a/b"), NOW)
    assert error.retry_at == (None if wait is None else pytest.approx(NOW + wait))


@WIRES
@STREAMS
@pytest.mark.parametrize("model", ["boom", "busy", "overloaded"])
async def test_F31_a_failing_server_is_asked_again(
    gateway: Gateway, ask: Ask, wire: str, stream: bool, model: str
) -> None:
    assert verdict(await failure(gateway, ask, wire, model, stream=stream)) == ("retry", "server", None)


async def test_F31_a_conflict_is_asked_again(gateway: Gateway, ask: Ask) -> None:
    assert (await failure(gateway, ask, "openai", "conflict")).remedy == "retry"


@WIRES
@STREAMS
async def test_F32_a_closed_port_is_asked_again(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    error = await failure(gateway, ask, wire, "plain", stream=stream, api_base="http://127.0.0.1:9")
    assert (error.remedy, error.reason) == ("retry", "server")
    assert "no connection" in str(error)


@WIRES
@STREAMS
async def test_F32_a_web_page_is_a_failing_server(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    assert verdict(await failure(gateway, ask, wire, "html", stream=stream)) == ("retry", "server", None)


@WIRES
@pytest.mark.parametrize("model", ["hang", "stall", "keep-alive", "responses/hang"])
async def test_F33_silent_stream_is_cut(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str, model: str
) -> None:
    began = time.monotonic()
    error = await failure(gateway, ask, "openai" if "/" in model else wire, model, silence_s=0.3)
    assert verdict(error) == ("retry", "silent", None)
    assert time.monotonic() - began < 3
    assert await asyncio.to_thread(endpoint.closed.wait, 5), "the connection is still open"


@WIRES
async def test_F33_silence_without_streaming_is_cut(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str
) -> None:
    assert (await failure(gateway, ask, wire, "hang", stream=False, silence_s=0.3)).reason == "silent"
    assert await asyncio.to_thread(endpoint.closed.wait, 5)


async def test_F33_the_next_call_has_a_new_connection(ask: Ask, endpoint: Endpoint) -> None:
    gateway = Gateway({"KEY": "k"})
    await gateway.complete(ask("openai", "plain"))
    await failure(gateway, ask, "openai", "stall", silence_s=0.3)
    assert (await gateway.complete(ask("openai", "plain"))).reply.content == "hello world"
    first, stalled, after = (seen.peer for seen in endpoint.seen)
    assert first == stalled != after
    await gateway.close()


@WIRES
async def test_cancelling_closes_the_connection(gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str) -> None:
    call = asyncio.create_task(gateway.complete(ask(wire, "stall", silence_s=60)))
    assert await asyncio.to_thread(endpoint.waiting.wait, 5)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.to_thread(endpoint.closed.wait, 5)


@WIRES
@pytest.mark.parametrize("model", ["cut", "cut-quietly", "cut-call"])
async def test_F34_a_cut_stream_gives_nothing_to_run(gateway: Gateway, ask: Ask, wire: str, model: str) -> None:
    assert verdict(await failure(gateway, ask, wire, model)) == ("retry", "cut", None)


@WIRES
async def test_F34_a_cut_response_gives_nothing_to_run(gateway: Gateway, ask: Ask, wire: str) -> None:
    assert verdict(await failure(gateway, ask, wire, "cut", stream=False)) == ("retry", "cut", None)


@WIRES
async def test_F35_an_error_after_a_good_start_fails_the_call(gateway: Gateway, ask: Ask, wire: str) -> None:
    error = await failure(gateway, ask, wire, "error-midway")
    assert verdict(error) == ("retry", "cut", None)
    assert "Overloaded" in str(error)


@WIRES
@STREAMS
@pytest.mark.parametrize("model", ["garbage", "no-choices"])
async def test_F36_garbage_is_no_answer(gateway: Gateway, ask: Ask, wire: str, stream: bool, model: str) -> None:
    assert verdict(await failure(gateway, ask, wire, model, stream=stream)) == ("retry", "cut", None)


@WIRES
@STREAMS
async def test_F38_a_withheld_answer_is_a_refusal(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    assert verdict(await failure(gateway, ask, wire, "filtered", stream=stream)) == ("stop", "refused", None)


async def test_F38_a_refused_prompt_is_a_refusal(gateway: Gateway, ask: Ask) -> None:
    assert verdict(await failure(gateway, ask, "openai", "policy")) == ("stop", "refused", None)


async def test_F40_an_empty_purse_parks(gateway: Gateway, ask: Ask) -> None:
    for wire, model in (("openai", "quota"), ("openai", "credit"), ("anthropic", "credit")):
        assert verdict(await failure(gateway, ask, wire, model)) == ("park", "quota", NOW + 3600)


async def test_F40_a_quota_for_a_minute_is_a_rate_limit(gateway: Gateway, ask: Ask) -> None:
    assert verdict(await failure(gateway, ask, "openai", "quota-minute")) == ("retry", "rate_limit", NOW + 35.5)


@WIRES
@STREAMS
@pytest.mark.parametrize("model", ["auth", "forbidden"])
async def test_F40_a_refused_key_stops(gateway: Gateway, ask: Ask, wire: str, stream: bool, model: str) -> None:
    error = await failure(gateway, ask, wire, model, stream=stream)
    assert verdict(error) == ("stop", "auth", None)
    assert "put a valid one into KEY" in str(error)


@WIRES
@STREAMS
async def test_F41_a_model_that_is_gone_stops(gateway: Gateway, ask: Ask, wire: str, stream: bool) -> None:
    assert verdict(await failure(gateway, ask, wire, "missing", stream=stream)) == ("stop", "unknown", None)


@pytest.mark.parametrize("model", ["bad", "unprocessable", "redirect"])
async def test_a_refused_request_stops(gateway: Gateway, ask: Ask, model: str) -> None:
    assert verdict(await failure(gateway, ask, "openai", model)) == ("stop", "unknown", None)


async def test_a_provider_that_does_not_exist_stops(gateway: Gateway, ask: Ask, endpoint: Endpoint) -> None:
    assert (await failure(gateway, ask, "nobody", "plain")).remedy == "stop"
    assert endpoint.seen == []


@pytest.mark.parametrize(("wire", "model"), [
    ("openai", "context"), ("openai", "context-llama"), ("openai", "too-large"), ("anthropic", "context"),
    ("openai", "responses/context"),
])
@STREAMS
async def test_F42_a_prompt_that_is_too_long(
    gateway: Gateway, ask: Ask, wire: str, model: str, stream: bool
) -> None:
    assert verdict(await failure(gateway, ask, wire, model, stream=stream)) == ("context", "context", None)


@WIRES
@STREAMS
async def test_L16_nobody_else_retries(
    gateway: Gateway, ask: Ask, endpoint: Endpoint, wire: str, stream: bool
) -> None:
    faults = ["rate", "boom", "overloaded", "html", "garbage", "auth", "bad", "error-midway" if stream else "boom"]
    faults += ["cut", "missing", "unprocessable", "responses/boom", "responses/rate"] if wire == "openai" else []
    for model in faults:
        endpoint.fresh()
        await failure(gateway, ask, wire, model, stream=stream)
        assert len(endpoint.seen) == 1, model


def test_an_error_inside_a_good_answer_counts_by_its_own_code() -> None:
    class Told(Exception):
        status_code = 400

    error = fault(Told("This model's maximum context length is 8192 tokens"), Contact(200), Seat(model="a/b"), NOW)
    assert error.remedy == "context"


def test_a_bug_of_ours_is_not_taken_for_a_fault() -> None:
    assert not is_fault(KeyError("ours"), Contact())
    assert is_fault(KeyError("content"), Contact(200))
    assert is_fault(OSError("no route"), Contact())
