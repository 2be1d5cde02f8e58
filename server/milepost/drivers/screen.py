"""A terminal's screen: pyte, mended where programs of today speak past it."""

import copy
import inspect
import re
from collections.abc import Callable
from typing import Any

import pyte

ALTERNATE = frozenset({47, 1047, 1049})
APPLICATION_CURSOR = 1 << 5
"""pyte keeps private modes shifted by five: this is mode ?1."""

_PARTIAL = re.compile(rb"\x1b(?:\[[0-9;:?<>=!$ ]*|[P_^X][^\x1b]*\x1b?)?$")
_STRINGS = re.compile(rb"\x1b[P_^X].*?\x1b\\", re.S)
"""Device control and application strings: questions and pictures, never text for the screen."""
_FOREIGN = re.compile(rb"\x1b\[[<>=!][0-9;:]*[ $]?[@-~]")
"""Sequences of xterm and kitty that pyte would read as others."""
_COLON_SGR = re.compile(rb"\x1b\[([0-9;:]*:[0-9;:]*)m")
_RGB = re.compile(rb"([34]8):2:[0-9]*:([0-9]+):([0-9]+):([0-9]+)")
_HELD_BYTES = 4_096

_NAMES = {"brown": "yellow"}


class _Events:
    """Hands a parser's events on, without the parameters that pyte's methods have no place for."""

    def __init__(self, screen: pyte.Screen) -> None:
        self._screen = screen

    def __getattr__(self, name: str) -> Any:
        handler = getattr(self._screen, name)
        return _tolerant(handler) if name in pyte.Stream.csi.values() else handler


class _Screen(pyte.Screen):
    """Adds the alternate screen, and an outlet for what the terminal answers."""

    def __init__(self, columns: int, lines: int, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        self._main: tuple[dict[int, Any], Any] | None = None
        super().__init__(columns, lines)

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        super().set_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE & set(modes) and self._main is None:
            self._main = (copy.deepcopy(dict(self.buffer)), copy.copy(self.cursor))
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE & set(modes) and self._main is not None:
            lines, cursor = self._main
            self._main = None
            self.buffer.clear()
            self.buffer.update(lines)
            self.cursor = cursor
            self.ensure_hbounds()
            self.ensure_vbounds()


class Screen:
    """What a terminal shows: fed with a program's bytes, looked at as text or as coloured stretches."""

    def __init__(self, rows: int, cols: int, answer: Callable[[bytes], None]) -> None:
        self._screen = _Screen(cols, rows, answer)
        self._stream = pyte.ByteStream(strict=False)
        # The stream asks nothing of its listener but the events it dispatches.
        self._stream.attach(_Events(self._screen))  # type: ignore[arg-type]
        self._held = b""

    @property
    def application_cursor(self) -> bool:
        """Whether the program asked for application cursor keys."""
        return APPLICATION_CURSOR in self._screen.mode

    def feed(self, data: bytes) -> None:
        """Takes what the program wrote; a sequence that is not whole yet waits for its rest."""
        data = self._held + data
        partial = _PARTIAL.search(data, max(0, len(data) - _HELD_BYTES))
        cut = partial.start() if partial else len(data)
        self._held = data[cut:]
        self._stream.feed(_mended(data[:cut]))

    def resize(self, rows: int, cols: int) -> None:
        """Changes the size; the text that still fits stays."""
        self._screen.resize(rows, cols)

    def text(self) -> str:
        """The rows without trailing blanks, and without the empty ones at the end."""
        return "\n".join(row.rstrip() for row in self._screen.display).rstrip("\n")

    def colors(self) -> str:
        """Every stretch of text that is not plain, as `row:column 'text' attributes`; rows and columns count from 1."""
        lines = []
        for row in range(self._screen.lines):
            lines += self._stretches(row)
        return "\n".join(lines)

    def state(self) -> str:
        """Cursor, size and title in a line."""
        cursor = self._screen.cursor
        column = min(cursor.x, self._screen.columns - 1) + 1
        where = "hidden" if cursor.hidden else f"row {cursor.y + 1}, column {column}"
        title = f", title {self._screen.title!r}" if self._screen.title else ""
        alternate = ", alternate screen" if self._screen._main is not None else ""
        return f"{self._screen.lines}x{self._screen.columns}, cursor {where}{alternate}{title}"

    def _stretches(self, row: int) -> list[str]:
        found: list[tuple[int, str, str]] = []
        cells = self._screen.buffer[row]
        for column in range(self._screen.columns):
            cell = cells[column]
            look = _look(cell)
            if found and found[-1][2] == look and found[-1][0] + len(found[-1][1]) == column:
                start, text, _ = found.pop()
                found.append((start, text + (cell.data or " "), look))
            elif look:
                found.append((column, cell.data or " ", look))
        return [f"{row + 1}:{start + 1} {text!r} {look}" for start, text, look in found]


def _tolerant(handler: Callable[..., None]) -> Callable[..., None]:
    parameters = inspect.signature(handler).parameters.values()
    takes_private = any(p.name == "private" or p.kind is p.VAR_KEYWORD for p in parameters)
    variadic = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    most = sum(1 for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD and p.name != "private")

    def handle(*params: int, private: bool = False) -> None:
        fitting = params if variadic else params[:most]
        if not private:
            handler(*fitting)
        elif takes_private:
            handler(*fitting, private=True)

    return handle


def _mended(data: bytes) -> bytes:
    if b"\x1b" not in data:
        return data
    data = _FOREIGN.sub(b"", _STRINGS.sub(b"", data))
    return _COLON_SGR.sub(_without_colons, data)


def _without_colons(match: re.Match[bytes]) -> bytes:
    body = _RGB.sub(rb"\1;2;\2;\3;\4", match[1])
    parts = []
    for part in body.split(b";"):
        head = part.partition(b":")[0]
        parts.append(part.replace(b":", b";") if head in (b"38", b"48") else b"24" if part == b"4:0" else head)
    return b"\x1b[" + b";".join(parts) + b"m"


def _look(cell: Any) -> str:
    words = [f"fg={_NAMES.get(cell.fg, cell.fg)}"] if cell.fg != "default" else []
    words += [f"bg={_NAMES.get(cell.bg, cell.bg)}"] if cell.bg != "default" else []
    styles = {"bold": cell.bold, "italics": cell.italics, "underscore": cell.underscore, "blink": cell.blink,
              "strikethrough": cell.strikethrough, "reverse": cell.reverse}
    return " ".join(words + [name for name, on in styles.items() if on])
