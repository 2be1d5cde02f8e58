"""A runner that is killed: a warm parent forks it, it dies by SIGKILL at a place of the log, and is started again.

`python -m tests.runner.victim every FOLDER` kills it once at every place of one mission;
`python -m tests.runner.victim at FOLDER N` kills it once, after event N. Both print what the mission came to, as JSON.
`python -m tests.runner.victim leave FOLDER N` leaves it dead after event N.
"""

import asyncio
import hashlib
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from milepost.app import App
from milepost.domain.mission import Mission
from milepost.domain.record import Event, Record
from milepost.log.folder import MissionFolder
from milepost.log.mission_log import MissionLog
from tests.runner import story
from tests.runner.conftest import Stage

Doom = Callable[[Sequence[Record]], bool]
ONCE = (
    "commit_made",
    "handoff_submitted",
    "handoff_audited",
    "review_submitted",
    "verdict_given",
    "milestone_sealed",
    "audit_submitted",
    "mission_approved",
    "mission_completed",
    "feature_started",
    "attempt_started",
)


class Doomed(MissionLog):
    """A log whose process is killed right after some of its events are on disk."""

    doom: Doom = staticmethod(lambda records: False)

    async def _record(self, events: Sequence[Event], by: str, order: str | None, attempt: str | None) -> list[Record]:
        records = await super()._record(events, by, order, attempt)
        if records and self.doom(records):
            os.kill(os.getpid(), signal.SIGKILL)
        return records


class Condemned(App):
    """An app whose writers are doomed."""

    async def log(self, folder: MissionFolder, *, write: bool = True) -> MissionLog:
        if not write:
            return await super().log(folder, write=False)
        return await Doomed.open(folder.root, folder.mission, clock=self.clock, redactor=self.redactor())


def place(record: Record) -> str:
    """Names a place of the story, the same each time it is come to."""
    event = record.event.model_dump(
        mode="json", include={"kind", "name", "arguments", "gate", "feature", "hold", "assertion"}
    )
    return hashlib.sha256(json.dumps([event, record.attempt], sort_keys=True).encode()).hexdigest()


def every(ledger: Path) -> Doom:
    """Die at each place once; the ledger outlives us."""

    def doom(records: Sequence[Record]) -> bool:
        seen = set(ledger.read_text().split()) if ledger.exists() else set()
        fresh = [place(r) for r in records if place(r) not in seen and r.event.kind != "runner_started"]
        if fresh:
            with ledger.open("a") as file:
                file.write(" ".join(fresh) + "\n")
                file.flush()
                os.fsync(file.fileno())
        return bool(fresh)

    return doom


def at(number: int, ledger: Path) -> Doom:
    """Die once, after event `number`."""

    def doom(records: Sequence[Record]) -> bool:
        if ledger.exists() or records[-1].seq < number:
            return False
        ledger.write_text("died")
        return True

    return doom


def carry(stage: Stage, folder: MissionFolder, approved: bool) -> int:
    """One life of a runner, in a child; its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]

    def held(mission: Mission) -> bool:
        return bool(mission.holds) or (mission.phase == "proposed" and not approved)

    asyncio.run(stage.app.carry(folder, stop_when=held))
    os._exit(0)


def main(mode: str, root: Path, number: int = 0) -> None:
    """Carry one mission through all its deaths."""
    stage = Stage(root, story.script())
    stage.app.__class__ = Condemned
    folder = asyncio.run(stage.create())
    ledger = root / "deaths"
    Doomed.doom = staticmethod(every(ledger) if mode == "every" else at(number, ledger))
    lives = 0
    mission = asyncio.run(stage.app.read(folder))
    while not mission.ended:
        lives += 1
        assert lives < 400, f"it does not end: {mission.word} {mission.holds}"
        status = carry(stage, folder, approved=False)
        if mode == "leave" and status:
            return
        assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, f"a runner ended with {status}"
        mission = asyncio.run(stage.app.read(folder))
        if mission.phase == "proposed":
            asyncio.run(approve(stage, folder, mission))
        assert not mission.holds, mission.holds
    print(json.dumps(asyncio.run(outcome(stage, folder, lives))))


async def approve(stage: Stage, folder: MissionFolder, mission: Mission) -> None:
    """The user's word, given in a process that nobody kills."""
    doom, Doomed.doom = Doomed.doom, staticmethod(lambda records: False)
    await stage.app.send(folder, "approve_mission", seen=mission.documents)
    Doomed.doom = staticmethod(doom)


async def outcome(stage: Stage, folder: MissionFolder, lives: int) -> dict[str, object]:
    """What must be the same however often it was killed."""
    async with await stage.app.log(folder, write=False) as log:
        await log.events.verify()
        records = await log.events.records()
        mission = log.mission
    assert mission is not None
    kinds = Counter(r.event.kind for r in records)
    tree = next(r.event.tree for r in reversed(records) if r.event.kind == "commit_made")
    return {
        "lives": lives,
        "events": len(records),
        "phase": mission.phase,
        "tree": tree,
        "once": {kind: kinds[kind] for kind in ONCE},
        "gapless": [r.seq for r in records] == list(range(1, len(records) + 1)),
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *(int(n) for n in sys.argv[3:]))
