"""What a tester did with the program, call by call, in words that a person can follow."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from milepost.domain.done_calls import done_calls
from milepost.domain.receipt import Evidence
from milepost.domain.record import Record

SHOWN = 200
"""Characters of what was typed or sent that a step shows."""
TOUCHING = (
    "run_command", "start_service", "stop_service", "http_", "browser_", "terminal_", "use_library", "show_file",
)
"""How the names of tools begin that do something to the program or look at it."""


@dataclass(frozen=True, slots=True)
class Act:
    """One call of a tester's that did something to the program, or looked at it."""

    said: str
    at: float
    evidence: tuple[Evidence, ...]


def acts(turns: Sequence[Record]) -> list[Act]:
    """The calls of one attempt that worked, in their order; reading files is none."""
    return [
        Act(words(ended.name, arguments or {}), at, tuple(ended.evidence)) for at, ended, arguments in done_calls(turns)
        if ended.evidence or ended.name.startswith(TOUCHING)
    ]


def words(tool: str, given: Mapping[str, Any]) -> str:
    """What a call does, in words."""
    def part(name: str) -> str:
        return brief(given.get(name))

    match tool:
        case "start_service" | "stop_service":
            return f"{'Start' if tool == 'start_service' else 'Stop'} the service {part('name')}"
        case "run_command":
            return f"Run `{part('command')}`"
        case "http_request":
            sent = f", sending {part('body')}" if given.get("body") else ""
            return f"{part('method')} {part('url')}{sent}"
        case "browser_open":
            size = f" at {part('size')} size" if given.get("size") else ""
            whose = f" as {part('user')}" if given.get("user") else ""
            return f"Open {part('url')}{size}{whose}"
        case "browser_act":
            value = f": {part('value')}" if given.get("value") else ""
            return f"{part('action').capitalize()} {part('target')}{value}".rstrip()
        case "browser_look" | "terminal_look":
            return f"Look at the {part('what') or 'screen'}"
        case "terminal_open":
            return f"Run `{part('command')}` in a terminal"
        case "terminal_send":
            return f"Press and type {', '.join(brief(k) for k in given.get('keys', []))}"
        case "command_output":
            return f"Read what {part('id')} printed"
        case _:
            arguments = ", ".join(f"{k} {brief(v)}" for k, v in given.items() if v is not None and k != "assertion")
            return f"{tool.replace('_', ' ').capitalize()} {arguments}".rstrip()


def brief(value: Any) -> str:
    """A value on one line, cut where it is long."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    line = " ".join(text.split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN - 1]}…"
