"""A log becomes a recording that plays cleanly: replies, orders, and the outline they are held against."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import decide
from milepost.domain.evolve import evolve
from milepost.domain.hashes import text_hash
from milepost.domain.plan import AddedFeature, PlanChange
from milepost.domain.record import Event, Record
from milepost.domain.seat import Price, Seat
from milepost.domain.turns import TurnEnded
from milepost.log.folder import MissionFolder
from milepost.model.cassette import CassetteModel
from milepost.model.messages import Request
from milepost.report.cassette import cassette_lines, comparable, given, milestones_of, orders, reseats
from tests.report.story import Story, begun, draft, first_round, tree, unknown, whole


def lines(records: Sequence[Record], attempt: str) -> list[tuple[int, str]]:
    found = [json.loads(line) for line in cassette_lines(records)]
    return [(row["turn"], row["reply"]["content"]) for row in found if row["attempt"] == attempt]


async def turns(folder: MissionFolder, *turns: tuple[str, Sequence[Event]]) -> list[Record]:
    """A worker's attempt with these replies, each with what followed it."""
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        for n, (content, after) in enumerate(turns, 1):
            await story.turn("worker.F1.1", n, "maker/one", 0.1, *after, content=content)
        return await story.log.events.records()


async def test_every_reply_is_a_line_that_the_player_reads(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    recorded = cassette_lines(records)
    assert len(recorded) == sum(isinstance(r.event, TurnEnded) for r in records)
    seat = Seat(model="cassette:x", price=Price(fresh=0, out=0))
    request = Request(attempt="tester.M1r1.flow-1.1", turn=2, seat=seat, messages=[], tools=[])
    completion = await CassetteModel(recorded).complete(request)
    assert completion.reply.content == "tester.M1r1.flow-1.1 2"
    assert [c.name for c in completion.reply.tool_calls] == ["commit"]
    assert completion.usage.cached == 3000


async def test_D22b_reply_given_again_after_an_unknown_result_is_left_out(folder: MissionFolder) -> None:
    records = await turns(folder, ("a", []), ("b", [unknown(2)]), ("b", []), ("c", []))
    assert lines(records, "worker.F1.1") == [(1, "a"), (2, "b"), (3, "c")]


async def test_D22b_reply_that_stayed_unknown_twice_is_kept_once(folder: MissionFolder) -> None:
    again = [("a", [unknown(1)]), ("a", [unknown(2)]), ("a", []), ("b", [unknown(4)]), ("b", [])]
    records = await turns(folder, *again)
    assert lines(records, "worker.F1.1") == [(1, "a"), (2, "b")]


async def test_another_reply_after_an_unknown_result_is_kept(folder: MissionFolder) -> None:
    records = await turns(folder, ("a", [unknown(1)]), ("look first", []), ("b", []))
    assert lines(records, "worker.F1.1") == [(1, "a"), (2, "look first"), (3, "b")]


async def test_same_reply_twice_with_known_results_is_kept_twice(folder: MissionFolder) -> None:
    records = await turns(folder, ("a", []), ("a", []))
    assert lines(records, "worker.F1.1") == [(1, "a"), (2, "a")]


async def test_outline_has_trees_and_outcomes_in_order(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    fix = tree("tree worker.F3.1")
    assert milestones_of(records) == [
        ("handoff_audited", "F1", tree("tree worker.F1.1")), ("handoff_audited", "F2", tree("tree worker.F2.1")),
        ("handoff_audited", "F2", tree("tree worker.F2.2")), ("verdict_given", "SHOP-001", "passed"),
        ("verdict_given", "SHOP-003", "passed"), ("verdict_given", "SHOP-002", "failed"),
        ("round_ended", "M1r1", "failed"), ("handoff_audited", "F3", fix), ("verdict_given", "SHOP-001", "passed"),
        ("verdict_given", "SHOP-003", "passed"), ("verdict_given", "SHOP-002", "passed"),
        ("round_ended", "M1r2", "passed"), ("milestone_sealed", "M1", fix),
        ("audit_submitted", "audit", "passed"), ("mission_completed", "mission", ""),
    ]


async def test_orders_come_back_in_sequence_with_their_place(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    found = orders(records)
    assert [(x["order"], x["after"]) for x in found] == [
        ("resolve_item", 0), ("approve_mission", 1), ("waive_assertion", 9), ("pause_mission", 9),
        ("resume_mission", 9),
    ]
    assert found[0]["arguments"] == {"item": "I1", "decision": "answer", "text": "Yes, one page"}
    for order in found:
        o.ORDER.validate_python({"order": order["order"], **order["arguments"]})
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize(
    ("key", "left_out"),
    [
        ("seat.worker.model", True), ("seat.tester.api_base", True), ("seat.worker.price", True),
        ("seat.worker.max_turns", False), ("seat.worker.context", False), ("budget.dollars", False),
    ],
)
def test_what_a_seat_ran_on_is_no_part_of_a_recording(key: str, left_out: bool) -> None:
    """A mission whose seats were given to other models could not be played again: the cassette lost its seats."""
    assert reseats("change_setting", {"key": key, "value": 1}) is left_out
    assert not reseats("steer_mission", {"text": "seat.worker.model"})


async def test_place_of_an_order_never_goes_back(folder: MissionFolder) -> None:
    records = await whole(folder.root)
    places, mission = [], None
    for record in records:
        mission = evolve(mission, record)
        places.append(comparable(mission))
    assert places == sorted(places)
    assert places[-1] == 11 + 2 + 1 + 1


async def test_refused_orders_and_facts_of_others_are_no_orders(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        before = orders(await story.log.events.records())
        await story.order(e.OrderRefused(reason="no"))
        await story.say(e.MessageReceived(text="from nowhere"))
        await story.say(e.HoldPlaced(hold="parked", reason="limit"), by="user")
        await story.order(e.MissionLanded(how="merge", commit=tree("m")))
        assert orders(await story.log.events.records()) == before


async def at_work(story: Story) -> None:
    await draft(story)
    await first_round(story)
    await story.sit("worker.F1.2", "F1", "maker/one", e.FeatureStarted(feature="F1", start=tree("base")))


FIX = AddedFeature(id="F3", milestone="M1", title="Mend", description="Mend it", expected=["5"], fixes=["I4"])
ORDERS: list[tuple[str, dict[str, Any]]] = [
    ("steer_mission", {"text": "Faster"}), ("pause_mission", {"reason": "lunch"}),
    ("interrupt_mission", {"reason": "stop that"}), ("cancel_mission", {"reason": "no"}),
    ("waive_assertion", {"assertion": "SHOP-002", "reason": "good enough"}),
    ("recheck_assertions", {"assertions": ["SHOP-001"]}), ("change_setting", {"key": "budget.dollars", "value": 20}),
    ("resolve_item", {"item": "I4", "decision": "dismiss", "reason": "never mind"}),
    ("amend_contract", {"changes": [{"op": "remove", "assertion": "SHOP-003", "text": ""}], "reason": "a library"}),
    ("change_plan", {"change": PlanChange(reason="a fix for the first round", add=[FIX]).model_dump()}),
]


@pytest.mark.parametrize(("name", "arguments"), ORDERS, ids=[name for name, _ in ORDERS])
async def test_order_is_read_back_from_its_facts(folder: MissionFolder, name: str, arguments: dict[str, Any]) -> None:
    story = await begun(folder.root)
    async with story.log:
        await at_work(story)
        order = o.ORDER.validate_python({"order": name, **arguments})
        await story.order(*decide(story.mission, order, by="user"))
        found = orders(await story.log.events.records())[-1]
    assert (found["order"], found["arguments"]) == (name, arguments)


async def test_orders_about_a_proposal_and_documents_are_read_back(folder: MissionFolder) -> None:
    story = await begun(folder.root)
    async with story.log:
        await draft(story)
        text = "A brief"
        written = {"document": "brief", "name": "brief", "text": text, "hash": text_hash(text)}
        await story.order(e.DocumentWritten.model_validate(written))
        await story.order(e.MissionReturned(comment="not yet"))
        assert [(x["order"], x["arguments"]) for x in orders(await story.log.events.records())[-2:]] == [
            ("write_document", written), ("return_mission", {"comment": "not yet"}),
        ]


def test_what_follows_from_an_order_is_not_taken_for_it() -> None:
    opened = e.MissionReopened(reason="again")
    expired = e.VerdictsExpired(assertions=["SHOP-001"], because="F1 was taken back")
    paused = e.HoldPlaced(hold="paused", reason="reopened; resume when ready")
    assert given([opened, expired]) == ("recheck_assertions", {"assertions": ["SHOP-001"]})
    assert given([opened, paused]) == ("reopen_mission", {"reason": "again"})
    assert given([e.FeatureReverted(feature="F1", commit="c"), expired]) == ("revert_feature", {"feature": "F1"})
    failed = [e.AttemptEnded(attempt="worker.F1.1", outcome="interrupted"), e.MissionFailed(reason="no way")]
    assert given(failed) == ("fail_mission", {"reason": "no way"})
    assert given([e.OrderRefused(reason="no")]) is None
