"""A real place to run commands in, and a shelf for what they print."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell


class Shelf(dict[str, bytes]):
    """Blobs by their SHA-256."""

    def keep(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()
        self[key] = data
        return key


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
async def cell(tree: Path) -> AsyncIterator[Cell]:
    opened = await open_cell(tree, sandbox=False, scratch=tree.parent / "scratch")
    yield opened
    await opened.close()
