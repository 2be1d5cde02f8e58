"""Scripts played beside the runner, and exported as tests of the repository's own that need no Milepost."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.domain.errors import Refused
from milepost.runner.bystander import Bystander
from tests.conftest import ROOT
from tests.runner import notes, quick
from tests.runner.conftest import Stage
from tests.runner.test_scripting import BROKEN

WRONG = {
    "count.py": BROKEN, "menu.py": notes.MENU.replace('count += key == "+"', "sys.exit(3)"),
    "notes.py": notes.API.replace('"no such note"', '"gone"'),
}
"""Each breaks one of the flows."""


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A mission whose notes are shown and sealed; only for tests that leave it as it is."""
    made = Stage(tmp_path_factory.mktemp("notes"), notes.script(), repository=quick.make_repository, goal=notes.GOAL)

    async def carried() -> None:
        await notes.agree(made.app, await made.create(), notes.plan())
        await made.carry(lambda m: m.milestones["M1"].status == "sealed")

    asyncio.run(carried())
    return made


@pytest.fixture
def bystander(sealed: Stage) -> Bystander:
    return sealed.app.bystander


@pytest.fixture
def repository(sealed: Stage, tmp_path: Path) -> Path:
    """The repository with the work of the mission, as its user has it."""
    target = tmp_path / "shop"
    git(tmp_path, "clone", "-q", str(sealed.place.repository), str(target))
    git(target, "checkout", "-q", "-B", "main", asyncio.run(sealed.read()).head)
    return target


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def pytest_(folder: Path, repository: Path, tmp_path: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The repository's own test command, in an environment where Milepost can be called and not imported."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    (programs / "milepost").write_text(
        f"#!/bin/sh\nPYTHONPATH={ROOT / 'server'} exec {sys.executable} -m milepost \"$@\"\n"
    )
    (programs / "milepost").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(tmp_path / "home"),
        "MILEPOST_STATE_DIR": str(tmp_path / "state"), "MILEPOST_CONFIG_DIR": str(tmp_path / "config"),
    }
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-rA", str(folder), *more]
    return subprocess.run(words, cwd=repository, env=environment, capture_output=True, text=True, timeout=120)


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """By test, how it ended."""
    lines = [line.split(" ")[:2] for line in done.stdout.splitlines() if line.startswith(("PASSED ", "FAILED "))]
    return {name.rpartition("::")[2]: word for word, name in lines}


async def test_scripts_hold_at_the_commit_they_were_compiled_at_and_at_no_other(
    sealed: Stage, bystander: Bystander
) -> None:
    mission = await sealed.read()
    found = await bystander.replay_flows(sealed.place)
    assert found.holds and found.commit == mission.head
    assert [(r.assertion, r.outcome) for r in found.rows] == [
        ("NOTE-001", "passed"), ("NOTE-002", "passed"), ("CMD-001", "passed"), ("MENU-001", "passed"),
    ]
    before = await bystander.replay_flows(sealed.place, mission.base)
    assert not before.holds and {r.outcome for r in before.rows} == {"failed"}
    with pytest.raises(Refused, match="'nothing' names no commit of the mission"):
        await bystander.replay_flows(sealed.place, "nothing")
    # Nobody's log or state changed.
    assert (await sealed.read()).seq == mission.seq


async def test_exported_tests_pass_and_fail_on_a_broken_program(
    sealed: Stage, bystander: Bystander, repository: Path, tmp_path: Path
) -> None:
    folder = repository / "tests" / "flows"
    files = await bystander.export_flows(sealed.place, folder)
    names = sorted(path.relative_to(folder).as_posix() for path in files)
    assert names == [
        "conftest.py", "flow_support/__init__.py", "flow_support/lines.py", "flow_support/marks.py",
        "flow_support/masks.py", "flow_support/program.py", "flow_support/template.py", "menu-001.flow.json",
        "test_cmd.py", "test_menu.py", "test_note.py",
    ]
    assert not [path for path in files if path.suffix == ".py" and "milepost." in path.read_text()]
    assert 'f\'http://notes/notes/{v1}\'' in (folder / "test_note.py").read_text()
    good = pytest_(folder, repository, tmp_path)
    tests = ("test_cmd_001", "test_menu_001", "test_note_001_note_002")
    assert outcomes(good) == dict.fromkeys(tests, "PASSED"), good.stdout + good.stderr
    for name, text in WRONG.items():
        (repository / name).write_text(text)
    bad = pytest_(folder, repository, tmp_path)
    assert outcomes(bad) == dict.fromkeys(tests, "FAILED"), bad.stdout + bad.stderr
    assert "CMD-001: 'words: 2' was not seen" in bad.stdout
    assert "NOTE-002: 'no such note' was not seen" in bad.stdout
    assert "MENU-001: move 2, terminal_send" in bad.stdout
    # The user's folder is as it was: everything ran in a copy.
    changed = git(repository, "status", "--porcelain", "--untracked-files=all").splitlines()
    assert all("tests/flows/" in line or line[3:] in WRONG for line in changed), changed


async def test_what_is_no_flow_is_refused(bystander: Bystander, repository: Path, tmp_path: Path) -> None:
    (tmp_path / "x.flow.json").write_text("{}")
    facts = await bystander.inspect(repository)
    for name in ("x.flow.json", "y.flow.json"):
        with pytest.raises(Refused, match="is no exported flow"):
            await bystander.play_flow(tmp_path / name, facts)


async def test_mission_without_scripts_has_nothing_to_play_or_export(tmp_path: Path) -> None:
    stage = Stage(tmp_path, quick.script(), repository=quick.make_repository, goal=quick.GOAL)
    await quick.agree(stage.app, await stage.create(), quick.plan(), quick.MANIFEST)
    for refused in (stage.app.bystander.replay_flows(stage.place),
                    stage.app.bystander.export_flows(stage.place, tmp_path / "flows")):
        with pytest.raises(Refused, match="has no script yet"):
            await refused
    shutil.rmtree(tmp_path / "state")


def milepost(sealed: Stage, *words: str) -> subprocess.CompletedProcess[str]:
    """One command of a person's, beside the mission."""
    config = sealed.app.config
    environment = {
        **os.environ, "PYTHONPATH": str(ROOT / "server"), "MILEPOST_STATE_DIR": str(config.state_dir),
        "MILEPOST_CONFIG_DIR": str(config.config_dir),
    }
    argv = [sys.executable, "-m", "milepost", *words, "-C", str(sealed.repository)]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)


def test_person_plays_and_exports_what_testers_showed(sealed: Stage, tmp_path: Path) -> None:
    refused = milepost(sealed, "verify", "--replay-flows")
    assert refused.returncode == 2 and "is not trusted" in refused.stderr
    assert milepost(sealed, "trust").returncode == 0
    held = milepost(sealed, "verify", "--replay-flows")
    assert held.returncode == 0, held.stderr
    assert "✓ NOTE-001 A note can be read" in held.stdout and "4 of 4 held at " in held.stdout
    before = milepost(sealed, "verify", "--replay-flows", "--json", "--at", asyncio.run(sealed.read()).base)
    told = json.loads(before.stdout)
    assert before.returncode == 5 and not told["holds"]
    assert [(r["assertion"], r["move"]) for r in told["rows"]][2:] == [("CMD-001", 1), ("MENU-001", 1)]
    written = milepost(sealed, "flows", "export", str(tmp_path / "flows"))
    assert written.returncode == 0 and "11 files; `python -m pytest" in written.stdout
    assert (tmp_path / "flows" / "test_note.py").is_file()
