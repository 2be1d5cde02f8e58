"""Waiting until a service answers: one small process inside the cell that looks until it sees it."""

import re
import shlex
import sys
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.domain.services import ExitReady, HttpReady, LogReady, Service, TcpReady
from milepost.workspace.cell import Cell

_PROBE = r"""
import socket, sys, time
port, path, wanted, patience = int(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4])
until, seen, pause = time.monotonic() + patience, "nothing", 0.02

def look(host):
    with socket.create_connection((host, port), timeout=2) as line:
        if not path:
            return ""
        line.sendall(f"GET {path} HTTP/1.0\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
        data = b""
        while b"\n" not in data and len(data) < 4096 and (part := line.recv(4096)):
            data += part
        first = data.split(b"\r\n")[0].split()
        status = first[1].decode("latin-1") if len(first) > 1 and first[0].startswith(b"HTTP/") else "no HTTP"
        return "" if status == wanted else f"{status} for {path}, wanted {wanted}"

while time.monotonic() < until:
    try:
        seen = look("127.0.0.1")
        # It answers, if not yet well: asking ever so often would fill its log.
        pause = min(pause * 1.5, 1)
    except OSError as error:
        seen = f"{type(error).__name__} on 127.0.0.1"
    if not seen:
        sys.exit(0)
    time.sleep(min(pause, max(0, until - time.monotonic())))
try:
    if look("::1") is not None:
        seen += ", but something listens on ::1: have it listen on 127.0.0.1"
except OSError:
    pass
print(seen)
sys.exit(1)
"""
_SEARCH = "import re, sys; sys.exit(not re.search(sys.argv[1], sys.stdin.read(), re.M))"


async def answers(cell: Cell, service: Service, port: int | None, within_s: float) -> str | None:
    """Waits inside the cell until the port answers as it should: None then, else what was seen last."""
    ready = service.ready
    path, status = (ready.http, str(ready.status)) if isinstance(ready, HttpReady) else ("", "")
    words = [str(port), path, status, str(within_s)]
    finished = await cell.run(_python(_PROBE, words), timeout_s=within_s + 5)
    if finished.exit_code == 0:
        return None
    return finished.output.decode("utf-8", "replace").strip() or "nothing could look at its port"


async def says(cell: Cell, pattern: str, text: bytes, within_s: float) -> bool:
    """Whether a service's output matches; asked inside, since a pattern that takes for ever must not hold us up."""
    finished = await cell.run(_python(_SEARCH, [pattern]), timeout_s=within_s, stdin=text)
    return finished.exit_code == 0


def check(service: Service) -> None:
    """Refuses a service that can never be found ready.

    Raises:
        WorkspaceError: it has no port to look at, or its pattern is none.
    """
    match service.ready:
        case HttpReady() | TcpReady() if service.port is None:
            raise WorkspaceError(f"service {service.name!r} is ready when its port answers; give it a port")
        case LogReady(log=pattern):
            try:
                re.compile(pattern)
            except re.error as error:
                raise WorkspaceError(
                    f"service {service.name!r} is ready when its log matches {pattern!r}, no pattern: {error}"
                ) from error
        case HttpReady() | TcpReady() | ExitReady():
            pass


def _python(script: str, words: list[str]) -> str:
    """A script as a command: by our own interpreter where the cell shows it, otherwise by the one on its path."""
    ours = shlex.quote(str(Path(sys.executable).resolve()))
    return f'p={ours}; [ -x "$p" ] || p=python3; exec "$p" -I -S -c {shlex.quote(script)} {shlex.join(words)}'
