"""The chain behind an assertion, a commit and a line."""

from pathlib import Path

import pytest

from milepost.domain import events as e
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.log.folder import MissionFolder
from milepost.report.material import folded
from milepost.report.verdicts import served
from milepost.report.why import render, why_assertion, why_commit, why_line
from tests.report.story import begun, draft, first_round, tree, whole

FIX = tree("commit worker.F3.1")
TRAILERS = {"Mission": ["shop"], "Feature": ["F3"]}


async def told(folder: Path) -> tuple[Mission, list[Record]]:
    records = await whole(folder)
    return folded(records, records[-1].at)[0], records


async def test_assertion_leads_to_verdicts_features_attempts_and_commits(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    found = why_assertion(mission, records, "SHOP-002")
    assert [(v.outcome, v.round) for v in found.assertions[0].verdicts] == [("passed", 2), ("failed", 1)]
    assert found.assertions[0].verdicts[0].evidence[0].title == "GET http://app/ → 200"
    assert [f.id for f in found.features] == ["F2", "F3"]
    assert [a.attempt for a in found.features[0].attempts] == ["worker.F2.1", "worker.F2.2"]
    assert found.features[0].handoffs[0].mismatches == ["`pytest` exited 1, not 0"]
    assert [c.commit for c in found.features[1].commits] == [FIX]
    assert [i.id for i in found.items] == ["I3", "I4", "I5"]
    # Three workers, one reviewer, two testers with two turns each.
    assert found.dollars == pytest.approx(3 * 0.25 + 0.25 + 2 * 0.75)


async def test_cost_is_the_same_from_facts_alone(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    facts = [r for r in records if not r.event.kind.startswith(("turn_", "tool_", "nudge_"))]
    assert why_assertion(mission, facts, "SHOP-002").dollars == why_assertion(mission, records, "SHOP-002").dollars


async def test_answer_is_readable_from_top_to_bottom(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    text = render(why_assertion(mission, records, "SHOP-002"))
    chain = [
        "assertion SHOP-002", "passed in M1r2", "GET http://app/", "failed in M1r1", "feature F2",
        "attempt worker.F2.1", "handoff, done", "not so: `pytest`", "commit ", "feature F3", "item I4",
        "→ feature by orchestrator.4", "cost: $2.50",
    ]
    places = [text.index(part) for part in chain]
    assert places == sorted(places)


async def test_waived_assertion_says_why(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    found = why_assertion(mission, records, "SHOP-004")
    assert (found.assertions[0].state, found.assertions[0].verdicts) == ("waived", [])
    assert "waived: This machine is too slow to tell" in render(found)


async def test_unknown_assertion_is_refused_with_those_that_exist(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    with pytest.raises(Refused, match="has no assertion 'X-001'; the contract has SHOP-001, SHOP-002"):
        why_assertion(mission, records, "X-001")


@pytest.mark.parametrize(("commit", "trailers"), [(FIX[:10], {}), (FIX, {}), (tree("landed"), TRAILERS)])
async def test_commit_is_found_by_its_id_or_its_trailers(
    folder: MissionFolder, commit: str, trailers: dict[str, list[str]]
) -> None:
    mission, records = await told(folder.root)
    found = why_commit(mission, records, commit, trailers)
    assert ([f.id for f in found.features], [a.id for a in found.assertions]) == (["F3"], ["SHOP-002", "SHOP-004"])
    assert [i.id for i in found.items] == ["I4", "I5"]


@pytest.mark.parametrize(
    "trailers", [{}, {"Mission": ["other"], "Feature": ["F3"]}, {"Mission": ["shop"], "Feature": ["F9"]}]
)
async def test_commit_of_somebody_else_is_refused(folder: MissionFolder, trailers: dict[str, list[str]]) -> None:
    mission, records = await told(folder.root)
    with pytest.raises(Refused, match="is not of mission 'shop'"):
        why_commit(mission, records, tree("other"), trailers)


async def test_edits_and_reverts_say_what_they_are(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await first_round(story)
        await story.say(e.EditNoticed(paths=["a.py"], commit=tree("edit")))
        await story.order(e.FeatureReverted(feature="F1", commit=tree("revert")))
        records, mission = await story.log.events.records(), story.mission
    edit = why_commit(mission, records, tree("edit"), {})
    assert (edit.note, edit.features, edit.dollars) == ("An edit of the user: a.py.", [], 0)
    revert = why_commit(mission, records, tree("revert"), {})
    assert (revert.note, [f.id for f in revert.features]) == ("It takes F1 back.", ["F1"])
    assert "An edit of the user" in render(edit)


async def test_line_brings_the_findings_held_against_it(folder: MissionFolder) -> None:
    mission, records = await told(folder.root)
    found = why_line(mission, records, "shop.py", 12, tree("commit worker.F1.1"), {})
    assert found.about == f"shop.py:12, commit {tree('commit worker.F1.1')[:12]}"
    assert [i.id for i in found.items] == ["I2", "I5"]
    same = why_line(mission, records, "shop.py", 12, tree("commit worker.F2.2"), {})
    assert [i.id for i in same.items].count("I5") == 1
    assert [i.id for i in why_line(mission, records, "shop.py", 13, FIX, {}).items] == ["I4", "I5"]


async def test_S38_answer_holds_no_escape_sequence(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.item(type="issue", about="SHOP-001", text="red\x1b[31m\nand more", by="orchestrator.1")
        records, mission = await story.log.events.records(), story.mission
    text = render(why_assertion(mission, records, "SHOP-001"))
    assert "  item I2 issue: red[31m and more\n    → open\n" in text
    assert "\x1b" not in text


async def test_feature_that_is_not_planned_serves_nothing(folder: MissionFolder) -> None:
    mission, _ = await told(folder.root)
    assert (served(mission, "F3"), served(mission, "F99")) == (["SHOP-002", "SHOP-004"], [])


async def test_attempt_that_goes_on_is_open(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        await story.sit("worker.F1.1", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))
        records, mission = await story.log.events.records(), story.mission
    assert "attempt worker.F1.1 on maker/one: open, $0.25" in render(why_assertion(mission, records, "SHOP-001"))
