"""One row of the events table: an event as stored text, its place in the chain, and the way back to a record."""

import json
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from milepost.domain.errors import LogCorrupt
from milepost.domain.record import EVENT, GENESIS, TURN_KINDS, Event, Record, row_hash


class Tail(NamedTuple):
    """Where a log ends: the newest sequence number and the hash of its row."""

    seq: int = 0
    hash: str = GENESIS


class Row(NamedTuple):
    """The columns of one event, in the order of the table."""

    mission_id: str
    seq: int
    at: float
    by: str
    order_id: str | None
    attempt: str | None
    kind: str
    is_fact: int
    body: str
    prev: str
    hash: str


COLUMNS = ", ".join(f'"{name}"' for name in Row._fields)


def chained(
    events: Sequence[Event], after: Tail, *, mission: str, by: str, order: str | None, attempt: str | None, at: float
) -> list[tuple[Row, Record]]:
    """The events as rows that follow `after`, each with the record that reading it back will give."""
    pairs: list[tuple[Row, Record]] = []
    for event in events:
        body = body_of(event)
        # Read back from the text, so that what is folded now is what is folded after a restart.
        stored = EVENT.validate_json(body)
        record = Record(
            seq=after.seq + 1, at=at, prev=after.hash, by=by, order=order, attempt=attempt, event=stored
        )
        row = row_of(record, mission, body)
        pairs.append((row, record))
        after = Tail(row.seq, row.hash)
    return pairs


def body_of(event: Event) -> str:
    """The event as JSON text; half a surrogate pair, which UTF-8 cannot hold, becomes a question mark."""
    try:
        return event.model_dump_json()
    except PydanticSerializationError:
        text = json.dumps(event.model_dump(), ensure_ascii=False)
        return text.encode("utf-8", "replace").decode()


def row_of(record: Record, mission: str, body: str) -> Row:
    """The row that holds a record."""
    kind = record.event.kind
    row = Row(
        mission, record.seq, record.at, record.by, record.order, record.attempt, kind, int(kind not in TURN_KINDS),
        body, record.prev, hash="",
    )
    return row._replace(hash=own_hash(row))


def record_of(row: Row) -> Record:
    """The record a row holds.

    Raises LogCorrupt where the row does not carry the hash of its own content, or holds no event we know.
    """
    if own_hash(row) != row.hash:
        raise LogCorrupt(f"event {row.seq} was changed after it was written: its hash does not match", seq=row.seq)
    event = event_of(row)
    if (event.kind, int(event.kind not in TURN_KINDS)) != (row.kind, row.is_fact):
        raise LogCorrupt(
            f"event {row.seq} is filed as {row.kind!r} (fact: {row.is_fact}), but its body says {event.kind!r}",
            seq=row.seq,
        )
    return Record(
        seq=row.seq, at=row.at, prev=row.prev, by=row.by, order=row.order_id, attempt=row.attempt, event=event
    )


def own_hash(row: Row) -> str:
    """The hash of what a row now says."""
    return row_hash(
        mission=row.mission_id, seq=row.seq, at=row.at, prev=row.prev, by=row.by, order=row.order_id,
        attempt=row.attempt, body=row.body,
    )


def event_of(row: Row) -> Event:
    """The event in a row's body."""
    try:
        return EVENT.validate_json(row.body)
    except ValidationError as error:
        raise LogCorrupt(
            f"event {row.seq} of kind {row.kind!r} is unknown to this version of Milepost; "
            f"a newer one may have written it, so install that one ({error.error_count()} differences, first: "
            f"{error.errors()[0]['msg']})",
            seq=row.seq,
        ) from error
