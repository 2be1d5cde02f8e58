"""Holds one WebSocket or event stream open inside a cell: a plan and texts to send on stdin, what came on stdout.

Both are JSON, a line each. Whoever reads stdout slowly is what the service is slowed down by: nothing piles up here.
"""

import base64
import hashlib
import http.client
import json
import os
import sys
import threading
import time
from typing import Any

from milepost.drivers._http_probe import Watched, told, watch

MESSAGE_BYTES = 1_000_000
"""Of one message or event; more ends the connection."""
SHOWN_CHARACTERS = 100_000
"""Of one message that is handed on."""
MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
"""What the answer to a key is made with (RFC 6455, 1.3)."""
CONTINUED, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

_began = time.monotonic()
_printing = threading.Lock()


class Over(Exception):
    """The connection ends, and this is why."""

    def __init__(self, why: str, code: int | None = None) -> None:
        super().__init__(why)
        self.code = code
        """What the service is told, where it is told anything."""


def tell(**event: Any) -> None:
    """Hands on what happened, with the time."""
    line = json.dumps({"ms": round((time.monotonic() - _began) * 1000), **event})
    with _printing:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class Events:
    """A stream of server-sent events."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self._rest = b""

    def receive(self) -> None:
        """Hands on one event after another, until the stream ends."""
        fields: dict[str, str] = {}
        data: list[str] = []
        size = 0
        while True:
            line = self._line().decode("utf-8", "replace")
            size += len(line)
            if size > MESSAGE_BYTES:
                raise Over(f"an event of more than {MESSAGE_BYTES} bytes; the stream was left")
            if not line:
                if data:
                    name = fields.get("event", "message")
                    tell(kind="event", name=name, id=fields.get("id"), **shown("\n".join(data)))
                fields, data, size = {}, [], 0
                continue
            name, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if name == "data":
                data.append(value)
            elif name in ("event", "id"):
                fields[name] = value

    def send(self, text: str) -> None:
        """Not for this kind."""
        tell(kind="error", why="an event stream takes no texts; it only sends")

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            if len(self._rest) > MESSAGE_BYTES:
                raise Over(f"a line of more than {MESSAGE_BYTES} bytes; the stream was left")
            part = self._response.read1(65536)
            if not part:
                raise Over("the service ended the stream")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\n")
        return line.removesuffix(b"\r")


class Socket:
    """A WebSocket, by RFC 6455 and without extensions."""

    def __init__(self, line: Watched, response: http.client.HTTPResponse) -> None:
        self._line = line
        # What came behind the headers waits in the response's own buffer, which closes with the response.
        self._response = response
        self._sending = threading.Lock()

    def receive(self) -> None:
        """Hands on one message after another, and answers pings, until the connection is closed."""
        kind, message = CONTINUED, bytearray()
        while True:
            final, code, payload = self._frame()
            if code == PING:
                self._put(PONG, payload)
                tell(kind="ping")
            elif code == CLOSE:
                status = int.from_bytes(payload[:2], "big") if len(payload) > 1 else 1005
                reason = payload[2:].decode("utf-8", "replace")
                raise Over(f"closed by the service: {status} {reason}".rstrip(), status if status != 1005 else 1000)
            elif code in (TEXT, BINARY, CONTINUED):
                if (code == CONTINUED) != (kind != CONTINUED):
                    raise Over("a message was begun inside another, or went on without a beginning", 1002)
                kind = code or kind
                message += payload
                if len(message) > MESSAGE_BYTES:
                    raise Over(f"a message of more than {MESSAGE_BYTES} bytes", 1009)
                if final:
                    self._hand_on(kind, bytes(message))
                    kind, message = CONTINUED, bytearray()
            elif code != PONG:
                raise Over(f"a frame of unknown kind {code}", 1002)

    def send(self, text: str) -> None:
        """Sends a text."""
        # Told first: the answer may be here before we are back.
        tell(kind="sent", **shown(text))
        self._put(TEXT, text.encode())

    def end(self, code: int) -> None:
        """Says good-bye."""
        self._put(CLOSE, code.to_bytes(2, "big"))

    def _hand_on(self, kind: int, message: bytes) -> None:
        if kind == BINARY:
            tell(kind="binary", bytes=len(message), sha256=hashlib.sha256(message).hexdigest())
            return
        try:
            tell(kind="text", **shown(message.decode()))
        except UnicodeDecodeError as error:
            raise Over(f"a text that is no UTF-8: {error}", 1007) from error

    def _frame(self) -> tuple[bool, int, bytes]:
        first, second = self._exactly(2)
        size = second & 127
        if size > 125:
            size = int.from_bytes(self._exactly(2 if size == 126 else 8), "big")
        if first & 0x70 or second & 0x80:
            raise Over("a frame that uses an extension, or is masked, as no service's may be", 1002)
        if first & 8 and (size > 125 or not first & 0x80):
            raise Over("a ping, pong or close of more than one small frame", 1002)
        if size > MESSAGE_BYTES:
            raise Over(f"a frame said to have {size} bytes; expected at most {MESSAGE_BYTES}", 1009)
        return bool(first & 0x80), first & 15, self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        data = self._response.fp.read(size)
        if len(data) < size:
            raise Over("the service dropped the connection without closing it")
        return data

    def _put(self, code: int, payload: bytes) -> None:
        size = len(payload)
        more, wide = (size, 0) if size < 126 else (126, 2) if size < 65_536 else (127, 8)
        head = bytes([0x80 | code, 0x80 | more]) + (size.to_bytes(wide, "big") if wide else b"")
        mask = os.urandom(4)
        key = int.from_bytes((mask * (size // 4 + 1))[:size], "big")
        masked = (int.from_bytes(payload, "big") ^ key).to_bytes(size, "big")
        with self._sending:
            self._line.sendall(head + mask + masked)


def shown(text: str) -> dict[str, Any]:
    """A text as far as it is handed on, and how long it was."""
    return {"text": text[:SHOWN_CHARACTERS], "length": len(text)}


def opened(plan: dict[str, Any]) -> Socket | Events:
    """The connection, once the service has agreed to it."""
    connection = http.client.HTTPConnection(plan["host"], plan["port"], timeout=plan["timeout_s"])
    line = watch(connection, time.monotonic() + plan["timeout_s"])
    connection.putrequest("GET", plan["target"], skip_host="host" in plan["names"], skip_accept_encoding=True)
    headers = list(plan["headers"])
    key = base64.b64encode(os.urandom(16)).decode()
    if plan["socket"]:
        headers += [["Upgrade", "websocket"], ["Connection", "Upgrade"], ["Sec-WebSocket-Version", "13"],
                    ["Sec-WebSocket-Key", key]]
    for name, value in headers:
        connection.putheader(name, value.encode("utf-8", "surrogateescape"))
    connection.endheaders()
    response = connection.getresponse()
    # From here on the service may be silent for as long as whoever listens likes.
    line.until, line.allowed = float("inf"), float("inf")
    tell(kind="opened", **told(response))
    if not plan["socket"]:
        kind = response.getheader("content-type") or "no content type"
        if response.status != 200 or not kind.startswith("text/event-stream"):
            raise Over(f"this is no event stream: {response.status}, {kind}; see it with http_request")
        return Events(response)
    if response.status != 101:
        raise Over(f"the service did not open a WebSocket: {response.status}; see its answer with http_request")
    digest = hashlib.sha1((key + MAGIC).encode(), usedforsecurity=False).digest()
    if response.getheader("sec-websocket-accept") != base64.b64encode(digest).decode():
        raise Over("the service's Sec-WebSocket-Accept does not answer our key, so browsers would refuse it too")
    return Socket(line, response)


def listen(channel: Socket | Events) -> None:
    """Hands on all that comes, and why it ended."""
    try:
        channel.receive()
    except Over as over:
        if over.code is not None and isinstance(channel, Socket):
            farewell(channel, over.code)
        tell(kind="over", why=str(over))
    except (OSError, http.client.HTTPException, ValueError) as error:
        tell(kind="over", why=f"{type(error).__name__}: {error}")


def farewell(channel: Socket, code: int) -> None:
    """Closes the connection, if there is still somebody to tell."""
    try:
        channel.end(code)
    except OSError:
        return


def main() -> None:
    """Opens the connection, listens beside, and sends what stdin says; its end ends all."""
    try:
        channel = opened(json.loads(sys.stdin.readline()))
    except TimeoutError:
        tell(kind="over", why="the service did not answer in time")
        return
    except (Over, OSError, http.client.HTTPException, ValueError) as error:
        tell(kind="over", why=str(error) if isinstance(error, Over) else f"{type(error).__name__}: {error}")
        return
    threading.Thread(target=listen, args=(channel,), daemon=True).start()
    for line in sys.stdin:
        try:
            channel.send(json.loads(line))
        except OSError as error:
            tell(kind="error", why=f"not sent: {type(error).__name__}: {error}")
    if isinstance(channel, Socket):
        farewell(channel, 1000)
    # The thread may be deep in a read that never ends.
    os._exit(0)


if __name__ == "__main__":
    main()
