"""One connection that stays open while a tester does other things: what is sent over it, and what comes."""

import asyncio
import contextlib
import json
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from milepost.drivers import probe
from milepost.workspace.cell import Cell

MOST_MESSAGES = 500
"""Of one hearing."""
MOST_CHARACTERS = 1_000_000
"""Of all messages of one hearing."""
GRACE_S = 1.0
"""How long a good-bye may take."""
_LINE_BYTES = 4_000_000


@dataclass(slots=True)
class Heard:
    """What one hearing brought."""

    opened: dict[str, Any] | None = None
    """Status and headers, where the connection was opened by it."""
    lines: list[str] = field(default_factory=list)
    count: int = 0
    """Messages and events of the service."""
    times: list[int] = field(default_factory=list)
    """When each of them came, in milliseconds since the connection was asked for."""
    characters: int = 0
    over: bool = False
    """Whether the connection has ended."""
    why: str = ""
    """Why the hearing ended."""

    def take(self, event: dict[str, Any]) -> None:
        """Writes down one thing that happened."""
        kind = event["kind"]
        if kind == "opened":
            self.opened = event
        elif kind == "over":
            self.over, self.why = True, event["why"]
        elif kind == "sent":
            self.lines.append(f"→ {_text(event)}")
        elif kind in ("ping", "error"):
            self.lines.append("← [a ping, answered]" if kind == "ping" else f"[{event['why']}]")
        else:
            self.count += 1
            self.lines.append(f"← {_message(event)}")
            self.times.append(event["ms"])
        self.characters += len(event.get("text", ""))


class Listener:
    """A probe inside the cell that holds the connection; between two hearings the service waits, and nothing grows."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self.status = "no answer yet"
        """What the service said when the connection was opened."""

    @classmethod
    async def start(cls, cell: Cell, plan: dict[str, Any]) -> "Listener":
        """Starts the probe, which opens the connection at once."""
        argv = cell.argv(["sh", "-c", probe.command("_http_probe", "_listen_probe")], terminal=False)
        process = await asyncio.create_subprocess_exec(
            *argv, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, limit=_LINE_BYTES, start_new_session=True,
            env={"PATH": os.environ.get("PATH", os.defpath)},
        )
        listener = cls(process)
        listener._say(plan)
        return listener

    async def hear(self, send: Sequence[str], *, count: int | None, quiet_s: float, limit_s: float) -> Heard:
        """Sends texts and hears what comes, until enough came, it is quiet after something came, or time is over."""
        for text in send:
            self._say(text)
        heard = Heard()
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        while not heard.over and not heard.why:
            left = until - loop.time()
            patience = min(left, quiet_s) if heard.count else left
            event = await self._next(patience)
            if event is not None:
                heard.take(event)
                if heard.opened:
                    self.status = f"{heard.opened['status']} {heard.opened['reason']}"
            elif left <= patience:
                heard.why = f"{limit_s:g} s were over"
            else:
                heard.why = f"nothing more for {quiet_s:g} s"
            if not heard.why:
                heard.why = _enough(heard, count)
        return heard

    async def close(self) -> None:
        """Says good-bye, and ends the probe where that takes long."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        if not await self._gone():
            # It is the first of its own session.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._gone()

    async def _gone(self) -> bool:
        """Waits a moment for its end; what it still has to say is let go, since it may wait for that."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(GRACE_S):
                while await self._process.stdout.read(65_536):
                    pass
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    def _say(self, what: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    async def _next(self, within_s: float) -> dict[str, Any] | None:
        """The next thing that happened; None where nothing did in time."""
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(max(within_s, 0)):
                line = await self._process.stdout.readline()
        except TimeoutError:
            return None
        if not line:
            return {"ms": 0, "kind": "over", "why": "the probe in the cell ended; is there a Python in it?"}
        event: dict[str, Any] = json.loads(line)
        return event


def _enough(heard: Heard, count: int | None) -> str:
    if count is not None and heard.count >= count:
        return f"{heard.count} came, as asked"
    if len(heard.lines) >= MOST_MESSAGES or heard.characters >= MOST_CHARACTERS:
        return "more came than one call records"
    return ""


def _message(event: dict[str, Any]) -> str:
    if event["kind"] == "binary":
        return f"[binary, {event['bytes']} bytes, sha256 {event['sha256'][:16]}]"
    if event["kind"] == "text":
        return _text(event)
    known = f" id {event['id']!r}" if event["id"] is not None else ""
    return f"[{event['name']}{known}] {_text(event)}"


def _text(event: dict[str, Any]) -> str:
    left_out = event["length"] - len(event["text"])
    return f"{event['text']}{f' [… {left_out} more characters]' if left_out else ''}"
