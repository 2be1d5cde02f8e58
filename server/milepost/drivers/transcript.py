"""A request and its answer as a person reads them."""

import base64
import hashlib
import zlib
from dataclasses import dataclass, field
from typing import Any

from milepost.drivers.plain import plain

BODY_BYTES = 1_000_000
"""Bytes of an answer's body that are read, unpacked and recorded."""
_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript", "application/x-www-form")
_PACKED = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and as whom."""

    method: str
    url: str
    service: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes = b""
    form: list[dict[str, str]] = field(default_factory=list)
    user: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.url}{f' as {self.user}' if self.user else ''}"


def of(answer: dict[str, Any], name: str) -> list[str]:
    """Every value of a header of an answer."""
    return [value for key, value in answer.get("headers", []) if key.lower() == name]


def written(request: Request, answer: dict[str, Any], limit: int) -> str:
    """Both sides, with bodies of at most so many characters."""
    lines = [f"> {request}", *(f"> {name}: {value}" for name, value in request.headers)]
    if request.body:
        lines += ["", shortened(request.body.decode("utf-8", "replace"), limit)]
    if request.form:
        sent = answer.get("form") or [f"{p['name']}: {p.get('value', p.get('path'))}" for p in request.form]
        lines += ["", "a form of these fields:", *(shortened(line, limit) for line in sent)]
    lines.append("")
    if "error" in answer:
        lines.append(f"< no answer: {answer['error']}")
    else:
        lines += [*head(answer), "", *_body(answer, limit)]
    return plain("\n".join([*lines, f"({answer['ms']} ms)"]))


def head(answer: dict[str, Any]) -> list[str]:
    """Status and headers."""
    return [f"< {answer['status']} {answer['reason']}", *(f"< {name}: {value}" for name, value in answer["headers"])]


def _body(answer: dict[str, Any], limit: int) -> list[str]:
    body, notes = base64.b64decode(answer["body"]), []
    coding = ", ".join(of(answer, "content-encoding")).lower()
    if body and coding in _PACKED:
        body, note = unpacked(body, _PACKED[coding])
        notes.append(f"[unpacked from {coding}{note}]")
    if 300 <= answer["status"] < 400 and of(answer, "location"):
        notes.append("[a redirect, which is not followed: request its Location to go on]")
    if answer["cut"]:
        notes.append(f"[the body was cut: {answer['cut']}]")
    return [_shown(body, of(answer, "content-type"), limit), *notes]


def unpacked(body: bytes, bits: int) -> tuple[bytes, str]:
    """What was packed, up to a limit that a small answer may well exceed; and what is to be said of it."""
    opener = zlib.decompressobj(bits)
    try:
        data = opener.decompress(body, BODY_BYTES)
    except zlib.error as error:
        return body, f": it cannot be, {error}"
    return data, f", cut at {BODY_BYTES} bytes" if opener.unconsumed_tail else ""


def _shown(body: bytes, types: list[str], limit: int) -> str:
    kind = types[0] if types else "no content type"
    if not body:
        return "[no body]"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace") if kind.startswith(_TEXT_TYPES) else ""
    if not text or "\0" in text:
        return f"[{kind}, {len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}]"
    return shortened(text, limit)


def shortened(text: str, limit: int) -> str:
    """The beginning of a text, and how much is left out."""
    return text if len(text) <= limit else f"{text[:limit]}\n[… {len(text) - limit} more characters]"
