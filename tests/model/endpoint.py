"""A model endpoint on a real port whose faults are named by the model asked for.

It speaks OpenAI chat completions, OpenAI responses and Anthropic messages, streamed and whole.
"""

import json
import socket
import threading
import time
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.model.wires import WIRES, Wire

RETRY_AFTER = {"rate": "1", "rate-hour": "3600"}


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]
    peer: tuple[str, int]
    """The caller's end of the connection."""


class Endpoint:
    """The server: `openai` and `anthropic` are roots for a seat's `api_base`."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.waiting = threading.Event()
        """Set once a fault has reached the point where it says nothing more."""
        self.closed = threading.Event()
        """Set once a caller closed its connection while a fault kept it waiting."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.endpoint = self
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        self.anthropic = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.openai = self.anthropic + "/v1"

    def fresh(self) -> "Endpoint":
        """Forget everything that was seen."""
        self.seen.clear()
        self.waiting.clear()
        self.closed.clear()
        return self

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    endpoint: Endpoint
    daemon_threads = True
    block_on_close = False


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.endpoint.seen.append(Seen(self.path, headers, body, self.client_address))
        wire = WIRES[self.path](body)
        if wire.model in wire.errors:
            status, error = wire.errors[wire.model]
            self._send(status, wire.error(error), self._advice(wire.model))
        elif wire.model == "html":
            self._send(502, "<html>bad gateway</html>", kind="text/html")
        elif wire.model == "garbage":
            self._send(200, "{not json")
        elif wire.model == "no-choices":
            self._send(200, {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": []})
        elif wire.model == "redirect":
            self._send(301, "", {"Location": "http://127.0.0.1:9/"})
        elif wire.model == "hang":
            self._wait()
        elif body.get("stream"):
            self._stream(wire)
        elif wire.model == "cut":
            self._half()
        else:
            self._send(200, wire.whole())

    def _advice(self, model: str) -> dict[str, str]:
        if model == "rate-date":
            return {"Retry-After": formatdate(time.time() + 30, usegmt=True)}
        return {"Retry-After": RETRY_AFTER[model]} if model in RETRY_AFTER else {}

    def _send(
        self, status: int, body: Any, headers: dict[str, str] | None = None, kind: str = "application/json"
    ) -> None:
        raw = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def _half(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", "1000")
        self.end_headers()
        self.wfile.write(b'{"id": "c1", "choices": [')
        self.close_connection = True

    def _stream(self, wire: "Wire") -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        if wire.model == "cut-quietly":
            self.send_header("Connection", "close")
        else:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part, event in enumerate(wire.events()):
            if part == wire.cut_at:
                return self._break(wire)
            self._write(event, chunked=wire.model != "cut-quietly")
        self._write(b"", chunked=wire.model != "cut-quietly")

    def _write(self, raw: bytes, *, chunked: bool) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(raw), raw) if chunked else raw)

    def _break(self, wire: "Wire") -> None:
        if wire.model == "stall":
            self._wait()
        elif wire.model == "keep-alive":
            self._wait(comment=b": still there\n\n")
        elif wire.model == "error-midway":
            error = {"type": "overloaded_error", "message": "Overloaded", "code": 500}
            self._write(wire.event(wire.error(error)), chunked=True)
            self._write(b"", chunked=True)
        self.close_connection = True

    def _wait(self, comment: bytes = b"") -> None:
        """Say nothing (or only comments) until the caller closes the connection."""
        self.server.endpoint.waiting.set()
        self.connection.settimeout(0.02)
        for _ in range(1000):
            try:
                if comment:
                    self._write(comment, chunked=True)
                if not self.connection.recv(1):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        self.server.endpoint.closed.set()
        self.close_connection = True
