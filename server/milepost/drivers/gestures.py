"""What a person does at a terminal beside pressing keys: the mouse, pasting, pulling at the window."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from milepost.domain.errors import ToolError
from milepost.drivers.keys import LITERAL
from milepost.drivers.screen import Encoding, Screen

_CLICKS = {"click": (0, 1), "double-click": (0, 2), "right-click": (2, 1), "middle-click": (1, 1),
           "wheel-up": (64, 1), "wheel-down": (65, 1)}
"""Button and how often."""
_WHEEL, _MOVES, _FAR = 64, 32, 223
_GESTURE = re.compile(rf"({'|'.join(_CLICKS)}|drag|paste|resize):(.*)", re.S)
_PLACE = re.compile(r"\s*(\d{1,4})\s*,\s*(\d{1,4})\s*")
_SIZE = re.compile(r"\s*(\d{1,4})\s*x\s*(\d{1,4})\s*")
_PATH = re.compile(r"\s*(\d{1,4})\s*,\s*(\d{1,4})\s*-\s*(\d{1,4})\s*,\s*(\d{1,4})\s*")
_PASTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
X10, CLICKS_ONLY = 9, 1000


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys and texts that are sent at once."""

    keys: list[str]


@dataclass(frozen=True, slots=True)
class Mouse:
    """A button pressed at one place, so many times, and let go there or at another; rows and columns from 1."""

    button: int
    times: int
    start: tuple[int, int]
    end: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paste:
    """A text that comes from elsewhere."""

    text: str


@dataclass(frozen=True, slots=True)
class Resize:
    """A new size of the window."""

    rows: int
    columns: int


Gesture = Keys | Mouse | Paste | Resize


def gestures(elements: Sequence[str]) -> Iterator[Gesture]:
    """What a list of keys, texts and gestures asks for, in order.

    Keys go together, but for Escape: what follows it at once would be read as one key with it.

    Raises ToolError for a gesture that cannot be meant so.
    """
    keys: list[str] = []
    for element in elements:
        found = None if element.startswith(LITERAL) else _GESTURE.fullmatch(element)
        if found is not None:
            if keys:
                yield Keys(keys)
            keys = []
            yield _meant(element, found[1], found[2])
            continue
        keys.append(element)
        if element in ("Escape", "Esc"):
            yield Keys(keys)
            keys = []
    if keys:
        yield Keys(keys)


def _meant(element: str, name: str, rest: str) -> Gesture:
    if name == "paste":
        return Paste(rest)
    if name == "resize":
        size = _SIZE.fullmatch(rest)
        if size:
            return Resize(int(size[1]), int(size[2]))
        expected = "resize:ROWSxCOLUMNS, such as resize:30x100"
    elif name == "drag":
        path = _PATH.fullmatch(rest)
        if path:
            return Mouse(0, 1, (int(path[1]), int(path[2])), (int(path[3]), int(path[4])))
        expected = "drag:ROW,COLUMN-ROW,COLUMN, such as drag:2,5-2,20"
    else:
        place = _PLACE.fullmatch(rest)
        if place:
            where = (int(place[1]), int(place[2]))
            return Mouse(*_CLICKS[name], where, where)
        expected = f"{name}:ROW,COLUMN, such as {name}:3,10"
    raise ToolError(f"{element!r} cannot be done; expected {expected}, or {LITERAL + element!r} to type it")


def pasted(paste: Paste, screen: Screen) -> bytes:
    """The bytes of a paste: without controls, as terminals paste it, so that no text can end the paste by itself."""
    text = _PASTED.sub("", paste.text).replace("\r\n", "\n").replace("\n", "\r")
    return f"\x1b[200~{text}\x1b[201~".encode() if screen.takes_paste else text.encode()


def moused(mouse: Mouse, screen: Screen) -> bytes:
    """The bytes of a use of the mouse, as the program asked to be told.

    Raises ToolError where it did not ask, or where the place is off the screen.
    """
    mode = screen.mouse
    if mode is None:
        raise ToolError("the program has not asked for the mouse, so nobody would see a click; use keys")
    for row, column in (mouse.start, mouse.end):
        if not (1 <= row <= screen.rows and 1 <= column <= screen.columns):
            raise ToolError(f"{row},{column} is off the screen; expected 1-{screen.rows},1-{screen.columns}")
    moved = mouse.end != mouse.start
    if moved and mode <= CLICKS_ONLY:
        raise ToolError("the program has asked for clicks only, so nobody would see the mouse being dragged")
    once = [_told(mouse.button, mouse.start, screen.encoding)]
    if moved:
        once.append(_told(mouse.button + _MOVES, mouse.end, screen.encoding))
    if mode != X10 and mouse.button < _WHEEL:
        once.append(_told(mouse.button, mouse.end, screen.encoding, release=True))
    return b"".join(once) * mouse.times


def _told(button: int, place: tuple[int, int], encoding: Encoding, *, release: bool = False) -> bytes:
    row, column = place
    if encoding == "sgr":
        return f"\x1b[<{button};{column};{row}{'m' if release else 'M'}".encode()
    code = 3 if release else button
    if encoding == "urxvt":
        return f"\x1b[{code + 32};{column};{row}M".encode()
    numbers = [code + 32, column + 32, row + 32]
    if encoding == "utf-8":
        return b"\x1b[M" + "".join(map(chr, numbers)).encode()
    if max(row, column) > _FAR:
        raise ToolError(f"{row},{column} is too far away for the way this program asks; expected at most {_FAR}")
    return b"\x1b[M" + bytes(numbers)
