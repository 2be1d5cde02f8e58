"""Live models through LiteLLM: the only place that imports it, four seconds, late and in a thread."""

import asyncio
import functools
import inspect
import logging
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Any

from milepost.domain.seat import Seat
from milepost.domain.turn import Usage
from milepost.model.answer import Answer
from milepost.model.faults import Contact, cut, fault, is_fault, keyless, refused, silent
from milepost.model.line import Line, Silence
from milepost.model.messages import Completion, Request
from milepost.model.prices import charge
from milepost.model.wire import arguments

BACKSTOP_S = 5.0
"""LiteLLM's own timeout comes so much later than ours, for connections that we cannot see."""
BYTES_PER_TOKEN = 3
"""Assumed where a provider reports no usage; few texts have more tokens than that."""


@dataclass(frozen=True)
class Engine:
    """The parts of LiteLLM that we use."""

    litellm: Any
    completion: Callable[..., Any]
    """Its completion function without the wrapper that counts, retries, caches and calls back."""
    handler: Callable[..., Any]
    log: Callable[..., Any]
    events: tuple[type, ...]
    """Streams whose events need nothing of LiteLLM's own wrapper."""


@functools.cache
def engine() -> Engine:
    """LiteLLM, imported once: offline, silent, and with every provider's HTTP going through a handler of ours."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["EXPERIMENTAL_OPENAI_BASE_LLM_HTTP_HANDLER"] = "True"
    litellm: Any = import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    # Repairs what makes a provider refuse a whole prompt: empty texts, thinking that another model has not done.
    litellm.modify_params = True
    logging.getLogger("LiteLLM").setLevel(logging.ERROR)
    found = Engine(
        litellm=litellm,
        completion=inspect.unwrap(litellm.completion),
        handler=import_module("litellm.llms.custom_httpx.http_handler").HTTPHandler,
        log=_quiet(import_module("litellm.litellm_core_utils.litellm_logging").Logging),
        events=(
            import_module("litellm.llms.openai.chat.gpt_transformation").OpenAIChatCompletionStreamingHandler,
            import_module("litellm.llms.anthropic.chat.handler").ModelResponseIterator,
            import_module(
                "litellm.completion_extras.litellm_responses_transformation.transformation"
            ).OpenAiResponsesToChatCompletionStreamIterator,
        ),
    )
    # What the first call would load: a tokenizer, and an HTTP client.
    litellm.encode(model="gpt-4", text=".")
    found.handler(timeout=BACKSTOP_S).client.close()
    return found


def _quiet(logger: Any) -> Any:
    """LiteLLM's log of one call, without copies of the prompt, cost, callbacks and threads."""

    def nothing(*_: Any, **__: Any) -> None:
        return None

    async def later(*_: Any, **__: Any) -> None:
        return None

    def no(*_: Any, **__: Any) -> bool:
        return False

    silenced = dict.fromkeys(
        ("pre_call", "post_call", "success_handler", "failure_handler", "_response_cost_calculator"), nothing
    )
    late = dict.fromkeys(("async_success_handler", "async_failure_handler"), later)
    return type("QuietLogging", (logger,), {**silenced, **late, "should_run_prompt_management_hooks": no})


def _unlogged(found: Engine, stream: bool) -> dict[str, Any]:
    log = found.log(
        model="", messages=[], stream=stream, call_type="completion", start_time=datetime.now(), litellm_call_id="",
        function_id="",
    )
    return {"litellm_call_id": "", "litellm_logging_obj": log}


class Gateway:
    """Every live model; one for a process. A call has a thread and a connection of its own."""

    def __init__(self, keys: Mapping[str, str], *, clock: Callable[[], float] = time.time) -> None:
        """`keys` are the providers' keys by the names of their environment variables."""
        self._keys = keys
        self._clock = clock
        self._idle: list[Line] = []
        self._busy: set[Line] = set()

    async def warm(self) -> None:
        """Import LiteLLM in a thread."""
        await asyncio.to_thread(engine)

    async def close(self) -> None:
        """Hang up on everybody."""
        for line in (*self._idle, *self._busy):
            line.hang_up()
        self._idle.clear()

    async def complete(self, request: Request) -> Completion:
        """Ask a live model once. Raises ModelError."""
        if not engine.cache_info().currsize:
            await self.warm()
        began = time.monotonic()
        answer = await self._answer(request)
        usage = answer.usage or _estimate(request, answer)
        return Completion(
            reply=answer.reply(request.turn), usage=usage, cost=charge(request.seat, usage, answer.written),
            model=answer.model or request.seat.model, fingerprint=answer.fingerprint or answer.model,
            ms=round((time.monotonic() - began) * 1000),
        )

    async def _answer(self, request: Request) -> Answer:
        seat = request.seat
        key = self._key(seat)
        line = self._idle.pop() if self._idle else Line(engine().handler(timeout=seat.silence_s + BACKSTOP_S))
        self._busy.add(line)
        try:
            done = await line.carry(lambda: _ask(line, request, key), seat.silence_s)
        except Silence:
            raise silent(seat) from None
        finally:
            self._busy.discard(line)
        wrong = self._wrong(done, line.contact, seat)
        if wrong is not None:
            line.hang_up()
            raise wrong from done.exception()
        self._idle.append(line)
        return done.result()

    def _wrong(self, done: asyncio.Future[Answer], contact: Contact, seat: Seat) -> BaseException | None:
        """What is wrong with a call that has ended."""
        if error := done.exception():
            return fault(error, contact, seat, self._clock()) if is_fault(error, contact) else error
        finish = done.result().finish
        if finish is None:
            return cut(seat, "the model did not say that it had ended")
        return refused(seat) if finish == "content_filter" else None

    def _key(self, seat: Seat) -> str | None:
        if seat.api_key_env is not None:
            if seat.api_key_env not in self._keys:
                raise keyless(seat)
            return self._keys[seat.api_key_env]
        if seat.api_base is not None:
            # A provider's key is not for whoever sits at another address.
            return "none"
        return next((self._keys[name] for name in _key_names(seat.model) if name in self._keys), None)


@functools.cache
def _key_names(model: str) -> tuple[str, ...]:
    """The variables in which a model's provider is used to have its key; those that are set, LiteLLM finds itself."""
    missing = engine().litellm.validate_environment(model=model)["missing_keys"]
    return tuple(name for name in missing if name.endswith("_KEY"))


def _ask(line: Line, request: Request, key: str | None) -> Answer:
    """One call, in the line's thread."""
    parts, seat = engine(), request.seat
    response = parts.completion(
        **arguments(request), **_unlogged(parts, seat.stream), api_key=key, client=line.handler,
        timeout=seat.silence_s + BACKSTOP_S,
    )
    answer = Answer()
    if not seat.stream:
        answer.whole(response)
        return answer
    plain = isinstance(response.completion_stream, parts.events)
    for event in response.completion_stream if plain else response:
        # What is not an event is a line that said nothing, such as a comment that keeps the connection open.
        if not isinstance(event, dict):
            line.hear()
            answer.take(event)
    if not plain:
        # LiteLLM's wrapper invents an ending where there was none, and keeps the usage to itself.
        answer.finish = response.received_finish_reason
        for event in response.chunks:
            answer.account(event)
    return answer


def _estimate(request: Request, answer: Answer) -> Usage:
    sent = sum(len(m.content.encode()) for m in request.messages) + sum(len(t.description) for t in request.tools)
    got = len(answer.content) + sum(len(part.arguments) for part in answer.parts.values())
    return Usage(fresh=sent // BYTES_PER_TOKEN + 1, out=got // BYTES_PER_TOKEN + 1)
