"""Missions for tools to act in: one being drafted, one running."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.domain import events as e
from milepost.domain.settings import Settings
from milepost.log.blobs import Blobs
from milepost.log.mission_log import MissionLog
from milepost.runner.logbook import Logbook
from milepost.workspace.repository import Repository
from tests.agent.scene import Answers, Scene


@pytest.fixture(scope="session")
def private(_repository_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private clone of the small repository, shared by tests that do not write it."""
    git_dir = tmp_path_factory.mktemp("private") / "repo.git"
    asyncio.run(Repository.clone(_repository_template, git_dir))
    return git_dir


@pytest.fixture(scope="session")
def base(private: Path) -> str:
    """The commit it starts from."""
    found = asyncio.run(Repository(private).resolve("refs/heads/main"))
    assert found is not None
    return found


@pytest.fixture
async def draft(tmp_path: Path, private: Path, base: str, _repository_template: Path) -> AsyncIterator[Scene]:
    """A mission that is being drafted."""
    log = await MissionLog.open(tmp_path / "log", "m1")
    scene = Scene(
        folder=tmp_path, source=_repository_template, base=base, repository=Repository(private), log=Logbook(log),
        blobs=Blobs(tmp_path / "blobs"), engine=Answers(tmp_path / "checks"),
    )
    created = e.MissionCreated(
        mission="m1", goal="Prices", repository=str(_repository_template), base=base, settings=Settings(seats={}),
        slug="x",
    )
    await log.record(created)
    yield scene
    await scene.close()


@pytest.fixture
async def running(draft: Scene) -> Scene:
    """A mission that was approved."""
    await draft.approve()
    return draft
