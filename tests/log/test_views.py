"""Sums over turns are what the turns say, failed and unfinished ones included."""

from pathlib import Path

import pytest

from milepost.domain.budget import Spent
from milepost.domain.errors import LogUnavailable
from milepost.domain.record import Event
from milepost.log.store import EventLog
from milepost.log.views import Activity, Views
from tests.log.samples import (
    MISSION,
    WORKER,
    answered,
    asked,
    began,
    fact,
    five,
    got_up,
    sat_down,
    turn,
    unanswered,
)

TESTER = "tester.M1r1.flow-1.1"
OTHER = "worker.F2.1"
SAID: list[tuple[str, Event]] = [
    (WORKER, sat_down(WORKER)), (WORKER, asked(1)), (WORKER, answered(1, 0.25)), (WORKER, began(1, "write_file")),
    (WORKER, asked(2)), (WORKER, unanswered(2, 0.5)), (WORKER, asked(3)), (WORKER, answered(3, 0.125, "m2")),
    (WORKER, fact()), (WORKER, got_up(WORKER)),
    (OTHER, sat_down(OTHER)), (OTHER, asked(1)), (OTHER, answered(1, 1.0)), (OTHER, began(1, "run_command")),
    (TESTER, sat_down(TESTER)), (TESTER, asked(1)), (TESTER, answered(1, 2.0)), (TESTER, turn(1)),
    (TESTER, asked(2, 0.75)),
    ("auditor.1", sat_down("auditor.1")),
]


async def opened(folder: Path) -> Views:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        for number, (attempt, event) in enumerate(SAID):
            await log.append([event], by="engine", attempt=attempt, at=float(number))
    return await Views.open(folder, MISSION)


async def test_spent_is_summed_by_attempt_seat_and_model(folder: Path) -> None:
    async with await opened(folder) as views:
        one = Spent(dollars=1.0, fresh=100, cached=10, out=5, turns=1)
        worker = Spent(dollars=0.875, fresh=200, cached=20, out=10, turns=2)
        tester = one.model_copy(update={"dollars": 2.0})
        assert await views.spent_by_attempt() == {WORKER: worker, OTHER: one, TESTER: tester}
        assert await views.spent_by_seat() == {"worker": worker.plus(one), "tester": tester}
        by_model = await views.spent_by_model()
        assert by_model["worker", ""] == Spent(dollars=0.5)
        assert by_model["worker", "m1"].turns == 2
        assert by_model["worker", "m2"].dollars == 0.125
        first = (await views.accounts())[0]
        assert (first.attempt, first.seat, first.model) == (TESTER, "tester", "m1")


async def test_L17_reservation_of_a_turn_that_never_ended_is_known(folder: Path) -> None:
    async with await opened(folder) as views:
        assert await views.unsettled() == {TESTER: 0.75}


async def test_last_turn_is_the_newest_that_ended(folder: Path) -> None:
    async with await opened(folder) as views:
        last = await views.last_turn(WORKER)
        assert last is not None
        assert last.event == answered(3, 0.125, "m2")
        assert await views.last_turn("auditor.1") is None


async def test_activity_is_the_newest_beginning_of_each_open_attempt(folder: Path) -> None:
    async with await opened(folder) as views:
        assert await views.activity() == [
            Activity(TESTER, 19, 18.0, "turn_started", 2, ""),
            Activity(OTHER, 14, 13.0, "tool_started", 1, "run_command"),
        ]


async def test_transcript_is_everything_of_one_attempt_in_order(folder: Path) -> None:
    async with await opened(folder) as views:
        expected = [event for attempt, event in SAID if attempt == OTHER]
        assert [record.event for record in await views.transcript(OTHER)] == expected


async def test_views_of_a_quiet_log_are_empty_and_of_no_log_an_error(folder: Path) -> None:
    with pytest.raises(LogUnavailable):
        await Views.open(folder, MISSION)
    await five(folder)
    async with await Views.open(folder, MISSION) as views:
        assert (await views.spent_by_seat(), await views.activity(), await views.unsettled()) == ({}, [], {})
