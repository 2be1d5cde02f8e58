"""Whatever is changed in a log after it was written, `verify` names the first event that is wrong (D24)."""

import hashlib
from pathlib import Path

import pytest

from milepost.domain.errors import LogCorrupt
from milepost.domain.record import GENESIS
from milepost.log.row import Row, own_hash
from milepost.log.store import EventLog
from tests.log.samples import MISSION, five, query

Anchors = list[tuple[int, str]]


async def blamed(folder: Path, anchors: Anchors | None = None) -> tuple[int | None, str]:
    """The event that `verify` blames, and what it says."""
    async with await EventLog.open(folder, MISSION, write=False) as log:
        with pytest.raises(LogCorrupt) as caught:
            await log.verify(anchors or [])
    return caught.value.seq, str(caught.value)


async def test_untouched_log_verifies_with_its_anchors(folder: Path) -> None:
    anchors = await five(folder)
    async with await EventLog.open(folder, MISSION, write=False) as log:
        await log.verify()
        await log.verify([*reversed(anchors), anchors[2]])


@pytest.mark.parametrize("change", [
    "body = replace(body, 'fact 3', 'fact 9')", "at = at + 1", "by = 'user'", "order_id = '01J'", "attempt = 'w.F1.1'",
    "prev = hash", "hash = prev", "kind = 'mission_failed'", "is_fact = 0", "body = CAST(x'ff' AS TEXT)",
])
async def test_D25_changed_column_is_found(folder: Path, change: str) -> None:
    await five(folder)
    query(folder, f"UPDATE events SET {change} WHERE seq = 3")
    assert (await blamed(folder))[0] == 3


async def test_D25_removed_row_is_found(folder: Path) -> None:
    await five(folder)
    query(folder, "DELETE FROM events WHERE seq = 3")
    assert await blamed(folder) == (3, "event 3 is missing: 2 is followed by 4")


async def test_D25_removed_beginning_is_found(folder: Path) -> None:
    await five(folder)
    query(folder, "DELETE FROM events WHERE seq < 3")
    assert (await blamed(folder))[0] == 1


async def test_D25_row_rewritten_with_its_hash_is_found_by_the_next(folder: Path) -> None:
    await five(folder)
    rewrite(folder, 3)
    assert await blamed(folder) == (3, "event 3 was rewritten: it is not the one that event 4 was written after")


async def test_D25_log_that_begins_in_the_middle_is_found(folder: Path) -> None:
    await five(folder)
    rewrite(folder, 1, prev="f" * 64)
    assert await blamed(folder) == (1, "event 1 does not begin a log: another stood before it when it was written")


async def test_D25_log_rewritten_whole_is_found_by_an_anchor(folder: Path) -> None:
    anchors = await five(folder)
    prev = GENESIS
    for seq in (1, 2, 3, 4, 5):
        prev = rewrite(folder, seq, prev=prev, keep=seq < 3)
    async with await EventLog.open(folder, MISSION, write=False) as log:
        await log.verify()
    seq, text = await blamed(folder, [anchors[1], anchors[3]])
    assert seq == 3
    assert text.startswith("events 3 to 4 were rewritten: a commit remembers")


async def test_D25_cut_tail_is_found_by_an_anchor(folder: Path) -> None:
    anchors = await five(folder)
    query(folder, "DELETE FROM events WHERE seq > 3")
    (folder / "head").unlink()
    async with await EventLog.open(folder, MISSION, write=False) as log:
        await log.verify(anchors[:3])
    expected = "events 4 to 5 are missing: the log was cut, but a commit remembers event 5"
    assert await blamed(folder, [anchors[1], anchors[4]]) == (4, expected)


async def test_D25_cut_tail_is_found_on_opening_by_head(folder: Path) -> None:
    await five(folder)
    query(folder, "DELETE FROM events WHERE seq > 3")
    for write in (True, False):
        with pytest.raises(LogCorrupt, match="events 4 to 5 were written and are missing"):
            await EventLog.open(folder, MISSION, write=write)


async def test_D25_changed_last_event_is_found_on_opening(folder: Path) -> None:
    await five(folder)
    query(folder, "UPDATE events SET by = 'user' WHERE seq = 5")
    with pytest.raises(LogCorrupt, match="event 5 was changed"):
        await EventLog.open(folder, MISSION, write=True)


async def test_D25_changed_fact_is_never_read_in_silence(folder: Path) -> None:
    await five(folder)
    query(folder, "UPDATE events SET body = replace(body, 'fact 3', 'fact 9') WHERE seq = 3")
    async with await EventLog.open(folder, MISSION, write=False) as log:
        with pytest.raises(LogCorrupt, match="event 3 was changed"):
            await log.facts()


async def test_F59_event_of_a_newer_version_is_named(folder: Path) -> None:
    await five(folder)
    rewrite(folder, 5, kind="mission_dreamt")
    with pytest.raises(LogCorrupt, match="event 5 of kind 'mission_dreamt' is unknown to this version"):
        await EventLog.open(folder, MISSION, write=True)


def rewrite(folder: Path, seq: int, *, prev: str | None = None, kind: str | None = None, keep: bool = False) -> str:
    """Forge a row whose own hash is right; returns that hash."""
    row = Row(*query(folder, "SELECT * FROM events WHERE seq = ?", seq)[0])  # type: ignore[arg-type]
    text = hashlib.sha256(row.body.encode()).hexdigest()[:6]
    body = row.body if keep else row.body.replace("fact ", f"fact {text} ")
    row = row._replace(body=body, prev=prev or row.prev)
    if kind:
        row = row._replace(kind=kind, body=row.body.replace("fact_noted", kind))
    row = row._replace(hash=own_hash(row))
    query(folder, "DELETE FROM events WHERE seq = ?", seq)
    query(folder, f"INSERT INTO events VALUES ({', '.join('?' * len(row))})", *row)
    return row.hash
