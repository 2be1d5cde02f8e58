"""A small web application with good and with hostile pages, and a browser that uses it inside a cell."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from milepost.domain.services import Manifest
from milepost.drivers.browser import Browser
from milepost.drivers.browser_words import Patience
from milepost.drivers.notebook import Notebook
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell
from milepost.workspace.services import Services
from tests.drivers.conftest import Shelf

SERVER = r'''
import http.server, sys, urllib.parse

PAGES = {}
HEADERS = {}
exec(open(sys.argv[2]).read())


class Site(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/round":
            return self.reply(302, b"", Location="/round?" + query + "x")
        if path in ("/bomb", "/endless"):
            self.send_response(200)
            self.send_header("Content-Disposition", "attachment; filename=bomb.bin")
            if path == "/bomb":
                self.send_header("Content-Length", str(10**12))
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 1_000_000)
            except OSError:
                self.close_connection = True
                return
        if path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            self.wfile.write(b"data: one\n\n")
            self.wfile.flush()
            self.rfile.read(1)
            self.close_connection = True
            return
        if path == "/hang":
            self.rfile.read(1)
            self.close_connection = True
            return
        if path == "/whoami":
            return self.reply(200, (self.headers.get("Cookie") or "nobody").encode(), Content_Type="text/plain")
        if path == "/login":
            return self.reply(302, b"", Location="/", Set_Cookie="who=" + query + "; HttpOnly; SameSite=Lax")
        if path not in PAGES:
            return self.reply(404, b"<title>Gone</title><h1>Not here</h1>", Content_Type="text/html")
        self.reply(200, PAGES[path].encode(), **{"Content_Type": "text/html; charset=utf-8", **HEADERS.get(path, {})})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.reply(500 if b"bad" in body else 201, b'{"got": %d}' % len(body), Content_Type="application/json")

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args):
        pass


Server(("127.0.0.1", int(sys.argv[1])), Site).serve_forever()
'''


class Visit:
    """A browser, what it recorded, and the cell it is in."""

    def __init__(self, browser: Browser, cell: Cell, shelf: Shelf, notebook: Notebook, services: Services) -> None:
        self.browser = browser
        self.cell = cell
        self.shelf = shelf
        self.notebook = notebook
        self.services = services

    def record(self, id: str) -> str:
        """What was kept under the name of a piece of evidence."""
        return self.shelf[next(entry.blob for entry in self.notebook.entries if entry.id == id)].decode()


@asynccontextmanager
async def visit(
    folder: Path, pages: str, *, sandbox: bool, patience: Patience | None = None
) -> AsyncIterator[Visit]:
    """A browser in a cell where the service `web` has these pages."""
    tree = folder / "tree"
    tree.mkdir()
    (tree / "server.py").write_text(SERVER)
    (tree / "pages.py").write_text(pages)
    cell = await open_cell(tree, sandbox=sandbox, scratch=folder / "scratch")
    python = "python3" if sandbox else sys.executable
    service = {
        "name": "web", "start": f"exec {python} server.py $PORT_WEB pages.py", "port": 8000, "ready": {"http": "/"},
    }
    manifest = Manifest.model_validate({"commands": {"test": {"run": "true"}}, "services": [service]})
    (folder / "logs").mkdir()
    services = Services(cell, manifest, folder / "logs")
    shelf = Shelf()
    notebook = Notebook(shelf.keep, "t" * 40)
    ports = [int(port) for port in services.env().values()]
    browser = Browser(cell, services, notebook, ports=ports, redact=cell.show, patience=patience)
    try:
        await services.start("web")
        yield Visit(browser, cell, shelf, notebook, services)
    finally:
        await browser.close()
        await services.stop_all()
        await cell.close()
