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
from milepost.workspace.inner import Inner

_UNKILLABLE_S = 5.0
"""How long a killed process is waited for: one that hangs in the kernel must not hang us too."""


class Child:
    """A process of ours; with `inner`, walls of a sandbox around the real command.

    Walls must not get a polite signal (they would fall at once, and bury what is behind them), so what is behind
    them is asked instead; and they are not gone before everything behind them is.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], inner: Inner | None, *, by_thread: bool = not hasattr(os, "pidfd_open")
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._inner = inner
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
        code = self._process.returncode
        if not self._gone.is_set() or code is None:
            return None
        return 128 - code if code < 0 else code

    async def ended(self, within_s: float) -> bool:
        try:
            async with asyncio.timeout(within_s):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    def kill(self) -> None:
        """Ends the process and all that hangs under it, without a word and without waiting."""
        if self.exit_code is None:
            with _held(self.pid) as below:
                self._kill(below)

    async def stop(self, grace_s: float) -> None:
        """Asks everything in it to end, kills it after the grace, and waits until it is gone."""
        if self.exit_code is not None:
            return
        with _held(self.pid) as below:
            if grace_s > 0:
                if self._inner is None:
                    # The topmost first: it may want to say why those below it end.
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(self.pid, signal.SIGTERM)
                _send(below, signal.SIGTERM)
                await self.ended(grace_s)
            self._kill(below)
        await self.ended(_UNKILLABLE_S)

    def _kill(self, below: Sequence[int]) -> None:
        """Also those below that left the group, and outlived what started them."""
        if self._process.returncode is None:
            self._kill_group()
        if self._inner is None:
            _send(below, signal.SIGKILL)
        elif not self._gone.is_set():
            self._inner.kill()

    async def _wait_in_thread(self) -> None:
        await asyncio.to_thread(self._process.wait)
        self._reap()

    def _look(self) -> None:
        """Takes note of an end that the loop has not come round to."""
        if self._pidfd >= 0 and _readable(self._pidfd):
            self._reap()
        elif self._process.returncode is not None and self._inner and not self._gone.is_set():
            self._await_inner(self._inner)

    def _reap(self) -> None:
        # Before the wait: until then the dead leader keeps the number of its group from being given to others.
        self._kill_group()
        self._process.wait()
        if self._pidfd >= 0:
            self._loop.remove_reader(self._pidfd)
            os.close(self._pidfd)
            self._pidfd = -1
        if self._inner is None:
            self._gone.set()
        else:
            self._inner.kill()
            self._await_inner(self._inner)

    def _await_inner(self, inner: Inner) -> None:
        descriptor = inner.descriptor()
        if descriptor >= 0 and not _readable(descriptor):
            self._loop.add_reader(descriptor, self._await_inner, inner)
            return
        if descriptor >= 0:
            self._loop.remove_reader(descriptor)
        inner.close()
        self._gone.set()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)


def spawn(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], stdin: bytes | int | None, output: int,
    walls: Sequence[str],
) -> Child:
    """Starts a process whose output and errors both go to the descriptor `output`; `stdin` is text or a descriptor.

    Raises:
        WorkspaceError: it cannot be started.
    """
    inner = Inner() if walls else None
    words = [*walls, *inner.words(), "--", *argv] if inner else argv
    try:
        process = _popen(words, cwd, env, stdin, output, (inner.writer,) if inner else ())
    except (OSError, ValueError) as error:
        if inner:
            inner.close()
        raise WorkspaceError(f"cannot start {words[0]!r} in {str(cwd)!r}: {error}") from error
    finally:
        if inner:
            os.close(inner.writer)
    # When memory runs out, what we started goes before what starts it.
    with contextlib.suppress(OSError):
        Path(f"/proc/{process.pid}/oom_score_adj").write_text("500")
    return Child(process, inner)


def _popen(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], stdin: bytes | int | None, output: int,
    kept: tuple[int, ...],
) -> subprocess.Popen[bytes]:
    with _source(stdin) as source:
        return subprocess.Popen(
            words, cwd=cwd, env=env, stdin=source, stdout=output, stderr=output, start_new_session=True, pass_fds=kept
        )


def _readable(descriptor: int) -> bool:
    look = select.poll()
    look.register(descriptor, select.POLLIN)
    return bool(look.poll(0))


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
def _source(stdin: bytes | int | None) -> Iterator[int | IO[bytes]]:
    """For text a file to read from, never a pipe: nothing has to feed it, so nothing can block on it."""
    if not isinstance(stdin, bytes):
        yield subprocess.DEVNULL if stdin is None else stdin
        return
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        yield source
