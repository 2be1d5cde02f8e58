"""A mission on disk that nobody carried: its log is told by events, on a fixed clock, so that it is always the same."""

import asyncio
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import create
from milepost.domain.hashes import repository_key, text_hash
from milepost.domain.plan import Plan
from milepost.domain.record import Event
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.log.store import EventLog
from milepost.log.trusted import TrustList
from milepost.runner.projection import project
from tests.domain.life import BASE, MANIFEST, PLAN, finding
from tests.ide.tale import CONTRACT, START, Tale, to

QUESTION = {"text": "Which currency are prices in?", "owner": "user", "options": ["euro", "dollar"]}
FOUND = "the sum of nothing is not tested"


@dataclass
class Written(Tale):
    """A tale that also reaches a mission's log and its documents; what it says goes there by `write`."""

    place: MissionFolder = field(default_factory=lambda: MissionFolder(Path()))
    unwritten: list[tuple[Event, str, str | None, float]] = field(default_factory=list)

    def say(self, *events: Event, by: str = "engine", attempt: str | None = None, minutes: float = 1.0) -> "Written":
        """Tell, and keep for the log; what was seen is evidence that can be read."""
        given = [self._seen(event) for event in events]
        super().say(*given, by=by, attempt=attempt, minutes=minutes)
        self.unwritten += [(event, by, attempt, self.now) for event in given]
        return self

    def write(self) -> MissionFolder:
        """Append what was said since, and write the documents anew."""
        asyncio.run(self.append())
        return self.place

    async def append(self) -> None:
        """The same, inside a loop."""
        unwritten, self.unwritten = self.unwritten, []
        async with await EventLog.open(self.place.root, self.place.mission, write=True) as log:
            for event, by, attempt, at in unwritten:
                await log.append([event], by=by, attempt=attempt, at=at)
        project(self.mission, self.place)

    def _seen(self, event: Event) -> Event:
        if not isinstance(event, e.VerdictsSubmitted):
            return event
        blob = Blobs(self.place.blobs).put(b"$ shop 2 3\n5\n")
        return event.model_copy(update={"evidence": [x.model_copy(update={"blob": blob}) for x in event.evidence]})


def begun(state: Path, repository: Path, **more: Any) -> Written:
    """A mission of a trusted repository, with nothing but its goal."""
    common = str((repository / ".git").resolve())
    key = repository_key(common)
    TrustList(state).put(common, key)
    place = MissionFolder(state / "missions" / key / "shop").make()
    shutil.copytree(repository, place.tree, ignore=shutil.ignore_patterns(".git"))
    seats = {name: Seat(model="scripted:x", price=Price(fresh=0, out=0)) for name in SEATS}
    order = o.CreateMission(
        mission="shop", goal="# A shop with a page\n\nIt adds up prices.", repository=str(repository), base=BASE,
        slug="shop", settings=Settings(seats=seats),
    )
    return Written(now=START - 60, place=place, **more).say(*create(order), by="user")


def proposed(state: Path, repository: Path) -> Written:
    """A proposal that waits for approval."""
    told = begun(state, repository)
    texts = {
        "brief": "1. Totals.", "contract": CONTRACT, "plan": Plan.model_validate(PLAN).model_dump_json(),
        "services": Manifest.model_validate(MANIFEST).model_dump_json(),
    }
    told.say(*(
        e.DocumentWritten.model_validate({"document": k, "name": k, "hash": text_hash(t), "text": t})
        for k, t in texts.items()
    ))
    hashes = dict(told.mission.documents)
    return told.say(e.MissionProposed(summary="A shop with a page", hashes=hashes, estimate={"dollars_high": 4.0}))


def judged(state: Path, repository: Path) -> Written:
    """A mission whose first milestone failed once: an assertion, a finding in the code, and a question are open."""
    told = proposed(state, repository)
    told.order(o.ApproveMission())
    told.world.bad = {"SHOP-002": "failed"}
    told.world.findings = {"F1": [finding("non_blocking", file="shop/price.py", line=4, problem=FOUND)]}
    told.go(to("orchestrator"))
    return told.open("question", "mission", by="orchestrator.1", **QUESTION)
