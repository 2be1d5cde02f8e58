"""Cells of both kinds on a small tree."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell


@pytest.fixture
def sandbox() -> bool:
    """True where a sandbox can be had; otherwise the test is not run."""
    if shutil.which("bwrap") is None:
        pytest.skip("not run: bubblewrap is not installed")
    return True


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "main.txt").write_text("main\n")
    return folder


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


@pytest.fixture(params=["sandbox", "plain"])
async def cell(request: pytest.FixtureRequest, tree: Path, scratch: Path) -> AsyncIterator[Cell]:
    """An open cell, once with walls and once without."""
    walled = request.param == "sandbox" and request.getfixturevalue("sandbox")
    opened = await open_cell(tree, sandbox=walled, scratch=scratch)
    yield opened
    await opened.close()


@pytest.fixture
async def walled(sandbox: bool, tree: Path, scratch: Path) -> AsyncIterator[Cell]:
    """An open cell with walls."""
    opened = await open_cell(tree, sandbox=True, scratch=scratch)
    yield opened
    await opened.close()
