"""Holds that overlap, runners that stop and missions that are reopened: no second is counted twice."""

from milepost.domain import events as e
from milepost.log.folder import MissionFolder
from milepost.report.data import collect
from tests.report.story import begun, draft, tree


async def test_overlapping_holds_are_held_time_once(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        before = (await collect(folder)).mission.held
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        await story.say(e.HoldPlaced(hold="blocked", reason="a"), minutes=5)
        await story.order(e.HoldPlaced(hold="paused", reason="b"), minutes=5)
        await story.say(e.HoldPlaced(hold="blocked", reason="a, c"), minutes=5)
        await story.say(e.HoldLifted(hold="blocked"), minutes=5)
        await story.order(e.HoldLifted(hold="paused"), minutes=5)
        await story.say(e.HoldLifted(hold="parked"), minutes=0)
        await story.rise("worker.F1.1")
        report = await collect(folder)
    assert report.mission.held - before == 20 * 60
    assert [(h.reason, h.seconds) for h in report.holds[1:]] == [("a, c", 15 * 60), ("b", 15 * 60)]
    assert report.features[0].seconds == 10.5 * 60


async def test_time_without_a_runner_is_stopped_time(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.say(e.RunnerStopped(reason="stopped"))
        await story.say(e.RunnerStarted(epoch=2, version="0.2"), minutes=30)
        report = await collect(folder)
    assert {(s.kind, s.seconds) for s in report.spans} >= {("stopped", 1800.0), ("work", 60.0)}
    assert (report.log.runners, report.log.versions) == (2, ["0.1", "0.2"])


async def test_open_attempt_and_open_hold_count_up_to_the_last_event(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        await story.say(e.HoldPlaced(hold="parked", reason="limit", until=1.0), minutes=5)
        await story.order(e.MessageReceived(text="hm"), minutes=10)
        report = await collect(folder)
    assert (report.holds[-1].lifted, report.holds[-1].seconds) == (None, 600.0)
    assert report.features[0].seconds == 5.5 * 60
    assert report.mission.until == story.now[0]


async def test_end_lifts_every_hold_and_reopening_starts_the_clock_again(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.order(e.HoldPlaced(hold="paused", reason="b"))
        await story.order(e.MissionCancelled(reason="no"), minutes=5)
        ended = (await collect(folder)).mission.elapsed
        await story.order(e.MissionReopened(reason="yes"), minutes=600)
        await story.say(e.FactNoted(text="a fact", source="F1"), minutes=5)
        report = await collect(folder)
    assert report.holds[-1].seconds == 300
    assert report.mission.elapsed == ended + 300
