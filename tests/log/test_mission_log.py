"""The state is always the fold of what is on disk, whoever appends and however often it is opened."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from milepost.domain.errors import LogConflict, Refused
from milepost.domain.events import FactNoted, MissionCancelled
from milepost.domain.mission import Mission
from milepost.domain.record import Event
from milepost.log.mission_log import MissionLog
from milepost.log.redact import Redactor
from tests.log.samples import MISSION, WORKER, created, everything, fact, query, turn


async def test_recorded_facts_are_folded_at_once_and_again_on_opening(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION, clock=lambda: 12.5) as log:
        assert log.mission is None
        records = await log.record(created(), by="user", order="01J")
        assert [(r.at, r.by, r.order, r.attempt) for r in records] == [(12.5, "user", "01J", None)]
        await log.record(fact(1), turn(1), attempt=WORKER)
        live = log.mission
    assert live is not None
    assert (live.goal, live.facts, live.seq) == ("A shop", ("fact 1",), 3)
    async with await MissionLog.open(folder, MISSION) as log:
        assert log.mission == live
        assert [r.event for r in await log.events.turns(WORKER)] == [turn(1)]


async def test_decision_is_made_on_the_newest_state(folder: Path) -> None:
    def once(mission: Mission) -> Sequence[Event]:
        return [FactNoted(text=f"after {len(mission.facts)}", source="x")]

    async with await MissionLog.open(folder, MISSION) as log:
        await log.record(created())
        await asyncio.gather(*(log.decide(once, by="user", order=f"o{n}", attempt=WORKER) for n in range(10)))
        assert log.mission is not None
        assert log.mission.facts == tuple(f"after {n}" for n in range(10))


async def test_refused_decision_leaves_nothing(folder: Path) -> None:
    def no(mission: Mission) -> Sequence[Event]:
        raise Refused("not now")

    async with await MissionLog.open(folder, MISSION) as log:
        with pytest.raises(Refused, match="has not been created"):
            await log.decide(no, by="user")
        await log.record(created())
        before = log.mission
        with pytest.raises(Refused, match="not now"):
            await log.decide(no, by="user")
        assert (log.mission, log.events.last_seq) == (before, 1)
        assert await log.decide(lambda mission: [], by="user") == []


async def test_event_that_cannot_be_folded_never_gets_into_the_log(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as log:
        with pytest.raises(AssertionError, match="mission_created"):
            await log.record(fact(1))
        await log.record(created())
        assert [r.event for r in await log.events.records()] == [created()]


async def test_waiting_ends_with_the_event_that_brings_the_state(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as log:
        waiting = asyncio.ensure_future(log.wait(lambda mission: mission.phase == "cancelled"))
        await log.record(created())
        await log.record(fact(1))
        assert not waiting.done()
        await log.record(MissionCancelled())
        async with asyncio.timeout(5):
            assert (await waiting).phase == "cancelled"
            assert await log.wait(lambda mission: True) is log.mission


async def test_reader_follows_the_writer(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as writer:
        async with await MissionLog.open(folder, MISSION, write=False) as reader:
            assert await reader.refresh() is None
            waiting = asyncio.ensure_future(reader.wait(lambda mission: mission.seq == 3))
            await writer.record(created())
            assert await reader.refresh() == writer.mission
            await writer.record(fact(1), turn(1))
            assert await reader.refresh() == writer.mission
            assert await reader.refresh() == writer.mission
            assert await waiting == writer.mission
            with pytest.raises(Refused, match="write=True"):
                await reader.record(fact(2))
        assert await writer.refresh() is writer.mission


async def test_reader_folds_no_fact_twice_that_came_between_two_looks(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as writer:
        await writer.record(created())
        async with await MissionLog.open(folder, MISSION, write=False) as reader:
            writing = asyncio.gather(*(writer.record(fact(n)) for n in range(50)))
            while not writing.done():
                await reader.refresh()
            await writing
            assert await reader.refresh() == writer.mission


async def test_ghost_of_a_runner_is_fenced_and_keeps_its_state(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as ghost:
        await ghost.record(created())
        before = ghost.mission
        async with await MissionLog.open(folder, MISSION) as owner:
            await owner.record(fact(1))
            with pytest.raises(LogConflict):
                await ghost.record(fact(2))
        assert ghost.mission == before


async def test_cancelled_record_keeps_state_and_log_together(folder: Path) -> None:
    async with await MissionLog.open(folder, MISSION) as log:
        await log.record(created())
        for number in range(12):
            recording = asyncio.ensure_future(log.record(fact(number), fact(number)))
            for _ in range(number):
                await asyncio.sleep(0)
            recording.cancel()
            await asyncio.wait([recording])
            recording.cancel()
            assert log.mission is not None
            assert log.mission.seq == log.events.last_seq == 1 + len(log.mission.facts)
        await log.record(fact(99))
        await log.events.verify()


async def test_S50_no_secret_gets_into_the_log(folder: Path) -> None:
    redactor = Redactor(["correct-horse-battery"])
    async with await MissionLog.open(folder, MISSION, redactor=redactor) as log:
        await log.record(created())
        await log.record(FactNoted(text="password: correct-horse-battery, AKIAIOSFODNN7EXAMPLE", source="x"))
        assert log.mission is not None
        assert log.mission.facts == ("password: [redacted], [redacted]",)
    stored = everything(folder)
    assert b"horse" not in stored
    assert b"AKIAIO" not in stored
    assert query(folder, "SELECT count(*) FROM events") == [(2,)]
