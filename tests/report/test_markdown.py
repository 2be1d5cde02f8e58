"""What a busy engineer reads first, and that nothing a model wrote becomes markup."""

import re
from collections.abc import Callable

import pytest

from milepost.domain import events as e
from milepost.domain.handoff import Undone
from milepost.domain.receipt import Receipt
from milepost.log.folder import MissionFolder
from milepost.report import typeset
from milepost.report.data import collect
from milepost.report.markdown import render
from tests.report.story import begun, draft, first_round, handoff, second_round, sha, tree, whole


async def page(folder: MissionFolder) -> str:
    return render(await collect(folder))


async def test_report_of_a_whole_mission_is_the_snapshot(
    folder: MissionFolder, snapshot: Callable[[str, str], None]
) -> None:
    await whole(folder.root)
    # Hashes of rows change with every field an event gains.
    snapshot("report.md", re.sub(r"[0-9a-f]{64}", "(hash)", await page(folder)))


async def test_first_fifteen_lines_answer_what_matters(folder: MissionFolder) -> None:
    await whole(folder.root)
    first = "\n".join((await page(folder)).splitlines()[:15])
    for answer in (
        "**Asked:** A shop that adds up", "**Done:** yes", "**Rests on a tester's word:** `SHOP-002`",
        "**Waived:** `SHOP-004` The page is fast: This machine is too slow",
        "**Dismissed:** I2 (issue about F1): a short", "**Cost:** $3.75 of $10.00", "**Branch:** `milepost/shop` at",
    ):
        assert answer in first


async def test_drafted_mission_says_that_it_has_not_begun(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        text = await page(folder)
    assert "**Done:** not yet: it is under way; 4 assertions: 4 pending; 0 of 1 milestone sealed." in text
    assert "`milepost/shop` has no commit yet" in text
    assert "Waits for the user" not in text


async def test_held_mission_says_why_and_what_it_waits_for(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        item = await story.item(type="stuck", owner="user", about="F1", text="F1 took 5 attempts")
        await story.say(e.HoldPlaced(hold="blocked", reason="I2 stuck: F1 took 5 attempts", items=[item]))
        await story.say(e.RunnerStopped(reason="blocked"), minutes=30)
        text = await page(folder)
    assert "**Done:** not yet: it is blocked (I2 stuck: F1 took 5 attempts); 4 assertions" in text
    assert "**Waits for the user:** I2 stuck: F1 took 5 attempts." in text
    assert "| blocked, still |" in text
    assert "| I2 | stuck | F1 | F1 took 5 attempts | **open** |" in text


@pytest.mark.parametrize(
    ("end", "answer"),
    [
        (e.MissionFailed(reason="nothing can go on"), "no: it failed (nothing can go on); 4 assertions"),
        (e.MissionCancelled(reason="not wanted"), "no: it was cancelled (not wanted); 4 assertions"),
    ],
)
async def test_ended_mission_says_how_it_ended(folder: MissionFolder, end: e.Fact, answer: str) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.built("F1", "worker.F1.1", handoff("Half of it.", outcome="partial", undone=[
            Undone(what="the rest", why="no time"),
        ]))
        await story.say(end)  # type: ignore[arg-type]
        text = await page(folder)
    assert f"**Done:** {answer}" in text
    # No milestone was sealed, so the branch is not in the user's repository.
    assert f"in `{folder.repository}`, not published yet; not landed." in text
    assert "### F1 Add prices: partial" in text


async def test_open_round_and_unaudited_handoff_are_shown_as_such(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        await story.rise("worker.F1.1", "limit", "150 turns")
        left = e.HandoffSubmitted(feature="F1", handoff=handoff("The engine's"), built_by_engine=True)
        await story.say(left, attempt="worker.F1.1")
        await story.say(e.RoundStarted(milestone="M1", round=1, commit=tree("c"), tree=tree("t"), scope=[]))
        text = await page(folder)
    assert "The attempt left none: the engine wrote it." in text
    assert "It has not been audited." in text
    assert "### M1, round 1: open" in text
    assert "judged: nothing but gates and readers" in text


async def test_blocked_and_stale_verdicts_stand_out(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        for part in (draft, first_round, second_round):
            await part(story)
        await story.say(
            e.VerdictGiven(
                assertion="SHOP-001", outcome="blocked", tree=tree("t"), depends=e.Dependencies(assertion=sha("x")),
                reason_class="tool", needs="python", note="no python",
            ),
            e.VerdictsExpired(assertions=["SHOP-002"], because="edited"),
        )
        text = await page(folder)
    assert "| **blocked (tool)** |" in text
    assert "| **passed, stale** |" in text
    assert "- SHOP-002: the verdict is stale, because what it rests on changed afterwards." in text
    assert "4 assertions: 1 passed, 1 waived, 1 blocked, 1 stale;" in text
    assert "tester's word" not in text


async def test_S38_text_of_models_is_neither_markup_nor_an_escape_sequence(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.item(type="issue", about="F1|x", text="<script>\x1b[31m a | b\n\n# Title `x`", by="orchestrator.1")
        text = await page(folder)
    assert "| F1\\|x | &lt;script>[31m a \\| b # Title `x` | **open** |" in text
    assert "\x1b" not in text


async def test_command_that_did_not_end_is_shown_without_an_exit_code(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        hung = Receipt(command="make | tee `log`", exit_code=None, timed_out=True, output=sha("x"))
        await story.say(e.RoundStarted(milestone="M1", round=1, commit=tree("c"), tree=tree("t"), scope=["SHOP-001"]))
        await story.say(e.GateFinished(gate="test", outcome="red", receipt=hung, milestone="M1", round=1, text="hung"))
        text = await page(folder)
    assert "| test | **red** | `make \\| tee 'log'` | did not end | 0 |" in text


def test_table_leaves_out_what_is_empty() -> None:
    assert typeset.table(("a", "b", "c"), [("1", "", "2"), ("", "", "3")]) == [
        "| a | c |", "| --- | --- |", "| 1 | 2 |", "|  | 3 |", "",
    ]
    assert typeset.table(("a",), [("",)]) == []
    assert typeset.table(("a",), []) == []


def test_small_and_large_numbers_stay_readable() -> None:
    assert [typeset.tokens(n) for n in (999, 1_500, 2_340_000)] == ["999", "1.5k", "2.34M"]
    assert [typeset.dollars(n) for n in (None, 0, 0.0042, 1.5)] == ["", "$0.00", "$0.0042", "$1.50"]
    assert typeset.some(["a", "b", "c"], 2) == "a; b; and 1 more, below"
    assert typeset.prose("a b c d", 4) == "a b…"
    assert typeset.code("") == ""
