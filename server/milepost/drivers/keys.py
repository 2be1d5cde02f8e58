"""Names of keys and the bytes a terminal sends for them."""

import re
from collections.abc import Sequence

from milepost.domain.errors import ToolError

_PLAIN = {
    "Enter": "\r", "Tab": "\t", "Shift-Tab": "\x1b[Z", "Escape": "\x1b", "Esc": "\x1b", "Backspace": "\x7f",
    "Space": " ", "Insert": "\x1b[2~", "Delete": "\x1b[3~", "PageUp": "\x1b[5~", "PageDown": "\x1b[6~",
    "F1": "\x1bOP", "F2": "\x1bOQ", "F3": "\x1bOR", "F4": "\x1bOS", "F5": "\x1b[15~", "F6": "\x1b[17~",
    "F7": "\x1b[18~", "F8": "\x1b[19~", "F9": "\x1b[20~", "F10": "\x1b[21~", "F11": "\x1b[23~", "F12": "\x1b[24~",
}
_CURSOR = {"Up": "A", "Down": "B", "Right": "C", "Left": "D", "Home": "H", "End": "F"}
_MODIFIERS = {"Shift": 2, "Alt": 3, "Ctrl": 5}
_CHORD = re.compile(r"^(Ctrl|Alt|Shift)-(.+)$")
LITERAL = "text:"
"""Begins an element that is typed as it stands, even where it names a key."""


def encode(keys: Sequence[str], *, application: bool = False) -> bytes:
    """The bytes for a sequence of key names and texts, in order.

    `Enter`, `Up`, `Ctrl-C`, `Alt-x`, `F5` are keys; `text:Enter` and everything else is typed as it stands.
    `application` is whether the program asked for application cursor keys.

    Raises ToolError for a chord with a key that there is none of.
    """
    return "".join(_one(key, application) for key in keys).encode()


def _one(key: str, application: bool) -> str:
    if key.startswith(LITERAL):
        return key.removeprefix(LITERAL)
    if key in _PLAIN:
        return _PLAIN[key]
    if key in _CURSOR:
        return f"\x1b{'O' if application else '['}{_CURSOR[key]}"
    chord = _CHORD.match(key)
    return _chord(key, chord[1], chord[2]) if chord else key


def _chord(key: str, modifier: str, rest: str) -> str:
    if rest in _CURSOR:
        return f"\x1b[1;{_MODIFIERS[modifier]}{_CURSOR[rest]}"
    if modifier == "Alt" and (len(rest) == 1 or rest in _PLAIN):
        return f"\x1b{_PLAIN.get(rest, rest)}"
    if modifier == "Ctrl" and len(rest) == 1 and ((rest.isascii() and rest.isalpha()) or rest in "@[\\]^_"):
        return chr(ord(rest.upper()) & 0x1F)
    if modifier == "Ctrl" and rest == "Space":
        return "\0"
    raise ToolError(
        f"there is no key {key!r}; expected a name such as Enter, Up, Ctrl-C, Alt-x or F5, "
        f"or {LITERAL + key!r} to type it"
    )
