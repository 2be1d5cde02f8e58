"""The wheel is what people get: it carries its text, and runs far from the checkout."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from milepost import __version__

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the wheel was installed, without what it depends on: that is here already."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = (folder / "dist").iterdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-compile",
         "--target", str(folder / "site"), str(wheel)],
        check=True, capture_output=True,
    )
    return folder / "site"


def python(installed: Path, *words: str) -> str:
    """What the installed package says, started in its folder, where it comes before the checkout."""
    started = subprocess.run([sys.executable, *words], cwd=installed, check=True, capture_output=True, text=True)
    return started.stdout.strip()


def test_wheel_says_its_version(installed: Path) -> None:
    assert __version__ in python(installed, "-m", "milepost", "--version")


def test_wheel_carries_every_text_of_the_checkout(installed: Path) -> None:
    root = python(installed, "-c", "from milepost.text import assets; print(assets.root())")
    assert Path(root) == installed / "milepost" / "_text"
    for part in ("prompts", "skills", "demo"):
        here = {path.relative_to(ROOT).as_posix() for path in (ROOT / part).rglob("*") if path.is_file()}
        assert {path.relative_to(root).as_posix() for path in (Path(root) / part).rglob("*") if path.is_file()} == here


def test_wheel_renders_a_prompt_and_seats_everybody(installed: Path) -> None:
    code = (
        "from milepost.text.prompts import render; from milepost.seats import default_seats; "
        "print(len(render('worker/system')) > 99, len(default_seats(['OPENAI_API_KEY'])))"
    )
    assert python(installed, "-c", code) == "True 7"


def test_wheel_asks_for_exactly_what_was_tried(installed: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (metadata,) = installed.glob("milepost-*.dist-info/METADATA")
    asked = [line.removeprefix("Requires-Dist: ") for line in metadata.read_text().splitlines()
             if line.startswith("Requires-Dist: ")]
    more = project["optional-dependencies"].items()
    extras = [f"{wanted}; extra == '{name}'" for name, behind in more for wanted in behind]
    assert sorted(asked, key=str.lower) == sorted([*project["dependencies"], *extras], key=str.lower)
    assert all("==" in wanted for wanted in asked)
