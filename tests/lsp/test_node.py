"""VS Code's own protocol library, in Node, against the real server."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.domain import orders as o
from tests.conftest import ROOT
from tests.editors.desk import Desk
from tests.lsp.told import judged

KEPT = ("PATH", "NODE_EXTRA_CA_CERTS")
NODE = ROOT / "tests" / "lsp" / "node"
pytestmark = pytest.mark.needs("node", "npm")


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """The folder beside which the library lies, as its lock pins it; it is fetched once."""
    pinned = json.loads((NODE / "package-lock.json").read_text())["packages"]
    name = "node_modules/vscode-languageserver-protocol"
    with (NODE / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        there = NODE / name / "package.json"
        if not there.exists() or json.loads(there.read_text())["version"] != pinned[name]["version"]:
            done = subprocess.run(
                ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1"], cwd=NODE, text=True,
                env={**{n: os.environ[n] for n in KEPT if n in os.environ}, "HOME": str(tmp_path)}, capture_output=True,
            )
            if done.returncode != 0:
                pytest.skip(f"not run: the package index is out of reach ({done.stderr.strip()[-200:]})")
    return NODE


@pytest.fixture
def desk(repository: Path, tmp_path: Path) -> Desk:
    """A desk in front of the small repository, and a mission that failed once and is paused."""
    desk = Desk.laid_out(tmp_path / "desk", repository)
    told = judged(desk.state, repository)
    told.order(o.PauseMission())
    told.write()
    return desk


def test_session_of_vs_codes_own_library(library: Path, desk: Desk) -> None:
    server = [sys.executable, "-m", "milepost", "lsp"]
    done = subprocess.run(
        ["node", str(library / "session.mjs"), str(desk.repository), "shop", *server], env=desk.environment, text=True,
        capture_output=True, timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.split() == ["handshakeAndGate", "documents", "commands", "cancelled", "left"]
    assert done.stderr == ""
