"""The same drivers behind walls: what they touch is inside, and so is what touches it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.domain.services import Manifest
from milepost.drivers.http import Http
from milepost.drivers.notebook import Notebook
from milepost.drivers.terminal import Terminal
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell
from milepost.workspace.services import Services
from tests.drivers.conftest import APP, OneService

pytestmark = [pytest.mark.needs("bwrap")]


@pytest.fixture
async def walled(tree: Path) -> AsyncIterator[Cell]:
    opened = await open_cell(tree, sandbox=True, scratch=tree.parent / "scratch")
    yield opened
    await opened.close()


def commands_of_this_machine() -> set[bytes]:
    found = set()
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.add(place.read_bytes())
    return found


async def test_request_reaches_a_service_of_the_same_cell_only(walled: Cell, tree: Path, notebook: Notebook) -> None:
    (tree / "app.py").write_text(APP.replace('("127.0.0.1", 0)', '("127.0.0.1", 8321)'))
    ready = {"http": "/items"}
    service = {"name": "app", "start": "exec python3 app.py", "port": 8321, "ready": ready}
    manifest = Manifest.model_validate({"commands": {"test": {"run": "true"}}, "services": [service]})
    services = Services(walled, manifest, tree.parent / "logs")
    await services.start("app")
    seen = await Http(walled, services, notebook).request("GET", "http://app/items")
    assert "→ 200" in seen.evidence[0].title
    assert '"host": "http://app"' in seen.text
    for url in ("http://other/", "https://app/", "http://ada:pw@app/", "http://[::1", "http://127.0.0.1:8321/"):
        with pytest.raises(ToolError):
            await Http(walled, services, notebook).request("GET", url)
    await services.stop_all()
    other = await open_cell(tree, sandbox=True, scratch=tree.parent / "other")
    try:
        seen = await Http(other, OneService(8321), notebook).request("GET", "http://app/items")
        assert "ConnectionRefusedError" in seen.text
    finally:
        await other.close()


async def test_request_is_made_without_a_python_of_ours(tree: Path, notebook: Notebook) -> None:
    bare = await open_cell(tree, sandbox=True, scratch=tree.parent / "bare", python=False)
    try:
        if (await bare.run("command -v python3", timeout_s=20)).exit_code == 0:
            seen = await Http(bare, OneService(9), notebook).request("GET", "http://app/")
            assert "ConnectionRefusedError" in seen.text
    finally:
        await bare.close()


async def test_terminal_program_runs_behind_the_walls(walled: Cell, notebook: Notebook, tree: Path) -> None:
    terminal = Terminal(walled, notebook)
    try:
        seen = await terminal.open("test -t 0 && stty size && pwd && read x && echo got $x", rows=20, cols=70)
        assert "20 70\n/tree" in seen.text
        assert "got it" in (await terminal.send(["it", "Enter"])).text
        await terminal.open("trap '' INT; echo up; sleep 3017")
        await terminal.send(["Ctrl-C"])
    finally:
        await terminal.close()
    # The walls fall a moment after the one who holds them; nothing of it may stay.
    async with asyncio.timeout(10):
        while b"sleep\x003017\x00" in await asyncio.to_thread(commands_of_this_machine):
            pass
