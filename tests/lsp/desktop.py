"""A real mission on a stage and a real `milepost lsp` beside it, as an editor has them."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from milepost.domain.mission import Mission
from milepost.log.trusted import TrustList
from milepost.lsp.folders import common_dir, key_of
from tests.lsp.wire import Wire
from tests.runner.conftest import Stage

Json = dict[str, Any]
GATED: Json = {
    "experimental": {"milepost": {"protocolVersion": 1}}, "window": {"workDoneProgress": True},
    "textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}},
}
PLAIN: Json = {"window": {"workDoneProgress": True, "showMessage": {}, "showDocument": {"support": True}}}


class Desktop:
    """The mission and the editor's end of the wire."""

    def __init__(self, stage: Stage, wire: Wire) -> None:
        self.stage = stage
        self.wire = wire

    @property
    def contract(self) -> Path:
        """The document of the contract."""
        return next(self.stage.place.docs.glob("*.contract.md"))

    async def ask(self, method: str, params: Any = None) -> Any:
        """A request, while the loop goes on."""
        return await asyncio.to_thread(self.wire.request, method, params)

    async def command(self, name: str, **arguments: Any) -> Any:
        """A command of ours for the mission."""
        given = {"mission": self.stage.place.mission, **arguments}
        return await self.ask("workspace/executeCommand", {"command": f"milepost.{name}", "arguments": [given]})

    async def heard(self, method: str, fits: Callable[[Any], object] = lambda params: True, since: int = 0) -> Any:
        """The params of a message of the server's."""
        found = await asyncio.to_thread(
            self.wire.wait_for, lambda m: m.get("method") == method and fits(m.get("params")), since=since
        )
        return found.get("params")

    async def diagnoses(self, path: Path, fits: Callable[[list[Json]], object]) -> list[Json]:
        """The diagnostics of a file, once they are as wanted."""
        uri = path.as_uri()
        found = await self.heard(
            "textDocument/publishDiagnostics", lambda p: p["uri"] == uri and fits(p["diagnostics"])
        )
        rows: list[Json] = found["diagnostics"]
        return rows

    async def at(self, method: str, path: Path, line: int, character: int = 0, **more: Any) -> Any:
        """A request about a place in a file."""
        return await self.ask(method, {
            "textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}, **more
        })

    async def actions(self, path: Path, line: int) -> dict[str, Json]:
        """The code actions at a line, by title."""
        place = {"line": line, "character": 0}
        found = await self.ask("textDocument/codeAction", {
            "textDocument": {"uri": path.as_uri()}, "range": {"start": place, "end": place},
            "context": {"diagnostics": []},
        })
        return {action["title"]: action for action in found}

    async def until(self, holds: Callable[[Mission], bool]) -> Mission:
        """The mission, once it is as wanted."""
        return await self.stage.until(holds)


def line_of(path: Path, text: str) -> int:
    """The number of the first line that holds a text."""
    return next(n for n, line in enumerate(path.read_text().split("\n")) if text in line)


def trust(stage: Stage) -> None:
    """Put the repository of a stage on the list."""
    common, key = common_dir(stage.repository), key_of(stage.repository)
    assert common is not None and key is not None
    TrustList(stage.app.config.state_dir).put(str(common), key)


def environment(stage: Stage) -> dict[str, str]:
    """Of the server: the stage's state, and a home of its own."""
    home = stage.app.config.state_dir.parent / "home"
    home.mkdir(exist_ok=True)
    return {
        "MILEPOST_STATE_DIR": str(stage.app.config.state_dir), "MILEPOST_CONFIG_DIR": str(home / "config"),
        "HOME": str(home), "XDG_STATE_HOME": str(home / "state"),
        "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
    }


@asynccontextmanager
async def editor(
    stage: Stage, capabilities: Json = GATED, *, trusted: bool = True, folders: list[Path] | None = None,
    answers: Json | None = None,
) -> AsyncIterator[Desktop]:
    """An editor that opened the repository of a stage."""
    words = [sys.executable, "-m", "milepost", "lsp"]
    with Wire(words, folder=stage.repository, environment=environment(stage)) as wire:
        wire.answers |= {"window/workDoneProgress/create": None, **(answers or {})}
        options = {"trusted": trusted}
        opened = [stage.repository] if folders is None else folders
        await asyncio.to_thread(lambda: wire.initialize(capabilities, options=options, folders=opened))
        yield Desktop(stage, wire)
        assert await asyncio.to_thread(wire.leave) == 0
        assert wire.stray == b""
