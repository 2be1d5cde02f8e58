"""Lies do not pass: each is caught, named, and the mission does not advance."""

from collections.abc import Callable

import pytest

from milepost.domain.mission import Mission
from milepost.domain.turns import ToolEnded
from milepost.model.scripted import Step, call, calls
from tests.runner import light, story
from tests.runner.conftest import Stage

Play = Callable[..., Stage]


def opened(mission: Mission, kind: str) -> list[str]:
    """The texts of the items of one type."""
    return [i.opened.text for i in mission.items.values() if i.opened.type == kind]


def stands_still(mission: Mission) -> bool:
    """Whether nothing was sealed and the mission waits for somebody."""
    return mission.phase == "running" and not any(s.status == "sealed" for s in mission.milestones.values())


async def results(stage: Stage, attempt: str) -> list[str]:
    """What the tools of an attempt answered."""
    assert stage.folder is not None
    async with await stage.app.log(stage.folder, write=False) as log:
        return [r.event.result for r in await log.events.turns(attempt) if isinstance(r.event, ToolEnded)]


async def test_the_honest_script_completes(stage: Play) -> None:
    mission = await stage(light.script()).play()
    assert mission.phase == "completed", mission.holds


async def test_D13_done_without_work_is_no_work(stage: Play) -> None:
    lie = story.handoff("Everything is done", [], commands=[])
    mission = await stage(light.script([lie])).play()
    assert opened(mission, "no_work") and stands_still(mission)


async def test_D14_command_that_was_never_run_is_a_mismatch(stage: Play) -> None:
    claims = [{"command": "make everything", "exit_code": 0, "observation": "fine"}]
    steps = [light.written(), call("commit", message="Discount"), story.handoff("Done", light.TESTS, commands=claims)]
    mission = await stage(light.script(steps)).play()
    assert any("make everything" in text for text in opened(mission, "mismatch")) and stands_still(mission)


async def test_exit_code_that_was_never_seen_is_a_mismatch(stage: Play) -> None:
    ran = ("run_command", {"command": "test -e no-such-file"})
    claims = [{"command": "test -e no-such-file", "exit_code": 0, "observation": "it is there"}]
    steps = [
        light.written(ran),
        call("commit", message="Discount"),
        story.handoff("Done", light.TESTS, commands=claims),
    ]
    mission = await stage(light.script(steps)).play()
    assert any("exit code 1" in text or "1" in text for text in opened(mission, "mismatch")) and stands_still(mission)


async def test_D01_deleted_test_is_missed(stage: Play) -> None:
    gone = ("run_command", {"command": "rm tests/test_price.py"})
    steps = [calls(gone), light.written(), call("commit", message="Discount"), story.handoff("Done", light.TESTS)]
    mission = await stage(light.script(steps)).play()
    assert any("test_total_adds_prices" in text for text in opened(mission, "gate")) and stands_still(mission)
    assert mission.rounds[0].outcome == "failed"


async def test_D16_test_that_passes_on_the_old_code_is_vacuous(stage: Play) -> None:
    hollow = story.DISCOUNT_TEST.replace("total([10, 10], discount=10), 18", "total([10, 8]), 18")
    files = {**light.FILES, "tests/test_discount.py": hollow}
    mission = await stage(light.script(story.build(files, "Done", light.TESTS))).play()
    assert any("test_discount_lowers_the_total" in text for text in opened(mission, "vacuous")) and stands_still(
        mission
    )


async def test_tester_who_passes_without_evidence_is_refused(stage: Play) -> None:
    verdict = {"assertion": "CMD-001", "outcome": "passed", "evidence": [], "note": "looks fine"}
    invented = {**verdict, "evidence": ["E7"]}
    told = story.script() | {
        "tester.M1r1.flow-1.*": [
            call("submit_verdicts", verdicts=[verdict]),
            call("submit_verdicts", verdicts=[invented]),
        ]
    }
    playing = stage(told)
    mission = await playing.play()
    refusals = await results(playing, "tester.M1r1.flow-1.1")
    assert len(refusals) == 2 and all(text.startswith("error:") for text in refusals)
    assert mission.assertions["CMD-001"].status == "pending" and stands_still(mission)


