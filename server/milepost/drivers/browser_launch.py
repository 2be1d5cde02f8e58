"""Starts a Chromium behind the walls of a cell, driven by Playwright from outside through two inherited pipes."""

import asyncio
import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import tempfile
from collections.abc import Collection
from pathlib import Path

from playwright.async_api import Browser as Window
from playwright.async_api import Error, Playwright, async_playwright

from milepost.domain.errors import WorkspaceError
from milepost.workspace.cell import Cell

START_S = 30.0
CLOSE_S = 5.0
NOWHERE = "http://127.0.0.1:9"
"""A proxy that nobody is: what no service answers leads there, and nowhere else."""
FLAGS = (
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-crash-reporter", "--lang=en-US",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
)
LEFT_OUT = ("--disable-popup-blocking",)
"""Switches of Playwright's that a person's browser does not have: a page opens another only when it was clicked."""
_PREFIX = "milepost-browser-"
# Playwright names a folder of its own for the profile, outside; the one that is used lies behind the walls.
_INSIDE = (
    'program=$1; shift; profile=$(mktemp -d); for word; do shift; '
    'case $word in --user-data-dir=*) word="--user-data-dir=$profile";; esac; set -- "$@" "$word"; done; '
    'exec "$program" "$@"'
)


class Chromium:
    """A running browser, the driver that speaks to it, and the means to be rid of both."""

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._held: int | None = _hold(self._folder, os.O_CREAT | os.O_RDWR)
        self._driver: Playwright | None = None
        self._window: Window | None = None

    @property
    def window(self) -> Window:
        """Playwright's browser."""
        assert self._window is not None, "only a started one is handed out"
        return self._window

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self._window is not None and self._window.is_connected()

    @classmethod
    async def start(cls, cell: Cell, program: Path, ports: Collection[int]) -> "Chromium":
        """Starts the browser; pages reach this machine's own address alone, and without walls only those ports of it.

        Raises:
            WorkspaceError: it does not start; the message holds what it said.
        """
        made = cls()
        try:
            async with asyncio.timeout(START_S):
                await made._start(cell, program, ports)
        except TimeoutError as error:
            raise WorkspaceError(f"the browser {str(program)!r} did not start within {START_S:g} s") from error
        except Error as error:
            raise WorkspaceError(f"the browser {str(program)!r} does not start: {_reason(error.message)}") from error
        finally:
            if not made.alive:
                await made.close()
        return made

    async def _start(self, cell: Cell, program: Path, ports: Collection[int]) -> None:
        self._driver = await async_playwright().start()
        flags = [*FLAGS, f"--proxy-server={NOWHERE}", f"--proxy-bypass-list=<-loopback>;{_reachable(cell, ports)}"]
        self._window = await self._driver.chromium.launch(
            executable_path=self._script(cell, program), args=flags, ignore_default_args=list(LEFT_OUT),
            chromium_sandbox=not (walled(cell) or os.geteuid() == 0), env={"PATH": os.environ.get("PATH", os.defpath)},
            handle_sigint=False, handle_sigterm=False, handle_sighup=False, timeout=START_S * 1000,
        )

    def _script(self, cell: Cell, program: Path) -> Path:
        """The program that Playwright starts: it enters the cell, and keeps the pipes, numbers 3 and 4, open.

        It lies where nothing inside can write.
        """
        # The driver gives it a session of its own: there is no terminal to take away.
        # Chromium refuses to live below a long path, and the cell's own, without walls, lies deep in the state folder.
        env = {} if walled(cell) else {"TMPDIR": str(self._folder)}
        inside = cell.argv(["/bin/sh", "-c", _INSIDE, "browser", str(program)], env=env)
        script, pids = self.script, shlex.quote(str(self._folder / "pids"))
        script.write_text(f'#!/bin/sh\necho $$ $PPID > {pids}\nexec {shlex.join(inside)} "$@"\n')
        script.chmod(0o700)
        return script

    @property
    def script(self) -> Path:
        """What Playwright starts."""
        return self._folder / "browser"

    def pids(self) -> tuple[int, int] | None:
        """The browser, which leads a group of processes, and the driver; None before the browser was started."""
        return _pids(self._folder)

    async def close(self, within_s: float = CLOSE_S) -> None:
        """Ends browser and driver, by force where they do not listen."""
        window, driver, self._window, self._driver = self._window, self._driver, None, None
        try:
            async with asyncio.timeout(within_s):
                if window is not None:
                    await window.close()
                if driver is not None:
                    await driver.stop()
        except (TimeoutError, Error):
            self._kill()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
            if self._held is not None:
                os.close(self._held)
                self._held = None

    def _kill(self) -> None:
        pids = self.pids()
        if pids is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pids[0], signal.SIGKILL)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pids[1], signal.SIGKILL)


def _pids(folder: Path) -> tuple[int, int] | None:
    try:
        browser, driver = (int(pid) for pid in (folder / "pids").read_text().split())
    except (OSError, ValueError):
        # Not there yet, not whole yet, or another user's.
        return None
    return browser, driver


def _sweep(place: Path) -> None:
    """Removes what browsers left whose engine was killed before it could; those that run are left alone."""
    for folder in place.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            held = _hold(folder, os.O_RDWR)
            # Without ids it is only being made.
            if _pids(folder) is not None:
                shutil.rmtree(folder, ignore_errors=True)
            os.close(held)


def _hold(folder: Path, flags: int) -> int:
    """A lock on the folder that ends with this process. Raises OSError where another has it."""
    held = os.open(folder / "lock", flags, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise
    return held


def walled(cell: Cell) -> bool:
    """Whether the cell has walls: then Chromium needs none of its own, which it could not build in there."""
    return str(cell.tree) != str(cell.host_tree)


def _reachable(cell: Cell, ports: Collection[int]) -> str:
    """Where no proxy is asked. Behind walls every port is this attempt's; without, others' servers run beside them."""
    after = [""] if walled(cell) else [f":{port}" for port in sorted(ports)]
    return ";".join(f"{host}{port}" for port in after for host in ("127.0.0.1", "localhost", "[::1]"))


def _reason(message: str) -> str:
    """What the browser itself said last, out of all that Playwright tells."""
    said = [line.partition("[err]")[2].strip() for line in message.splitlines() if "[err]" in line]
    return "; ".join(line for line in said[-4:] if line)[-600:] or message.splitlines()[0]
