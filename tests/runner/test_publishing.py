"""The branch in the user's repository follows the mission as the setting says, and a crash in between is mended."""

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from milepost.domain import events as e
from milepost.runner.publishing import publish_due
from tests.runner import quick
from tests.runner.conftest import Stage

Begin = Callable[..., Any]
TWO = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))


def branch(stage: Stage) -> str | None:
    """Where the published branch is in the user's repository."""
    argv = ["git", "rev-parse", "--verify", "--quiet", f"refs/heads/milepost/{stage.place.mission}"]
    return subprocess.run(argv, cwd=stage.repository, capture_output=True, text=True).stdout.strip() or None


def user(stage: Stage, *words: str) -> None:
    """The user does something with git."""
    subprocess.run(["git", *words], cwd=stage.repository, check=True, capture_output=True)


async def test_branch_is_published_at_each_sealed_milestone(begun: Begin) -> None:
    stage = await begun(plan=TWO)
    await stage.carry(lambda m: m.features["F1"].proved)
    assert branch(stage) is None
    mission = await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    assert branch(stage) == mission.milestones["M1"].commit == mission.head
    mission = await stage.carry()
    assert branch(stage) == mission.head


async def test_branch_is_published_after_each_audited_handoff(begun: Begin) -> None:
    stage = await begun(plan=TWO, settings={"publish": "handoff"})
    mission = await stage.carry(lambda m: m.features["F1"].audited)
    assert branch(stage) == mission.features["F1"].end != mission.base


async def test_nothing_is_published_where_the_user_does_not_want_it(begun: Begin) -> None:
    stage = await begun(settings={"publish": "never"})
    assert (await stage.carry()).phase == "completed"
    assert branch(stage) is None


async def test_crash_between_seal_and_publish_is_mended_at_the_next_start(begun: Begin) -> None:
    stage = await begun(plan=TWO)
    mission = await stage.carry(lambda m: bool(m.rounds) and m.rounds[0].outcome == "passed")
    async with await stage.app.log(stage.place) as log:
        await log.record(e.MilestoneSealed(milestone="M1", commit=mission.head))
    assert branch(stage) is None
    await stage.send("pause_mission")
    await stage.carry()
    assert branch(stage) == mission.head


async def test_branch_that_is_ahead_is_left_where_it_is(begun: Begin) -> None:
    stage = await begun(plan=TWO)
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    mission = await stage.carry(lambda m: bool(m.features["F2"].end))
    await stage.app.bystander.publish(stage.place)
    assert branch(stage) == mission.head != mission.milestones["M1"].commit
    async with stage.app.office(stage.place) as office:
        await publish_due(office)
    assert branch(stage) == mission.head


@pytest.mark.parametrize("in_the_way", ["checked out", "moved"])
async def test_branch_that_cannot_be_published_is_told_once_and_holds_nothing(begun: Begin, in_the_way: str) -> None:
    stage = await begun(plan=TWO)
    name = f"milepost/{stage.place.mission}"
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    if in_the_way == "checked out":
        user(stage, "checkout", "-q", name)
    else:
        user(stage, "update-ref", f"refs/heads/{name}", "main")
    mission = await stage.carry(lambda m: m.milestones["M2"].status == "sealed")
    told = [i for i in mission.attention if i.opened.about == "publish"]
    assert len(told) == 1 and told[0].opened.blocks == "none" and name in told[0].opened.text
    async with stage.app.office(stage.place) as office:
        await publish_due(office)
        assert len(office.mission.attention) == 1
        user(stage, "checkout", "-q", "main")
        if in_the_way == "moved":
            user(stage, "branch", "-m", name, "mine")
        await publish_due(office)
        assert office.mission.attention == []
    mission = await stage.carry()
    assert mission.phase == "completed" and branch(stage) == mission.head