async def test_D22_reviewer_who_approves_cannot_outvote_a_red_check(stage: Play) -> None:
    wrong = story.DISCOUNT.replace("(100 - discount) // 100", "1 - (18 if discount == 11 else 0)")
    files = {
        "shop/price.py": wrong,
        "tests/test_discount.py": story.DISCOUNT_TEST.replace("18", "20").replace("10, 10", "9, 12, -1"),
    }
    mission = await stage(light.script(story.build(files, "Done", light.TESTS))).play()
    assert mission.assertions["DISC-001"].status == "failed" or opened(mission, "vacuous")
    assert stands_still(mission)


@pytest.mark.parametrize("decision", ["dismiss"])
async def test_D14_orchestrator_may_not_dismiss_no_work(stage: Play, decision: str) -> None:
    lie = story.handoff("Everything is done", [], commands=[])
    reason = "this is certainly of no importance at all"
    playing = stage(
        light.script(
            [lie], orchestrator_2=[call("resolve_item", item="I1", decision=decision, reason=reason), light.GIVE_UP]
        )
    )
    mission = await playing.play()
    assert "may not be dismissed" in (await results(playing, "orchestrator.2"))[0]
    assert mission.items["I1"].is_open and stands_still(mission)


async def test_idle_orchestrator_ends_with_the_user(stage: Play) -> None:
    lie = story.handoff("Everything is done", [], commands=[])
    mission = await stage(light.script([lie])).play()
    assert mission.word == "blocked"
    assert any("changed nothing" in text for text in opened(mission, "stuck"))


async def test_weaker_contract_waits_for_the_user(stage: Play) -> None:
    lie = story.handoff("Everything is done", [], commands=[])
    weaker = story.CONTRACT_DISC.partition("### DISC-002")[0].partition("### ")[2]
    change = {
        "op": "change",
        "assertion": "DISC-001",
        "text": "### " + weaker.replace("it returns 18", "it returns a number"),
    }
    asks: list[Step] = [
        call("amend_contract", reason="the assertion is far too strict", changes=[change]),
        light.GIVE_UP,
    ]
    mission = await stage(light.script([lie], orchestrator_2=asks)).play()
    found = mission.contract.get("DISC-001")
    assert found is not None and found.then == "it returns 18"
    assert opened(mission, "approval") and stands_still(mission)


async def test_outline_may_not_rot(stage: Play) -> None:
    outline = {"id": "F2", "milestone": "M2", "title": "Later", "detail": "outline", "fulfills": ["DISC-002"]}
    first = {**light.PLAN["features"][0], "fulfills": ["DISC-001"]}
    plan = {
        "milestones": [*light.PLAN["milestones"], {"id": "M2", "title": "More", "outcome": "More of it"}],
        "features": [first, outline],
    }
    mission = await stage(light.script(orchestrator_1=light.draft(plan=plan))).play()
    assert mission.milestones["M1"].status == "sealed" and mission.milestones["M2"].status == "open"
    assert mission.word == "blocked" and mission.features["F2"].status == "outline"


async def test_D27_contract_that_cannot_be_met_is_never_completed(stage: Play) -> None:
    stops = story.handoff(
        "It cannot be done", [], outcome="cannot", commands=[], undone=[{"what": "all", "why": "impossible"}]
    )
    playing = stage(light.script([stops]))
    assert (await playing.play()).word == "blocked"


async def test_D27_unattended_contract_that_cannot_be_met_fails(stage: Play) -> None:
    stops = story.handoff(
        "It cannot be done", [], outcome="cannot", commands=[], undone=[{"what": "all", "why": "impossible"}]
    )
    playing = stage(light.script([stops]))
    playing.settings = playing.settings.model_copy(update={"unattended": True})
    mission = await playing.play()
    assert mission.phase == "failed" and "changed nothing" in mission.reason
