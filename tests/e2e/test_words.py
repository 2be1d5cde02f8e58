"""A recorded mission on a repository nobody here wrote: inflection 0.5.1 learns to spell out numbers.

Its source is fetched by hash, never kept; the mission's own suite is green before and after, and the tree is the same.
"""

import hashlib
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from milepost.app import App
from milepost.config import Config
from milepost.recording import Recording
from milepost.replay import play
from milepost.workspace.sandbox import sandbox_available
from tests.conftest import ROOT

RECORDED = ROOT / "tests" / "recorded" / "words"
SOURCE, SHA = "inflection==0.5.1", "1a29730d366e996aaacffb2f1f1cb9593dc38e2ddd30c91250c6dde09ea9b417"
LEFT_OUT = ("inflection.egg-info", "docs/__pycache__")


@pytest.fixture(scope="session")
def inflection(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package's source as a repository with one commit."""
    folder = tmp_path_factory.mktemp("inflection")
    words = ["download", "-q", "--no-deps", "--no-binary", ":all:", "--dest", str(folder), SOURCE]
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    fetched = subprocess.run([sys.executable, "-m", "pip", *words], capture_output=True, text=True, env=environment)
    archives = list(folder.glob("*.tar.gz"))
    if not archives:
        pytest.skip(f"not run: the package index is out of reach ({fetched.stderr.strip()[-200:]})")
    assert hashlib.sha256(archives[0].read_bytes()).hexdigest() == SHA
    with tarfile.open(archives[0]) as archive:
        archive.extractall(folder, filter="data")
    repository = folder / "inflection-0.5.1"
    for name in LEFT_OUT:
        shutil.rmtree(repository / name, ignore_errors=True)
    for git in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "inflection 0.5.1"]):
        subprocess.run(["git", *git], cwd=repository, check=True, capture_output=True)
    return repository


@pytest.mark.timeout(900)
async def test_recorded_mission_on_a_strange_repository_ends_in_the_same_tree(inflection: Path, tmp_path: Path) -> None:
    app = App(Config(state_dir=tmp_path / "state", config_dir=tmp_path / "config"))
    recording = Recording.load(RECORDED)
    walls = sandbox_available() is None
    played = await play(app, recording, RECORDED / "cassette.jsonl", inflection, sandbox=walls)
    assert played.difference == "" and played.mission.phase == "completed"
    before, after = played.mission.base_suite, played.mission.rounds[-1].gates["test"].suite
    assert before is not None and after is not None and not before.failed and not after.failed
    assert set(before.passed) < set(after.passed)
