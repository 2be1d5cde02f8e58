"""The user's folder, `.git` included, is theirs: after a mission only one ref is new in it (D5)."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.conftest import ROOT
from tests.runner import light
from tests.runner.conftest import Stage

Play = Callable[..., Stage]


def everything(folder: Path) -> dict[str, tuple[int, str]]:
    """Mode and content of every file, folder and link."""
    found: dict[str, tuple[int, str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content = str(path.readlink())
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        found[path.relative_to(folder).as_posix()] = (path.lstat().st_mode, content)
    return found


def new_or_changed(before: dict[str, tuple[int, str]], folder: Path) -> set[str]:
    """What is otherwise now, objects of git left out: they cannot be seen and are never rewritten."""
    after = everything(folder)
    changed = {p for p in before | after if before.get(p) != after.get(p)}
    return {p for p in changed if not p.startswith(".git/objects/")}


def untidy(folder: Path) -> None:
    """What a person has lying about: unstaged, staged and ignored files, a stash."""
    (folder / "notes.txt").write_text("mine")
    (folder / "README.md").write_text("# Shop, and more\n")
    for words in (["add", "README.md"], ["stash"], ["stash", "apply", "-q"]):
        subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True)
    (folder / "ignored.pyc").write_text("x")
    (folder / ".gitignore").write_text("__pycache__/\n*.pyc\n")


async def test_mission_that_was_not_landed_leaves_one_ref(stage: Play) -> None:
    playing = stage(light.script())
    untidy(playing.repository)
    before = everything(playing.repository)
    mission = await playing.play()
    assert mission.phase == "completed"
    ref = f".git/refs/heads/{mission.branch}"
    assert new_or_changed(before, playing.repository) == {".git/refs/heads/milepost", ref}
    published = (playing.repository / ref).read_text().strip()
    assert published == mission.head


async def test_mission_that_never_publishes_leaves_nothing(stage: Play) -> None:
    playing = stage(light.script())
    playing.settings = playing.settings.model_copy(update={"publish": "never"})
    before = everything(playing.repository)
    assert (await playing.play()).phase == "completed"
    assert everything(playing.repository) == before


def test_killed_mission_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"}
    subprocess.run(
        [sys.executable, "-m", "tests.runner.victim", "leave", str(tmp_path), "60"],
        cwd=ROOT,
        check=True,
        env=environment,
        capture_output=True,
    )
    stage_again = Stage(tmp_path / "again", light.script())
    untouched, left = everything(stage_again.repository), everything(tmp_path / "shop")
    assert {p: v for p, v in left.items() if not p.startswith(".git/")} == {
        p: v for p, v in untouched.items() if not p.startswith(".git/")
    }
    refs = [p for p in left if p.startswith(".git/refs/")]
    assert refs == [p for p in untouched if p.startswith(".git/refs/")]


async def test_mission_in_place_that_was_undone_leaves_nothing(stage: Play) -> None:
    playing = stage(light.script())
    untidy(playing.repository)
    playing.settings = playing.settings.model_copy(update={"publish": "never"})
    before = everything(playing.repository)
    await playing.create(mode="in_place")
    mission = await playing.play()
    assert mission.phase == "completed", mission.holds
    assert (playing.repository / "shop" / "price.py").read_text() != "" and playing.folder is not None
    assert "discount" in (playing.repository / "shop" / "price.py").read_text()
    assert await playing.app.undo(playing.folder) == []
    assert everything(playing.repository) == before
