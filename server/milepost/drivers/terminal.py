"""Uses a terminal program as a person would: a real pseudo-terminal, keys, and the screen once it has settled."""

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from typing import Literal

from ptyprocess import PtyProcess

from milepost.domain.errors import ToolError
from milepost.drivers import picture
from milepost.drivers.gestures import Gesture, Keys, Mouse, Resize, gestures, moused, pasted
from milepost.drivers.keys import encode
from milepost.drivers.notebook import Notebook, Redact, Seen
from milepost.drivers.screen import Screen
from milepost.workspace.cell import Cell

QUIET_S = 0.15
"""A screen that did not change for so long has settled."""
SETTLE_S = 5.0
"""A screen that never settles is looked at after so long."""
FIRST_S = 2.0
"""How long a program may take to show its first sign."""
ANSWER_S = 1.0
"""How long it may take to answer a key or a new size."""
READ_BYTES = 16_384
AWAITED_S = 10.0
"""How long a text that is waited for may take to appear."""
GAP_S = 0.3
"""How long a program may take to react to keys before the next thing is done to it."""
HISTORY_SHOWN = 300
"""Lines that scrolled off which the model is shown, the last ones; all that are kept are recorded."""
What = Literal["text", "colors", "history", "picture"]
MOST_ROWS, MOST_COLUMNS = 200, 400

_ENV = {
    "TERM": "xterm-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor",
    # Line drawing as Unicode, which the screen can show, instead of a shifted alphabet.
    "NCURSES_NO_UTF8_ACS": "1",
    # A person's terminal has colours and is no build machine.
    "NO_COLOR": "", "CI": "",
}


class Terminal:
    """The terminal driver of one attempt: one program at a time, every look recorded."""

    def __init__(
        self, cell: Cell, notebook: Notebook, *, env: Mapping[str, str] | None = None, redact: Redact = str,
        settle_s: float = SETTLE_S, first_s: float = FIRST_S,
    ) -> None:
        self._cell = cell
        self._notebook = notebook
        self._env = dict(env or {})
        self._redact = redact
        self._settle_s = settle_s
        self._first_s = first_s
        self._open: _Running | None = None

    async def open(
        self, command: str, rows: int = 24, cols: int = 80, assertion: str | None = None, *, until: str | None = None
    ) -> Seen:
        """Starts a program in a terminal of that size and shows its first screen; one that was open is closed.

        With `until`, the screen is shown once that text stands on it, or after a while without it.
        """
        await self.close()
        _check_size(rows, cols)
        argv = self._cell.argv(["sh", "-c", command], env={**self._env, **_ENV})
        self._open = _Running(command, argv, rows, cols)
        return await self._glimpse("text", f"{command} opened", assertion, first_s=self._first_s, until=until)

    async def send(self, keys: Sequence[str], assertion: str | None = None, *, until: str | None = None) -> Seen:
        """Presses keys, types texts and makes gestures, in order, and shows what became; `until` as in `open`."""
        running = self._running()
        # All is read before anything is done: half of what was asked for would be worse than none.
        for n, gesture in enumerate(list(gestures(keys))):
            if n:
                await running.settle(GAP_S, self._settle_s)
            await self._do(running, gesture)
        title = f"{running.command} after {' '.join(keys)}"
        return await self._glimpse("text", title, assertion, first_s=ANSWER_S, until=until)

    async def look(
        self, what: What = "text", assertion: str | None = None, *, until: str | None = None
    ) -> Seen:
        """Shows the screen as text, its coloured and styled stretches, what scrolled off, or a picture of it."""
        if what == "picture":
            return await self._picture(assertion, until)
        return await self._glimpse(what, f"{self._running().command}: {what}", assertion, first_s=QUIET_S, until=until)

    async def resize(self, rows: int, cols: int, assertion: str | None = None) -> Seen:
        """Changes the size of the terminal, as a person pulling at the window would."""
        return await self.send([f"resize:{rows}x{cols}"], assertion)

    async def close(self) -> None:
        """Ends the program, if one is open."""
        if self._open is not None:
            running, self._open = self._open, None
            await running.close()

    def _running(self) -> "_Running":
        if self._open is None:
            raise ToolError("no program is open; open one first")
        return self._open

    async def _do(self, running: "_Running", gesture: Gesture) -> None:
        screen = running.screen
        if isinstance(gesture, Resize):
            _check_size(gesture.rows, gesture.columns)
            running.resize(gesture.rows, gesture.columns)
            return
        if running.ended:
            raise ToolError(f"{running.command!r} {running.ending()}; open it again to send it keys")
        if isinstance(gesture, Keys):
            data = encode(gesture.keys, application=screen.application_cursor)
        else:
            data = moused(gesture, screen) if isinstance(gesture, Mouse) else pasted(gesture, screen)
        await running.write(data, self._settle_s)

    async def _picture(self, assertion: str | None, until: str | None) -> Seen:
        """The screen drawn, and its text beside it: a record that everybody can read."""
        running = self._running()
        seen = await self._glimpse("text", f"{running.command}: picture", assertion, first_s=QUIET_S, until=until)
        data = await asyncio.to_thread(picture.png, running.screen, self._redact)
        title = self._redact(f"{running.command} as a picture")
        drawn = self._notebook.add("screenshot", data, title, assertion)
        return Seen(f"[{drawn.id}] the picture\n{seen.text}", (*seen.evidence, drawn))

    async def _glimpse(
        self, what: What, title: str, assertion: str | None, *, first_s: float, until: str | None = None
    ) -> Seen:
        running = self._running()
        settled = await running.settle(first_s, self._settle_s)
        missing = until if until and not await running.shows(until, AWAITED_S) else ""
        screen = running.screen
        waited = f", {missing!r} did not appear within {AWAITED_S:g} s" if missing else ""
        state = f"{screen.state()}, {running.ending()}{'' if settled else ', still drawing'}{waited}"
        above = screen.history() if what == "history" else []
        looks = {"colors": screen.colors(), "history": "\n".join(above[-HISTORY_SHOWN:])}
        body = self._redact(f"{looks.get(what, screen.text())}\n[{state}]")
        scrolled = "".join(f"{line}\n" for line in ("", "scrolled off:", *above)) if above else ""
        record = self._redact(f"$ {running.command}\n[{state}]\n{screen.text()}\n\n{looks['colors']}\n{scrolled}")
        evidence = self._notebook.add("screen", record.encode(), self._redact(title), assertion)
        return Seen(f"[{evidence.id}]\n{body}", (evidence,))


