"""One attempt's room: the tree as its commands see it, and the only way to run anything there."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Protocol

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.workspace.capture import MAX_OUTPUT
from milepost.workspace.process import Background, Finished

MAX_COMMAND = 120_000
"""Bytes of a command; the system takes no single word of more than 128 KiB."""
_SHELLS = ("/bin/bash", "/usr/bin/bash", "/usr/local/bin/bash")


class Cell(Protocol):
    """A place where the commands, services and drivers of one attempt reach one another."""

    @property
    def tree(self) -> PurePosixPath:
        """The tree as commands see it: `/tree` in the sandbox, the host's path without."""

    @property
    def host_tree(self) -> Path:
        """The same tree as the engine sees it."""

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
        """Runs a command in bash, or in sh where there is no bash.

        What it leaves running ends with it; without a sandbox a daemon in a session of its own lives until `close`.

        Raises:
            ToolError: the command or its folder cannot be meant so.
            WorkspaceError: the cell is closed or broken.
        """

    async def start(
        self, command: str, *, log: Path, env: Mapping[str, str] = {}, cwd: str = "."
    ) -> Background:
        """Starts a command that goes on while others run; all it prints replaces the file `log`."""

    def argv(
        self, command: Sequence[str], env: Mapping[str, str] = {}, cwd: str = ".", *, terminal: bool = True
    ) -> list[str]:
        """The host's command that runs it inside, whatever environment it is started with; more words may follow it.

        With `terminal` it keeps the terminal it is started on, so that one must be the driver's own.
        """

    def environment(self) -> dict[str, str]:
        """What every command finds in its environment."""

    def port(self, name: str, wanted: int | None) -> int:
        """The port of a service, the same at each call."""

    def show(self, text: str) -> str:
        """The text with the host's paths turned into those that commands in a sandbox see."""

    async def close(self) -> None:
        """Ends everything in it; nothing survives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What a cell is made of: where the tree lies, and what may be seen and changed."""

    host_tree: Path
    scratch: Path
    """A folder of this cell's own: its home and its temporary files live there."""
    readonly: tuple[tuple[Path, str], ...] = ()
    """Files and folders of the host laid over the tree, and where."""
    mask: tuple[str, ...] = ()
    """Paths of the tree that can be read and not changed."""
    visible: tuple[Path, ...] = ()
    """Files and folders of the host that can be read at their own path."""
    hidden: tuple[Path, ...] = ()
    """Folders of the host that are empty inside, whatever else is visible."""
    read_only_tree: bool = False
    python: bool = True
    """Whether the engine's own Python can be run, last on the path."""

    @property
    def home(self) -> Path:
        return self.scratch / "home"

    @property
    def temporary(self) -> Path:
        return self.scratch / "tmp"

    def furnish(self) -> None:
        """Makes the folders that a cell needs.

        Raises:
            WorkspaceError: the tree is not there.
        """
        if not self.host_tree.is_dir():
            raise WorkspaceError(f"no folder {str(self.host_tree)!r} to open a cell on: check the work tree out first")
        self.home.mkdir(parents=True, exist_ok=True)
        self.temporary.mkdir(exist_ok=True)

    def shown(self, text: str) -> str:
        """The text with the host's paths replaced, the longest first."""
        for pattern, seen in views(self.home, self.temporary, self.host_tree):
            text = pattern.sub(seen, text)
        return text


@lru_cache(maxsize=64)
def views(home: Path, temporary: Path, tree: Path) -> list[tuple[re.Pattern[str], str]]:
    """What finds the host's path of each folder, the longest first, and what commands see in its place."""
    pairs = [(home, "/home/agent"), (temporary, "/tmp"), (tree, "/tree")]
    pairs += [(path.resolve(), seen) for path, seen in pairs]
    by_length = sorted(set(pairs), key=lambda pair: -len(str(pair[0])))
    # A longer name that only begins alike is another folder.
    return [(re.compile(rf"{re.escape(str(path))}(?![\w-]|\.\w)"), seen) for path, seen in by_length]


@cache
def shell() -> str:
    """The shell that runs commands."""
    return next((path for path in _SHELLS if Path(path).exists()), "/bin/sh")


def checked(command: str) -> str:
    """The command, if a shell can take it."""
    if "\0" in command:
        raise ToolError("the command holds a NUL character; write it as an escape, such as '\\0' in printf")
    size = len(command.encode("utf-8", "replace"))
    if size > MAX_COMMAND:
        raise ToolError(f"the command has {size} bytes; expected at most {MAX_COMMAND}: run it from a file")
    return command


def folder_in(host_tree: Path, tree: PurePosixPath, cwd: str) -> str:
    """A folder relative to the tree, from what a model calls it.

    Raises:
        ToolError: it is no folder of the tree.
    """
    if cwd == ".":
        return cwd
    path = PurePosixPath(cwd)
    inside = path.relative_to(tree) if path.is_relative_to(tree) else path
    root = host_tree.resolve()
    found = (root / inside).resolve() if "\0" not in cwd else None
    if found is None or not found.is_relative_to(root) or not found.is_dir():
        raise ToolError(f"{cwd!r} is no folder of the tree; expected one below it, such as '.'")
    return found.relative_to(root).as_posix()


def free_port(wanted: int | None, taken: Iterable[int]) -> int:
    """The wanted port, or the next that nobody took, from 20000 up where none is wanted."""
    used = set(taken)
    port = wanted or 20_000
    while port in used:
        port = port + 1 if port < 65_535 else 1024
    return port
