"""The shipped demonstration: a recorded mission, pinned by its hash, and the new repository it begins with."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.errors import ConfigError, Refused
from milepost.domain.services import Service
from milepost.recording import Recording
from milepost.text import assets

NAME = "mazes"
PIN = "8141d9cd11502e7ab5e02eb28b4c12da0ab1e0c23fe1420d503d20a9fde80145"
"""SHA-256 over everything that is shipped of it: only this recording may run without a sandbox (D10)."""
BEGAN = "2026-01-01T00:00:00+0000"


@dataclass(frozen=True, slots=True)
class Demo:
    """A recording and what its repository begins with."""

    folder: Path
    recording: Recording

    @property
    def cassette(self) -> Path:
        """Its replies."""
        return self.folder / "cassette.jsonl"

    @classmethod
    def shipped(cls) -> "Demo":
        """The demonstration that came with this installation.

        Raises ConfigError where its files are not the ones that were pinned.
        """
        folder = assets.shipped("demo") / NAME
        found = fingerprint(folder)
        if found != PIN:
            raise ConfigError(
                f"the demonstration in {str(folder)!r} was changed: expected {PIN[:12]}, found {found[:12]}; "
                "install Milepost again"
            )
        return cls(folder, Recording.load(folder))

    def lay_out(self, target: Path) -> Path:
        """A new repository with the first commit.

        Raises Refused where the folder holds something.
        """
        if target.exists() and any(target.iterdir()):
            raise Refused(f"{str(target)!r} is not empty; `milepost demo --dir DIR` takes another folder")
        shutil.copytree(self.folder / "base", target, dirs_exist_ok=True)
        for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "An empty house"]):
            git(target, *words)
        return target


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files."""
    digest = hashlib.sha256()
    files = (p for p in sorted(folder.rglob("*")) if p.is_file() and "__pycache__" not in p.parts)
    for path in files:
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{content}\n".encode())
    return digest.hexdigest()


def git(folder: Path, *words: str) -> None:
    """One git command of the demonstration, the same on every machine."""
    person = {"NAME": "Ada", "EMAIL": "ada@example.com", "DATE": BEGAN}
    names = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in person.items()}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env=environment)


@contextmanager
def serving(tree: Path, service: Service) -> Iterator[str]:
    """Run a service of the finished program for as long as somebody looks; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    name = f"PORT_{service.name.upper().replace('-', '_')}"
    process = subprocess.Popen(
        ["sh", "-c", service.start], cwd=tree, env={**os.environ, name: str(port)}, start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def free_folder(cwd: Path) -> Path:
    """Where the demonstration goes when nobody says: `milepost-demo`, or with a number."""
    names = ["milepost-demo", *(f"milepost-demo-{n}" for n in range(2, 1000))]
    return next(cwd / n for n in names if not (cwd / n).exists())
