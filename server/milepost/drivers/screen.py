"""A terminal's screen: pyte, mended where programs of today speak past it, and where a hostile one would break it."""

import copy
import inspect
import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import pyte
from wcwidth import wcwidth

from milepost.drivers.escapes import Sieve

ALTERNATE = frozenset({47, 1047, 1049})
PRIVATE = 5
"""pyte keeps private modes shifted by five."""
APPLICATION_CURSOR, MOUSE_MODES, PASTE = 1, (1003, 1002, 1000, 9), 2004
COLUMNS_132 = 3
"""No program decides how large our window is, as none does in an xterm."""
HISTORY_LINES = 1_000
_MARKS = 6
"""Accents that are kept on one character."""
_SAVED = 16

_NAMES = {"brown": "yellow", "brightbrown": "brightyellow", "bfightmagenta": "brightmagenta"}
Encoding = Literal["plain", "utf-8", "urxvt", "sgr"]
_ENCODINGS: tuple[tuple[int, Encoding], ...] = ((1006, "sgr"), (1015, "urxvt"), (1005, "utf-8"))


@dataclass(frozen=True, slots=True)
class Glyph:
    """What stands in one or two columns, and how it looks; columns count from 0."""

    column: int
    text: str
    width: int
    fg: str
    bg: str
    styles: tuple[str, ...]

    def __str__(self) -> str:
        words = [f"fg={self.fg}"] if self.fg != "default" else []
        words += [f"bg={self.bg}"] if self.bg != "default" else []
        return " ".join([*words, *self.styles])


class _Events:
    """Hands a parser's events on, without the parameters that pyte's methods have no place for."""

    def __init__(self, screen: pyte.Screen) -> None:
        self._screen = screen

    def __getattr__(self, name: str) -> Any:
        handler = getattr(self._screen, name)
        return _tolerant(handler) if name in pyte.Stream.csi.values() else handler


class _Screen(pyte.Screen):
    """Adds the alternate screen, what scrolled off, and an outlet for what the terminal answers."""

    def __init__(self, columns: int, lines: int, answer: Callable[[bytes], None]) -> None:
        self._answer = answer
        self.main: tuple[dict[int, Any], Any] | None = None
        """The main screen while the alternate one is shown."""
        self.history: deque[Mapping[int, Any]] = deque(maxlen=HISTORY_LINES)
        super().__init__(columns, lines)

    def write_process_input(self, data: str) -> None:
        self._answer(data.encode())

    def report_device_status(self, mode: int) -> None:
        # In origin mode pyte counts from margins, which there need not be.
        if mode == 6 and self.margins is None:
            self.write_process_input(f"\x1b[{self.cursor.y + 1};{min(self.cursor.x, self.columns - 1) + 1}R")
        else:
            super().report_device_status(mode)

    def draw(self, data: str) -> None:
        if data.isascii():
            super().draw(data)
            return
        for character in data:
            width = wcwidth(character)
            if width == 2 and self.cursor.x == self.columns - 1 and pyte.modes.DECAWM in self.mode:
                # Half a character is none: it goes onto the next line.
                self.cursor.x = self.columns
            if width > 0 or (width == 0 and unicodedata.combining(character) and self._takes_mark()):
                super().draw(character)

    def _takes_mark(self) -> bool:
        """Whether the character before the cursor is not yet hidden under accents."""
        if not self.cursor.x:
            return False
        before = self.buffer[self.cursor.y][self.cursor.x - 1]
        if before.data == "" and self.cursor.x > 1:
            # The second half of a wide character: the accent would be lost there.
            return False
        return len(before.data) <= _MARKS

    def index(self) -> None:
        top, bottom = (self.margins.top, self.margins.bottom) if self.margins else (0, self.lines - 1)
        if self.main is None and top == 0 and self.cursor.y == bottom:
            self.history.append(self.buffer[0])
        super().index()

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        if how == 3:
            self.history.clear()
        elif how < 3:
            super().erase_in_display(how, *args, **kwargs)

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        if how < 3:
            super().erase_in_line(how, private)

    def cursor_to_line(self, line: int | None = None) -> None:
        if self.margins is None:
            self.cursor.y = (line or 1) - 1
            self.ensure_vbounds()
        else:
            super().cursor_to_line(line)

    def save_cursor(self) -> None:
        super().save_cursor()
        del self.savepoints[:-_SAVED]

    def reset(self) -> None:
        self.main = None
        super().reset()

    def resize(self, lines: int | None = None, columns: int | None = None) -> None:
        lines, columns = lines or self.lines, columns or self.columns
        if lines < self.lines:
            gone = self._shorten(self.buffer, self.cursor, lines)
            if self.main is None:
                self.history.extend(gone)
            else:
                self.history.extend(self._shorten(*self.main, lines))
        self.lines = lines
        super().resize(lines, columns)
        self.set_margins()
        self.ensure_hbounds()
        self.ensure_vbounds()

    def _shorten(self, buffer: dict[int, Any], cursor: Any, lines: int) -> list[Mapping[int, Any]]:
        """Makes a screen lower: empty lines below the cursor go first, then those at the top, which are returned."""
        off = max(0, cursor.y + 1 - lines)
        gone = [buffer[row] for row in range(off) if row in buffer]
        kept = {row - off: line for row, line in buffer.items() if off <= row < off + lines}
        buffer.clear()
        buffer.update(kept)
        cursor.y -= off
        return gone

    def set_mode(self, *modes: int, **kwargs: Any) -> None:
        modes = _allowed(modes, kwargs)
        super().set_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE & set(modes) and self.main is None:
            self.main = (copy.deepcopy(dict(self.buffer)), copy.copy(self.cursor))
            self.erase_in_display(2)

    def reset_mode(self, *modes: int, **kwargs: Any) -> None:
        modes = _allowed(modes, kwargs)
        super().reset_mode(*modes, **kwargs)
        if kwargs.get("private") and ALTERNATE & set(modes) and self.main is not None:
            lines, cursor = self.main
            self.main = None
            self.buffer.clear()
            self.buffer.update(lines)
            self.cursor = cursor
            self.ensure_hbounds()
            self.ensure_vbounds()


