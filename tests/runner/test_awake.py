"""The machine stays awake while a mission runs, where it can be asked to."""

from pathlib import Path

import pytest

from milepost.runner.awake import TOOLS, awake


def stand_in(folder: Path, name: str) -> Path:
    """A program of that name that notes how it was called, and runs what it is to run."""
    path, note = folder / name, folder / f"{name}.note"
    path.write_text(f'#!/bin/sh\necho "$@" > {note}\nfor last; do :; done\n"$last"\necho ended >> {note}\n')
    path.chmod(0o755)
    return note


@pytest.mark.parametrize("tool", [words[0] for words in TOOLS])
def test_machine_is_asked_for_as_long_as_the_mission_runs(tmp_path: Path, tool: str) -> None:
    note = stand_in(tmp_path, tool)
    with awake(True, lambda name: str(tmp_path / name) if name == tool else None) as asked:
        assert asked and not (note.exists() and "ended" in note.read_text())
    assert "ended" in note.read_text() and "cat" in note.read_text()


def test_nobody_is_asked_where_the_user_does_not_want_it_or_nobody_is_there(tmp_path: Path) -> None:
    note = stand_in(tmp_path, TOOLS[0][0])
    with awake(False, lambda name: str(tmp_path / name)) as asked:
        assert not asked
    with awake(True, lambda name: None) as asked:
        assert not asked
    assert not note.exists()


def test_one_that_fails_does_not_keep_the_mission_from_running(tmp_path: Path) -> None:
    tool = tmp_path / TOOLS[0][0]
    tool.write_text("#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    with awake(True, lambda name: str(tmp_path / name)) as asked:
        assert asked
