"""A desk for each test, and the editors that are installed."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from milepost.domain import orders as o
from tests.cli.conftest import end_runners
from tests.conftest import ROOT
from tests.editors.desk import Desk
from tests.editors.documented import block
from tests.editors.neovim import Neovim, version_of
from tests.lsp.told import Written, judged

NEWER = str(ROOT / "build" / "neovim" / "bin" / "nvim")
"""Where `.ci/system` puts a newer Neovim than Debian's."""


@pytest.fixture
def desk(repository: Path) -> Iterator[Desk]:
    """A desk in front of the small repository; whatever was started at it is ended."""
    folder = Path(tempfile.mkdtemp(prefix="mp-"))
    shutil.move(repository, folder / "shop")
    yield Desk.laid_out(folder / "d", folder / "shop")
    end_runners(folder)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def told(desk: Desk) -> Written:
    """A mission that waits: an assertion failed, a finding and a question are open, and it is paused."""
    told = judged(desk.state, desk.repository)
    told.order(o.PauseMission())
    told.write()
    return told


@pytest.fixture(params=["nvim", NEWER], ids=["debian", "newer"])
def neovim(request: pytest.FixtureRequest, desk: Desk) -> Iterator[Neovim]:
    """Each Neovim that is here, in the repository, with the configuration for its version."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip("not run: neovim is not installed" if request.param == "nvim" else f"there is no {NEWER}")
    heading = "Neovim 0.11 and newer" if version_of(program) >= (0, 11) else "Neovim 0.7 to 0.10"
    with Neovim(program, block(heading, "lua"), desk) as editor:
        yield editor
