"""Moves in a browser as Playwright's own calls; what cannot be said so is left to our own driver."""

import json
import re
from typing import Any

from milepost.scripts.script import Move

_TARGET = re.compile(r"([a-z]+)(?:\s+(\"(?:[^\"\\]|\\.)*\"|'[^']*'))?(?:\s+#(\d+))?")
_NUMBER = re.compile(r"e\d+")
_BY = {"text": "get_by_text", "label": "get_by_label", "placeholder": "get_by_placeholder"}
_PLAIN = {"click": "click", "double_click": "dblclick", "hover": "hover", "clear": "clear", "check": "check",
          "uncheck": "uncheck"}
_VALUED = {"fill": "fill", "press": "press", "type": "press_sequentially"}
_ALONE = {"back": "page.go_back()", "forward": "page.go_forward()", "reload": "page.reload()"}
_LOOKS = frozenset({"snapshot", "screenshot", "console"})


def can_say(move: Move) -> bool:
    """Whether Playwright alone can make a move."""
    given = {name: value for name, value in move.arguments.items() if value and name != "assertion"}
    match move.tool:
        case "browser_open":
            return set(given) == {"url"} and move.outcome.startswith("status ")
        case "browser_look":
            return set(given) <= {"what", "full_page"} and given.get("what") in _LOOKS
        case "browser_act":
            return set(given) <= {"action", "target", "value"} and deed(move.arguments) is not None
        case _:
            return False


def said(move: Move, literal: Any) -> list[str]:
    """A move in Playwright's words, and what must be seen of it; `literal` writes a value."""
    arguments = move.arguments
    if move.tool == "browser_open":
        code = move.outcome.removeprefix("status ")
        lines = [f"answer = page.goto(program.address({literal(arguments['url'])}))",
                 f"assert answer is not None and answer.status == {code}"]
    elif move.tool == "browser_act":
        lines = [str(deed(arguments))]
    elif arguments.get("what") == "console":
        # The words of a console are our driver's; that nothing went wrong is the page's.
        return [f"assert not program.errors, {f'{chr(44).join(move.cites)}: errors in the console'!r}"]
    else:
        lines = []
    return [*lines, *(f"program.sees(page, {a!r}, {w!r})" for a, words in move.shows.items() for w in words)]


def deed(arguments: dict[str, Any]) -> str | None:
    """One action; None where it is not one of the usual."""
    action, target, value = (arguments.get(name) for name in ("action", "target", "value"))
    if not target:
        return f"page.keyboard.press({value!r})" if action == "press" and value else _ALONE.get(str(action))
    element = locator(str(target))
    if element is None:
        return None
    if action in _PLAIN:
        return f"{element}.{_PLAIN[action]}()"
    if action in _VALUED and value is not None:
        return f"{element}.{_VALUED[action]}({value!r})"
    return f"{element}.select_option(label={value!r})" if action == "select" and value and "\n" not in value else None


def locator(target: str) -> str | None:
    """What a person calls an element, as a locator; None for a snapshot's number."""
    parts = _TARGET.fullmatch(target.strip())
    if parts is None or _NUMBER.fullmatch(target.strip()):
        return None
    name = unquoted(parts[2]) if parts[2] else None
    nth = f".nth({int(parts[3]) - 1})" if parts[3] else ""
    if parts[1] == "testid":
        return f"page.get_by_test_id({name!r}){nth}"
    if parts[1] in _BY:
        return f"page.{_BY[parts[1]]}({name!r}, exact=True){nth}"
    called = f", name={name!r}, exact=True" if name is not None else ""
    return f"page.get_by_role({parts[1]!r}{called}){nth}"


def unquoted(quoted: str) -> str:
    """The name between quotes."""
    try:
        return quoted[1:-1] if quoted.startswith("'") else str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
