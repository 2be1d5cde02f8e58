"""What an editor started goes on once the editor is closed."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from milepost.domain.errors import Refused
from milepost.log.folder import MissionFolder, missions
from milepost.log.head import read_head
from milepost.lsp.detached import outliving
from milepost.lsp.orders import Sender
from tests.lsp.conftest import until
from tests.lsp.desktop import PLAIN, editor
from tests.lsp.test_mission import proposed
from tests.runner.conftest import Stage

Stages = Callable[..., Stage]
GOES_ON = """
import pathlib, sys
pathlib.Path("begun").touch()
open("gate").read()
print("said to nobody", flush=True)
print("complained to nobody", file=sys.stderr, flush=True)
pathlib.Path("done").touch()
"""


def test_process_goes_on_and_may_print_once_nobody_waits_for_it(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gate")

    async def begin() -> None:
        task = asyncio.create_task(outliving([sys.executable, "-c", GOES_ON], tmp_path, dict(os.environ)))
        await asyncio.to_thread(until, (tmp_path / "begun").exists, "it has begun")
        task.cancel()

    asyncio.run(begin())
    (tmp_path / "gate").write_text("")
    until((tmp_path / "done").exists, "it came to its end")


async def test_what_it_says_is_told_to_who_waits(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "import sys; print('näh'); print('why', file=sys.stderr); sys.exit(4)"]
    assert await outliving(words, tmp_path, dict(os.environ)) == (4, "näh\n", "why\n")


async def test_complaint_of_a_command_of_ours_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    sender = Sender(tmp_path, {"MILEPOST_STATE_DIR": str(tmp_path / "state")})
    with pytest.raises(Refused, match="is not empty"):
        await sender.run("demo", "--dir", str(tmp_path / "full"))


@pytest.fixture
def demos(tmp_path: Path) -> Iterator[Callable[[], list[int]]]:
    """The demonstrations that play below this test's folder; they end with the test."""

    def found() -> list[int]:
        ids = []
        for place in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = place.read_text().split("\0")
                if "demo" in words and any(word.startswith(str(tmp_path)) for word in words):
                    ids.append(int(place.parent.name))
        return ids

    yield found
    for process in found():
        with suppress(ProcessLookupError):
            os.killpg(process, signal.SIGKILL)


async def test_demo_outlives_the_editor_that_started_it(
    stage: Stages, tmp_path: Path, demos: Callable[[], list[int]],
) -> None:
    made, folder = await proposed(stage), tmp_path / "watched"
    state = made.app.config.state_dir
    async with editor(made, PLAIN) as desk:
        answer = await desk.ask("workspace/executeCommand", {
            "command": "milepost.demo", "arguments": [{"folder": folder.as_uri()}]
        })
        assert str(folder) in answer["message"]
        await asyncio.to_thread(until, lambda: any(m.mission == "mazes" for m in missions(state)), "it plays")
    [player] = demos()
    place = next(m for m in missions(state) if m.mission == "mazes")
    before = newest(place)
    await asyncio.to_thread(until, lambda: newest(place) > before + 10, "it goes on")
    assert demos() == [player]


def newest(place: MissionFolder) -> int:
    """The number of a mission's newest event."""
    head = read_head(place.root)
    return head.seq if head else 0
