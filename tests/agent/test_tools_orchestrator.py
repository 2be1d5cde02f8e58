"""The orchestrator's decisions while it asks and steers: each taken once, each within what it may do."""

import asyncio

import pytest

from milepost.domain import events as e
from milepost.domain.errors import Refused, ToolError
from tests.agent.scene import Scene, call

WHY = "because the diff shows exactly that"


@pytest.fixture
async def chair(running: Scene):
    return await running.desk("orchestrator")


def item(name: str, kind: e.ItemType = "finding", about: str = "F1", **more) -> e.ItemOpened:
    return e.ItemOpened(item=name, type=kind, about=about, text=f"{name} is wrong", **more)


# --- ask_user ---

QUESTION = {"topic": "Money", "question": "Which currency?", "options": ["EUR", "USD"]}


async def answered(scene: Scene, *answers: tuple[str, str]) -> None:
    """The user answers, once the questions are there; the hold goes as `decide` lets it go."""
    await scene.log.wait(lambda m: all(i in m.items for i, _ in answers))
    for name, text in answers:
        await scene.record(e.ItemResolved(item=name, decision="answer", text=text), by="user")


async def test_draft_sleeps_until_the_user_answers(draft):
    desk = await draft.desk("orchestrator")
    asking = asyncio.create_task(call(desk, "ask_user", questions=[QUESTION, {"topic": "When", "question": "When?"}]))
    await draft.log.wait(lambda m: "I2" in m.items)
    opened = draft.mission.items["I1"].opened
    assert (opened.owner, opened.blocks, opened.options) == ("user", "mission", ["EUR", "USD"])
    assert opened.payload == {"topic": "Money", "multiple": False}
    assert draft.mission.holds["blocked"].items == ["I1", "I2"]
    await answered(draft, ("I1", "EUR"))
    assert not asking.done()
    await answered(draft, ("I2", "now"))
    assert (await asking).text == "I1 Money: Which currency?\n→ EUR\nI2 When: When?\n→ now"


async def test_F03_question_is_asked_once(draft):
    desk = await draft.desk("orchestrator")
    asking = asyncio.create_task(call(desk, "ask_user", questions=[QUESTION]))
    await draft.log.wait(lambda m: "I1" in m.items)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    again = asyncio.create_task(call(desk, "ask_user", questions=[QUESTION]))
    await answered(draft, ("I1", "USD"))
    assert (await again).text.endswith("→ USD")
    assert len(draft.mission.items) == 1


async def test_hold_keeps_what_it_waited_for_before(draft):
    await draft.record(e.HoldPlaced(hold="blocked", reason="r", items=["I0"]))
    desk = await draft.desk("orchestrator")
    asking = asyncio.create_task(call(desk, "ask_user", questions=[QUESTION]))
    await answered(draft, ("I1", "USD"))
    await asking
    assert draft.mission.holds["blocked"].items == ["I0", "I1"]


async def test_nobody_there_answers_at_once(draft):
    await draft.record(e.SettingChanged(key="unattended", value=True))
    desk = await draft.desk("orchestrator")
    shown = await call(desk, "ask_user", questions=[QUESTION])
    assert "decide yourself and write the assumption into the brief" in shown.text
    assert draft.mission.items["I1"].resolved_by == "engine"
    assert not draft.mission.holds


async def test_question_that_blocks_features_lets_the_rest_go_on(chair):
    shown = await call(chair, "ask_user", questions=[{**QUESTION, "blocks": ["F3"]}])
    assert shown.text.startswith("asked as I1; the answers come with a later seating")
    assert not chair.mission.holds
    with pytest.raises(ToolError, match="blocks F77"):
        await call(chair, "ask_user", questions=[{**QUESTION, "blocks": ["F77"]}])


# --- items ---

async def test_item_is_resolved_once(chair, running):
    await running.record(item("I1"), item("I2", severity="suggestion"))
    for _ in range(2):
        shown = await call(chair, "resolve_item", item="I2", decision="dismiss", reason=WHY)
        seq = running.mission.seq
    assert shown.text == "I2: dismiss; open items of yours: I1"
    assert running.mission.seq == seq
    assert running.mission.items["I2"].resolved_by == chair.attempt


async def test_reason_has_twenty_characters(chair, running):
    await running.record(item("I1"))
    for tool, arguments in (
        ("resolve_item", {"item": "I1", "decision": "dispute", "reason": "no"}),
        ("answer_proposal", {"proposal": "I1", "decision": "accept", "text": "yes"}),
    ):
        with pytest.raises(ToolError, match="at least 20 characters"):
            await call(chair, tool, **arguments)


async def test_what_may_not_be_dismissed_is_refused(chair, running):
    await running.record(item("I1", "verdict", "SHOP-001"))
    with pytest.raises(Refused, match="may not be dismissed"):
        await call(chair, "resolve_item", item="I1", decision="dismiss", reason=WHY)


async def test_proposal_is_answered(chair, running):
    await running.record(item("I1", "proposal", "M1"), item("I2"))
    shown = await call(chair, "answer_proposal", proposal="I1", decision="reject", text=WHY)
    assert shown.text.startswith("I1: reject")
    known = running.mission.items["I1"]
    assert (known.reason, known.text) == (WHY, WHY)
    with pytest.raises(ToolError, match="I2 is a finding; resolve_item"):
        await call(chair, "answer_proposal", proposal="I2", decision="reject", text=WHY)
    with pytest.raises(Refused, match="no item 'I9'"):
        await call(chair, "answer_proposal", proposal="I9", decision="reject", text=WHY)


