"""What the endpoint says in each wire format: answers, faults and where a stream breaks."""

import json
from collections.abc import Iterator
from typing import Any

OPENAI_USAGE = {
    "prompt_tokens": 1000,
    "completion_tokens": 50,
    "total_tokens": 1050,
    "prompt_tokens_details": {"cached_tokens": 800},
    "completion_tokens_details": {"reasoning_tokens": 10},
}
ANTHROPIC_USAGE = {
    "input_tokens": 200,
    "cache_creation_input_tokens": 300,
    "cache_read_input_tokens": 500,
    "output_tokens": 40,
}
WORDS = ("he", "llo ", "world")
CALLS: dict[str, list[tuple[str, str]]] = {
    "one-call": [("read_file", '{"path": "a.py"}')],
    "two-calls": [("read_file", '{"path": "a.py"}'), ("read_file", '{"path": "b.py"}')],
    "bad-args": [("read_file", '{"path": "a.p')],
    "list-args": [("read_file", '["a.py"]')],
    "no-args": [("look", "")],
    "cut-call": [("write_file", '{"path": "a.py", "content": "xxxxxxxxxxxxxxxxxxxxxxxx"}')],
    "too-long": [("write_file", '{"path": "a.py", "content": "half')],
    "too-long-whole": [("write_file", '{"path": "a.py"}')],
    "twin-ids": [("read_file", '{"path": "a.py"}'), ("read_file", '{"path": "b.py"}')],
    "no-ids": [("read_file", '{"path": "a.py"}'), ("read_file", '{"path": "b.py"}')],
    "thinking": [("read_file", '{"path": "a.py"}')],
}
OPENAI_ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "rate": (429, {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}),
    "rate-date": (429, {"message": "slow down", "code": "rate_limit_exceeded"}),
    "rate-hour": (429, {"message": "slow down", "code": "rate_limit_exceeded"}),
    "rate-text": (429, {"message": "Limit reached. Please try again in 7m12s.", "code": "rate_limit_exceeded"}),
    "rate-bare": (429, {"message": "slow down", "code": "rate_limit_exceeded"}),
    "quota": (429, {"message": "You exceeded your current quota, check your plan", "code": "insufficient_quota"}),
    "quota-minute": (429, {"message": "You exceeded your current quota. Please retry in 35.5s.", "status": "X"}),
    "conflict": (409, {"message": "again, please"}),
    "too-large": (413, {"message": "Request Entity Too Large"}),
    "credit": (402, {"message": "Insufficient credits", "code": 402}),
    "auth": (401, {"message": "bad key", "code": "invalid_api_key"}),
    "forbidden": (403, {"message": "not for you", "code": "forbidden"}),
    "missing": (404, {"message": "The model does not exist", "code": "model_not_found"}),
    "bad": (400, {"message": "messages: wrong", "type": "invalid_request_error"}),
    "context": (
        400,
        {
            "message": "This model's maximum context length is 8192 tokens. However, your messages had 9000 tokens.",
            "type": "invalid_request_error",
            "code": "context_length_exceeded",
        },
    ),
    "context-llama": (
        400,
        {
            "code": 400,
            "message": "the request exceeds the available context size, try increasing it",
            "type": "exceed_context_size_error",
        },
    ),
    "policy": (400, {"message": "Your request was rejected by our safety system", "code": "content_policy_violation"}),
    "boom": (500, {"message": "boom"}),
    "busy": (503, {"message": "The server is overloaded"}),
    "overloaded": (529, {"message": "Overloaded"}),
    "alternate": (400, {"message": "Conversation roles must alternate user/assistant/user/assistant"}),
    "unprocessable": (422, {"message": "tools: extra fields are not permitted"}),
}
ANTHROPIC_ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "rate": (429, {"type": "rate_limit_error", "message": "slow down"}),
    "rate-hour": (429, {"type": "rate_limit_error", "message": "slow down"}),
    "credit": (400, {"type": "invalid_request_error", "message": "Your credit balance is too low to access the API."}),
    "auth": (401, {"type": "authentication_error", "message": "invalid x-api-key"}),
    "forbidden": (403, {"type": "permission_error", "message": "not for you"}),
    "missing": (404, {"type": "not_found_error", "message": "model: missing"}),
    "bad": (400, {"type": "invalid_request_error", "message": "messages: wrong"}),
    "context": (
        400, {"type": "invalid_request_error", "message": "prompt is too long: 210000 tokens > 200000 maximum"}
    ),
    "boom": (500, {"type": "api_error", "message": "boom"}),
    "busy": (503, {"type": "api_error", "message": "busy"}),
    "overloaded": (529, {"type": "overloaded_error", "message": "Overloaded"}),
}


