"""A script as a test in Python that a person can read: one function for each flow, a line for each demand."""

import re
from collections.abc import Sequence
from typing import Any

from milepost.scripts.playwright_source import can_say, said
from milepost.scripts.script import Capture, Move, Script

_MARK = re.compile(r"⟨(v\d+)⟩")
_KNOWN: dict[str, frozenset[str]] = {
    "start_service": frozenset({"name"}), "stop_service": frozenset({"name"}),
    "http_request": frozenset({"method", "url", "headers", "body", "assertion"}),
    "run_command": frozenset({"command", "timeout_s"}),
}
"""Calls that need nothing of ours, with the arguments that are understood."""
HEAD = '''"""{title}

Exported by Milepost from what testers showed in mission {mission}; played without a model.
"""

from flow_support import {names}
'''


def stands_alone(script: Script) -> bool:
    """Whether a flow can be written so that it runs without Milepost."""
    return all(can_say(move) or is_known(move) for move in script.moves)


def is_known(move: Move) -> bool:
    """Whether a move is one of ours that the exported support makes."""
    return move.tool in _KNOWN and _KNOWN[move.tool] >= {name for name, value in move.arguments.items() if value}


def uses_page(script: Script) -> bool:
    """Whether a flow is in a browser."""
    return any(move.tool.startswith("browser_") for move in script.moves)


def module(title: str, mission: str, flows: Sequence[tuple[Script, str]]) -> str:
    """A test file of several flows; with each, the name of its file where Milepost must play it."""
    names = ["Program"] if any(stands_alone(script) for script, _ in flows) else []
    names += ["played"] if any(not stands_alone(script) for script, _ in flows) else []
    head = HEAD.format(title=title, mission=mission, names=", ".join(names))
    above = ["from pathlib import Path\n"] if "played" in names else []
    if any(stands_alone(script) and uses_page(script) for script, _ in flows):
        above.append("from playwright.sync_api import Page\n")
    head = head.replace('"""\n\nfrom flow', '\n'.join(['"""\n', *above, "from flow"]))
    return "\n\n".join([head.rstrip("\n"), *(function(script, file) for script, file in flows)]) + "\n"


def function(script: Script, file: str) -> str:
    """One flow as a test."""
    name = "_".join(p.assertion.lower().replace("-", "_") for p in script.promises)
    told = "\n    ".join(f"{p.assertion} {p.title}" for p in script.promises)
    doc = f'    """{told}"""' if len(script.promises) == 1 else f'    """{told}\n    """'
    if not stands_alone(script):
        used = ", ".join(dict.fromkeys(move.tool for move in script.moves))
        return "\n".join([
            f"def test_{name}(root: Path) -> None:", doc, f"    # It uses {used}, which Milepost's own drivers do.",
            f"    played(Path(__file__).with_name({file!r}), root)",
        ])
    page = ", page: Page" if uses_page(script) else ""
    lines = [f"def test_{name}(program: Program{page}) -> None:", doc]
    for move in script.moves:
        written = statement(move)
        lines += ["", *(f"    {line}" for line in written)] if written else []
    return "\n".join(lines)


def statement(move: Move) -> list[str]:
    """One move with what it must come to."""
    if can_say(move):
        return said(move, literal)
    match move.tool:
        case "start_service":
            return [f"program.start({literal(move.arguments['name'])})"]
        case "stop_service":
            return [f"program.stop({literal(move.arguments['name'])})"]
        case "http_request":
            given = [literal(move.arguments["method"]), literal(move.arguments["url"])]
            given += [f"{n}={literal(v)}" for n in ("headers", "body") if (v := move.arguments.get(n))]
            lines = [f"seen = program.request({', '.join(given)})"]
        case _:
            given = [literal(move.arguments["command"])]
            given += [f"timeout_s={move.arguments['timeout_s']}"] if move.arguments.get("timeout_s") else []
            lines = [f"seen = program.run({', '.join(given)})"]
    return [*lines, f"seen.ends({move.outcome!r})", *demands(move), *(taken(c) for c in move.captures)]


def demands(move: Move) -> list[str]:
    """What must be seen, for each assertion that rests on it."""
    lines = [f"seen.shows({a!r}, {w!r})" for a, words in move.shows.items() for w in words]
    if move.cites:
        gaps = ["    gaps=True,"] if move.gaps else []
        whole = [f"    {line!r}," for line in move.lines]
        lines += [f"seen.has(\n    {', '.join(move.cites)!r},", *whole, *gaps, ")"]
    return [part for line in lines for part in line.split("\n")]


def taken(capture: Capture) -> str:
    """A value that later moves need."""
    given = [repr(capture.name), repr(capture.place)]
    given += [f"{n}={v!r}" for n, v in (("path", capture.path), ("hole", capture.hole), ("nth", capture.nth)) if v]
    given += [f"template={capture.template!r}"] if capture.template != Capture.model_fields["template"].default else []
    return f"{capture.name} = seen.value({', '.join(given)})"


def literal(value: Any) -> str:
    """A value as Python writes it, with what each run sees anew put in."""
    if isinstance(value, str) and _MARK.search(value):
        quoted = repr(value).replace("{", "{{").replace("}", "}}")
        return "f" + _MARK.sub(r"{\1}", quoted)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name!r}: {literal(below)}" for name, below in value.items()) + "}"
    return repr(value)
