"""The report is what the log says: sums, rates, items beside their decisions, and where the time went."""

import pytest

from milepost.domain import events as e
from milepost.domain.errors import Refused
from milepost.domain.handoff import Finding, Review, Scrutiny
from milepost.domain.plan import PlanChange
from milepost.domain.services import Command, Commands, Manifest
from milepost.domain.turns import TurnStarted
from milepost.log.folder import MissionFolder
from milepost.log.store import EventLog
from milepost.report.data import collect
from milepost.report.head import never_red
from milepost.report.markdown import render
from milepost.report.shapes import Report, SeatRow
from tests.report.story import Story, begun, closing, draft, first_round, second_round, sha, tree, unanswered, whole


def seat(report: Report, name: str) -> SeatRow:
    return next(row for row in report.seats if row.seat == name)


async def test_report_survives_json_and_says_its_format(folder: MissionFolder) -> None:
    await whole(folder.root)
    report = await collect(folder)
    assert Report.model_validate_json(report.model_dump_json()) == report
    assert report.format == 1


async def test_collecting_changes_nothing_in_the_log(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    before = folder.database.read_bytes()
    report = await collect(folder)
    assert folder.database.read_bytes() == before
    assert (report.log.events, report.log.first) == (len(records), records[1].prev)
    async with await EventLog.open(folder.root, folder.mission, write=False) as log:
        assert report.log.last == log.last_hash


async def test_worker_row_has_rates_honesty_and_cost(folder: MissionFolder) -> None:
    await whole(folder.root)
    row = seat(await collect(folder), "worker")
    assert (row.model, row.attempts, row.submitted) == ("maker/one", 4, 4)
    # F2 was reopened and failed; F1 and F3 needed no mending.
    assert (row.features_first, row.features_judged) == (2, 3)
    assert (row.handoffs, row.mismatches, row.mismatches_per_handoff) == (4, 1, 0.25)
    assert (row.newly_passed, row.dollars, row.dollars_per_pass) == (3, 1.0, pytest.approx(1 / 3))
    assert (row.fresh, row.cached, row.out, row.cache_share) == (4000, 12000, 800, 0.75)
    assert row.latency_ms == 2000
    assert row.seconds == 4 * 15.5 * 60


async def test_validators_share_the_newly_passed_assertions(folder: MissionFolder) -> None:
    await whole(folder.root)
    report = await collect(folder)
    row = seat(report, "tester")
    assert (row.newly_passed, row.dollars, row.dollars_per_pass, row.nudges) == (3, 1.5, 0.5, 2)
    assert (row.first_pass, row.mismatches_per_handoff) == (None, None)
    assert sum(r.money_share or 0 for r in report.seats) == pytest.approx(1)


async def test_money_of_another_model_is_counted_as_that_models(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        await story.turn("worker.F1.1", 2, "maker/spare", 0.5)
        await story.turn("worker.F1.1", 3, "maker/spare", 0.5)
        await story.say(TurnStarted(n=4, reserved=0.1), unanswered(4), by="worker.F1.1", attempt="worker.F1.1")
        await story.say(TurnStarted(n=4, reserved=0.375), by="worker.F1.1", attempt="worker.F1.1")
        await story.sit("worker.F2.1", "F2", "maker/none")
        report = await collect(folder)
    rows = {r.model: r for r in report.seats if r.seat == "worker"}
    assert (rows["maker/one"].dollars, rows["maker/one"].attempts) == (0.25, 0)
    # A call without an answer counts for the model that answered most.
    assert (rows["maker/spare"].dollars, rows["maker/spare"].attempts) == (pytest.approx(1.1), 1)
    assert rows["maker/none"].submitted == 0
    assert report.money.dollars == pytest.approx(0.25 + 0.25 + 1.1 + 0.25)
    # The call that was cut off failed, and was paid; the one after it is under way.
    assert report.money.reserved == 0.375
    assert "- $0.38 are reserved for calls without an answer so far." in render(report)


async def test_A6_each_item_stands_by_what_it_came_out_of_with_its_decision(folder: MissionFolder) -> None:
    await whole(folder.root)
    report = await collect(folder)
    assert [(h.attempt, h.items) for h in report.handoffs] == [
        ("worker.F1.1", ["I2"]), ("worker.F2.1", ["I3"]), ("worker.F2.2", []), ("worker.F3.1", []),
    ]
    assert [(r.id, r.items) for r in report.rounds] == [("M1r1", ["I4", "I5"]), ("M1r2", [])]
    assert [(a.attempt, a.items) for a in report.audits] == [("auditor.1", ["I6"])]
    item = report.items[3]
    assert (item.id, item.decision, item.feature, item.resolved_by) == ("I4", "feature", "F3", "orchestrator.4")
    assert report.items[4].place == "shop.py:12"
    assert report.items[0].answer == "Yes, one page"


async def test_handoff_shows_gates_and_mismatches_of_its_own_attempt(folder: MissionFolder) -> None:
    await whole(folder.root)
    first, second = [h for h in (await collect(folder)).handoffs if h.feature == "F2"]
    assert (first.mismatches, second.mismatches) == (["`pytest` exited 1, not 0"], [])
    assert [g.gate for g in first.gates] == ["test"]
    assert [(g.gate, g.outcome) for g in second.gates] == [("test", "green"), ("vacuity", "green")]
    assert first.gates[0].ms == 900


async def test_verdicts_say_what_they_rest_on(folder: MissionFolder) -> None:
    await whole(folder.root)
    rows = {v.assertion: v for v in (await collect(folder)).verdicts}
    assert [(v.state, v.basis, v.base, v.guard, v.provable) for v in rows.values()] == [
        ("passed", "check", "red", False, True), ("passed", "tester", "", False, False),
        ("passed", "check", "green", True, True), ("waived", "", "", False, False),
    ]
    check, seen = rows["SHOP-001"].evidence[0], rows["SHOP-002"].evidence[0]
    assert (check.title, check.kind) == ("python checks/total.py → exit 0", "receipt")
    assert (seen.id, seen.title) == ("tester.M1r2.flow-1.1/E1", "GET http://app/ → 200")
    assert seen.blob == sha("the page shows 5")
    assert rows["SHOP-004"].reason == "This machine is too slow to tell"


async def test_check_that_was_never_red_is_named(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        weak = e.CheckExamined(assertion="SHOP-001", result="error")
        await story.say(e.BaseExamined(checks=[weak]))
        await first_round(story)
        await story.proved("F1", provable=False)
        report = await collect(folder)
    assert [v.assertion for v in never_red(report)] == ["SHOP-001"]
    assert "The check of SHOP-001 crashed on the untouched base instead of saying no: it is only weakly red." in (
        report.mission.caveats
    )


async def test_failed_check_rests_on_the_check_alone(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.verdict("SHOP-001", "failed", sha("o"), 1, "its check is red")
        await story.verdict("SHOP-002", "failed", "tester.M1r1.flow-1.1/E9", 1, "wrong")
        report = await collect(folder)
    first, second = report.verdicts[:2]
    # The round it names was never begun, so the receipt's command is not known.
    assert (first.basis, first.evidence[0].title, first.evidence[0].blob) == ("check", "", sha("o"))
    assert (second.basis, first.provable) == ("tester", None)
    assert report.counts.rounds == 0


async def test_assertion_that_passed_before_anyone_worked_is_nobodys_merit(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.verdict("SHOP-003", "passed", sha("o"), 1, "its check is green")
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        report = await collect(folder)
    assert (seat(report, "worker").newly_passed, seat(report, "worker").dollars_per_pass) == (0, None)
    assert seat(report, "orchestrator").newly_passed == 1


async def test_readings_of_a_round_are_kept_with_scrutiny_last(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.say(e.RoundStarted(milestone="M1", round=1, commit=tree("c"), tree=tree("t"), scope=[]))
        reading = Review(feature="F1", outcome="passed", findings=[])
        whole_of_it = Scrutiny(outcome="failed", findings=[Finding(severity="blocking", problem="Two totals", why="x")])
        await story.say(e.ScrutinySubmitted(milestone="M1", round=1, scrutiny=whole_of_it))
        await story.say(e.ReviewSubmitted(milestone="M1", round=1, review=reading))
        report = await collect(folder)
    assert [(r.subject, r.outcome) for r in report.rounds[0].reviews] == [("F1", "passed"), ("M1", "failed")]
    assert report.rounds[0].outcome == ""


async def test_time_is_shared_out_without_a_rest(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    report = await collect(folder)
    assert sum(s.seconds for s in report.spans) == report.mission.elapsed == records[-1].at - records[0].at
    assert {(s.kind, s.milestone) for s in report.spans} == {
        ("draft", ""), ("held", ""), ("proposed", ""), ("work", "M1"), ("held", "M1"), ("validation", "M1"),
        ("audit", ""),
    }
    assert [(h.kind, h.seconds) for h in report.holds] == [("blocked", 1800.0), ("paused", 3600.0)]
    assert report.mission.held == 5400
    assert report.milestones[0].validation == sum(r.seconds for r in report.rounds)


async def test_A17_counters_tell_how_it_went(folder: MissionFolder) -> None:
    await whole(folder.root)
    counts = (await collect(folder)).counts
    assert (counts.features, counts.fix_features, counts.fix_ratio) == (3, 1, pytest.approx(1 / 3))
    assert (counts.rounds, counts.milestones_judged, counts.first_round_passes) == (2, 1, 0)
    assert (counts.questions, counts.waivers, counts.dismissals, counts.nudges) == (1, 1, 1, 2)
    assert (counts.holds, counts.held, counts.orders, counts.refused) == (2, 5400, 6, 0)


async def test_A11_measures_stand_side_by_side(folder: MissionFolder) -> None:
    await whole(folder.root)
    rows = {m.name: (m.base, m.end) for m in (await collect(folder)).measures}
    assert rows == {"suppressions": (3, 1), "tests": (2, 5), "duplicated_lines": (8, None), "coverage": (71, 90)}


async def changed(story: Story) -> None:
    await story.order(e.MessageReceived(text="Faster"))
    await story.order(e.SettingChanged(key="grant.network", value=True))
    await story.order(e.OrderRefused(reason="no"))
    await story.order(
        e.ContractAmended(changes=[e.ContractChange(op="remove", assertion="SHOP-003")], reason="it is a library")
    )
    await story.say(e.GuidanceGiven(text="Use tabs"), by="orchestrator.2")
    await story.say(e.EditNoticed(paths=["a.py"], commit=tree("edit")))
    await story.order(e.FeatureReverted(feature="F1", commit=tree("revert")))
    turned = PlanChange(reason="the other way round is better", order=["F2", "F1"])
    await story.order(e.PlanChanged(change=turned, reason="because"))


async def test_changes_on_the_way_are_listed(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await changed(story)
        await story.order(e.MissionCancelled(reason="no"))
        await story.order(e.MissionReopened(reason="after all"), e.MissionReturned(comment="not yet"))
        report = await collect(folder)
    assert [c.text for c in report.changes] == [
        "Faster", "grant.network = true", "remove SHOP-003: it is a library", "mission: Use tabs",
        "edited by the user: a.py", f"F1 was taken back with {tree('revert')[:8]}", "order F2, F1: because",
        "after all", "not yet",
    ]
    assert (report.counts.amendments, report.counts.refused) == (1, 1)
    removed = report.verdicts[2]
    assert (removed.state, removed.reason) == ("removed", "it is a library")
    assert report.mission.caveats == ["The user granted network."]


async def test_missing_sandbox_and_report_are_caveats(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        weak = Manifest(commands=Commands(test=Command(run="make test"))).model_dump_json()
        await story.order(e.DocumentWritten(document="services", name="services", hash=sha(weak), text=weak))
        settings = story.mission.settings.model_copy(update={"sandbox": False})
        await story.say(
            e.MissionCreated(
                mission="shop", goal="g", repository="/r", base=tree("base"), slug="shop", settings=settings
            ),
            e.DocumentWritten(document="services", name="services", hash=sha(weak), text=weak),
        )
        report = await collect(folder)
    assert report.mission.caveats == [
        "It was worked on without a sandbox.",
        "The test command writes no report, so a test that vanished was not noticed.",
    ]


async def test_landed_mission_names_the_commit_and_its_clock_stands_still(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        for part in (draft, first_round, second_round, closing):
            await part(story)
        before = await collect(folder)
        await story.order(e.MissionLanded(how="merge", commit=tree("merged")), minutes=600)
        after = await collect(folder)
    assert (after.mission.landed, after.mission.until) == (tree("merged"), before.mission.until)
    assert after.spans == before.spans


async def test_log_with_one_event_is_its_own_first_and_last(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        settings = {"seats": {}}
        await story.order(
            e.MissionCreated.model_validate(
                {"mission": "shop", "goal": "g", "repository": "/r", "base": "0", "slug": "shop", "settings": settings}
            )
        )
        report = await collect(folder)
    assert report.log.first == report.log.last
    assert (report.milestones, report.features, report.seats, report.spans) == ([], [], [], [])


async def test_log_without_a_mission_is_refused(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    await story.log.close()
    with pytest.raises(Refused, match="holds no mission yet"):
        await collect(folder)
