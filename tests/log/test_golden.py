"""Every shape that was ever stored can still be read, with nothing lost."""

import json
import sqlite3
from pathlib import Path

import pytest

from milepost.domain.record import EVENT, FACT_KINDS, TURN_KINDS
from milepost.log.store import EventLog
from tests.log.golden import MISSION, MODELS, STORED, example
from tests.log.samples import place

KINDS = sorted(FACT_KINDS | TURN_KINDS)
FILES = sorted(STORED.glob("*.json"))


def test_every_kind_has_a_golden_file() -> None:
    stored = {path.stem for path in FILES}
    assert stored >= set(KINDS), "write the missing ones with `PYTHONPATH=server:. python -m tests.log.golden`"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_golden_event_round_trips(path: Path) -> None:
    stored = json.loads(path.read_text())
    event = EVENT.validate_python(stored)
    assert event.kind == path.stem
    assert json.loads(event.model_dump_json(exclude_unset=True)) == stored


@pytest.mark.parametrize("kind", KINDS)
def test_event_survives_the_way_through_its_text(kind: str) -> None:
    event = example(kind)
    assert EVENT.validate_json(event.model_dump_json()) == event
    assert type(event) is MODELS[kind]


async def test_F59_log_of_layout_1_is_read_verified_and_continued(folder: Path) -> None:
    place(folder)
    dump = (STORED / "mission.sql").read_text()
    db = sqlite3.connect(folder / "mission.db")
    db.executescript(dump)
    db.close()
    async with await EventLog.open(folder, MISSION, write=True) as log:
        before = await log.records()
        await log.verify()
        await log.append([example("hold_lifted")], by="user", at=1.0)
        assert [record.event.kind for record in await log.records(log.last_seq - 1)] == ["hold_lifted"]
        await log.verify()
    assert {record.event.kind for record in before} <= set(KINDS)
    assert len(before) == dump.count('INSERT INTO "events"') > 40
    assert before[0].attempt == "worker.F1.1"
