"""What happens around an editor: runners die, disks fill, two editors look at one mission, programs are upgraded."""

import resource
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from milepost.log.lease import Lease
from tests.lsp.desktop import editor, line_of, trust
from tests.lsp.test_mission import completed, proposed
from tests.lsp.wire import Refusal
from tests.runner.conftest import Stage

Begin = Callable[..., Any]
Stages = Callable[..., Stage]

async def test_two_editors_see_one_mission_and_an_order_is_applied_once(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as one, editor(made) as other:
        for desk in (one, other):
            await desk.heard("milepost/status", lambda p: p["missions"])
        await one.command("steer", text="softly, please")
        await other.heard("milepost/status", lambda p: p["missions"] and p["missions"][0]["word"] != "proposed")
        mission = await one.until(lambda m: bool(m.messages))
    assert [m.text for m in mission.messages] == ["softly, please"]
    assert len(await made.records("message_received")) == 1


async def test_runner_that_dies_is_shown_as_such_and_the_mission_goes_on_with_the_next(begun: Begin) -> None:
    made = await begun()
    trust(made)
    async with editor(made) as desk:
        shown = await desk.heard("milepost/status", lambda p: p["missions"])
        assert shown["missions"][0]["word"] == "interrupted" and not shown["missions"][0]["running"]
        lease = Lease(made.place.root)
        assert lease.acquire()
        await desk.heard("milepost/status", lambda p: p["missions"] and p["missions"][0]["word"] == "running")
        since = len(desk.wire.messages)
        lease.release()
        await desk.heard(
            "milepost/status", lambda p: p["missions"] and p["missions"][0]["word"] == "interrupted", since=since
        )


async def test_F_disk_that_is_full_refuses_an_order_in_words_and_shows_on(stage: Stages) -> None:
    made = await proposed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        # Nothing can be written any more, as on a disk that is full.
        resource.prlimit(desk.wire.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        with pytest.raises(Refusal, match="could not be written"):
            await desk.command("steer", text="softly")
        hover = await desk.at("textDocument/hover", desk.contract, line_of(desk.contract, "### HELLO-001"), 6)
        assert "HELLO-001" in hover["contents"]["value"]
    assert not (await made.read()).messages


async def test_log_of_a_newer_version_is_not_misread(stage: Stages) -> None:
    made = await completed(stage)
    async with editor(made) as desk:
        await desk.heard("milepost/status", lambda p: p["missions"])
        newer(made)
        said = await desk.heard("window/showMessage")
        assert "cannot be read" in said["message"] and "last picture" in said["message"]
        assert (await desk.ask("milepost/snapshot", {}))["missions"][0]["status"]["word"] == "completed"


def newer(stage: Stage) -> None:
    """Put a database in place of the mission's that a later version wrote."""
    part = stage.place.database.with_suffix(".part")
    part.write_bytes(stage.place.database.read_bytes())
    with closing(sqlite3.connect(part)) as database:
        database.execute("PRAGMA user_version = 9999")
    part.replace(stage.place.database)


async def test_editor_that_is_closed_stops_nothing(begun: Begin) -> None:
    made = await begun()
    trust(made)
    async with made.carried():
        async with editor(made) as desk:
            await desk.heard("milepost/status", lambda p: p["missions"])
        await made.until(lambda m: m.phase == "completed")
