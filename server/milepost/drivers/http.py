"""Speaks HTTP to the services of a cell as a tester does, and records each request with its answer."""

import base64
import hashlib
import json
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.drivers.cookies import Jar
from milepost.drivers.notebook import Notebook, Redact, Seen
from milepost.workspace.cell import Cell

BODY_BYTES = 1_000_000
"""Bytes of an answer's body that are read and recorded."""
SHOWN_CHARACTERS = 16_000
"""Characters of a text body that the model is shown."""
TIMEOUT_S = 30.0
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_TEXT_TYPES = ("text/", "application/json", "application/xml", "application/javascript", "application/x-www-form")


class Directory(Protocol):
    """Knows where services are, so that nobody else has to."""

    def resolve(self, url: str) -> str:
        """The real address for a `http://<service>/…`; an error that names the services for any other host."""
        ...

    def mask(self, text: str) -> str:
        """The text with real addresses turned back into `http://<service>`."""
        ...


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    service: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes


class Http:
    """The HTTP driver of one attempt; it keeps the cookies that services set."""

    def __init__(
        self, cell: Cell, services: Directory, notebook: Notebook, *, redact: Redact = str, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._cell = cell
        self._services = services
        self._notebook = notebook
        self._redact = redact
        self._timeout_s = timeout_s
        self._jar = Jar()

    async def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: str | None = None,
        assertion: str | None = None,
    ) -> Seen:
        """Makes one request, follows no redirect, and records both sides.

        Raises ToolError for a method, address or header that cannot be sent.
        """
        real = urlsplit(self._services.resolve(url))
        request = self._prepared(method.upper(), url, headers or {}, (body or "").encode())
        answer = await self._exchange(request, real)
        self._jar.take(request.service, urlsplit(url).path or "/", _all(answer, "set-cookie"))
        title = f"{request.method} {request.url} → {answer.get('status') or 'no answer'}"
        full, short = (self._clean(_transcript(request, answer, limit)) for limit in (BODY_BYTES, SHOWN_CHARACTERS))
        evidence = self._notebook.add("request", full.encode(), self._clean(title), assertion, request.service)
        return Seen(f"[{evidence.id}] {self._clean(title)}\n{short}", (evidence,))

    def _prepared(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> _Request:
        parts = urlsplit(url)
        if method not in METHODS:
            raise ToolError(f"unknown method {method!r}; expected one of {', '.join(sorted(METHODS))}")
        if parts.scheme != "http" or not parts.hostname or parts.username is not None:
            raise ToolError(f"{url!r} is no address of a service; expected http://<service>/path")
        sent = [("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "milepost-tester")]
        sent = [(name, value) for name, value in sent if name.lower() not in {key.lower() for key in headers}]
        sent += headers.items()
        for name, value in sent:
            if not name.isascii() or any(c in "\r\n\0 :" for c in name) or any(c in "\r\n\0" for c in value):
                raise ToolError(f"the header {name!r} has a character that ends a header; remove it")
        cookies = self._jar.header(parts.hostname, parts.path or "/")
        if cookies and "cookie" not in {key.lower() for key in headers}:
            sent.append(("Cookie", cookies))
        return _Request(method, url, parts.hostname, _target(parts), sent, body)

    async def _exchange(self, request: _Request, real: SplitResult) -> dict[str, Any]:
        plan = {
            "host": real.hostname, "port": real.port or 80, "method": request.method, "target": request.target,
            "headers": [(name, value.encode().decode("latin-1")) for name, value in request.headers],
            "body": base64.b64encode(request.body).decode(), "cap": BODY_BYTES, "timeout_s": self._timeout_s,
        }
        finished = await self._cell.run(
            _probe_command(), timeout_s=3 * self._timeout_s, stdin=json.dumps(plan).encode(), max_output=4 * BODY_BYTES
        )
        try:
            answer: dict[str, Any] = json.loads(finished.output)
        except ValueError as error:
            raise WorkspaceError(
                f"the request could not be made inside the cell: exit code {finished.exit_code}, "
                f"{finished.output[-300:].decode('utf-8', 'replace')!r}; is there a Python in it?"
            ) from error
        return answer

    def _clean(self, text: str) -> str:
        return self._redact(self._services.mask(text))


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    if any(ord(c) <= 32 or ord(c) == 127 for c in target):
        raise ToolError(f"{target!r} has a space or a control character; write it percent-encoded")
    return target if target.isascii() else "".join(c if c.isascii() else _percent(c) for c in target)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def _probe_command() -> str:
    """The probe as a shell command: our own interpreter where the cell shows it, otherwise the one on its path."""
    ours = shlex.quote(str(Path(sys.executable).resolve()))
    source = shlex.quote(resources.files("milepost.drivers").joinpath("_http_probe.py").read_text("utf-8"))
    return f"p={ours}; [ -x \"$p\" ] || p=python3; exec \"$p\" -I -S -c {source}"


def _all(answer: dict[str, Any], name: str) -> list[str]:
    return [value for key, value in answer.get("headers", []) if key.lower() == name]


def _transcript(request: _Request, answer: dict[str, Any], limit: int) -> str:
    lines = [f"> {request.method} {request.url}", *(f"> {name}: {value}" for name, value in request.headers)]
    if request.body:
        lines += ["", _shown_text(request.body.decode("utf-8", "replace"), limit)]
    lines.append("")
    if "error" in answer:
        lines.append(f"< no answer: {answer['error']}")
    else:
        lines.append(f"< {answer['status']} {answer['reason']}")
        lines += [f"< {name}: {value}" for name, value in answer["headers"]]
        lines += ["", _shown_body(base64.b64decode(answer["body"]), _all(answer, "content-type"), limit)]
        if answer["cut"]:
            lines.append(f"[the body was cut: {answer['cut']}]")
    return "\n".join([*lines, f"({answer['ms']} ms)"])


def _shown_body(body: bytes, types: list[str], limit: int) -> str:
    kind = types[0] if types else "no content type"
    if not body:
        return "[no body]"
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "replace") if kind.startswith(_TEXT_TYPES) else ""
    if not text or "\0" in text:
        return f"[{kind}, {len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}]"
    return _shown_text(text, limit)


def _shown_text(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}\n[… {len(text) - limit} more characters]"
