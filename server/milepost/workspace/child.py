"""One started process: in a session of its own, its exit watched by the event loop, its whole group ended together."""

import asyncio
import contextlib
import os
import select
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from milepost.domain.errors import WorkspaceError

_UNKILLABLE_S = 5.0
"""How long a killed process is waited for: one that hangs in the kernel must not hang us too."""


class Child:
    """A process of ours. With `launcher` it is a sandbox around the real command.

    A launcher must not get a polite signal (it would die, and take what it holds down with it, at once),
    so what is inside it is asked instead.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], *, launcher: bool, by_thread: bool = not hasattr(os, "pidfd_open")
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._launcher = launcher
        self._exit_code: int | None = None
        self._gone = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._pidfd = -1 if by_thread else os.pidfd_open(process.pid)
        if by_thread:
            self._waiter = self._loop.create_task(self._wait_in_thread())
        else:
            self._loop.add_reader(self._pidfd, self._reap)

    @property
    def exit_code(self) -> int | None:
        """None while it lives; 128 plus the signal when one ended it."""
        self._look()
        return self._exit_code

    async def ended(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    def kill(self) -> None:
        """Ends the process and all that hangs under it, without a word and without waiting."""
        if self.exit_code is not None:
            return
        with _held(self.pid) as below:
            self._kill_group()
            if not self._launcher:
                _send(below, signal.SIGKILL)

    async def stop(self, grace_s: float) -> None:
        """Asks everything in it to end, and kills it after the grace."""
        if self.exit_code is not None:
            return
        with _held(self.pid) as below:
            if grace_s > 0:
                if not self._launcher:
                    # The topmost first: it may want to say why those below it end.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(self.pid, signal.SIGTERM)
                _send(below, signal.SIGTERM)
                await self.ended(grace_s)
            self.kill()
            if not self._launcher:
                # Those that left the group, and outlived what started them.
                _send(below, signal.SIGKILL)
        await self.ended(_UNKILLABLE_S)

    async def _wait_in_thread(self) -> None:
        await asyncio.to_thread(self._process.wait)
        self._reap()

    def _look(self) -> None:
        if self._pidfd >= 0 and select.select([self._pidfd], [], [], 0)[0]:
            self._reap()

    def _reap(self) -> None:
        # Before the wait: until then the dead leader keeps the number of its group from being given to others.
        self._kill_group()
        code = self._process.wait()
        self._exit_code = 128 - code if code < 0 else code
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        self._gone.set()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def spawn(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: bytes | None, output: int, launcher: bool
) -> Child:
    """Starts a process whose output and errors both go to the descriptor `output`.

    Raises:
        WorkspaceError: it cannot be started.
    """
    with _source(stdin) as source:
        try:
            process = subprocess.Popen(
                argv, cwd=cwd, env=env, stdin=source, stdout=output, stderr=output, start_new_session=True
            )
        except (OSError, ValueError) as error:
            raise WorkspaceError(f"cannot start {argv[0]!r} in {str(cwd)!r}: {error}") from error
    # When memory runs out, what we started goes before what starts it.
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("500")
    return Child(process, launcher=launcher)


def descendants(pid: int) -> list[int]:
    """Every process below this one, nearest first; empty where the system has no /proc."""
    found: list[int] = []
    waiting = [pid]
    while waiting:
        below = _children(waiting.pop(0))
        found += below
        waiting += below
    return found


def _children(pid: int) -> list[int]:
    found: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


@contextlib.contextmanager
def _held(pid: int) -> Iterator[list[int]]:
    """Descriptors of all below a process: a number may be another's by the time we come back to it."""
    held = []
    for each in descendants(pid):
        with contextlib.suppress(OSError):
            held.append(os.pidfd_open(each))
    try:
        yield held
    finally:
        for descriptor in held:
            os.close(descriptor)


def _send(held: Sequence[int], number: signal.Signals) -> None:
    for descriptor in held:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            signal.pidfd_send_signal(descriptor, number)


@contextlib.contextmanager
def _source(stdin: bytes | None) -> Iterator[int | IO[bytes]]:
    """A file to read from, never a pipe: nothing has to feed it, so nothing can block on it."""
    if stdin is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        yield source