class Screen:
    """What a terminal shows: fed with a program's bytes, looked at as text, as coloured stretches or as glyphs."""

    def __init__(self, rows: int, cols: int, answer: Callable[[bytes], None]) -> None:
        self._screen = _Screen(cols, rows, answer)
        self._sieve = Sieve()
        self._stream = pyte.ByteStream(strict=False)
        # The stream asks nothing of its listener but the events it dispatches.
        self._stream.attach(_Events(self._screen))  # type: ignore[arg-type]

    @property
    def rows(self) -> int:
        """How high it is."""
        return self._screen.lines

    @property
    def columns(self) -> int:
        """How wide it is."""
        return self._screen.columns

    @property
    def cursor(self) -> tuple[int, int] | None:
        """Row and column of the cursor, from 0; None where the program hides it."""
        cursor = self._screen.cursor
        return None if cursor.hidden else (cursor.y, min(cursor.x, self._screen.columns - 1))

    @property
    def application_cursor(self) -> bool:
        """Whether the program asked for application cursor keys."""
        return self._has(APPLICATION_CURSOR)

    @property
    def takes_paste(self) -> bool:
        """Whether the program wants to know what is pasted."""
        return self._has(PASTE)

    @property
    def mouse(self) -> int | None:
        """What the program asked to be told of the mouse: 9, 1000, 1002 or 1003; None for nothing."""
        return next((mode for mode in MOUSE_MODES if self._has(mode)), None)

    @property
    def encoding(self) -> Encoding:
        """How it asked to be told."""
        return next((name for mode, name in _ENCODINGS if self._has(mode)), "plain")

    def feed(self, data: bytes) -> None:
        """Takes what the program wrote; a sequence that is not whole yet waits for its rest."""
        self._stream.feed(self._sieve.sift(data))

    def resize(self, rows: int, cols: int) -> None:
        """Changes the size; the text that still fits stays."""
        self._screen.resize(rows, cols)

    def text(self) -> str:
        """The rows without trailing blanks, and without the empty ones at the end."""
        return "\n".join(self._line(self._screen.buffer[row]) for row in range(self.rows)).rstrip("\n")

    def history(self) -> list[str]:
        """The lines that scrolled off the main screen, the oldest first."""
        return [self._line(line) for line in self._screen.history]

    def colors(self) -> str:
        """Every stretch of text that is not plain, as `row:column 'text' attributes`; rows and columns count from 1."""
        lines = []
        for row in range(self.rows):
            lines += self._stretches(row)
        return "\n".join(lines)

    def glyphs(self, row: int) -> Iterator[Glyph]:
        """What stands in a row, column by column."""
        for column, text, width, cell in _cells(self._screen.buffer[row], self.columns):
            styles = {"bold": cell.bold, "italics": cell.italics, "underscore": cell.underscore, "blink": cell.blink,
                      "strikethrough": cell.strikethrough, "reverse": cell.reverse}
            yield Glyph(
                column, text, width, _NAMES.get(cell.fg, cell.fg), _NAMES.get(cell.bg, cell.bg),
                tuple(name for name, on in styles.items() if on),
            )

    def state(self) -> str:
        """Cursor, size and title in a line."""
        where = f"row {self.cursor[0] + 1}, column {self.cursor[1] + 1}" if self.cursor else "hidden"
        title = f", title {self._sieve.title!r}" if self._sieve.title else ""
        alternate = ", alternate screen" if self._screen.main is not None else ""
        mouse = ", takes the mouse" if self.mouse else ""
        above = f", {len(self._screen.history)} lines above" if self._screen.history else ""
        return f"{self.rows}x{self.columns}, cursor {where}{alternate}{mouse}{above}{title}"

    def _has(self, mode: int) -> bool:
        return mode << PRIVATE in self._screen.mode

    def _line(self, line: Mapping[int, Any]) -> str:
        return "".join(text for _, text, _, _ in _cells(line, self.columns)).rstrip()

    def _stretches(self, row: int) -> list[str]:
        found: list[tuple[int, int, str, str]] = []
        for glyph in self.glyphs(row):
            look = str(glyph)
            after = glyph.column + glyph.width
            if found and found[-1][3] == look and found[-1][1] == glyph.column:
                start, _, text, _ = found.pop()
                found.append((start, after, text + glyph.text, look))
            elif look:
                found.append((glyph.column, after, glyph.text, look))
        return [f"{row + 1}:{start + 1} {text!r} {look}" for start, _, text, look in found]


def _cells(line: Mapping[int, Any], columns: int) -> Iterator[tuple[int, str, int, Any]]:
    """Column, text, width and cell of what can be seen of a line: a wide character that lost a half is a blank."""
    column = 0
    while column < columns:
        cell = line[column]
        wide = not cell.data.isascii() and wcwidth(cell.data[0]) == 2
        if wide and column + 1 < columns and line[column + 1].data == "":
            yield column, cell.data, 2, cell
            column += 2
        else:
            yield column, " " if wide or not cell.data else cell.data, 1, cell
            column += 1


def _allowed(modes: tuple[int, ...], kwargs: dict[str, Any]) -> tuple[int, ...]:
    return tuple(mode for mode in modes if mode != COLUMNS_132 or not kwargs.get("private"))


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
