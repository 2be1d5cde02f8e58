"""Missions for the views: driven by the real scheduler and decisions, with the story that is folded beside them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.budget import Spent
from milepost.domain.decide import create, decide
from milepost.domain.evolve import evolve
from milepost.domain.handoff import Audit, Review, Scrutiny
from milepost.domain.hashes import text_hash
from milepost.domain.mission import Mission
from milepost.domain.next import Sit, Step, Together, next_step
from milepost.domain.plan import Plan, PlanChange
from milepost.domain.record import Event, Record
from milepost.domain.seat import SEATS, Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings
from milepost.ide.document import Document
from milepost.ide.shapes import Spot
from milepost.ide.snapshot import Doing, Paths, Snapshot, contract_path
from milepost.ide.story import History
from tests.domain.life import BASE, MANIFEST, PAGE, PLAN, SHOP, WHY, World, handoff, item, verdict_of, verdicts

START = datetime(2026, 11, 27, 14, 0, tzinfo=UTC).timestamp()
ROOT = "/state/missions/shop-1234/shop-1"
PATHS = Paths(root=ROOT, tree=f"{ROOT}/tree", docs=f"{ROOT}/docs", repository="/home/ada/my shop")
CONTRACT = f"# Contract: shop\n\n{SHOP}\n{PAGE}"

Until = Callable[["Tale", Step | None], bool]


@dataclass
class Tale:
    """A mission that is told minute by minute."""

    world: World = field(default_factory=World)
    now: float = START
    story: History = field(default_factory=History)
    paths: dict[str, list[str]] = field(default_factory=lambda: {"F1": ["shop.py"], "F2": ["cli.py", "shop.py"]})
    """What the commits of a feature change."""
    told: Mission | None = None
    leads: Callable[["Tale"], None] = lambda tale: None
    """What the orchestrator does in a seating."""

    @property
    def mission(self) -> Mission:
        assert self.told is not None
        return self.told

    def say(self, *events: Event, by: str = "engine", attempt: str | None = None, minutes: float = 1.0) -> "Tale":
        """Tell these events, a minute after what was told before."""
        self.now += 60 * minutes
        for event in events:
            seq = self.told.seq + 1 if self.told else 1
            record = Record(seq=seq, at=self.now, prev="0", by=by, attempt=attempt, event=event)
            self.told = evolve(self.told, record)
            self.story = self.story.see(record, self.told)
        return self

    def order(self, order: o.Order, by: str = "user") -> "Tale":
        """Give an order; raises Refused where it is refused."""
        return self.say(*decide(self.mission, order, by=by), by=by)

    def resolve(self, name: str, decision: str, by: str = "orchestrator.1", **more: Any) -> "Tale":
        given = {"item": name, "decision": decision, "reason": WHY, **more}
        return self.order(o.ResolveItem.model_validate(given), by)

    def plan(self, by: str = "orchestrator.1", **parts: Any) -> "Tale":
        return self.order(o.ChangePlan(change=PlanChange.model_validate({"reason": WHY, **parts})), by)

    def open(self, kind: e.ItemType = "undone", about: str = "F1", by: str = "engine", **more: Any) -> "Tale":
        """Open an item."""
        return self.say(item(self.mission, kind, about, **more), by=by)

    # --- being carried ---

    def go(self, until: Until = lambda tale, step: False, most: int = 200) -> "Tale":
        """Take step after step until one satisfies `until` (it is not taken), or there is none."""
        for _ in range(most):
            step = next_step(self.mission)
            if step is None or until(self, step):
                return self
            for sit in sits(step):
                self.sit(sit)
            if not sits(step):
                self.say(*self.world.facts(self.mission, step))
        raise AssertionError("no end")

    def sit(self, step: Sit) -> None:
        """One attempt from its beginning to its end."""
        self.begin(step)
        if step.seat == "orchestrator":
            self.leads(self)
        else:
            self.say(*self.left_by(step), by=step.attempt, attempt=step.attempt)
        self.end(step)

    def due(self) -> Sit:
        """Who is to be seated next."""
        return sits(next_step(self.mission))[0]

    def begin(self, step: Sit) -> None:
        """Somebody sits down."""
        facts: list[Event] = []
        if step.seat == "worker":
            facts.append(e.FeatureStarted(feature=step.subject, start=self.mission.head))
        started = e.AttemptStarted(
            attempt=step.attempt, seat=step.seat, subject=step.subject, model=f"maker/{step.seat}", prompt="p",
            start=self.mission.head, milestone=step.milestone, round=step.round, assertions=list(step.assertions),
        )
        self.say(*facts, started, attempt=step.attempt)

    def end(self, step: Sit, dollars: float = 0.25) -> None:
        """They rise again."""
        spent = Spent(dollars=dollars, fresh=100, cached=300, out=10, turns=2)
        self.say(e.AttemptEnded(attempt=step.attempt, outcome="submitted", spent=spent), attempt=step.attempt)

    def left_by(self, step: Sit) -> list[Event]:
        """What an attempt of that seat says."""
        found = self.world.findings.get("audit" if step.seat == "auditor" else step.subject, [])
        match step.seat:
            case "worker":
                return [self.commit(step.subject), e.HandoffSubmitted(
                    feature=step.subject, handoff=self.world.handoffs.get(step.subject, handoff()),
                )]
            case "reviewer":
                review = Review(feature=step.subject, outcome=verdict_of(found), findings=found)
                return [e.ReviewSubmitted(milestone=step.milestone or "", round=step.round or 0, review=review)]
            case "scrutiny":
                judged = Scrutiny(outcome=verdict_of(found), findings=found)
                return [e.ScrutinySubmitted(milestone=step.milestone or "", round=step.round or 0, scrutiny=judged)]
            case "tester":
                return [verdicts(self.mission, step.subject, step.attempt, step.assertions, self.world.bad)]
            case _:
                audit = Audit(outcome=verdict_of(found), findings=found)
                return [e.AuditSubmitted(audit=audit, tree=self.mission.head)]

    def commit(self, feature: str) -> e.CommitMade:
        """The next commit of a feature."""
        self.world.commits += 1
        name = f"c{self.world.commits}"
        changed = self.paths.get(feature, ["page.py"])
        return e.CommitMade(feature=feature, commit=name, tree=name, parent=self.mission.head, paths=changed)

    # --- being looked at ---

    def snapshot(self, **more: Any) -> Snapshot:
        """The mission as it stands now, on a clock in UTC."""
        given: dict[str, Any] = {
            "mission": self.mission, "story": self.story, "running": True, "dollars": self.mission.spent.dollars,
            "activity": (), "paths": PATHS, "now": self.now, "zone": UTC,
        }
        return Snapshot(**{**given, **more})

    def contract(self, text: str = CONTRACT) -> Document:
        """The contract as it stands in an editor."""
        return Document(contract_path(PATHS, self.mission), text)


def sits(step: Step | None) -> tuple[Sit, ...]:
    """Who is seated in a step."""
    return step.sits if isinstance(step, Together) else (step,) if isinstance(step, Sit) else ()


def to(seat: str, subject: str = "") -> Until:
    """Until somebody is to be seated in that seat, for that subject."""
    return lambda tale, step: any(s.seat == seat and subject in (s.subject, "") for s in sits(step))


def before(kind: type) -> Until:
    """Until a step of that kind is next."""
    return lambda tale, step: isinstance(step, kind)


# --- as far as ---

def created(**settings: Any) -> Tale:
    """A mission with nothing but its goal."""
    seats = {name: Seat(model="scripted:x") for name in SEATS}
    order = o.CreateMission(
        mission="shop-1", goal="# A shop with a page\n\nIt adds up prices.", repository=PATHS.repository, base=BASE,
        slug="shop", settings=Settings.model_validate({"seats": seats, "budget": {"dollars": 10}, **settings}),
    )
    return Tale(now=START - 60).say(*create(order), by="user")


def drafted(contract: str = CONTRACT, plan: dict[str, Any] = PLAN, **settings: Any) -> Tale:
    """A draft with everything written."""
    texts = {
        "brief": "1. Totals.", "contract": contract, "plan": Plan.model_validate(plan).model_dump_json(),
        "services": Manifest.model_validate(MANIFEST).model_dump_json(),
    }
    written = [
        e.DocumentWritten.model_validate({"document": k, "name": k, "hash": text_hash(t), "text": t})
        for k, t in texts.items()
    ]
    return created(**settings).say(*written)


def proposed(*args: Any, **settings: Any) -> Tale:
    """A mission that waits for approval."""
    tale = drafted(*args, **settings)
    hashes = dict(tale.mission.documents)
    return tale.say(e.MissionProposed(summary="A shop", hashes=hashes, estimate={"dollars_high": 4.0}, warnings=["w"]))


def running(*args: Any, **settings: Any) -> Tale:
    """A mission that was just approved."""
    return proposed(*args, **settings).order(o.ApproveMission())


def judged(bad: dict[str, str] | None = None) -> Tale:
    """A mission whose first milestone was judged once and failed by what is bad; somebody has to decide."""
    tale = running()
    tale.world.bad = bad or {"SHOP-002": "failed"}
    return tale.go(lambda t, step: t.mission.round is not None and t.mission.round.outcome is not None)


def done() -> Tale:
    """A mission that completed."""
    return running().go()


def thinking(attempt: str, at: float = START, tool: str = "") -> Doing:
    """An attempt at work."""
    return Doing(attempt, at, tool, 3)


# --- places in a text ---

def marked(text: str) -> tuple[str, Spot]:
    """A text without its `‸`, and the spot where that stood."""
    before_it, _, after = text.partition("‸")
    lines = before_it.split("\n")
    return before_it + after, Spot(len(lines) - 1, len(lines[-1]))
