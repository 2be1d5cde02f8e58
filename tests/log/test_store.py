"""The log keeps what it acknowledged, in order, for one writer and any number of readers."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen

import pytest

from milepost.domain.errors import LogConflict, LogCorrupt, LogUnavailable, Refused
from milepost.domain.events import MissionCancelled
from milepost.domain.record import GENESIS, row_hash
from milepost.domain.turns import ToolStarted
from milepost.log.head import read_head, watch_head
from milepost.log.store import MAX_BATCH, EventLog
from tests.log.samples import MISSION, WORKER, fact, five, query, rights, turn


async def test_append_returns_what_is_read_back(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        written = await log.append([fact(1), turn(1)], by=WORKER, order="01J", attempt=WORKER, at=12.5)
        assert await log.records() == written
        assert [(r.seq, r.at, r.by, r.order, r.attempt, r.event) for r in written] == [
            (1, 12.5, WORKER, "01J", WORKER, fact(1)), (2, 12.5, WORKER, "01J", WORKER, turn(1)),
        ]
        assert log.last_seq == 2


async def test_each_row_carries_the_hash_of_the_one_before(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert (log.last_seq, log.last_hash) == (0, GENESIS)
        records = [*await log.append([fact(1)], by="engine", at=1.0), *await log.append([fact(2)], by="engine", at=2.0)]
        last = log.last_hash
    hashes = [
        row_hash(mission=MISSION, seq=r.seq, at=r.at, prev=r.prev, by=r.by, order=None, attempt=None,
                 body=r.event.model_dump_json())
        for r in records
    ]
    assert [r.prev for r in records] == [GENESIS, hashes[0]]
    assert last == hashes[1]


async def test_log_goes_on_where_it_was_closed(folder: Path) -> None:
    anchors = await five(folder)
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert (log.last_seq, log.last_hash) == anchors[-1]
        await log.append([fact(6)], by="engine", at=6.0)
        await log.verify(anchors)
        assert [r.seq for r in await log.records()] == [1, 2, 3, 4, 5, 6]


async def test_facts_turns_and_answers_are_told_apart(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(1)], by="user", order="01J", at=1.0)
        await log.append([turn(1), fact(2)], by="engine", attempt=WORKER, at=2.0)
        await log.append([turn(2)], by="engine", attempt="tester.M1r1.flow-1.1", at=3.0)
        assert [r.event for r in await log.facts()] == [fact(1), fact(2)]
        assert [r.event for r in await log.facts(after=1)] == [fact(2)]
        assert [r.event for r in await log.turns(WORKER)] == [turn(1)]
        assert [r.event for r in await log.answers("01J")] == [fact(1)]
        assert await log.answers("01K") == []
        assert [r.seq for r in await log.records(after=1, limit=2)] == [2, 3]


async def test_nothing_of_an_empty_batch_is_written(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert await log.append([], by="engine", at=1.0) == []
        assert log.last_seq == 0


async def test_largest_batch_is_one_transaction_and_a_larger_one_is_refused(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(n) for n in range(MAX_BATCH)], by="engine", at=1.0)
        assert log.last_seq == MAX_BATCH
        with pytest.raises(Refused, match="too many for one batch"):
            await log.append([fact(n) for n in range(MAX_BATCH + 1)], by="engine", at=1.0)
        assert log.last_seq == MAX_BATCH
        await log.verify()


async def test_appends_at_the_same_time_get_one_order(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await asyncio.gather(*(log.append([fact(n)], by="engine", at=1.0) for n in range(20)))
        assert log.last_seq == 20
        await log.verify()


async def test_second_writer_conflicts_and_leaves_nothing(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as ghost:
        await ghost.append([fact(1)], by="engine", at=1.0)
        async with await EventLog.open(folder, MISSION, write=True) as owner:
            await owner.append([fact(2)], by="engine", at=2.0)
            for _ in range(2):
                with pytest.raises(LogConflict, match="no longer ends at event 1"):
                    await ghost.append([fact(3), fact(4)], by="engine", at=3.0)
            assert [r.event for r in await owner.facts()] == [fact(1), fact(2)]
            await owner.verify()


async def test_two_writers_of_an_empty_log_conflict(folder: Path) -> None:
    async with (
        await EventLog.open(folder, MISSION, write=True) as one,
        await EventLog.open(folder, MISSION, write=True) as two,
    ):
        await one.append([fact(1)], by="engine", at=1.0)
        with pytest.raises(LogConflict):
            await two.append([fact(2)], by="engine", at=1.0)


async def test_row_that_only_the_key_gives_away_is_a_conflict(folder: Path) -> None:
    """A row at our place that the guard takes for no newer one: the primary key refuses it."""
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(1)], by="engine", at=1.0)
        columns = "mission_id, {}, at, by, order_id, attempt, kind, is_fact, body, prev, hash"
        query(folder, f"INSERT INTO events SELECT {columns.format(2)} FROM events WHERE seq = 1")
        with pytest.raises(LogConflict, match="has written"):
            await log.append([fact(2)], by="engine", at=2.0)


async def test_batch_prepared_before_another_append_conflicts(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        stale = log.prepare([fact(1)], by="engine", at=1.0)
        await log.append([fact(2)], by="engine", at=1.0)
        with pytest.raises(LogConflict):
            await log.commit(stale)
        assert [r.event for r in await log.facts()] == [fact(2)]


async def test_cancelled_append_is_whole_and_the_log_goes_on(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        for number in range(10):
            appending = asyncio.ensure_future(log.append([fact(number), turn(number)], by="engine", at=1.0))
            for _ in range(number):
                await asyncio.sleep(0)
            appending.cancel()
            await asyncio.wait([appending])
            assert log.last_seq % 2 == 0
        await log.append([fact(1)], by="engine", at=1.0)
        await log.verify()


async def test_F45_half_a_surrogate_pair_does_not_break_the_log(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        odd = ToolStarted(n=1, call="c", name="x", arguments={"text": "a\ud800b\x00\x1b[1m"})
        written = await log.append([odd], by="engine", at=1.0)
        assert written[0].event == ToolStarted(n=1, call="c", name="x", arguments={"text": "a?b\x00\x1b[1m"})
        assert await log.records() == written


async def test_event_that_could_not_be_read_back_is_not_written(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        with pytest.raises(ValueError, match="at"):
            await log.append([fact(1), fact(2)], by="engine", at="noon")  # type: ignore[arg-type]
        assert (log.last_seq, await log.records()) == (0, [])


async def test_reader_sees_each_commit_while_the_writer_writes(
    folder: Path, process: Callable[[str], "Popen[str]"]
) -> None:
    writer = process("write")
    assert writer.stdout is not None
    assert writer.stdout.readline() == "2\n"
    seen: list[int] = []
    async with await EventLog.open(folder, MISSION, write=False) as log:
        async for _ in watch_head(folder, look_s=0.001):
            await log.refresh()
            seen += [r.seq for r in await log.records(after=len(seen))]
            if len(seen) > 100:
                break
        await log.verify()
        assert not log.replaced()
        assert not log.writable
    assert seen == list(range(1, len(seen) + 1))


async def test_reader_knows_of_a_replaced_file(folder: Path) -> None:
    await five(folder)
    async with await EventLog.open(folder, MISSION, write=False) as log:
        (folder / "mission.db").rename(folder / "old.db")
        assert log.replaced()
        (folder / "mission.db").write_bytes((folder / "old.db").read_bytes())
        assert log.replaced()


async def test_log_is_readable_after_a_clean_close(folder: Path) -> None:
    await five(folder)
    assert not (folder / "mission.db-wal").exists()
    async with await EventLog.open(folder, MISSION, write=False) as log:
        assert (await log.facts())[-1].event == fact(5)
        assert log.last_seq == 5


async def test_reader_cannot_append(folder: Path) -> None:
    await five(folder)
    async with await EventLog.open(folder, MISSION, write=False) as log:
        with pytest.raises(Refused, match="write=True"):
            await log.append([fact(1)], by="engine", at=1.0)
    assert query(folder, "SELECT count(*) FROM events") == [(5,)]


async def test_reader_of_no_log_is_told_so_and_makes_none(folder: Path) -> None:
    with pytest.raises(LogUnavailable, match="there is no log"):
        await EventLog.open(folder, MISSION, write=False)
    with pytest.raises(FileNotFoundError):
        rights(folder)


async def test_log_of_another_mission_is_refused(folder: Path) -> None:
    await five(folder)
    with pytest.raises(LogCorrupt, match="belongs to mission 'shop-2026', expected 'chat'"):
        await EventLog.open(folder, "chat", write=True)


async def test_S50_state_is_for_its_owner_only(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([MissionCancelled()], by="user", at=1.0)
        found = rights(folder)
    assert found == dict.fromkeys(["mission.db", "mission.db-wal", "mission.db-shm", "head"], 0o600) | {".": 0o700}


async def test_head_tells_of_each_commit(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert read_head(folder) == (0, log.inode)
        await log.append([fact(1), fact(2)], by="engine", at=1.0)
        assert read_head(folder) == (2, log.inode)
