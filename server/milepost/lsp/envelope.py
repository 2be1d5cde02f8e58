"""What a frame says on its outside: a request, a notification, an answer, or a fault; never more than its top level.

What lies in `params` is nobody's business here, whatever its keys are called (defect 12).
"""

import json
from dataclasses import dataclass, field
from typing import Any

from milepost.lsp.encoded import Encoded, encode

Id = int | str

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
NOT_INITIALIZED = -32002
REQUEST_FAILED = -32803
REQUEST_CANCELLED = -32800

CANCEL = "$/cancelRequest"


@dataclass(frozen=True, slots=True)
class Request:
    """Waits for exactly one reply with its id."""

    id: Id
    method: str
    params: Any = None


@dataclass(frozen=True, slots=True)
class Notification:
    """Waits for nothing."""

    method: str
    params: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The client's reply to what the server asked."""

    id: Id | None
    result: Any = None
    error: Any = None
    failed: bool = False


@dataclass(frozen=True, slots=True)
class Malformed:
    """Is answered with an error, under its id where it has one."""

    code: int
    message: str
    id: Id | None = field(default=None)


Message = Request | Notification | Answer | Malformed


def read(body: bytes) -> Message:
    """What a frame holds."""
    try:
        value = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return Malformed(PARSE_ERROR, "this is not JSON in UTF-8")
    if isinstance(value, list):
        return Malformed(INVALID_REQUEST, "batches are not part of LSP: send each message by itself")
    if not isinstance(value, dict):
        return Malformed(INVALID_REQUEST, "expected an object")
    return _read(value)


def _read(value: dict[str, Any]) -> Message:
    number = value.get("id")
    known = number if isinstance(number, int | str) and not isinstance(number, bool) else None
    if value.get("jsonrpc") != "2.0":
        return Malformed(INVALID_REQUEST, "expected \"jsonrpc\": \"2.0\"", known)
    if "method" not in value:
        if "error" in value:
            return Answer(known, error=value["error"], failed=True)
        if "result" in value and known is not None:
            return Answer(known, result=value["result"])
        return Malformed(INVALID_REQUEST, "neither a method nor a result", known)
    method, params = value["method"], value.get("params")
    if not isinstance(method, str):
        return Malformed(INVALID_REQUEST, "expected a text as the method", known)
    if "id" not in value:
        return Notification(method, params)
    if known is None:
        return Malformed(INVALID_REQUEST, "expected a number or a text as the id")
    return Request(known, method, params)


def write(value: dict[str, Any]) -> bytes:
    """A message as a body: ASCII alone, so that no text can break it."""
    ready = {name: part.text for name, part in value.items() if isinstance(part, Encoded)}
    text = encode({"jsonrpc": "2.0", **{name: part for name, part in value.items() if name not in ready}})
    for name, part in ready.items():
        text = f'{text[:-1]},"{name}":{part}}}'
    return text.encode()


def failure(number: Id | None, code: int, message: str, data: Any = None) -> bytes:
    """An error reply."""
    error = {"code": code, "message": message}
    return write({"id": number, "error": error if data is None else {**error, "data": data}})


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
