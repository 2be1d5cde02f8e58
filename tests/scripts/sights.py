"""Observations as drivers record them, and scripts of a few moves."""

import hashlib
import json
from typing import Any

from milepost.domain.receipt import Evidence
from milepost.scripts.observed import Observation, observe
from milepost.scripts.script import Move, Promise, Script

NOON = 1_795_780_800.0
"""2026-11-27 12:00:00 UTC."""


def piece(kind: str, text: str, name: str = "E1") -> tuple[Evidence, bytes]:
    """One piece of evidence with its bytes."""
    data = text.encode()
    blob = hashlib.sha256(data).hexdigest()
    return Evidence.model_validate({"id": name, "kind": kind, "blob": blob, "tree": "t"}), data


def request(status: int, body: Any, *headers: str, at: float = NOON) -> Observation:
    """An answer over HTTP; what is no text is sent as JSON."""
    said = body if isinstance(body, str) else json.dumps(body)
    heads = "".join(f"< {header}\n" for header in headers)
    text = f"> GET http://web/x?secret=1\n> Accept: */*\n\n< {status} Whatever\n{heads}\n{said}\n(12 ms)"
    return observe("ok", "", [piece("request", text)], at)


def command(output: str, code: int = 0, line: str = "show", at: float = NOON, touched: str = "") -> Observation:
    """A command's receipt."""
    text = f"$ {line}\n{output}\n[exit code {code}, 12 ms]\n{touched or 'no file was touched'}\n"
    return observe("ok", "", [piece("receipt", text)], at, line)


def screen(text: str, state: str = "24x80, cursor row 1, column 1, running") -> Observation:
    """A terminal's screen."""
    return observe("ok", "", [piece("screen", f"$ tui\n[{state}]\n{text}\n\n\n")], NOON, "tui")


def script(*moves: Move, **lasts: int) -> Script:
    """A script of these moves; `A_1=2` promises A-001 after the third."""
    promises = [
        Promise(assertion=name.replace("_", "-00"), title=name, surface="http", text_hash="h", last=last)
        for name, last in lasts.items()
    ]
    return Script(flow="tester.M1r1.flow-1.1", tree="t", promises=promises, moves=list(moves))
