"""The quick mission of these tests is a whole one: built, proved, judged, sealed, audited."""

from collections.abc import Callable
from typing import Any

from tests.runner import quick

Begin = Callable[..., Any]


async def test_quick_mission_completes(begun: Begin) -> None:
    stage = await begun()
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert mission.features["F1"].provable and [r.outcome for r in mission.rounds] == ["passed"]


async def test_whole_quick_mission_fails_a_round_and_mends_it(begun: Begin) -> None:
    stage = await begun(quick.whole(), plan=quick.WHOLE, unchecked=quick.UNCHECKED)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert [(r.milestone, r.outcome) for r in mission.rounds][:3] == [
        ("M1", "passed"), ("M2", "failed"), ("M2", "passed")
    ]


async def test_quick_mission_of_two_milestones_completes(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"), quick.feature(3, "THANKS", "M2"))
    stage = await begun(plan=plan)
    assert (await stage.carry()).phase == "completed"
