"""A recorded mission plays again without a model and comes to the same tree; a changed one is told apart (D22)."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from milepost.app import App
from milepost.config import Config
from milepost.domain.errors import ConfigError
from milepost.recording import Recording
from milepost.replay import Played, base_repository, play, recording_of
from tests.runner import light
from tests.runner.conftest import Stage

Stages = Callable[..., Stage]


async def recorded(playing: Stage, tmp_path: Path) -> Recording:
    """The recording of a played mission, written and read again."""
    assert (await playing.play()).phase == "completed" and playing.folder is not None
    (await recording_of(playing.app, playing.folder)).save(tmp_path / "tape")
    return Recording.load(tmp_path / "tape")


async def again(playing: Stage, recording: Recording, tmp_path: Path) -> Played:
    """Play a recording on a repository taken out of the mission's own clone."""
    assert playing.folder is not None
    mission = await playing.app.read(playing.folder)
    target = base_repository(playing.folder, mission.base, tmp_path / "again" / "shop")
    app = App(Config(state_dir=tmp_path / "state2", config_dir=tmp_path / "config"), {"PATH": "/usr/bin:/bin"})
    return await play(app, recording, tmp_path / "tape" / "cassette.jsonl", target, sandbox=False)


async def test_replay_ends_in_the_same_tree(stage: Stages, tmp_path: Path) -> None:
    playing = stage()
    recording = await recorded(playing, tmp_path)
    played = await again(playing, recording, tmp_path)
    assert played.difference == "" and played.mission.phase == "completed"
    assert [row[0] for row in recording.outline].count("milestone_sealed") == 2


async def test_replay_names_the_first_difference(stage: Stages, tmp_path: Path) -> None:
    playing = stage(light.script())
    recording = await recorded(playing, tmp_path)
    lines = tuple(line.replace("less a discount", "minus a discount") for line in recording.lines)
    other = dataclasses.replace(recording, lines=lines)
    (tmp_path / "tape" / "cassette.jsonl").write_text("".join(f"{line}\n" for line in lines))
    played = await again(playing, other, tmp_path)
    assert played.difference.startswith("place 1: recorded handoff_audited F1")


def test_folder_without_a_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="holds no recorded mission"):
        Recording.load(tmp_path)
