"""Plays scripts without a model: the calls a tester makes, each with what must then be seen.

A script is a list of steps in JSON: `[tool, arguments, expected…]`. A tool is one of those that testers have, or
`together`, whose arguments are steps made at the same time. Expected is a text that must be seen, a text behind `not: `
that must not, or a regular expression behind `like: `, whose named groups fill `{name}` in the steps that follow.
"""

import asyncio
import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.domain.services import Manifest
from milepost.drivers.browser import Browser
from milepost.drivers.command import Commands
from milepost.drivers.http import Http
from milepost.drivers.notebook import Notebook, Seen
from milepost.drivers.terminal import Terminal
from milepost.workspace.cell import Cell
from milepost.workspace.services import Services

Step = list[Any]
Script = list[Step]
Tool = Callable[..., Awaitable[Seen]]


class Red(Exception):
    """A step did not show what was expected."""


def scripts(folder: Path) -> dict[str, Script]:
    """The scripts of an application by the assertion that each of them shows, in the order of its contract."""
    found: dict[str, Script] = json.loads((folder / "scripts.json").read_text())
    return found


@dataclass
class Player:
    """The drivers of one cell."""

    cell: Cell
    services: Services
    manifest: Manifest
    blobs: dict[str, bytes] = field(default_factory=dict)

    async def play(self, script: Script) -> None:
        """Starts the services anew and makes the steps, in order.

        Raises Red.
        """
        for service in self.manifest.services:
            if f"http://{service.name}/" in json.dumps(script):
                await self.services.reset(service.name)
                await self.services.start(service.name)
        notebook = Notebook(self._keep, "0" * 40)
        env = self.services.env()
        terminal = Terminal(self.cell, notebook, env=env)
        http = Http(self.cell, self.services, notebook)
        commands = Commands(self.cell, notebook, self._keep, env=env)
        ports = [self.cell.port(each.name, each.port) for each in self.manifest.services if each.port is not None]
        browser = Browser(self.cell, self.services, notebook, ports=ports)
        tools: dict[str, Tool] = {
            "http_request": http.request, "run_command": commands.run, "terminal_open": terminal.open,
            "terminal_send": terminal.send, "terminal_look": terminal.look, "terminal_resize": terminal.resize,
            "browser_open": browser.open, "browser_act": browser.act, "browser_look": browser.look,
        }
        known: dict[str, str] = {}
        try:
            for number, step in enumerate(script, 1):
                await self._make(step, tools, known, number)
        finally:
            await terminal.close()
            await browser.close()

    async def _make(self, step: Step, tools: dict[str, Tool], known: dict[str, str], number: int) -> None:
        name, arguments, *expected = step
        if name == "together":
            await asyncio.gather(*(self._make(each, tools, known, number) for each in arguments))
            return
        seen = await tools[name](**_filled(arguments, known))
        if name == "terminal_open" and "did not appear" in seen.text and ", running" in seen.text:
            # A program on a machine that does ten things at once may need longer to come up.
            seen = await tools["terminal_look"](until=arguments["until"])
        where = f"step {number} ({name} {_short(arguments)})"
        compare(self._said(name, seen), _filled(expected, known), known, where)

    def _said(self, tool: str, seen: Seen) -> str:
        """What the program said, whole where the model is shown a part; what the tester sent is no part of it."""
        if tool == "http_request":
            return seen.text.partition("\n< ")[2]
        if not tool.startswith("browser_"):
            return seen.text
        return "\n".join(self.blobs[each.blob].decode(errors="replace") for each in seen.evidence)

    def _keep(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        self.blobs[key] = data
        return key


def compare(text: str, expected: Sequence[str], known: dict[str, str], where: str) -> None:
    """Raises Red for the first thing that is not as expected."""
    for wanted in expected:
        if wanted.startswith("like: "):
            found = re.search(wanted[6:], text, re.M)
            if found is None:
                raise Red(f"{where}: nothing like {wanted[6:]!r} in:\n{text}")
            known.update(found.groupdict())
        elif wanted.startswith("not: "):
            if wanted[5:] in text:
                raise Red(f"{where}: {wanted[5:]!r} in:\n{text}")
        elif wanted not in text:
            raise Red(f"{where}: no {wanted!r} in:\n{text}")


def _filled(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in known.items():
            value = value.replace(f"{{{name}}}", text)
        return value
    if isinstance(value, list):
        return [_filled(each, known) for each in value]
    return {key: _filled(each, known) for key, each in value.items()} if isinstance(value, dict) else value


def _short(arguments: dict[str, Any]) -> str:
    text = " ".join(str(each) for each in arguments.values())
    return text if len(text) <= 100 else f"{text[:99]}…"
