"""Crashes, full disks, damaged and foreign files: the log recovers or says what is wrong, and loses nothing."""

import resource
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from milepost.domain.errors import LogCorrupt, LogUnavailable
from milepost.log.faults import explained
from milepost.log.store import EventLog
from tests.log.samples import MISSION, fact, five, place, query, turn


@pytest.mark.parametrize("acknowledged", [1, 40])
async def test_F01_kill_9_loses_nothing_that_was_acknowledged(
    folder: Path, process: Callable[[str], "Popen[str]"], acknowledged: int
) -> None:
    writer = process("write")
    assert writer.stdout is not None
    for _ in range(acknowledged):
        writer.stdout.readline()
    writer.kill()
    rest, _ = writer.communicate()
    last = int([str(2 * acknowledged), *rest.split()][-1])
    async with await EventLog.open(folder, MISSION, write=False) as log:
        assert log.last_seq >= last
        assert log.last_seq % 2 == 0
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact()], by="engine", at=1.0)
        await log.verify()


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """A disk that takes no more: the system refuses to let any file of this process grow beyond `size`."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_F08_full_disk_refuses_the_batch_and_the_log_goes_on_with_space(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(1)], by="engine", at=1.0)
        with no_file_longer_than((folder / "mission.db-wal").stat().st_size):
            with pytest.raises(LogUnavailable, match="go on"):
                await log.append([fact(2), turn(2)], by="engine", at=2.0)
            assert [r.event for r in await log.records()] == [fact(1)]
        await log.append([fact(3)], by="engine", at=3.0)
        assert [r.event for r in await log.records()] == [fact(1), fact(3)]
        await log.verify()


async def test_F08_full_disk_at_closing_loses_nothing(folder: Path) -> None:
    log = await EventLog.open(folder, MISSION, write=True)
    for number in range(30):
        await log.append([fact(number)], by="engine", at=1.0)
    with no_file_longer_than((folder / "mission.db").stat().st_size):
        await log.close()
    async with await EventLog.open(folder, MISSION, write=True) as log:
        assert log.last_seq == 30
        await log.verify()


async def test_F10_log_that_is_locked_is_waited_for_then_named(folder: Path) -> None:
    async with await EventLog.open(folder, MISSION, write=True) as log:
        await log.append([fact(1)], by="engine", at=1.0)
        await log._db.execute("PRAGMA busy_timeout = 20")
        with closing(sqlite3.connect(folder / "mission.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LogUnavailable, match="another process holds it"):
                await log.append([fact(2)], by="engine", at=2.0)
            other.execute("ROLLBACK")
        await log.append([fact(2)], by="engine", at=2.0)
        assert [r.event for r in await log.facts()] == [fact(1), fact(2)]


@pytest.mark.parametrize("write", [True, False])
@pytest.mark.parametrize("content", [b"not a database at all" * 300, b"{}"])
async def test_F05_file_that_is_no_database_is_left_alone(folder: Path, content: bytes, write: bool) -> None:
    place(folder, content)
    with pytest.raises(LogCorrupt, match="Nothing was changed"):
        await EventLog.open(folder, MISSION, write=write)
    assert (folder / "mission.db").read_bytes() == content


@pytest.mark.parametrize("write", [True, False])
async def test_F05_emptied_log_is_not_taken_for_a_new_one(folder: Path, write: bool) -> None:
    await five(folder)
    (folder / "mission.db").write_bytes(b"")
    with pytest.raises(LogCorrupt, match="5 events were written, and the file is gone or empty"):
        await EventLog.open(folder, MISSION, write=write)
    (folder / "mission.db").unlink()
    with pytest.raises(LogCorrupt, match="gone or empty"):
        await EventLog.open(folder, MISSION, write=write)
    assert not (folder / "mission.db").exists()


async def test_F05_truncated_log_is_found(folder: Path) -> None:
    await five(folder)
    path = folder / "mission.db"
    path.write_bytes(path.read_bytes()[:-4096])
    with pytest.raises(LogCorrupt):
        async with await EventLog.open(folder, MISSION, write=True) as log:
            await log.verify()


async def test_F11_flipped_byte_is_refused_or_harmless_and_never_read(folder: Path) -> None:
    await five(folder)
    path = folder / "mission.db"
    sound = path.read_bytes()
    async with await EventLog.open(folder, MISSION, write=False) as log:
        truth = await log.records()
    wrong = 0
    for offset in range(7, len(sound), 997):
        path.write_bytes(sound[:offset] + bytes([sound[offset] ^ 0x55]) + sound[offset + 1:])
        try:
            async with await EventLog.open(folder, MISSION, write=False) as log:
                assert await log.records() == truth
                await log.verify()
        except (LogCorrupt, LogUnavailable):
            wrong += 1
    assert wrong


async def test_F11_index_that_disagrees_is_found_by_verify(folder: Path) -> None:
    await five(folder)
    db = sqlite3.connect(folder / "mission.db")
    db.execute("PRAGMA writable_schema = ON")
    db.execute("UPDATE sqlite_schema SET sql = replace(sql, '1', '0') WHERE name = 'facts'")
    db.commit()
    db.close()
    async with await EventLog.open(folder, MISSION, write=False) as log:
        with pytest.raises(LogCorrupt, match="not a sound mission log"):
            await log.verify()


async def test_database_of_something_else_is_refused_and_left_alone(folder: Path) -> None:
    place(folder)
    query(folder, "CREATE TABLE events (id)")
    before = (folder / "mission.db").read_bytes()
    for write in (True, False):
        with pytest.raises(LogCorrupt, match="something else made"):
            await EventLog.open(folder, MISSION, write=write)
    assert (folder / "mission.db").read_bytes() == before


async def test_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "mission").write_text("")
    with pytest.raises(LogUnavailable, match="cannot be opened for writing"):
        await EventLog.open(tmp_path / "mission", MISSION, write=True)


async def test_log_that_cannot_be_opened_is_unavailable_not_damaged(folder: Path) -> None:
    (folder / "mission.db").mkdir(parents=True)
    with pytest.raises(LogUnavailable, match="cannot be used just now"):
        await EventLog.open(folder, MISSION, write=False)


def test_error_without_a_code_of_sqlite_counts_as_damage(folder: Path) -> None:
    with pytest.raises(LogCorrupt, match="odd"), explained(folder):
        raise sqlite3.DatabaseError("odd")
