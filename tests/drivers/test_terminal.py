"""Real programs on a real pseudo-terminal."""

import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError
from milepost.drivers.notebook import Notebook
from milepost.drivers.terminal import Terminal
from milepost.workspace.cell import Cell
from tests.drivers.conftest import Shelf

MENU = '''
import curses


def main(window):
    curses.curs_set(0)
    curses.start_color()
    curses.init_pair(1, curses.COLOR_RED, curses.COLOR_BLACK)
    items, chosen = ["apples", "pears", "plums"], 0
    while True:
        window.erase()
        window.box()
        window.addstr(1, 2, "Fruit", curses.color_pair(1) | curses.A_BOLD)
        for row, item in enumerate(items):
            window.addstr(2 + row, 2, item, curses.A_REVERSE if row == chosen else 0)
        window.addstr(5, 2, f"{curses.LINES}x{curses.COLS}")
        window.refresh()
        key = window.getch()
        if key == curses.KEY_DOWN:
            chosen = min(chosen + 1, 2)
        elif key == curses.KEY_RESIZE:
            curses.update_lines_cols()
        elif key in (10, 13):
            return items[chosen]


print("chose", curses.wrapper(main))
raise SystemExit(4)
'''
ASK = "printf 'your name? '; read name; echo hello $name, it is s3cret"


@pytest.fixture
async def terminal(cell: Cell, notebook: Notebook) -> AsyncIterator[Terminal]:
    opened = Terminal(cell, notebook, env={"SHOP": "open"}, redact=lambda text: text.replace("s3cret", "«secret»"))
    yield opened
    await opened.close()


@pytest.fixture
def menu(tree: Path) -> str:
    (tree / "menu.py").write_text(MENU)
    return f"{sys.executable} menu.py"


async def test_full_screen_program_is_used_with_keys(terminal: Terminal, menu: str, shelf: Shelf) -> None:
    first = await terminal.open(menu, rows=8, cols=30, assertion="SHOP-001")
    assert "│ apples" in first.text
    assert "┌────" in first.text
    assert "8x30, cursor hidden, alternate screen, running" in first.text
    colors = await terminal.look("colors")
    assert "2:3 'Fruit' fg=red bg=black bold" in colors.text
    assert "3:3 'apples' fg=white bg=black reverse" in colors.text
    await terminal.send(["Down", "Down", "Up", "Down"])
    assert "5:3 'plums' fg=white bg=black reverse" in (await terminal.look("colors")).text
    last = await terminal.send(["Enter"])
    assert "chose plums" in last.text
    assert "ended with exit code 4" in last.text
    assert "Fruit" not in last.text
    [evidence] = first.evidence
    assert (evidence.kind, evidence.id, evidence.assertion) == ("screen", "E1", "SHOP-001")
    assert "$ " + menu in shelf[evidence.blob].decode()
    assert [e.id for e in last.evidence] == ["E5"]


async def test_program_sees_the_new_size(terminal: Terminal, menu: str) -> None:
    await terminal.open(menu, rows=8, cols=30)
    assert "10x44" in (await terminal.resize(10, 44)).text


async def test_line_program_is_answered_and_secrets_are_masked(terminal: Terminal, shelf: Shelf) -> None:
    assert "your name?" in (await terminal.open(ASK)).text
    seen = await terminal.send(["Ada", "Enter"])
    assert "hello Ada, it is «secret»" in seen.text
    assert "s3cret" not in shelf[seen.evidence[0].blob].decode()


async def test_program_has_the_services_variables_and_a_terminal(terminal: Terminal) -> None:
    seen = await terminal.open("test -t 0 && test -t 1 && echo $SHOP $TERM; stty size", rows=20, cols=70)
    assert "open xterm-256color\n20 70" in seen.text


