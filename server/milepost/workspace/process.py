"""Running commands to their end within limits of time and output, and keeping others alive in the background."""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.workspace.capture import MAX_OUTPUT, Capture, Drain
from milepost.workspace.child import Child, spawn

GRACE_S = 2.0
"""How long a command that is out of time has to end by itself."""
_READ_AT_ONCE = 4 * 1024 * 1024
MAX_LOG = 32 * 1024 * 1024
"""Bytes that one may print into its log; nobody reads what is beyond, and the disk is everybody's."""
_LOOK_S = 0.2
"""How often the size of a log is looked at."""


@dataclass(frozen=True, slots=True)
class Finished:
    """How a command ended; `exit_code` is None when we ended it, because of its time or its flood of output."""

    exit_code: int | None
    timed_out: bool
    output: bytes
    truncated: bool
    ms: int


async def finish(
    argv: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_s: float,
    max_output: int = MAX_OUTPUT,
    stdin: bytes | None = None,
    walls: Sequence[str] = (),
) -> Finished:
    """Runs a command until its process ends, is out of time, or prints without end.

    Errors and output come merged, in order. A child it leaves behind is ended with it, not waited for.
    `walls` are bubblewrap's words, without the `--`, where the command is to run behind them.

    Raises:
        WorkspaceError: it cannot be started.
    """
    began = time.monotonic()
    child, reader = spawn_with_pipe(argv, cwd, env, stdin, walls)
    return await follow(child, reader, began=began, timeout_s=timeout_s, max_output=max_output)


async def follow(child: Child, reader: int, *, began: float, timeout_s: float, max_output: int) -> Finished:
    """Waits for a command that was started; `began` is when, by the monotonic clock, and `reader` has its output."""
    capture = Capture(max_output)
    drain = Drain(reader, capture, on_flood=child.kill)
    timed_out = False
    try:
        timed_out = not await child.ended(timeout_s)
        if timed_out:
            await child.stop(GRACE_S)
    finally:
        # Only a cancelled wait finds it alive here.
        await child.stop(0)
        drain.close()
    ended_by_us = timed_out or drain.flooded
    return Finished(
        exit_code=None if ended_by_us else child.exit_code,
        timed_out=timed_out,
        output=capture.output(),
        truncated=capture.truncated,
        ms=int((time.monotonic() - began) * 1000),
    )


def spawn_with_pipe(
    argv: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: bytes | int | None, walls: Sequence[str]
) -> tuple[Child, int]:
    """A started command, and the descriptor that all it prints can be read from.

    Raises:
        WorkspaceError: it cannot be started.
    """
    reader, writer = os.pipe()
    try:
        child = spawn(argv, cwd=cwd, env=env, stdin=stdin, output=writer, walls=walls)
    except WorkspaceError:
        os.close(reader)
        raise
    finally:
        os.close(writer)
    return child, reader


class Background:
    """A process that goes on while others run; all it prints goes to a file, and who floods that is ended."""

    def __init__(self, child: Child, log: Path, most: int = MAX_LOG) -> None:
        self._child = child
        self.log = log
        self.flooded = False
        self._watch = asyncio.get_running_loop().create_task(self._watch_log(most))

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.exit_code is None

    @property
    def exit_code(self) -> int | None:
        """None while it lives; 128 plus the signal when one ended it."""
        return self._child.exit_code

    async def ended(self, within_s: float) -> bool:
        """True as soon as it has ended, False when it has not after that many seconds."""
        return await self._child.ended(within_s)

    async def stop(self, grace_s: float = GRACE_S) -> None:
        """Asks it to end, and kills it and all it started after the grace."""
        await self._child.stop(grace_s)
        await self._watch

    async def _watch_log(self, most: int) -> None:
        ended = False
        while not ended:
            ended = await self._child.ended(_LOOK_S)
            if self.log.exists() and self.log.stat().st_size > most:
                self.flooded = True
                self._child.kill()
                ended = await self._child.ended(GRACE_S)
                os.truncate(self.log, most)
                with self.log.open("ab") as stream:
                    stream.write(f"\n[ended: it printed more than {most >> 20} MiB]\n".encode())

    def output(self, since: int = 0) -> tuple[bytes, int]:
        """What it printed from byte `since` on, at most 4 MiB at once, and where to go on reading."""
        with self.log.open("rb") as stream:
            stream.seek(since)
            data = stream.read(_READ_AT_ONCE)
        return data, since + len(data)

    def tail(self, size: int) -> bytes:
        """The last bytes it printed."""
        with self.log.open("rb") as stream:
            stream.seek(max(0, stream.seek(0, os.SEEK_END) - size))
            return stream.read(size)


def start(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], log: Path, walls: Sequence[str] = ()
) -> Background:
    """Starts a process whose output replaces the file `log`.

    Raises:
        WorkspaceError: it cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    try:
        child = spawn(argv, cwd=cwd, env=env, stdin=None, output=output, walls=walls)
    finally:
        os.close(output)
    return Background(child, log)
