"""Features that print, raise, block, flood and never end: what the transport must survive. See `probe`."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from lsprotocol import types
from pydantic import Field
from pygls.exceptions import JsonRpcException

from milepost.domain.errors import Refused
from milepost.ide.view import View
from milepost.lsp.connection import Limits
from milepost.lsp.faults import Declined
from milepost.lsp.server import Server
from milepost.lsp.serving import serve

print("an import that prints")

slowness = {"leaving": 0.0}
counts = {"heard": 0, "cancelled": 0, "opened": 0}


class Nothing(View):
    """No parameters."""


class Seconds(View):
    seconds: float


class Anything(View):
    value: Any


class Answer(View):
    my_value: Any
    by: str = "probe"


class Question(View):
    method: str
    params: Any = None
    seconds: float = 30.0


class Flood(View):
    count: int
    size: int
    key: str | None = None


class Strict(View):
    count: int = Field(ge=0)
    word: str = "none"


def build(server: Server) -> None:
    """Everything that the tests ask for."""
    _standard(server)
    _loud(server)
    _slow(server)
    _talking(server)


def _standard(server: Server) -> None:
    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(ls: Server, params: types.HoverParams) -> types.Hover:
        document = ls.document(params.text_document.uri)
        spot = document.spot(params.position) if document is not None else None
        return types.Hover(f"{params.position.line}:{params.position.character} {spot}")

    @server.feature("probe/text")
    def text(ls: Server, params: Any) -> Any:
        document = ls.document(params["uri"])
        return None if document is None else {"text": document.source, "lines": list(document.lines)}

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
        counts["opened"] += 1

    @server.command("probe.pygls")
    def pygls(word: str) -> str:
        return word

    server.register_command("probe.ours", Strict, lambda params: Answer(my_value=params.count))
    server.register("probe/echo", Anything, lambda params: Answer(my_value=params.value))
    server.register("probe/strict", Strict, lambda params: [Answer(my_value=params.word)])
    server.feature("probe/raw")(lambda params: params)
    server.advertise(_advertise)


def _advertise(client: types.ClientCapabilities, ours: types.ServerCapabilities) -> None:
    ours.experimental = {"probe": client.experimental}


def _loud(server: Server) -> None:
    def prints(_: Nothing) -> str:
        print("a print")
        sys.stdout.flush()
        os.write(1, b"a write\n")
        subprocess.run(["echo", "a child"], check=True)
        return sys.stdin.read()

    def raises(_: Nothing) -> None:
        raise RuntimeError(f"a secret at {__file__}")

    def refuses(_: Nothing) -> None:
        raise Refused("expected this, found that")

    def declines(_: Nothing) -> None:
        raise Declined("not today")

    server.register("probe/print", Nothing, prints)
    server.register("probe/raise", Nothing, raises)
    server.register("probe/raiseQuietly", Nothing, raises)
    server.register("probe/refuse", Nothing, refuses)
    server.register("probe/decline", Nothing, declines)
    server.register("probe/unwritable", Nothing, lambda _: {"value": object()})
    server.register("probe/infinite", Nothing, lambda _: {"value": float("inf")})
    server.register("probe/leave", Nothing, lambda _: sys.exit(7))


def _slow(server: Server) -> None:
    never = threading.Event()

    async def waits(_: Nothing) -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            counts["cancelled"] += 1
            raise

    def blocks(params: Seconds) -> str:
        never.wait(params.seconds)
        return "blocked"

    @server.thread()
    def works(params: Seconds) -> str:
        never.wait(params.seconds)
        return "worked"

    async def works_elsewhere(params: Seconds) -> None:
        await asyncio.to_thread(never.wait, params.seconds)

    @server.feature(types.SHUTDOWN)
    async def leaves(_: None) -> None:
        await asyncio.to_thread(never.wait, slowness["leaving"])

    def leaves_slowly(_: Nothing) -> None:
        slowness["leaving"] = 0.2

    server.register("probe/leaveSlowly", Nothing, leaves_slowly)
    server.register("probe/wait", Nothing, waits)
    server.register("probe/block", Seconds, blocks)
    server.register("probe/work", Seconds, works)
    server.register("probe/toThread", Seconds, works_elsewhere)
    server.register_command("probe.wait", Nothing, waits)


def _talking(server: Server) -> None:
    never = threading.Event()

    def heard(_: Anything) -> None:
        counts["heard"] += 1

    async def saves(params: Anything) -> None:
        await asyncio.to_thread(never.wait, 0.1)
        await asyncio.to_thread(Path(params.value).write_text, "saved")

    async def asks(ls: Server, params: Question) -> Any:
        try:
            result = await ls.ask(params.method, params.params, params.seconds)
        except JsonRpcException as error:
            return {"error": error.message}
        return {"result": result}

    def floods(ls: Server, params: Flood) -> None:
        for number in range(params.count):
            ls.notify("probe/noise", {"number": number, "text": "x" * params.size}, key=params.key)

    async def progresses(ls: Server, _: Nothing) -> None:
        progress = ls.work_done_progress
        await progress.create_async("probe")
        progress.begin("probe", types.WorkDoneProgressBegin(title="probe"))
        progress.report("probe", types.WorkDoneProgressReport(message="half"))
        progress.end("probe", types.WorkDoneProgressEnd())

    def state(ls: Server, _: Nothing) -> Any:
        pages = int(Path("/proc/self/statm").read_text().split()[1]) if Path("/proc/self/statm").exists() else 0
        return {
            **counts, "kept": ls.protocol.kept, "tokens": len(ls.work_done_progress.tokens), "memory": pages * 4096,
            "threads": sorted(thread.name for thread in threading.enumerate()),
        }

    server.register("probe/hear", Anything, heard)
    server.register("probe/save", Anything, saves)
    server.register("probe/ask", Question, asks)
    server.register("probe/flood", Flood, floods)
    server.register("probe/progress", Nothing, progresses)
    server.register("probe/state", Nothing, state)


def main() -> int:
    """Serve until the client leaves."""
    folder, *rest = sys.argv[1:]
    given = dict(each.split("=", 1) for each in rest)
    return serve(build, Path(folder), Limits(**{name: float(value) for name, value in given.items()}))
