"""The sandbox: a view of the files and a network for all of one cell, every other namespace for each command."""

import asyncio
import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path, PurePosixPath

from milepost.domain.errors import WorkspaceError
from milepost.workspace.capture import MAX_OUTPUT
from milepost.workspace.cell import Room, checked, folder_in, free_port, shell
from milepost.workspace.process import Background, Finished, finish, start
from milepost.workspace.sandbox import mounts
from milepost.workspace.sandbox.environment import environment
from milepost.workspace.sandbox.launcher import Launcher
from milepost.workspace.sandbox.overlay import Overlay
from milepost.workspace.sandbox.toolchain import Toolchain
from milepost.workspace.sandbox.walls import Walls
from milepost.workspace.standby import Standby

TREE = PurePosixPath("/tree")
_ROOT = Path("/")
_ENV = "/usr/bin/env"
_KEYS = ("INT", "QUIT", "TSTP")
_DEAF = tuple(f"--ignore-signal={name}" for name in _KEYS)
_HEARING = tuple(f"--default-signal={name}" for name in _KEYS)
_LULL_S = 0.002
"""How long after a command the shell for the next one is started."""
_COMPLAINTS = (b"bwrap: ", b"nsenter: ")


class Bubblewrap:
    """A cell whose commands see the tree, the toolchain and each other's ports, and can change only the tree."""

    def __init__(self, room: Room, overlay: Overlay, walls: Walls, toolchain: Toolchain) -> None:
        self._room = room
        self._overlay = overlay
        self._walls = walls
        self._environment = environment(
            path=toolchain.path, home="/home/agent", temporary="/tmp", shell=shell(), more=toolchain.variables
        )
        self._ports: dict[str, int] = {}
        self._backgrounds: list[Background] = []
        self._closed = False
        self._standby: Standby | None = None

    @classmethod
    async def open(cls, room: Room, launcher: Launcher, toolchain: Toolchain) -> "Bubblewrap":
        """Builds the walls around a tree as it lies there now: a tree folder that is replaced later is not seen.

        Raises:
            WorkspaceError: the system does not allow it, or something cannot be laid over the tree.
        """
        overlay = Overlay(room)
        try:
            words = await asyncio.to_thread(mounts.arguments, room, toolchain, overlay.laid)
            walls = await Walls.build(launcher, words)
        except WorkspaceError:
            overlay.remove()
            raise
        return cls(room, overlay, walls, toolchain)

    @property
    def tree(self) -> PurePosixPath:
        return TREE

    @property
    def host_tree(self) -> Path:
        return self._room.host_tree

    async def run(
        self,
        command: str,
        *,
        timeout_s: float,
        cwd: str = ".",
        env: Mapping[str, str] = {},
        stdin: bytes | None = None,
        max_output: int = MAX_OUTPUT,
    ) -> Finished:
        argv, walls = [shell(), "-c", checked(command)], self._into(env, cwd, session=True)
        finished = None
        if stdin is None and Standby.can_take(shell(), command, env):
            finished = await self._told(command, walls, timeout_s=timeout_s, max_output=max_output)
        if finished is None:
            finished = await finish(
                argv, walls=walls, cwd=_ROOT, env=self._environment, timeout_s=timeout_s, stdin=stdin,
                max_output=max_output,
            )
        if finished.exit_code and finished.output.startswith(_COMPLAINTS):
            await self._look_at_walls()
        return finished

    async def start(
        self, command: str, *, log: Path, env: Mapping[str, str] = {}, cwd: str = "."
    ) -> Background:
        argv, walls = [shell(), "-c", checked(command)], self._into(env, cwd, session=True)
        background = start(argv, walls=walls, cwd=_ROOT, env=self._environment, log=log)
        self._backgrounds.append(background)
        return background

    def argv(
        self, command: Sequence[str], env: Mapping[str, str] = {}, cwd: str = ".", *, terminal: bool = True
    ) -> list[str]:
        # What starts it may have secrets in its environment, which the first process inside would show.
        clean = [f"{name}={value}" for name, value in self._environment.items()]
        # What the keyboard interrupts is the program, not the walls around it.
        deaf, hearing = (_DEAF, [_ENV, *_HEARING]) if terminal and _sets_signals() else ((), [])
        return [_ENV, "-i", *deaf, *clean, *self._into(env, cwd, session=not terminal), "--", *hearing, *command]

    def environment(self) -> dict[str, str]:
        return dict(self._environment)

    def port(self, name: str, wanted: int | None) -> int:
        if name not in self._ports:
            self._ports[name] = free_port(wanted, self._ports.values())
        return self._ports[name]

    def show(self, text: str) -> str:
        return self._room.shown(text)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            if self._standby is not None:
                await self._standby.dismiss()
            for background in self._backgrounds:
                await background.stop(0)
            await self._walls.close()
        finally:
            self._overlay.remove()

    def _into(self, env: Mapping[str, str], cwd: str, *, session: bool) -> list[str]:
        """The words that lead a command behind the walls, into a folder of the tree, with more in its environment."""
        if self._closed:
            raise WorkspaceError("the cell is closed: open another one to run commands in")
        folder = folder_in(self.host_tree, TREE, cwd)
        words = [*self._walls.enter(session=session), "--chdir", str(TREE / folder)]
        # Given to the command alone: bubblewrap itself must not be led astray by them.
        for name, value in env.items():
            words += ["--setenv", name, value]
        return words

    async def _told(self, command: str, walls: list[str], *, timeout_s: float, max_output: int) -> Finished | None:
        """The command in the shell that waits for it; None where there is none. The next one is called afterwards."""
        standby, self._standby = self._standby, None
        try:
            if standby is not None and standby.fits(walls):
                return await standby.run(command, timeout_s=timeout_s, max_output=max_output)
            if standby is not None:
                await standby.dismiss()
            return None
        finally:
            # Once the loop has nothing better to do: whoever waits for this command must not wait for the next.
            asyncio.get_running_loop().call_later(_LULL_S, self._call_standby, walls)

    def _call_standby(self, walls: list[str]) -> None:
        if self._closed or self._standby is not None:
            return
        # Where it cannot be started, the next command says so.
        with contextlib.suppress(WorkspaceError):
            self._standby = Standby(shell(), walls=walls, cwd=_ROOT, env=self._environment)

    async def _look_at_walls(self) -> None:
        """Tells a command that speaks like bubblewrap from a sandbox that cannot be entered any more."""
        walls = self._into({}, ".", session=True)
        tried = await finish([shell(), "-c", ":"], walls=walls, cwd=_ROOT, env=self._environment, timeout_s=10)
        if tried.exit_code != 0:
            said = tried.output.decode("utf-8", "replace").strip()
            raise WorkspaceError(f"the sandbox cannot be entered any more ({said}): open another cell")


@cache
def _sets_signals() -> bool:
    """Whether this system's env can; where it cannot, an interrupt from the keyboard ends all of the program."""
    return subprocess.run([_ENV, *_HEARING, "true"], capture_output=True).returncode == 0
