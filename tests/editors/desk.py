"""A person's machine: a home, a repository, and `milepost` on the PATH of an editor that is a process of its own."""

import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.conftest import ROOT

TEE = ROOT / "tests" / "lsp" / "tee.py"


@dataclass(frozen=True)
class Desk:
    """One of a test's own, in a folder with a short name: sockets have room for a hundred characters."""

    folder: Path
    repository: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def laid_out(cls, folder: Path, repository: Path) -> "Desk":
        """A new one; nothing of it is shared with another test."""
        home, tools = folder / "home", folder / "bin"
        for each in (home, tools):
            each.mkdir(parents=True)
        environment = os.environ | {
            "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state"),
            "XDG_DATA_HOME": str(home / "data"), "XDG_CACHE_HOME": str(home / "cache"), "XDG_RUNTIME_DIR": str(folder),
            "MILEPOST_CONFIG_DIR": str(home / "config" / "milepost"),
            "MILEPOST_STATE_DIR": str(home / "state" / "milepost"),
            "PYTHONPATH": str(ROOT / "server"), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "TZ": "UTC",
        }
        desk = cls(folder, repository, environment)
        desk.install()
        return desk

    def install(self, served: Sequence[str] = ()) -> None:
        """Put `milepost` on the PATH; as an editor's server it runs behind these words."""
        plain = [sys.executable, "-m", "milepost"]
        program = self.folder / "bin" / "milepost"
        program.write_text(
            f'#!/bin/sh\n[ "$1" = lsp ] && exec {shlex.join([*served, *plain])} "$@"\nexec {shlex.join(plain)} "$@"\n'
        )
        program.chmod(0o755)

    def record(self, target: Path) -> None:
        """Have what editor and server say written down."""
        self.install([sys.executable, str(TEE), str(target)])

    @property
    def state(self) -> Path:
        """Where missions lie."""
        return Path(self.environment["MILEPOST_STATE_DIR"])

    @property
    def contract(self) -> Path:
        """The contract of the only mission."""
        return next(self.state.glob("missions/*/*/docs/*.contract.md"))

    @property
    def tree(self) -> Path:
        """The work tree of the only mission."""
        return self.contract.parents[1] / "tree"

    def milepost(self, *words: str) -> str:
        """A command in the repository; what it printed."""
        done = subprocess.run(
            ["milepost", *words], cwd=self.repository, env=self.environment, capture_output=True, text=True,
            stdin=subprocess.DEVNULL,
        )
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def line_of(path: Path, text: str) -> int:
    """The number, from 0, of the first line that holds a text."""
    return next(n for n, line in enumerate(path.read_text().split("\n")) if text in line)