class _Running:
    """One program on its pseudo-terminal; it is read only while somebody waits for the screen to settle."""

    def __init__(self, command: str, argv: Sequence[str], rows: int, cols: int) -> None:
        self.command = command
        self.ended = False
        self.screen = Screen(rows, cols, self._answer)
        environment = {"PATH": os.environ.get("PATH", os.defpath), **_ENV}
        self._process = PtyProcess.spawn(list(argv), env=environment, dimensions=(rows, cols))
        self._descriptor: int = self._process.fd
        os.set_blocking(self._descriptor, False)
        self._stirred = asyncio.Event()

    async def settle(self, first_s: float, limit_s: float) -> bool:
        """Reads until nothing came for a moment; False where the program went on drawing to the limit."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        loop.add_reader(self._descriptor, self._read)
        patience = first_s
        try:
            while not self.ended and (left := until - loop.time()) > 0:
                self._stirred.clear()
                try:
                    async with asyncio.timeout(min(patience, left)):
                        await self._stirred.wait()
                except TimeoutError:
                    return left > patience
                patience = QUIET_S
            return self.ended
        finally:
            loop.remove_reader(self._descriptor)
            if self.ended:
                await self._reap()

    async def shows(self, text: str, limit_s: float) -> bool:
        """Reads until a text stands on the screen and that has settled; False where it did not come in time."""
        loop = asyncio.get_running_loop()
        until = loop.time() + limit_s
        while text not in self.screen.text() and not self.ended and (left := until - loop.time()) > 0:
            await self.settle(min(ANSWER_S, left), left)
        return text in self.screen.text()

    async def write(self, data: bytes, limit_s: float) -> None:
        """Sends bytes to the program, reading meanwhile, since it may not read before it has written."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._descriptor, self._read)
        try:
            async with asyncio.timeout(limit_s):
                while data and not self.ended:
                    try:
                        data = data[os.write(self._descriptor, data):]
                    except BlockingIOError:
                        await self._writable()
        except TimeoutError as error:
            raise ToolError(
                f"{self.command!r} took no keys for {limit_s:g} s; {len(data)} bytes were not sent"
            ) from error
        except OSError:
            # The program ended under our hands; the screen will say so.
            self.ended = True
        finally:
            loop.remove_reader(self._descriptor)

    def resize(self, rows: int, cols: int) -> None:
        """Tells program and screen the new size."""
        self.screen.resize(rows, cols)
        if not self.ended:
            self._process.setwinsize(rows, cols)

    def ending(self) -> str:
        """Whether it still runs, and how it ended."""
        if not self.ended:
            return "running"
        if self._process.signalstatus is not None:
            return f"ended by {signal.Signals(self._process.signalstatus).name}"
        return "ended" if self._process.exitstatus is None else f"ended with exit code {self._process.exitstatus}"

    async def close(self) -> None:
        """Hangs up, kills what does not listen, and leaves no process behind."""
        if self._process.isalive():
            os.killpg(self._process.pid, signal.SIGHUP)
            if not await self._reap():
                os.killpg(self._process.pid, signal.SIGKILL)
                await asyncio.to_thread(self._process.wait)
        self.ended = True
        self._process.fileobj.close()
        self._process.closed = True

    async def _reap(self) -> bool:
        """Waits a moment for the process to be gone; a closed terminal and a dead process are two events."""
        for _ in range(100):
            if not self._process.isalive():
                return True
            await asyncio.sleep(0.005)
        return False

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        free = asyncio.Event()
        loop.add_writer(self._descriptor, free.set)
        try:
            await free.wait()
        finally:
            loop.remove_writer(self._descriptor)

    def _read(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.screen.feed(data)
        else:
            self.ended = True
            asyncio.get_running_loop().remove_reader(self._descriptor)
        self._stirred.set()

    def _answer(self, data: bytes) -> None:
        # What a terminal answers is a few bytes; a program that does not read them does not miss them.
        try:
            os.write(self._descriptor, data)
        except OSError:
            return


def _check_size(rows: int, cols: int) -> None:
    if not (1 <= rows <= MOST_ROWS and 1 <= cols <= MOST_COLUMNS):
        raise ToolError(
            f"a terminal of {rows}x{cols} cannot be opened; expected 1-{MOST_ROWS} rows and 1-{MOST_COLUMNS} columns"
        )
