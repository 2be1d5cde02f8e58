"""Speaks HTTP to the services of a cell as a tester does, and records each request with its answer."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from urllib.parse import SplitResult, urlsplit

from milepost.domain.errors import ToolError
from milepost.drivers import probe, transcript
from milepost.drivers.cookies import Jar
from milepost.drivers.listening import Heard, Listener
from milepost.drivers.notebook import Notebook, Redact, Seen
from milepost.drivers.plain import plain
from milepost.drivers.transcript import BODY_BYTES, Request
from milepost.workspace.cell import Cell

SHOWN_CHARACTERS = 16_000
"""Characters of a text body that the model is shown."""
TIMEOUT_S = 30.0
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
COMMON = (("User-Agent", "curl/8.14.1"), ("Accept", "*/*"))
"""What curl sends, in its order, and nothing else: an app that treats testers unlike users must not find one here."""
SHOWN_TIMES = 50
MOST_USERS = 50
MOST_OPEN = 8
"""Connections that one attempt may hold open at once."""


class Directory(Protocol):
    """Knows where services are, so that nobody else has to."""

    def resolve(self, url: str) -> str:
        """The real address for a `http://<service>/…`; an error that names the services for any other host."""
        ...

    def mask(self, text: str) -> str:
        """The text with real addresses turned back into `http://<service>`."""
        ...


class Http:
    """The HTTP driver of one attempt; it keeps the cookies that services set, for each user by itself."""

    def __init__(
        self, cell: Cell, services: Directory, notebook: Notebook, *, redact: Redact = str, timeout_s: float = TIMEOUT_S
    ) -> None:
        self._cell = cell
        self._services = services
        self._notebook = notebook
        self._redact = redact
        self._timeout_s = timeout_s
        self._jars: dict[str, Jar] = {}
        self._open: dict[tuple[str, str], Listener] = {}

    async def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: str | None = None,
        assertion: str | None = None, *, form: Mapping[str, str] | None = None, user: str = "",
    ) -> Seen:
        """Makes one request as one user, follows no redirect, and records both sides.

        A field of `form` that begins with `@` is the path of a file, with `;type=` behind it where that matters.

        Raises ToolError for a method, address, header or form that cannot be sent.
        """
        real = urlsplit(self._services.resolve(url))
        request = self._prepared(method.upper(), url, headers or {}, (body or "").encode(), _parts(form or {}), user)
        answer = await self._exchange(request, real)
        self._jar(user).take(request.service, urlsplit(url).path or "/", transcript.of(answer, "set-cookie"))
        title = self._clean(f"{request} → {answer.get('status') or 'no answer'}")
        full, short = (
            self._clean(transcript.written(request, answer, limit)) for limit in (BODY_BYTES, SHOWN_CHARACTERS)
        )
        evidence = self._notebook.add("request", full.encode(), title, assertion, request.service)
        return Seen(f"[{evidence.id}] {title}\n{short}", (evidence,))

    async def listen(
        self, url: str, send: Sequence[str] = (), headers: Mapping[str, str] | None = None,
        assertion: str | None = None, *, user: str = "", count: int | None = None, quiet_s: float = 1.0,
        limit_s: float = 10.0, close: bool = False,
    ) -> Seen:
        """Sends texts over a WebSocket (`ws://`) or follows an event stream (`http://`) and records what came.

        It opens the connection unless that user has it open from before, and leaves it open unless `close`. It hears
        until so many messages came, nothing came for `quiet_s` after the first, or `limit_s` are over.

        Raises ToolError for an address or header that cannot be sent, and where too many connections are open.
        """
        socket = url.startswith("ws://")
        address = f"http://{url.removeprefix('ws://')}" if socket else url
        real = urlsplit(self._services.resolve(address))
        request = self._prepared("GET", address, headers or {}, b"", [], user)
        known = self._open.get((user, url))
        if known is None and len(self._open) >= MOST_OPEN:
            raise ToolError(f"{MOST_OPEN} connections are open; close one of {', '.join(u for _, u in self._open)}")
        line = known or await Listener.start(self._cell, self._listening(request, real, socket=socket))
        self._open[user, url] = line
        heard = await line.hear(send, count=count, quiet_s=quiet_s, limit_s=limit_s)
        if close or heard.over:
            del self._open[user, url]
            await line.close()
        if heard.opened:
            cookies = transcript.of(heard.opened, "set-cookie")
            self._jar(user).take(request.service, urlsplit(address).path or "/", cookies)
        return self._told(url, request, line.status, heard, closed=close, assertion=assertion)

    async def close(self) -> None:
        """Ends every connection that is open."""
        while self._open:
            _, line = self._open.popitem()
            await line.close()

    def _told(
        self, url: str, request: Request, status: str, heard: Heard, *, closed: bool, assertion: str | None
    ) -> Seen:
        who = f" as {request.user}" if request.user else ""
        title = self._clean(f"{url}{who} → {heard.count} received, {heard.why}")
        lines = [f"> {url}{who}"]
        if heard.opened:
            lines += [*(f"> {name}: {value}" for name, value in request.headers), "", *transcript.head(heard.opened)]
        else:
            lines += ["", f"< {status}"]
        state = "over" if heard.over else "closed by you" if closed else "still open: call again to go on"
        lines += ["", *heard.lines, f"[{heard.why}; {state}]"]
        if heard.times:
            # By themselves, so that what came is word for word the same when it comes again.
            known = ", ".join(map(str, heard.times[:SHOWN_TIMES]))
            lines.append(f"(came after {known}{', …' if len(heard.times) > SHOWN_TIMES else ''} ms)")
        full = self._clean(plain("\n".join(lines)))
        evidence = self._notebook.add("request", full.encode(), title, assertion, request.service)
        return Seen(f"[{evidence.id}] {title}\n{transcript.shortened(full, SHOWN_CHARACTERS)}", (evidence,))

    def _jar(self, user: str) -> Jar:
        if user not in self._jars and len(self._jars) >= MOST_USERS:
            raise ToolError(f"there are {MOST_USERS} users already; expected one of {', '.join(self._jars)}")
        return self._jars.setdefault(user, Jar())

    def _prepared(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes, form: list[dict[str, str]], user: str
    ) -> Request:
        parts = urlsplit(url)
        if method not in METHODS:
            raise ToolError(f"unknown method {method!r}; expected one of {', '.join(sorted(METHODS))}")
        if parts.scheme != "http" or not parts.hostname or parts.username is not None:
            raise ToolError(f"{url!r} is no address of a service; expected http://<service>/path")
        if form and (body or method not in ("POST", "PUT", "PATCH")):
            raise ToolError("a form is a body of its own: send it with POST, PUT or PATCH and without `body`")
        sent = [(name, value) for name, value in COMMON if name.lower() not in {key.lower() for key in headers}]
        sent += headers.items()
        for name, value in sent:
            if not name.isascii() or any(c in "\r\n\0 :" for c in name) or any(c in "\r\n\0" for c in value):
                raise ToolError(f"the header {name!r} has a character that ends a header; remove it")
        cookies = self._jar(user).header(parts.hostname, parts.path or "/")
        if cookies and "cookie" not in {key.lower() for key in headers}:
            sent.append(("Cookie", cookies))
        return Request(method, url, parts.hostname, _target(parts), sent, body, form, user)

    def _listening(self, request: Request, real: SplitResult, *, socket: bool) -> dict[str, Any]:
        names = [name.lower() for name, _ in request.headers]
        return {
            "host": real.hostname, "port": real.port or 80, "target": request.target, "headers": request.headers,
            "names": names, "socket": socket, "timeout_s": self._timeout_s,
        }

    async def _exchange(self, request: Request, real: SplitResult) -> dict[str, Any]:
        plan = {
            "host": real.hostname, "port": real.port or 80, "method": request.method, "target": request.target,
            "headers": request.headers, "form": request.form, "body": base64.b64encode(request.body).decode(),
            "cap": BODY_BYTES, "timeout_s": self._timeout_s,
        }
        return await probe.answer(
            self._cell, "_http_probe", json.dumps(plan).encode(), what="the request could not be made",
            timeout_s=3 * self._timeout_s, most=4 * BODY_BYTES,
        )

    def _clean(self, text: str) -> str:
        return self._redact(self._services.mask(plain(text)))


def _parts(form: Mapping[str, str]) -> list[dict[str, str]]:
    """The fields of a form; one that begins with `@` names a file."""
    parts = []
    for name, value in form.items():
        if not value.startswith("@"):
            parts.append({"name": name, "value": value})
            continue
        path, typed, kind = value[1:].partition(";type=")
        if not path or "\0" in path or any(c in "\r\n\0" for c in kind):
            raise ToolError(f"{value!r} names no file to send; expected @path, or @path;type=image/png")
        parts.append({"name": name, "path": path} | ({"type": kind} if typed else {}))
    return parts


def _target(parts: SplitResult) -> str:
    path = parts.path or "/"
    target = f"{path}?{parts.query}" if parts.query else path
    if any(ord(c) <= 32 or ord(c) == 127 for c in target):
        raise ToolError(f"{target!r} has a space or a control character; write it percent-encoded")
    return target if target.isascii() else "".join(c if c.isascii() else _percent(c) for c in target)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())