# --- plan ---

NEW = {
    "id": "F9", "milestone": "M2", "title": "More", "description": "Do more.", "expected": ["more"], "fixes": ["I1"],
}


async def test_plan_is_changed_once(chair, running):
    await running.record(item("I1"))
    change = {
        "reason": WHY, "add": [{**NEW, "before": "F3"}], "order": ["F9", "F3"],
        "milestones": [{"id": "M3", "title": "Later", "outcome": "a person sees more"}],
        "detail": [{"feature": "F2", "description": "Serve them all.", "expected": ["all"]}],
    }
    change["add"].append({**NEW, "id": "F10", "milestone": "M3"})
    for _ in range(2):
        shown = await call(chair, "change_plan", **change)
        seq = running.mission.seq
    assert shown.text == "the plan is changed; not started, in order: F1, F2, F9, F3, F10"
    assert running.mission.seq == seq
    assert running.mission.feature("F2").description == "Serve them all."


async def test_split_and_cancelled_features_are_settled_too(chair, running):
    parts = [
        {"id": "F8", "milestone": "M1", "title": "a", "description": "a", "expected": ["a"], "fulfills": ["SHOP-001"]},
        {"id": "F9", "milestone": "M1", "title": "b", "description": "b", "expected": ["b"], "fixes": ["I1"]},
    ]
    await running.record(item("I1"))
    await call(chair, "change_plan", reason=WHY, add=[{**NEW, "id": "F7", "milestone": "M1"}])
    await call(chair, "change_plan", reason=WHY, fold=[{"feature": "F7", "into": "F1"}])
    for _ in range(2):
        shown = await call(chair, "change_plan", reason=WHY, split=[{"feature": "F1", "into": parts}])
    assert shown.text.endswith("F8, F9, F2, F3")
    assert running.mission.features["F1"].status == "cancelled"


async def test_plan_that_does_not_hold_is_refused(chair, running):
    with pytest.raises(Refused, match="the change is empty"):
        await call(chair, "change_plan", reason=WHY)
    with pytest.raises(Refused, match="no such item"):
        await call(chair, "change_plan", reason=WHY, add=[NEW])
    await running.record(item("I1"))
    with pytest.raises(Refused, match="F9 names skill 'magic', which does not exist; there are: build"):
        await call(chair, "change_plan", reason=WHY, add=[{**NEW, "skill": "magic"}])
    with pytest.raises(Refused):
        await call(chair, "change_plan", reason=WHY, cancel=[{"feature": "F1", "reason": WHY}])


async def test_plan_is_not_changed_before_there_is_one(draft):
    desk = await draft.desk("orchestrator")
    with pytest.raises(Refused):
        await call(desk, "change_plan", reason=WHY, order=["F1"])


# --- contract ---

ADDED = (
    "### SHOP-004 A sum is shown\n- surface: command\n- when: x\n- then: y\n- fails if: z\n- evidence: receipt"
)


async def test_addition_counts_at_once_and_once(chair, running):
    change = {"op": "add", "assertion": "SHOP-004", "text": ADDED}
    shown = await call(chair, "amend_contract", reason=WHY, changes=[change])
    assert shown.text.startswith("the contract is amended\nI1: SHOP-004")
    assert "SHOP-004" in running.mission.live
    assert (await call(chair, "amend_contract", reason=WHY, changes=[change])).text == "the contract says so already"


async def test_weaker_contract_waits_for_the_user(chair, running):
    for change in ({"op": "remove", "assertion": "SHOP-001"},
                   {"op": "change", "assertion": "SHOP-001", "text": ADDED.replace("SHOP-004", "SHOP-001")}):
        first = await call(chair, "amend_contract", reason=WHY, changes=[change])
        assert "waits for the user's approval" in first.text
        again = await call(chair, "amend_contract", reason=WHY, changes=[change])
        assert again.text == "it waits for the user's approval already"
    assert len(running.mission.items) == 2
    assert "SHOP-001" in running.mission.live


async def test_removed_assertion_is_settled(chair, running):
    change = e.ContractChange(op="remove", assertion="SHOP-001", text="")
    await running.record(e.ContractAmended(changes=[change], reason=WHY))
    shown = await call(chair, "amend_contract", reason=WHY, changes=[{"op": "remove", "assertion": "SHOP-001"}])
    assert shown.text == "the contract says so already"


@pytest.mark.parametrize(("change", "message"), [
    ({"op": "remove", "assertion": "SHOP-001", "text": ADDED}, "leave `text` out"),
    ({"op": "add", "assertion": "SHOP-004"}, "give its `text`"),
])
async def test_amendment_has_text_exactly_where_it_adds(chair, change, message):
    with pytest.raises(ToolError, match=message):
        await call(chair, "amend_contract", reason=WHY, changes=[change])


# --- guidance, end ---

async def test_guidance_is_given_once_within_a_scope(chair, running):
    for scope in ("mission", "M1", "F1", "skill:build"):
        for _ in range(2):
            await call(chair, "give_guidance", text="Use total().", scope=scope)
    assert [g.scope for g in running.mission.guidance] == ["mission", "M1", "F1", "skill:build"]
    with pytest.raises(ToolError, match="unknown scope 'F99'"):
        await call(chair, "give_guidance", text="x", scope="F99")


async def test_turn_ends_with_its_summary(chair):
    shown = await call(chair, "end_turn", summary=" F1 goes on. ")
    assert (shown.text, shown.ends) == ("F1 goes on.", True)
