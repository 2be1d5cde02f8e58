"""Mouse, paste and window: what a program is told of them, in the way it asked for."""

import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.gestures import Keys, Mouse, Paste, Resize, gestures, moused, pasted
from milepost.drivers.notebook import Notebook
from milepost.drivers.screen import Screen
from milepost.drivers.terminal import Terminal
from milepost.workspace.cell import Cell

PAINT = '''
import curses


def main(window):
    curses.mousemask(curses.ALL_MOUSE_EVENTS | curses.REPORT_MOUSE_POSITION)
    curses.mouseinterval(0)
    line = 0
    window.addstr(0, 0, "ready")
    while True:
        key = window.getch()
        if key == curses.KEY_MOUSE:
            _, x, y, _, state = curses.getmouse()
            names = {curses.BUTTON1_CLICKED: "click", curses.BUTTON3_CLICKED: "right", curses.BUTTON4_PRESSED: "wheel"}
            line += 1
            window.addstr(line, 0, f"{names.get(state, state)} at {y + 1},{x + 1}")
        elif key == curses.KEY_RESIZE:
            curses.update_lines_cols()
            window.addstr(0, 0, f"now {curses.LINES}x{curses.COLS}")
        elif key == ord("q"):
            return
        window.refresh()


curses.wrapper(main)
'''
EDITOR = '''
import os, sys, tty

tty.setraw(0)
os.write(1, b"\\x1b[?2004hready\\r\\n")
seen = b""
while not seen.endswith(b"!"):
    seen += os.read(0, 1000)
os.write(1, repr(seen).encode() + b"\\r\\n")
'''


@pytest.fixture
async def terminal(cell: Cell, notebook: Notebook) -> AsyncIterator[Terminal]:
    opened = Terminal(cell, notebook)
    yield opened
    await opened.close()


def screen(modes: bytes = b"") -> Screen:
    made = Screen(40, 300, lambda answer: None)
    made.feed(modes)
    return made


def one(element: str) -> Mouse:
    [found] = gestures([element])
    assert isinstance(found, Mouse)
    return found


def test_list_of_elements_is_read_in_order() -> None:
    elements = ["a", "Enter", "click:3,10", "Escape", "x", "paste:b\nc", "resize:30x100", "text:click:1,1"]
    assert list(gestures(elements)) == [
        Keys(["a", "Enter"]), Mouse(0, 1, (3, 10), (3, 10)), Keys(["Escape"]), Keys(["x"]), Paste("b\nc"),
        Resize(30, 100), Keys(["text:click:1,1"]),
    ]


@pytest.mark.parametrize("element", ["click:here", "click:3", "wheel-up:", "drag:1,1", "resize:30", "resize:-1x5"])
def test_gesture_that_cannot_be_meant_is_refused_with_an_example(element: str) -> None:
    with pytest.raises(ToolError, match=rf"'{element}' cannot be done; expected .* such as .*'text:{element}'"):
        list(gestures([element]))


@pytest.mark.parametrize(
    ("modes", "element", "sent"),
    [
        (b"\x1b[?1000h\x1b[?1006h", "click:3,10", b"\x1b[<0;10;3M\x1b[<0;10;3m"),
        (b"\x1b[?1000h\x1b[?1006h", "right-click:3,300", b"\x1b[<2;300;3M\x1b[<2;300;3m"),
        (b"\x1b[?1000h\x1b[?1006h", "wheel-down:1,1", b"\x1b[<65;1;1M"),
        (b"\x1b[?1002h\x1b[?1006h", "drag:1,2-3,4", b"\x1b[<0;2;1M\x1b[<32;4;3M\x1b[<0;4;3m"),
        (b"\x1b[?1000h\x1b[?1006h", "double-click:1,1", b"\x1b[<0;1;1M\x1b[<0;1;1m" * 2),
        (b"\x1b[?1000h", "click:3,10", b"\x1b[M \x2a\x23\x1b[M#\x2a\x23"),
        (b"\x1b[?9h", "click:3,10", b"\x1b[M \x2a\x23"),
        (b"\x1b[?1000h\x1b[?1005h", "middle-click:3,200", "\x1b[M!è#\x1b[M#è#".encode()),
        (b"\x1b[?1003h\x1b[?1015h", "click:3,10", b"\x1b[32;10;3M\x1b[35;10;3M"),
    ],
)
def test_program_is_told_of_the_mouse_as_it_asked(modes: bytes, element: str, sent: bytes) -> None:
    assert moused(one(element), screen(modes)) == sent


@pytest.mark.parametrize(
    ("modes", "element", "told"),
    [
        (b"", "click:1,1", "has not asked for the mouse"),
        (b"\x1b[?1000h\x1b[?1000l", "click:1,1", "has not asked for the mouse"),
        (b"\x1b[?1000h", "click:0,1", "off the screen; expected 1-40,1-300"),
        (b"\x1b[?1000h", "click:41,1", "off the screen"),
        (b"\x1b[?1000h", "click:1,224", "too far away"),
        (b"\x1b[?1000h", "drag:1,1-2,2", "clicks only"),
    ],
)
def test_use_of_the_mouse_that_would_reach_nobody_is_refused(modes: bytes, element: str, told: str) -> None:
    with pytest.raises(ToolError, match=told):
        moused(one(element), screen(modes))


def test_paste_cannot_end_itself_or_press_keys() -> None:
    hostile = Paste("one\ntwo\x1b[201~rm -rf /\r\x03\x1b[A")
    assert pasted(hostile, screen(b"\x1b[?2004h")) == b"\x1b[200~one\rtwo[201~rm -rf /\r[A\x1b[201~"
    assert pasted(hostile, screen()) == b"one\rtwo[201~rm -rf /\r[A"


async def test_full_screen_program_is_used_with_the_mouse_and_resized(terminal: Terminal, tree: Path) -> None:
    (tree / "paint.py").write_text(PAINT)
    opened = await terminal.open(f"{sys.executable} paint.py", rows=20, cols=60, until="ready")
    assert "takes the mouse" in opened.text
    assert "click at 7,12" in (await terminal.send(["click:7,12"])).text
    assert "wheel at 3,4" in (await terminal.send(["wheel-up:3,4"])).text
    assert "right at 2,3" in (await terminal.send(["right-click:2,3"])).text
    assert "now 22x61" in (await terminal.send(["resize:22x61"])).text
    seen = await terminal.send(["resize:12x80", "click:10,70", "q"])
    assert "ended with exit code 0" in seen.text
    with pytest.raises(ToolError, match="cannot be opened"):
        await terminal.send(["resize:9999x1"])


async def test_paste_reaches_a_program_that_asked_for_it_as_one(terminal: Terminal, tree: Path) -> None:
    (tree / "editor.py").write_text(EDITOR)
    await terminal.open(f"{sys.executable} editor.py", until="ready")
    seen = await terminal.send(["paste:two\nlines", "!"])
    assert r"b'\x1b[200~two\rlines\x1b[201~!'" in seen.text


async def test_escape_is_a_key_of_its_own(terminal: Terminal, tree: Path) -> None:
    (tree / "keys.py").write_text("import os, tty\ntty.setraw(0)\nprint('ready', end='\\r\\n', flush=True)\n"
                                  "while (b := os.read(0, 99)) != b'q': print(b, end='\\r\\n', flush=True)\n")
    await terminal.open(f"{sys.executable} keys.py", until="ready")
    seen = await terminal.send(["Escape", "x", "Alt-x", "q"])
    assert "b'\\x1b'\nb'x" in seen.text