class Wire:
    """What both formats share: the model asked for, and where its stream breaks."""

    errors: dict[str, tuple[int, dict[str, Any]]]

    def __init__(self, body: dict[str, Any]) -> None:
        self.body = body
        self.model: str = body["model"]
        self.calls = CALLS.get(self.model, [])
        breaks = {"stall": 2, "keep-alive": 2, "cut": 2, "cut-quietly": 2, "error-midway": 2, "cut-call": 7}
        self.cut_at = breaks.get(self.model)

    def ids(self) -> list[str]:
        """Ids of the calls, with the faults of some models."""
        if self.model == "no-ids":
            return ["" for _ in self.calls]
        return ["call_1" if self.model == "twin-ids" else f"call_{n}" for n, _ in enumerate(self.calls, 1)]

    def event(self, data: dict[str, Any]) -> bytes:
        """One line of an event stream."""
        return f"data: {json.dumps(data)}\n\n".encode()

    def whole(self) -> dict[str, Any]:
        """The answer in one piece."""
        return {}

    def events(self) -> Iterator[bytes]:
        """The answer as a stream."""
        yield from ()

    def error(self, error: dict[str, Any]) -> dict[str, Any]:
        """An error's body."""
        return {"error": error}


class _OpenAI(Wire):
    errors = OPENAI_ERRORS

    def _finish(self) -> str:
        special = {"filtered": "content_filter", "too-long": "length", "too-long-whole": "length"}
        return special.get(self.model, "tool_calls" if self.calls else "stop")

    def _text(self) -> str | None:
        if self.model == "filtered":
            return ""
        return None if self.calls else "" if self.model == "empty" else "".join(WORDS)

    def whole(self) -> dict[str, Any]:
        calls = [
            {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}
            for id, (name, arguments) in zip(self.ids(), self.calls, strict=True)
        ]
        message = {"role": "assistant", "content": self._text(), **({"tool_calls": calls} if calls else {})}
        answer = {
            "id": "c1", "object": "chat.completion", "created": 1, "model": self.model + "-2026",
            "choices": [{"index": 0, "message": message, "finish_reason": self._finish()}],
        }
        if self.model == "fingerprinted":
            answer["system_fingerprint"] = "fp_7"
        return answer if self.model == "no-usage" else {**answer, "usage": OPENAI_USAGE}

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        chunk = {
            "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": self.model + "-2026",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }
        if self.model == "fingerprinted":
            chunk["system_fingerprint"] = "fp_7"
        return self.event(chunk)

    def events(self) -> Iterator[bytes]:
        yield self._chunk({"role": "assistant", "content": ""})
        for word in WORDS if self._text() else ():
            yield self._chunk({"content": word})
        for index, (id, (name, arguments)) in enumerate(zip(self.ids(), self.calls, strict=True)):
            yield self._chunk({"tool_calls": [
                {"index": index, "id": id, "type": "function", "function": {"name": name, "arguments": ""}}
            ]})
            for start in range(0, len(arguments), 5):
                yield self._chunk({"tool_calls": [
                    {"index": index, "function": {"arguments": arguments[start:start + 5]}}
                ]})
        yield self._chunk({}, self._finish())
        if self.model != "no-usage":
            yield self.event({
                "id": "c1", "object": "chat.completion.chunk", "created": 1, "model": self.model + "-2026",
                "choices": [], "usage": OPENAI_USAGE,
            })
        yield b"data: [DONE]\n\n"


