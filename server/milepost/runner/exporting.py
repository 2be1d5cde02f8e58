"""Writes the scripts of a mission as tests of the repository's own: pytest files, and what they run on beside them."""

from importlib import resources
from pathlib import Path
from pprint import pformat

from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.log.folder import MissionFolder
from milepost.runner.replaying import readable, wanted_of
from milepost.runner.workshop import EMPTY
from milepost.scripts.flow_file import FlowFile
from milepost.scripts.pytest_source import module, stands_alone, uses_page
from milepost.scripts.script import Script

SUPPORT = "flow_support"
"""The package that exported tests import; it lies beside them."""
COPIED = {
    "milepost.scripts": ("marks.py", "lines.py", "template.py", "masks.py"), "milepost.runner": ("_program.py",),
}
"""Modules of ours that need nothing but Python, and go with the tests."""
CONFTEST = '''"""The program that these tests use: a copy of the repository around them, with its services."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from flow_support import Program  # noqa: E402

SERVICES = {services}


@pytest.fixture
def root() -> Path:
    """The top of the repository."""
    return next((folder for folder in HERE.parents if (folder / ".git").exists()), Path.cwd())


@pytest.fixture
def program(root: Path, tmp_path: Path) -> Iterator[Program]:
    """The program, as a person finds it who has never used it."""
    made = Program(root, tmp_path / "program", SERVICES)
    yield made
    made.close()
'''
PAGE = '''

@pytest.fixture
def page(program: Program) -> Iterator[Any]:
    """A page of the browser that Playwright or the system has; what goes wrong in it is noted."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("google-chrome"))
        made = browser.new_page(viewport={"width": 1280, "height": 800})
        made.on("pageerror", lambda error: program.errors.append(str(error)))
        made.on("console", lambda said: program.errors.append(said.text) if said.type == "error" else None)
        yield made
        browser.close()
'''


def export(folder: MissionFolder, mission: Mission, target: Path) -> list[Path]:
    """Write them; the files. Raises Refused where there is none, or the folder cannot be written."""
    scripts = {blob: trimmed(script, wanted_of(mission, blob)) for blob, script in readable(folder, mission).items()}
    if not scripts:
        raise Refused(f"{mission.id} has no script yet: they are compiled as testers' flows pass")
    manifest = mission.manifest or EMPTY
    services = [service.model_dump(mode="json", exclude_defaults=True) for service in manifest.services]
    texts = {f"{SUPPORT}/{name.removeprefix('_')}": text for name, text in support().items()}
    texts[f"{SUPPORT}/__init__.py"] = (
        '"""What exported flows run on."""\n\nfrom flow_support.program import Program, played\n\n'
        '__all__ = ["Program", "played"]\n'
    )
    texts["conftest.py"] = CONFTEST.replace("{services}", pformat(services, width=110, sort_dicts=False))
    if any(stands_alone(script) and uses_page(script) for script in scripts.values()):
        texts["conftest.py"] = with_page(texts["conftest.py"])
    by_area: dict[str, list[tuple[Script, str]]] = {}
    for script in sorted(scripts.values(), key=lambda s: s.promises[0].assertion):
        first = script.promises[0].assertion
        name = f"{first.lower()}.flow.json"
        by_area.setdefault(first.rpartition("-")[0], []).append((script, name))
        if not stands_alone(script):
            flow = FlowFile(mission=mission.id, manifest=manifest, script=script)
            texts[name] = flow.model_dump_json(indent=1, exclude_defaults=True) + "\n"
    titles = {area.name: area.title for area in mission.contract.areas}
    for area, flows in by_area.items():
        texts[f"test_{area.lower()}.py"] = module(titles.get(area) or area, mission.id, flows)
    return [write(target / name, text) for name, text in sorted(texts.items())]


def trimmed(script: Script, wanted: list[str]) -> Script:
    """The script with the promises that still stand, and no longer than these need."""
    kept = [p for p in script.promises if p.assertion in wanted]
    return script.model_copy(update={"promises": kept, "moves": script.moves[:max(p.last for p in kept) + 1]})


def with_page(conftest: str) -> str:
    """The fixtures with one more, for flows in a browser."""
    whole = conftest.replace("import sys\n", "import shutil\nimport sys\n", 1)
    return whole.replace("from pathlib import Path\n", "from pathlib import Path\nfrom typing import Any\n", 1) + PAGE


def support() -> dict[str, str]:
    """Our modules as they are, calling one another by the names they have there."""
    texts = {}
    for package, names in COPIED.items():
        for name in names:
            text = resources.files(package).joinpath(name).read_text("utf-8")
            texts[name] = text.replace("milepost.scripts.", f"{SUPPORT}.")
    return texts


def write(path: Path, text: str) -> Path:
    """Write one file."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Refused(f"{str(path)!r} cannot be written: {error.strerror or error}") from error
    return path
