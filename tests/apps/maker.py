"""Makes a git repository of a package that nobody here wrote: fetched by hash, never kept among our files.

A folder of `tests/apps` says which package (`source.toml`), what is laid over it (`over/`: seed, settings, tests, the
lock of its dependencies) and how it is run (`services.json`). Its dependencies lie in the repository as archives, so
that whoever works on it needs no network. What was fetched stays in `build/apps` until its description changes.
"""

import fcntl
import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milepost.domain.services import Manifest
from milepost.workspace.sandbox import open_cell, sandbox_available

HERE = Path(__file__).parent
BUILD = HERE.parents[1] / "build" / "apps"
_AUTHOR = ["-c", "user.name=Ada", "-c", "user.email=ada@example.com"]
_DAY = "2026-01-01T00:00:00Z"


class OutOfReach(Exception):
    """The package cannot be fetched from here."""


@dataclass(frozen=True, slots=True)
class App:
    """One application: its description among our files."""

    name: str

    @property
    def folder(self) -> Path:
        return HERE / self.name

    @property
    def source(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "source.toml").read_text())

    @property
    def manifest(self) -> Manifest:
        return Manifest.model_validate(json.loads((self.folder / "services.json").read_text()))

    @property
    def built(self) -> Path:
        """Where it is built, once for each description and interpreter."""
        digest = hashlib.sha256(Path(__file__).read_bytes() + sys.version.encode())
        described = [self.folder / "source.toml", self.folder / "services.json", *self.folder.glob("over/**/*")]
        for path in sorted(path for path in described if path.is_file()):
            digest.update(path.relative_to(self.folder).as_posix().encode() + path.read_bytes())
        return BUILD / f"{self.name}-{digest.hexdigest()[:12]}"


def repository(app: App) -> Path:
    """The application as a git repository with one commit; to be copied, not worked in.

    Raises OutOfReach.
    """
    made = app.built / "repository"
    if made.exists():
        return made
    with _alone(app):
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=app.built) as scratch:
                tree = _unpacked(app, Path(scratch))
                _committed(app, tree)
                tree.rename(made)
    return made


async def dependencies(app: App) -> Path:
    """The `.venv` that the manifest's `prepare` makes, in a cell without network as in a mission.

    The first call for an application must be alone in its event loop, as it waits for other processes.

    Raises OutOfReach.
    """
    repository(app)
    made = app.built / "venv"
    if made.exists():
        return made
    env = app.manifest.env
    assert env is not None
    with _alone(app):
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=app.built) as scratch:
                tree = copied(app, Path(scratch) / "tree")
                walls = sandbox_available() is None
                cell = await open_cell(tree, sandbox=walls, scratch=Path(scratch) / "home")
                try:
                    done = await cell.run(env.prepare, timeout_s=300)
                finally:
                    await cell.close()
                assert done.exit_code == 0, done.output.decode()
                (tree / env.outputs[0]).rename(made)
    return made


def copied(app: App, target: Path) -> Path:
    """A repository of one's own."""
    shutil.copytree(app.built / "repository", target, symlinks=True)
    return target


@contextmanager
def _alone(app: App) -> Iterator[None]:
    app.built.mkdir(parents=True, exist_ok=True)
    with (app.built / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpacked(app: App, scratch: Path) -> Path:
    source, tree = app.source, scratch / "tree"
    name = f"{source['package']}=={source['version']}"
    wanted = scratch / "wanted.txt"
    wanted.write_text(f"{name} --hash=sha256:{source['sha256']}\n")
    form = "--only-binary" if source["archive"] == "wheel" else "--no-binary"
    _fetch(scratch, scratch / "source", "--no-deps", form, source["package"], "-r", str(wanted))
    [archive] = (scratch / "source").iterdir()
    assert hashlib.sha256(archive.read_bytes()).hexdigest() == source["sha256"]
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(tree)
    else:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        (scratch / archive.name.removesuffix(".tar.gz")).rename(tree)
    for pattern in source["left_out"]:
        for path in tree.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(app.folder / "over", tree, dirs_exist_ok=True)
    _fetch(scratch, tree / "wheels", "--no-deps", "--only-binary", ":all:", "-r", str(tree / "requirements.lock"))
    return tree


def _fetch(home: Path, into: Path, *words: str) -> None:
    """Archives by their hashes, from wherever this machine's pip gets them."""
    command = [sys.executable, "-m", "pip", "download", "-q", "--disable-pip-version-check", "--require-hashes",
               "--dest", str(into), *words]
    done = subprocess.run(command, capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "HOME": str(home)})
    if done.returncode:
        raise OutOfReach(f"the package index is out of reach ({done.stderr.strip()[-200:]})")


def _committed(app: App, tree: Path) -> None:
    (tree / ".gitignore").write_text(".venv/\ndata/\n__pycache__/\n*.pyc\n.pytest_cache/\n.milepost/\n")
    message = f"{app.source['package']} {app.source['version']}"
    clean = {"PATH": "/usr/bin:/bin", "HOME": str(tree.parent), "GIT_AUTHOR_DATE": _DAY, "GIT_COMMITTER_DATE": _DAY}
    for words in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", message]):
        subprocess.run(["git", *_AUTHOR, *words], cwd=tree, check=True, capture_output=True, env=clean)
