"""A cell's walls: its view of the files, and a network of its own with a loopback and no way out.

A short-lived bubblewrap builds them once. The descriptors held here keep them, so there is no holder that could die;
each command then enters, and gets copies of its own of all that commands must not share.
"""

import asyncio
import contextlib
import fcntl
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.workspace.sandbox.launcher import Launcher, explain

UID = 1000
"""Who commands are inside, whoever they are outside: never root, which databases and browsers refuse to be."""
_IDENTITY = ("--unshare-user", "--uid", str(UID), "--gid", str(UID), "--cap-drop", "ALL")
_OWN = ("--unshare-pid", "--unshare-ipc", "--unshare-uts", "--hostname", "cell", "--die-with-parent")
_OWNER_OF = 0xB701
"""The request of ioctl_ns(2) for the user namespace that owns another."""
_CLOSE_S = 5.0


class Walls:
    """The namespaces of one cell, and how to start something inside them."""

    def __init__(self, launcher: Launcher, network: int, mounts: int) -> None:
        self._launcher = launcher
        self._network = network
        self._mounts = mounts
        self._owner: int = fcntl.ioctl(mounts, _OWNER_OF)
        self._name = f"net:[{os.fstat(network).st_ino}]"

    @classmethod
    async def build(cls, launcher: Launcher, mounts: Sequence[str]) -> "Walls":
        """Builds them, with bubblewrap's words for what is to be seen.

        Raises:
            WorkspaceError: the system does not allow it.
        """
        return await asyncio.to_thread(cls._build, launcher, mounts)

    @classmethod
    def _build(cls, launcher: Launcher, mounts: Sequence[str]) -> "Walls":
        argv = [launcher.bwrap, *_IDENTITY, "--unshare-net", *mounts, "--", "/bin/sh", "-c", "echo $$; read _"]
        pipe = subprocess.PIPE
        with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={}, cwd="/") as builder:
            assert builder.stdout is not None
            pid = builder.stdout.readline().strip()
            try:
                held = [os.open(f"/proc/{pid}/ns/{kind}", os.O_RDONLY) for kind in ("net", "mnt")] if pid else []
            finally:
                said = builder.communicate()[1]
        if not held:
            raise WorkspaceError(explain(said))
        return cls(launcher, *held)

    def enter(self, *, session: bool) -> list[str]:
        """The words before a command that make it run inside; with `session` it has no terminal to speak to."""
        here = f"/proc/{os.getpid()}/fd"
        words = [
            self._launcher.nsenter, f"--user={here}/{self._owner}", f"--mount={here}/{self._mounts}",
            f"--net={here}/{self._network}", "--preserve-credentials", "--", self._launcher.bwrap,
            *_IDENTITY, *_OWN, "--dev-bind", "/", "/", "--proc", "/proc",
        ]
        if os.geteuid() == 0:
            # To the kernel, root stays the owner of its settings even without a single capability.
            words += ["--remount-ro", "/proc"]
        return [*words, "--new-session"] if session else words

    def inhabitants(self) -> list[int]:
        """Every process inside, whoever started it."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if str((entry / "ns/net").readlink()) == self._name:
                    found.append(int(entry.name))
        return found

    async def close(self) -> None:
        """Kills everything inside and lets the namespaces go.

        Raises:
            WorkspaceError: something inside does not die.
        """
        try:
            await self._empty()
        finally:
            for descriptor in (self._network, self._mounts, self._owner):
                os.close(descriptor)

    async def _empty(self) -> None:
        until = asyncio.get_running_loop().time() + _CLOSE_S
        while pids := self.inhabitants():
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            if asyncio.get_running_loop().time() > until:
                raise WorkspaceError(f"the processes {pids!r} of a cell do not die: see what they wait for and end it")
            await asyncio.sleep(0.002)
