"""No sandbox: on the user's word, or for the shipped demo. Commands are tidy here, not confined."""

import contextlib
import os
import secrets
import shlex
import signal
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from milepost.domain.errors import WorkspaceError
from milepost.workspace.capture import MAX_OUTPUT
from milepost.workspace.cell import Room, checked, folder_in, shell
from milepost.workspace.process import Background, Finished, finish, start
from milepost.workspace.sandbox.environment import environment
from milepost.workspace.sandbox.overlay import Overlay
from milepost.workspace.sandbox.toolchain import Toolchain

MARK = "MILEPOST_CELL"
"""The variable by which everything that was started in a cell is found again, daemons too."""
_PASSES = 100


class Plain:
    """A cell that commands can leave: same tree, same clean environment, ports that are free on this machine."""

    def __init__(self, room: Room, toolchain: Toolchain) -> None:
        self._room = room
        self._mark = secrets.token_hex(16)
        self._overlay = Overlay(room, plain=True)
        self._environment = environment(
            path=toolchain.path, home=str(room.home), temporary=str(room.temporary), shell=shell(),
            more={**toolchain.variables, MARK: self._mark},
        )
        self._ports: dict[str, int] = {}
        self._backgrounds: list[Background] = []
        self._closed = False

    @property
    def tree(self) -> PurePosixPath:
        return PurePosixPath(self.host_tree)

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
        return await finish(
            [shell(), "-c", checked(command)], cwd=self._folder(cwd), env={**self._environment, **env},
            timeout_s=timeout_s, stdin=stdin, max_output=max_output,
        )

    async def start(
        self, command: str, *, log: Path, env: Mapping[str, str] = {}, cwd: str = "."
    ) -> Background:
        argv = [shell(), "-c", checked(command)]
        background = start(argv, cwd=self._folder(cwd), env={**self._environment, **env}, log=log)
        self._backgrounds.append(background)
        return background

    def argv(
        self, command: Sequence[str], env: Mapping[str, str] = {}, cwd: str = ".", *, terminal: bool = True
    ) -> list[str]:
        variables = [f"{name}={value}" for name, value in {**self._environment, **env}.items()]
        script = f'cd {shlex.quote(str(self._folder(cwd)))} && exec {shlex.join(command)} "$@"'
        return ["/usr/bin/env", "-i", *variables, *([] if terminal else _own_session()), "/bin/sh", "-c", script, "sh"]

    def environment(self) -> dict[str, str]:
        return {name: value for name, value in self._environment.items() if name != MARK}

    def port(self, name: str, wanted: int | None) -> int:
        # The wanted one may be another program's, or the next mission's.
        while name not in self._ports:
            port = _unused()
            if port not in self._ports.values():
                self._ports[name] = port
        return self._ports[name]

    def show(self, text: str) -> str:
        return self._room.shown(text)

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            for background in self._backgrounds:
                await background.stop(0)
            self._sweep()
            self._overlay.remove()

    def _folder(self, cwd: str) -> Path:
        if self._closed:
            raise WorkspaceError("the cell is closed: open another one to run commands in")
        return self.host_tree / folder_in(self.host_tree, self.tree, cwd)

    def _sweep(self) -> None:
        """Kills what carries our mark until there is none left; one that forks meanwhile is met in the next pass."""
        for _ in range(_PASSES):
            pids = marked(f"{MARK}={self._mark}")
            if not pids:
                return
            for pid in pids:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, signal.SIGKILL)


def marked(variable: str) -> list[int]:
    """Every process whose environment holds that variable; none where the system has no /proc."""
    found = []
    for environ in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if variable.encode() in environ.read_bytes().split(b"\0"):
                found.append(int(environ.parent.name))
    return found


def _unused() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _own_session() -> list[str]:
    return ["setsid"] if Path("/usr/bin/setsid").exists() else []
