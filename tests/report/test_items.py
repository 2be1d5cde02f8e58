"""Where an item came from, in the cases that are easily mixed up."""

from milepost.domain import events as e
from milepost.log.folder import MissionFolder
from milepost.report.data import collect
from tests.report.story import begun, draft, first_round, tree


async def test_items_of_readers_and_testers_belong_to_their_round(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.say(e.RoundStarted(milestone="M1", round=1, commit=tree("c"), tree=tree("t"), scope=[]))
        for by in ("scrutiny.M1r1.1", "tester.M1r1.flow-1.1"):
            await story.item(type="proposal", about="M1", text="interface: other", by=by)
        await story.item(type="gate", about="lint", text="gate lint is red")
        await story.item(type="question", owner="user", text="really?", by="orchestrator.2")
        await story.say(e.RoundEnded(milestone="M1", round=1, outcome="failed", reason="gate lint is red"))
        await story.item(type="gate", about="F1", text="after F1 the gate lint is red")
        report = await collect(folder)
    assert [(i.id, i.source) for i in report.items[1:]] == [
        ("I2", "round:M1r1"), ("I3", "round:M1r1"), ("I4", "round:M1r1"), ("I5", ""), ("I6", ""),
    ]


async def test_upheld_finding_stands_where_the_disputed_one_stood(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await first_round(story)
        await story.say(e.ItemResolved(item="I5", decision="dispute", reason="it is a well known number"))
        await story.item(
            type="finding", about="F2", text="A magic number", payload={"upheld": True, "disputes": "I5"},
            by="reviewer.I5.1", finding={"file": "shop.py"},
        )
        report = await collect(folder)
    assert (report.items[-1].source, report.items[-1].place) == ("round:M1r1", "shop.py")
    assert report.counts.disputes == 1


async def test_feature_that_went_to_the_users_interrupt_keeps_its_handoffs_clean(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await first_round(story)
        await story.item(type="undone", about="F2", text="The user interrupted the attempt", by="user")
        report = await collect(folder)
    assert report.items[-1].source == ""