async def test_S_no_secret_of_ours_is_in_its_environment(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1234")
    assert "sk-1234" not in (await terminal.open("env")).text


async def test_interrupt_reaches_the_program(terminal: Terminal) -> None:
    await terminal.open("echo started; exec sleep 60")
    assert "ended by SIGINT" in (await terminal.send(["Ctrl-C"])).text


async def test_text_is_waited_for_however_long_the_program_is_silent_before_it(terminal: Terminal) -> None:
    await terminal.open("read line; sleep 1.4; echo answered $line; read end")
    assert "answered me" not in (await terminal.send(["me", "Enter"])).text
    assert "answered me" in (await terminal.look(until="answered me")).text
    opened = await terminal.open("sleep 1.4; echo ready; read end", until="ready")
    assert "ready" in opened.text and "did not appear" not in opened.text


async def test_text_that_cannot_come_any_more_is_not_waited_for(terminal: Terminal) -> None:
    seen = await terminal.open("echo done", until="never")
    assert "ended with exit code 0" in seen.text and "'never' did not appear" in seen.text


async def test_program_that_ended_takes_no_keys(terminal: Terminal) -> None:
    await terminal.open("echo done")
    with pytest.raises(ToolError, match="'echo done' ended with exit code 0; open it again"):
        await terminal.send(["x"])
    assert "done" in (await terminal.look()).text
    assert "12x34" in (await terminal.resize(12, 34)).text


async def test_program_that_was_killed_meanwhile_is_told(terminal: Terminal) -> None:
    seen = await terminal.open("echo pid $$; exec sleep 60")
    os.kill(int(seen.text.partition("pid ")[2].split()[0]), signal.SIGKILL)
    assert "ended by SIGKILL" in (await terminal.send(["x"])).text


async def test_question_of_the_program_is_answered_by_the_terminal(terminal: Terminal) -> None:
    ask = "stty raw -echo; printf 'ab\\033[6n'; head -c 6 | od -An -c; stty sane"
    assert "033   [   1   ;   3   R" in (await terminal.open(ask)).text


async def test_nothing_can_be_seen_before_a_program_is_open(terminal: Terminal) -> None:
    with pytest.raises(ToolError, match="no program is open"):
        await terminal.look()


@pytest.mark.parametrize(("rows", "cols"), [(0, 80), (24, 0), (500, 80), (24, 1_000)])
async def test_size_that_no_terminal_has_is_refused(rows: int, cols: int, terminal: Terminal) -> None:
    with pytest.raises(ToolError, match=f"a terminal of {rows}x{cols} cannot be opened"):
        await terminal.open("true", rows=rows, cols=cols)


async def test_screen_that_never_settles_is_shown_as_it_is(cell: Cell, notebook: Notebook) -> None:
    terminal = Terminal(cell, notebook, settle_s=0.4)
    try:
        seen = await terminal.open("while :; do echo again; done")
        assert "again" in seen.text
        assert "running, still drawing" in seen.text
    finally:
        await terminal.close()


async def test_program_that_says_nothing_is_not_waited_for_long(cell: Cell, notebook: Notebook) -> None:
    terminal = Terminal(cell, notebook, first_s=0.2)
    try:
        seen = await terminal.open("exec sleep 60")
        assert "running" in seen.text
        assert "still drawing" not in seen.text
    finally:
        await terminal.close()


async def test_program_that_takes_no_keys_is_not_waited_for(cell: Cell, notebook: Notebook) -> None:
    terminal = Terminal(cell, notebook, settle_s=0.5)
    try:
        await terminal.open("stty raw -echo; echo ready; exec sleep 60")
        with pytest.raises(ToolError, match="took no keys"):
            await terminal.send(["x" * 200_000])
    finally:
        await terminal.close()


async def test_much_is_typed_into_a_program_that_echoes(terminal: Terminal) -> None:
    await terminal.open("stty raw -echo; echo ready; head -c 30000 | wc -c")
    assert "30000" in (await terminal.send(["x" * 30_000])).text


async def test_closing_leaves_no_process_behind(terminal: Terminal) -> None:
    seen = await terminal.open("trap '' HUP TERM INT; echo pid $$; while :; do sleep 1; done")
    pid = int(seen.text.partition("pid ")[2].split()[0])
    await terminal.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await terminal.close()


async def test_opening_another_program_closes_the_first(terminal: Terminal) -> None:
    seen = await terminal.open("echo pid $$; exec sleep 60")
    pid = int(seen.text.partition("pid ")[2].split()[0])
    assert "second" in (await terminal.open("echo second")).text
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
