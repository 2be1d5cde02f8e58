"""The shipped demonstration, from one command to landed work, and everything one can ask of it afterwards."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from milepost.demo import NAME, PIN, Demo, fingerprint
from milepost.domain.errors import Refused
from milepost.text import assets
from tests.e2e.terminal import milepost


def test_demo_is_pinned() -> None:
    assert fingerprint(assets.shipped("demo") / NAME) == PIN, (
        "set PIN in demo.py to the fingerprint of a reviewed recording"
    )


def test_demo_refuses_a_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        Demo.shipped().lay_out(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_changed_recording_is_told_apart(tmp_path: Path) -> None:
    shutil.copytree(assets.shipped("demo") / NAME, tmp_path / NAME)
    assert fingerprint(tmp_path / NAME) == PIN
    cassette = tmp_path / NAME / "cassette.jsonl"
    cassette.write_text(cassette.read_text() + "\n")
    assert fingerprint(tmp_path / NAME) != PIN


@pytest.mark.timeout(900)
def test_demo_and_everything_after_it(tmp_path: Path) -> None:
    """One test, as the demonstration takes a minute: goal to seal, then verify, why, report, replay, land."""
    home = tmp_path / "home"
    home.mkdir()
    shown = milepost("demo", "--dir", str(tmp_path / "demo"), cwd=tmp_path, home=home).stdout
    folder = tmp_path / "demo"
    assert "completed" in shown and "failed" in shown
    status = json.loads(milepost("status", "--json", cwd=folder, home=home).stdout)
    assert status["phase"] == "completed" and status["settled"] == status["assertions"]
    assert len(status["milestones"]) >= 2 and any(f["fixes"] for m in status["milestones"] for f in m["features"])
    report = json.loads(milepost("report", "--format", "json", cwd=folder, home=home).stdout)
    assert len({v["surface"] for v in report["verdicts"]}) >= 3
    judged = [*report["rounds"], *report["audits"]]
    assert any(one["outcome"] == "failed" for one in judged)
    assert "whole" in milepost("verify", cwd=folder, home=home).stdout
    first = next(iter(status["assertion_states"]))
    assert "attempt worker" in milepost("why", first, cwd=folder, home=home).stdout
    assert "same" in milepost("replay", cwd=folder, home=home).stdout
    assert subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True).stdout == ""
    milepost("land", cwd=folder, home=home)
    assert (folder / NAME / "__main__.py").exists()
    head = subprocess.run(["git", "log", "-1", "--format=%B"], cwd=folder, capture_output=True, text=True).stdout
    assert head.strip()
