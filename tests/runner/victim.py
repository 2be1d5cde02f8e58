"""A runner that is killed: a warm parent forks it, it dies by SIGKILL at a place of the log, and is started again.

`python -m tests.runner.victim every FOLDER` kills it once at every place of the story, from draft to end;
`python -m tests.runner.victim story FOLDER` kills nobody, and is what that is compared with;
`python -m tests.runner.victim at FOLDER N …` plays the quick mission for each N, and kills it once after that event.
All print what the missions came to, as a list in JSON; 0 kills nobody.
`python -m tests.runner.victim flows FOLDER KIND …` plays the mission of notes for each kind of event, and kills it once
after the first of that kind; `none` kills nobody.
`python -m tests.runner.victim leave FOLDER N` leaves the story dead after event N.
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
from milepost.domain.record import Event, Record
from milepost.log.folder import MissionFolder
from milepost.log.mission_log import MissionLog
from tests.runner import notes, quick, story
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
    "script_compiled",
    "script_played",
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
    """Die once, after event `number`; never where it is 0."""

    def doom(records: Sequence[Record]) -> bool:
        if not number or ledger.exists() or records[-1].seq < number:
            return False
        ledger.write_text("died")
        return True

    return doom


def after(kind: str, ledger: Path) -> Doom:
    """Die once, after the first event of a kind."""

    def doom(records: Sequence[Record]) -> bool:
        if ledger.exists() or all(r.event.kind != kind for r in records):
            return False
        ledger.write_text("died")
        return True

    return doom


def carry(stage: Stage) -> int:
    """A runner in a child; its wait status."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    asyncio.run(stage.app.carry(stage.place, stop_when=lambda m: bool(m.holds) or m.phase == "proposed"))
    os._exit(0)


def main(mode: str, root: Path, *words: str) -> None:
    """Carry missions through all their deaths."""
    if mode == "flows":
        print(json.dumps([through(keeping(root / f"notes-{k}"), after(k, root / f"deaths-{k}")) for k in words]))
        return
    numbers = [int(word) for word in words]
    if mode == "at":
        print(json.dumps([through(agreed(root / f"at-{n}"), at(n, root / f"deaths-{n}")) for n in numbers]))
        return
    stage, ledger = drafted(root), root / "deaths"
    if mode == "leave":
        Doomed.doom = staticmethod(at(numbers[0], ledger))
        while not ledger.exists():
            life(stage)
        return
    print(json.dumps([through(stage, every(ledger) if mode == "every" else at(0, ledger))]))


def drafted(root: Path) -> Stage:
    """The story, from its first draft on."""
    stage = Stage(root, story.script())
    stage.app.__class__ = Condemned
    asyncio.run(stage.create())
    return stage


def keeping(root: Path) -> Stage:
    """The mission of notes, whose flows become scripts, as its user approved it."""
    stage = Stage(root, notes.script(), repository=quick.make_repository)
    asyncio.run(stage.create())
    asyncio.run(notes.agree(stage.app, stage.place, notes.plan()))
    stage.app.__class__ = Condemned
    return stage


def agreed(root: Path) -> Stage:
    """The quick mission, as its user approved it."""
    stage = Stage(root, quick.whole(), repository=quick.make_repository)
    asyncio.run(stage.create())
    asyncio.run(quick.agree(stage.app, stage.place, quick.WHOLE, quick.MANIFEST, unchecked=quick.UNCHECKED))
    stage.app.__class__ = Condemned
    return stage


def through(stage: Stage, doom: Doom) -> dict[str, object]:
    """From life to life until it has ended."""
    Doomed.doom = staticmethod(doom)
    lives = 0
    while not asyncio.run(stage.read()).ended:
        lives += 1
        assert lives < 400, "it does not end"
        life(stage)
        mission = asyncio.run(stage.read())
        assert not mission.holds, mission.holds
    return asyncio.run(outcome(stage, lives))


def life(stage: Stage) -> None:
    """One life of a runner; where it brought a proposal, the user approves it."""
    status = carry(stage)
    assert status == 0 or os.WTERMSIG(status) == signal.SIGKILL, f"a runner ended with {status}"
    if asyncio.run(stage.read()).phase == "proposed":
        asyncio.run(approve(stage))


async def approve(stage: Stage) -> None:
    """The user's word, given in a process that nobody kills."""
    doom, Doomed.doom = Doomed.doom, staticmethod(lambda records: False)
    mission = await stage.read()
    await stage.app.send(stage.place, "approve_mission", seen=mission.documents)
    Doomed.doom = staticmethod(doom)


async def outcome(stage: Stage, lives: int) -> dict[str, object]:
    """What must be the same however often it was killed."""
    async with await stage.app.log(stage.place, write=False) as log:
        await log.events.verify()
        records = await log.events.records()
        mission = log.mission
    assert mission is not None
    kinds = Counter(r.event.kind for r in records)
    tree = next(r.event.tree for r in reversed(records) if r.event.kind == "commit_made")
    agreed = next(r.seq for r in records if r.event.kind == "mission_approved")
    return {
        "agreed": agreed, "lives": lives, "events": len(records), "phase": mission.phase, "tree": tree,
        "once": {kind: kinds[kind] for kind in ONCE},
        "gapless": [r.seq for r in records] == list(range(1, len(records) + 1)),
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
