"""One HTTP request, made inside a cell: a plan in JSON on stdin, the answer in JSON on stdout; standard library only.

It runs by itself, with `python -I -S`, and so imports nothing of this package. All of it, from the first byte sent to
the last one read, is done by one moment: an app that answers a byte at a time gains nothing.
"""

import base64
import hashlib
import http.client
import json
import mimetypes
import os
import secrets
import socket
import stat
import sys
import time
from pathlib import Path
from typing import Any

HEADER_BYTES = 262_144
"""Of everything before the body; http.client by itself would read forever."""
FILE_BYTES = 20_000_000
"""Of one file that is uploaded."""


class Watched(socket.socket):
    """A connection that is over at one moment, and that reads no more than it was allowed."""

    until = float("inf")
    allowed = float("inf")

    def recv_into(self, *args: Any) -> int:
        """Reads, for as long as there is time."""
        self.settimeout(self.left())
        size = super().recv_into(*args)
        self.allowed -= size
        if self.allowed < 0:
            raise http.client.HTTPException(f"more than {HEADER_BYTES} bytes came and the headers had not ended")
        return size

    def sendall(self, *args: Any) -> None:
        """Sends, for as long as there is time."""
        self.settimeout(self.left())
        super().sendall(*args)

    def left(self) -> float | None:
        """Seconds until that moment; None where there is none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("out of time")
        return None if left == float("inf") else left


def main() -> None:
    """Reads the plan, makes the request, prints what came of it."""
    plan = json.load(sys.stdin)
    started = time.monotonic()
    try:
        answer = send(plan)
    except TimeoutError:
        answer = {"error": f"TimeoutError: no status and headers within {plan['timeout_s']:g} s"}
    except (OSError, http.client.HTTPException, ValueError) as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    answer["ms"] = round((time.monotonic() - started) * 1000)
    json.dump(answer, sys.stdout)


def send(plan: dict[str, Any]) -> dict[str, Any]:
    """Status, headers and the first bytes of the body; redirects are answers like any other."""
    form, more, body = multipart(plan.get("form") or [])
    body = body or base64.b64decode(plan["body"])
    headers = [*plan["headers"], *more]
    names = {name.lower() for name, _ in headers}
    if "content-length" not in names and (body or plan["method"] in ("POST", "PUT", "PATCH")):
        headers.append(["Content-Length", str(len(body))])
    connection = http.client.HTTPConnection(plan["host"], plan["port"], timeout=plan["timeout_s"])
    try:
        until = time.monotonic() + plan["timeout_s"]
        line = watch(connection, until)
        connection.putrequest(plan["method"], plan["target"], skip_host="host" in names, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode("utf-8", "surrogateescape"))
        connection.endheaders(body or None)
        response = connection.getresponse()
        line.allowed = float("inf")
        return read(response, plan["cap"], until) | {"form": form}
    finally:
        connection.close()


def watch(connection: http.client.HTTPConnection, until: float) -> Watched:
    """Connects, and watches the connection from then on."""
    connection.connect()
    connection.sock = line = Watched(fileno=connection.sock.detach())
    line.until, line.allowed = until, HEADER_BYTES
    return line


def read(response: http.client.HTTPResponse, cap: int, until: float) -> dict[str, Any]:
    """The answer with as much of its body as the cap and the time allow: an event stream never ends."""
    body, cut = b"", ""
    try:
        while len(body) <= cap:
            part = response.read1(min(65536, cap + 1 - len(body)))
            body += part
            if not part:
                cut = "broken off" if response.length else ""
                break
            if time.monotonic() > until:
                cut = "time"
                break
    except TimeoutError:
        cut = "time"
    except http.client.IncompleteRead as error:
        body, cut = body + error.partial, "broken off"
    except (OSError, http.client.HTTPException, ValueError) as error:
        cut = f"{type(error).__name__}: {error}"
    if len(body) > cap:
        body, cut = body[:cap], "size"
    return told(response) | {"body": base64.b64encode(body).decode(), "cut": cut}


def told(response: http.client.HTTPResponse) -> dict[str, Any]:
    """Status and headers, as they came."""
    return {
        "status": response.status, "reason": text(response.reason), "version": response.version,
        "headers": [(text(name), text(value)) for name, value in response.getheaders()],
    }


def text(latin: str) -> str:
    """What http.client read as Latin-1, as the UTF-8 that it mostly is; other bytes survive as halves."""
    return latin.encode("latin-1", "replace").decode("utf-8", "surrogateescape")


def multipart(parts: list[dict[str, str]]) -> tuple[list[str], list[list[str]], bytes]:
    """What a form holds in a line for each field, the header that it needs, and its bytes."""
    if not parts:
        return [], [], b""
    boundary = "-" * 24 + secrets.token_hex(11)
    lines, chunks = [], []
    for part in parts:
        head = f'Content-Disposition: form-data; name="{quoted(part["name"])}"'
        if "path" in part:
            data = content(part["path"])
            kind = part.get("type") or mimetypes.MimeTypes(filenames=()).guess_type(part["path"])[0]
            kind = kind or "application/octet-stream"
            head += f'; filename="{quoted(Path(part["path"]).name)}"\r\nContent-Type: {kind}'
            digest = hashlib.sha256(data).hexdigest()[:16]
            lines.append(f"{part['name']}: {part['path']}, {kind}, {len(data)} bytes, sha256 {digest}")
        else:
            data = part["value"].encode()
            lines.append(f"{part['name']}: {part['value']}")
        chunks.append(f"--{boundary}\r\n{head}\r\n\r\n".encode() + data + b"\r\n")
    header = ["Content-Type", f"multipart/form-data; boundary={boundary}"]
    return lines, [header], b"".join(chunks) + f"--{boundary}--\r\n".encode()


def content(path: str) -> bytes:
    """The bytes of a file; a pipe or a device would never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError(f"{path} is no file that can be sent")
        data = stream.read(FILE_BYTES + 1)
    if len(data) > FILE_BYTES:
        raise ValueError(f"{path} has more than the {FILE_BYTES} bytes that are sent of a file")
    return data


def quoted(name: str) -> str:
    """A name as browsers write it between quotes."""
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


if __name__ == "__main__":
    main()