class _Responses(Wire):
    errors = OPENAI_ERRORS

    def event(self, data: dict[str, Any]) -> bytes:
        return f"event: {data.get('type', 'error')}\n".encode() + super().event(data)

    def _items(self) -> list[dict[str, Any]]:
        if not self.calls:
            text = {"type": "output_text", "text": "".join(WORDS), "annotations": []}
            return [{"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [text]}]
        return [
            {"type": "function_call", "id": f"fc_{id}", "call_id": id, "name": name, "arguments": arguments,
             "status": "completed"}
            for id, (name, arguments) in zip(self.ids(), self.calls, strict=True)
        ]

    def whole(self) -> dict[str, Any]:
        usage = {
            "input_tokens": 1000, "input_tokens_details": {"cached_tokens": 800}, "output_tokens": 50,
            "output_tokens_details": {"reasoning_tokens": 10}, "total_tokens": 1050,
        }
        return {
            "id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": self.model + "-2026",
            "output": self._items(), "usage": usage, "parallel_tool_calls": True, "tool_choice": "auto", "tools": [],
        }

    def events(self) -> Iterator[bytes]:
        begun = {**self.whole(), "status": "in_progress", "output": [], "usage": None}
        yield self.event({"type": "response.created", "response": begun, "sequence_number": 0})
        for index, item in enumerate(self._items()):
            place = {"output_index": index, "item_id": item["id"], "sequence_number": index + 1}
            empty = {**item, "content": []} if item["type"] == "message" else {**item, "arguments": ""}
            yield self.event({"type": "response.output_item.added", "item": empty, **place})
            yield from (self.event({**delta, **place}) for delta in self._deltas(item))
            yield self.event({"type": "response.output_item.done", "item": item, **place})
        yield self.event({"type": "response.completed", "response": self.whole(), "sequence_number": 9})

    def _deltas(self, item: dict[str, Any]) -> Iterator[dict[str, Any]]:
        if item["type"] == "message":
            for word in WORDS:
                yield {"type": "response.output_text.delta", "delta": word, "content_index": 0}
        for start in range(0, len(item.get("arguments", "")), 5):
            yield {"type": "response.function_call_arguments.delta", "delta": item["arguments"][start:start + 5]}


class _Anthropic(Wire):
    errors = ANTHROPIC_ERRORS

    def error(self, error: dict[str, Any]) -> dict[str, Any]:
        return {"type": "error", "error": error}

    def event(self, data: dict[str, Any]) -> bytes:
        return f"event: {data['type']}\n".encode() + super().event(data)

    def _stop(self) -> str:
        special = {"filtered": "refusal", "too-long": "max_tokens", "too-long-whole": "max_tokens"}
        return special.get(self.model, "tool_use" if self.calls else "end_turn")

    def _blocks(self) -> list[dict[str, Any]]:
        thinks = self.model == "thinking"
        thinking = [{"type": "thinking", "thinking": "hmm, so", "signature": "sig=="}] if thinks else []
        text = [] if self.calls or self.model == "filtered" else [{"type": "text", "text": "".join(WORDS)}]
        return [*thinking, *text, *(
            {"type": "tool_use", "id": id, "name": name, "input": _object(arguments)}
            for id, (name, arguments) in zip(self.ids(), self.calls, strict=True)
        )]

    def whole(self) -> dict[str, Any]:
        return {
            "id": "m1", "type": "message", "role": "assistant", "model": self.model + "-2026",
            "content": self._blocks(), "stop_reason": self._stop(), "usage": ANTHROPIC_USAGE,
        }

    def events(self) -> Iterator[bytes]:
        yield self.event({"type": "message_start", "message": {
            "id": "m1", "type": "message", "role": "assistant", "content": [], "model": self.model + "-2026",
            "stop_reason": None, "usage": {**ANTHROPIC_USAGE, "output_tokens": 1},
        }})
        arguments = iter(raw for _, raw in self.calls)
        for index, block in enumerate(self._blocks()):
            yield from self._block(index, block, arguments)
        delta = {"stop_reason": self._stop()}
        yield self.event({"type": "message_delta", "delta": delta, "usage": {"output_tokens": 40}})
        yield self.event({"type": "message_stop"})

    def _block(self, index: int, block: dict[str, Any], arguments: Iterator[str]) -> Iterator[bytes]:
        kind = block["type"]
        empty = {"tool_use": {**block, "input": {}}, "text": {**block, "text": ""}}
        start = empty.get(kind, {"type": "thinking", "thinking": "", "signature": ""})
        yield self.event({"type": "content_block_start", "index": index, "content_block": start})
        for delta in _deltas(block, next(arguments) if kind == "tool_use" else ""):
            yield self.event({"type": "content_block_delta", "index": index, "delta": delta})
        yield self.event({"type": "content_block_stop", "index": index})


def _deltas(block: dict[str, Any], arguments: str) -> Iterator[dict[str, Any]]:
    match block["type"]:
        case "tool_use":
            for start in range(0, len(arguments), 5):
                yield {"type": "input_json_delta", "partial_json": arguments[start:start + 5]}
        case "text":
            for word in WORDS:
                yield {"type": "text_delta", "text": word}
        case _:
            for word in ("hmm, ", "so"):
                yield {"type": "thinking_delta", "thinking": word}
            yield {"type": "signature_delta", "signature": block["signature"]}


def _object(arguments: str) -> dict[str, Any]:
    try:
        found = json.loads(arguments or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


WIRES: dict[str, type[Wire]] = {
    "/v1/chat/completions": _OpenAI, "/v1/responses": _Responses, "/v1/messages": _Anthropic,
}
