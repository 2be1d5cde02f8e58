"""A real cell, a notebook on a real shelf, and a small program that speaks HTTP."""

import hashlib
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell
from tests.drivers import live_app
from tests.drivers.hostile import Hostile

APP = '''
import http.server, json


class App(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        if self.path == "/login":
            self.answer(302, Location=f"{here}/items", Set_Cookie="sid=s3cret; Path=/; HttpOnly")
        elif self.path == "/picture":
            self.answer(200, bytes(range(256)), Content_Type="image/png")
        elif self.path == "/latin":
            self.answer(200, "gr\\xf6\\xdfe".encode("latin-1"), Content_Type="text/plain")
        elif self.path == "/long":
            self.answer(200, b"x" * 3_000_000, Content_Type="text/plain")
        elif self.path == "/events":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"data: 1\\n\\n")
            self.wfile.flush()
            self.rfile.read(1)
        elif self.path == "/torn":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            self.wfile.write(b"half")
            self.close_connection = True
        elif self.path == "/gone":
            self.close_connection = True
        else:
            seen = {"path": self.path, "cookie": self.headers.get("Cookie"), "host": here}
            self.answer(200, json.dumps(seen).encode(), Content_Type="application/json")

    do_HEAD = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(201, body.upper(), Content_Type=self.headers.get("Content-Type", "none"))

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), App)
print(server.server_port, flush=True)
server.serve_forever()
'''


class OneService:
    """A directory that knows the service `app` and nothing else."""

    def __init__(self, port: int) -> None:
        self.port = port

    def resolve(self, url: str) -> str:
        if not url.startswith("http://app/"):
            raise ToolError(f"{url!r} is not one of our services; expected http://app/…")
        return url.replace("http://app/", f"http://127.0.0.1:{self.port}/", 1)

    def mask(self, text: str) -> str:
        return text.replace(f"http://127.0.0.1:{self.port}", "http://app").replace(f"127.0.0.1:{self.port}", "app")


class Shelf(dict[str, bytes]):
    """Blobs by their SHA-256."""

    def keep(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        self[key] = data
        return key


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def notebook(shelf: Shelf) -> Notebook:
    return Notebook(shelf.keep, "t" * 40)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
async def cell(tree: Path) -> AsyncIterator[Cell]:
    opened = await open_cell(tree, sandbox=False, scratch=tree.parent / "scratch")
    yield opened
    await opened.close()


@contextmanager
def served(*words: str) -> Iterator[OneService]:
    """A program that says its port first."""
    with Popen([sys.executable, *words], stdout=PIPE, text=True) as process:
        assert process.stdout
        yield OneService(int(process.stdout.readline()))
        process.terminate()


@pytest.fixture(scope="session")
def app() -> Iterator[OneService]:
    with served("-c", APP) as service:
        yield service


@pytest.fixture(scope="module")
def live() -> Iterator[OneService]:
    with served(live_app.__file__) as service:
        yield service


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    services = Hostile()
    yield services
    services.close()
