"""A recorded mission in a browser, on an application nobody here wrote: sqlite-web learns to filter rows.

Its eleven assertions were shown by testers who clicked and typed; a reviewer's finding and tests that proved nothing
sent the work back three times. Replayed, the pages are opened and looked at anew, and all comes to the same.
"""

from pathlib import Path

import pytest

from milepost.app import App
from milepost.config import Config
from milepost.drivers.surfaces import observable
from milepost.recording import Recording
from milepost.replay import play
from milepost.workspace.sandbox import sandbox_available
from tests.apps import maker
from tests.conftest import ROOT

RECORDED = ROOT / "tests" / "recorded" / "filter"


@pytest.mark.timeout(900)
async def test_recorded_mission_in_a_browser_ends_in_the_same_tree(tmp_path: Path) -> None:
    app = maker.App("sqlite_web")
    if not observable(None):
        pytest.skip("not run: chromium is not installed")
    try:
        maker.repository(app)
    except maker.OutOfReach as error:
        pytest.skip(f"not run: {error}")
    repository = maker.copied(app, tmp_path / "sqlite-web")
    house = App(Config(state_dir=tmp_path / "state", config_dir=tmp_path / "config"))
    recording = Recording.load(RECORDED)
    walls = sandbox_available() is None
    played = await play(house, recording, RECORDED / "cassette.jsonl", repository, sandbox=walls)
    assert played.difference == "" and played.mission.phase == "completed"
    verdicts = [state.verdict for state in played.mission.assertions.values()]
    assert [verdict.outcome for verdict in verdicts if verdict] == ["passed"] * 11
