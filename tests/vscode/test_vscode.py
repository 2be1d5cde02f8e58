"""The VS Code client: its own checks and tests, its package, and a real VS Code used by palette, clicks and typing."""

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

CLIENT = ROOT / "client-vscode"
HERE = ROOT / "tests" / "vscode"
BUILD = ROOT / "build" / "vscode"
pytestmark = [pytest.mark.needs("node", "npm"), pytest.mark.timeout(1_200)]


def run(*words: str, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
    """A command as a developer types it: without what keeps our own tests at home."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "NODE_EXTRA_CA_CERTS") if name in os.environ}
    return subprocess.run(words, cwd=folder, env={**kept, "HOME": str(home)}, capture_output=True, text=True)


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The client with what it is built with, as its lock pins it; fetched once."""
    with (CLIENT / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark = CLIENT / "node_modules" / ".package-lock.json"
        if not mark.exists() or mark.stat().st_mtime < (CLIENT / "package-lock.json").stat().st_mtime:
            done = run("npm", "ci", "--no-audit", "--no-fund", "--fetch-retries=1", folder=CLIENT, home=tmp_path)
            if done.returncode != 0:
                pytest.skip(f"not run: the package index is out of reach ({done.stderr.strip()[-200:]})")
    return CLIENT


@pytest.fixture
def package(client: Path, tmp_path: Path) -> Path:
    """The client as a person installs it."""
    done = run("npm", "run", "package", folder=client, home=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    return client / "build" / "milepost.vsix"


def test_client_is_typed_and_passes_its_own_tests(client: Path, tmp_path: Path) -> None:
    for words in (["npm", "run", "check"], ["npm", "test"]):
        done = run(*words, folder=client, home=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.workbench
def test_mission_in_a_real_vs_code(package: Path, tmp_path: Path) -> None:
    """From a goal to landed work, in a browser that shows the real workbench; pictures are kept in `build/vscode`."""
    with (ROOT / "pyproject.toml").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = run("bash", str(HERE / "install.sh"), folder=ROOT, home=tmp_path)
    if there.returncode != 0:
        pytest.skip(f"not run: a real VS Code could not be set up ({there.stderr.strip()[-200:]})")
    assert package.exists()
    done = run("node", str(HERE / "run.mjs"), "all", folder=ROOT, home=tmp_path)
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]
    assert ", 0 failed" in done.stdout
