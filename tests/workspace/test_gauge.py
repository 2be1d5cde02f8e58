"""What is free and what cells take, by the system's books; those books are Linux's."""

import os
import shlex
import sys
from pathlib import Path

import pytest

from milepost.workspace.gauge import (
    footprints,
    free_in_group,
    free_memory,
    headroom,
    idle_processors,
    left_in,
    proportional,
)
from milepost.workspace.sandbox import open_cell
from tests.workspace.living import living, odd_seconds, until

linux = pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="not run: no /proc with smaps_rollup")
EATER = "import sys, threading; held = bytearray(b'x') * (int(sys.argv[1]) << 20); threading.Event().wait()"


@linux
@pytest.mark.parametrize("kind", ["sandbox", "plain"])
async def test_memory_is_told_by_cell_daemons_included(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    walled = kind == "sandbox" and request.getfixturevalue("sandbox")
    places, words = {}, {}
    cells = []
    for name, size in (("small", 20), ("large", 60)):
        place = tmp_path / "scratch" / f"{name}.1"
        home = tmp_path / "scratch" / f"{name}.1.home"
        place.mkdir(parents=True)
        home.mkdir()
        cell = await open_cell(place, sandbox=walled, scratch=home)
        cells.append(cell)
        places[name], words[name] = place, odd_seconds()
        # What left the command that started it still belongs to its cell.
        eat = f"{shlex.quote(sys.executable)} -I -c {shlex.quote(EATER)} {size} {words[name]}"
        await cell.start(f"setsid {eat} & wait", log=tmp_path / f"{name}.log")

    def eaten(name: str, size: int) -> bool:
        return any(proportional(pid) > size * 1024 for pid in living(words[name]))

    try:
        await until(lambda: eaten("small", 20) and eaten("large", 60), 20)
        seen = footprints(places)
        assert 20 <= seen.cells["small"] < 60 <= seen.cells["large"] < 120
        assert seen.together >= seen.cells["small"] + seen.cells["large"]
    finally:
        for cell in cells:
            await cell.close()
    assert footprints(places).cells == {"small": 0, "large": 0}


@linux
def test_headroom_is_what_this_machine_has() -> None:
    found = headroom(taken_mb=7)
    assert found.taken_mb == 7
    assert found.memory_mb is not None and 0 < found.memory_mb < 10_000_000
    assert found.cpus is not None and 0 <= found.cpus <= (os.cpu_count() or 1)


def group(folder: Path, most: str, held_mb: int, files_mb: int = 0) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "memory.max").write_text(f"{most}\n")
    (folder / "memory.current").write_text(f"{held_mb << 20}\n")
    (folder / "memory.stat").write_text(f"anon 5\ninactive_file {files_mb << 20}\n")
    return folder


def test_tightest_group_counts_and_files_that_can_be_read_again_are_free(tmp_path: Path) -> None:
    outer = group(tmp_path / "slice", str(1000 << 20), 900, 300)
    inner = group(outer / "unit", "max", 50)
    own = tmp_path / "cgroup"
    own.write_text("1:cpu:/other\n0::/slice/unit\n")
    assert left_in(inner) is None
    assert left_in(outer) == 400
    assert free_in_group(tmp_path, own) == 400
    group(inner, str(100 << 20), 120)
    assert free_in_group(tmp_path, own) == 0


def test_where_nothing_is_told_nothing_is_known(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert (free_memory(missing), free_in_group(tmp_path, missing), idle_processors(missing)) == (None, None, None)
