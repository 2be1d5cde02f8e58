"""The folder of a mission that was told from beginning to end."""

from pathlib import Path

import pytest

from milepost.log.folder import MissionFolder
from tests.report.story import MISSION


@pytest.fixture
def folder(tmp_path: Path) -> MissionFolder:
    """The folder of a mission that has no log yet."""
    return MissionFolder(tmp_path / "missions" / "shop-12345678" / MISSION)
