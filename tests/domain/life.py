"""The life of a mission without a machine: facts are told, and a small world answers each step with its own."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import create, decide
from milepost.domain.evolve import evolve
from milepost.domain.handoff import Audit, Finding, Handoff, Procedure, Review, Scrutiny, SubmittedVerdict, Undone
from milepost.domain.hashes import text_hash
from milepost.domain.judge import conclude
from milepost.domain.mission import Mission
from milepost.domain.next import (
    AuditHandoff,
    Block,
    Complete,
    EndRound,
    Fail,
    Prove,
    RunGates,
    Seal,
    Sit,
    StartRound,
    Step,
    Stuck,
    Together,
    Wait,
    next_step,
)
from milepost.domain.plan import Plan, PlanChange
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Event, Record
from milepost.domain.seat import SEATS, Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings

BASE = "c0"
WHY = "a reason that is long enough to explain something"
SHOP = """## SHOP The shop

### SHOP-001 A total is right
- surface: library
- then: `total([2, 3])` is 5
- fails if: it is anything else
- evidence: receipt
- check: `python checks/shop_001.py`

### SHOP-002 A price is served
- surface: http
- then: `/price` answers 200
- fails if: it answers otherwise
- evidence: request

### SHOP-003 The old total stays
- surface: library
- then: `total([])` is 0
- fails if: it is anything else
- evidence: receipt
- check: `python checks/shop_003.py`
- before: guard

### SHOP-004 A total is printed
- surface: command
- then: `shop 2 3` prints 5
- fails if: it prints anything else
- evidence: receipt
"""
PAGE = """## PAGE The page

### PAGE-001 The page is on the screen
- surface: terminal
- then: the page is shown
- fails if: the screen is empty
- evidence: screen

### PAGE-002 The page is a file
- surface: file
- then: `page.html` holds the total
- fails if: it is empty
- evidence: file
- check: `python checks/page_002.py`
"""
ADDED = """### SHOP-005 A discount lowers the total
- surface: library
- then: `total([10], 10)` is 9
- fails if: the discount is ignored
- evidence: receipt
- check: `python checks/shop_005.py`
"""
PLAN: dict[str, Any] = {
    "milestones": [
        {"id": "M1", "title": "Totals", "outcome": "a person sees a total"},
        {"id": "M2", "title": "The page", "outcome": "a person sees the page"},
    ],
    "features": [
        {"id": "F1", "milestone": "M1", "title": "Total", "description": "d", "expected": ["e"],
         "fulfills": ["SHOP-001", "SHOP-002"]},
        {"id": "F2", "milestone": "M1", "title": "Print", "description": "d", "expected": ["e"],
         "fulfills": ["SHOP-003", "SHOP-004"]},
        {"id": "F3", "milestone": "M2", "title": "Page", "description": "d", "expected": ["e"],
         "fulfills": ["PAGE-001", "PAGE-002"]},
    ],
}
MANIFEST: dict[str, Any] = {
    "commands": {"test": {"run": "pytest --junitxml={report}", "report": "junit"}, "lint": {"run": "ruff check"}},
    "services": [{"name": "app", "start": "serve", "port": 8000, "ready": {"tcp": True}}],
}
KINDS = {"http": ("request",), "terminal": ("screen",), "browser": ("screenshot", "console")}
"""The least evidence of each surface; a receipt on the others."""


# --- telling ---

@dataclass(frozen=True)
class Told:
    """An event with who caused it, where that is not the engine."""

    event: Event
    by: str = "engine"
    attempt: str | None = None


def told(mission: Mission | None, *events: Event | Told, by: str = "engine", attempt: str | None = None) -> Mission:
    """The mission after these events, each in a record of its own."""
    for event in events:
        one = event if isinstance(event, Told) else Told(event, by, attempt)
        seq = mission.seq + 1 if mission else 1
        record = Record(seq=seq, at=float(seq), prev="0", by=one.by, attempt=one.attempt, event=one.event)
        mission = evolve(mission, record)
    assert mission is not None
    return mission


def ordered(mission: Mission, order: o.Order, by: str = "user") -> Mission:
    """The mission after an order; raises Refused where it is refused."""
    return told(mission, *decide(mission, order, by=by), by=by)


# --- a mission as far as its approval ---

def document(kind: e.DocumentKind, text: str, name: str = "") -> e.DocumentWritten:
    return e.DocumentWritten(document=kind, name=name or kind, hash=text_hash(text), text=text)


def created(**settings: Any) -> Mission:
    seats = {name: Seat(model="scripted:x") for name in SEATS}
    order = o.CreateMission(
        mission="shop-1", goal="A shop", repository="/home/ada/shop", base=BASE, slug="shop",
        settings=Settings.model_validate({"seats": seats, **settings}),
    )
    return told(None, *create(order), by="user")


def drafted(plan: dict[str, Any] = PLAN, *, contract: Sequence[str] = (SHOP, PAGE), **settings: Any) -> Mission:
    """A draft with everything written."""
    areas = [document("contract", text, text.split()[1]) for text in contract]
    return told(
        created(**settings), document("brief", "1. Totals."), *areas,
        document("plan", Plan.model_validate(plan).model_dump_json()),
        document("services", Manifest.model_validate(MANIFEST).model_dump_json()),
    )


def proposed(*args: Any, **settings: Any) -> Mission:
    mission = drafted(*args, **settings)
    return told(mission, e.MissionProposed(summary="s", hashes=dict(mission.documents), estimate={}))


def running(*args: Any, **settings: Any) -> Mission:
    return ordered(proposed(*args, **settings), o.ApproveMission())


# --- single facts ---

def item(mission: Mission, kind: e.ItemType = "undone", about: str = "F1", **more: Any) -> e.ItemOpened:
    return e.ItemOpened.model_validate({"item": mission.next_item(), "type": kind, "about": about, "text": "t", **more})


def opened(mission: Mission, kind: e.ItemType = "undone", about: str = "F1", **more: Any) -> Mission:
    """The mission with one more item."""
    return told(mission, item(mission, kind, about, **more))


def resolved(mission: Mission, decision: str, name: str = "I1", by: str = "orchestrator.1", **more: Any) -> Mission:
    """The mission after an item was resolved by order; raises Refused."""
    return ordered(
        mission, o.ResolveItem.model_validate({"item": name, "decision": decision, "reason": WHY, **more}), by
    )


def planned(mission: Mission, by: str = "orchestrator.1", skills: list[str] | None = None, **parts: Any) -> Mission:
    """The mission after a change of plan by order; raises Refused."""
    change = PlanChange.model_validate({"reason": WHY, **parts})
    return ordered(mission, o.ChangePlan(change=change, skills=skills), by)


def feature(name: str, milestone: str = "M1", **rest: Any) -> dict[str, Any]:
    """A feature of a change of plan."""
    full = {} if rest.get("detail") == "outline" else {"description": "d", "expected": ["e"]}
    return {"id": name, "milestone": milestone, "title": "t", **full, **rest}


def amended(mission: Mission, *changes: tuple[str, str, str], by: str = "user") -> Mission:
    """The mission after an amendment by order, each change (op, assertion, text); raises Refused."""
    made = [e.ContractChange.model_validate({"op": op, "assertion": a, "text": t}) for op, a, t in changes]
    return ordered(mission, o.AmendContract(changes=made, reason=WHY), by)


def text_of(assertion: str, old: str = "", new: str = "") -> str:
    """An assertion's text, a part of it replaced."""
    texts = [f"### {part}" for area in (SHOP, PAGE) for part in area.split("### ")[1:]]
    return next(t for t in texts if t.startswith(f"### {assertion}")).replace(old, new)


def seated(mission: Mission, seat: str, subject: str = "mission", **more: Any) -> Mission:
    """The mission with an attempt begun."""
    attempt = mission.next_attempt(seat, subject, more.get("milestone"), more.get("round"))
    facts: list[Event] = [e.FeatureStarted(feature=subject, start=mission.head)] if seat == "worker" else []
    facts.append(
        e.AttemptStarted(
            attempt=attempt, seat=seat, subject=subject, model="scripted:x", prompt="p", start=mission.head, **more
        )
    )
    return told(mission, *facts, by="engine", attempt=attempt)


def risen(mission: Mission, outcome: str = "submitted", **more: Any) -> Mission:
    """The mission with its open attempts ended."""
    return told(mission, *(
        e.AttemptEnded.model_validate({"attempt": a.started.attempt, "outcome": outcome, **more})
        for a in mission.open_attempts
    ))


def handoff(outcome: str = "done", undone: Iterable[str] = ()) -> Handoff:
    return Handoff.model_validate({
        "outcome": outcome, "summary": "s", "implemented": [], "undone": [Undone(what=u, why="w") for u in undone],
        "commands": [], "manual_checks": [], "tests": [], "issues": [], "procedure": Procedure(followed=True),
    })


def finding(severity: str = "blocking", **more: Any) -> Finding:
    return Finding.model_validate({"severity": severity, "problem": "it breaks", "why": "for all", **more})


def receipt(output: str = "r") -> Receipt:
    return Receipt(command="c", exit_code=0, output=output)


# --- the world ---

@dataclass
class World:
    """What comes of each step. By itself all goes well; a test says where it does not."""

    commits: int = 0
    red: set[str] = field(default_factory=set)
    """Gates that are red."""
    bad: dict[str, str] = field(default_factory=dict)
    """Outcome of a tester's verdict that is not `passed`, by assertion."""
    findings: dict[str, list[Finding]] = field(default_factory=dict)
    """What readers find, by feature, milestone or `audit`."""
    vacuous: set[str] = field(default_factory=set)
    handoffs: dict[str, Handoff] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    """Seats that end without a word."""
    leads: Callable[[Mission], Mission] = lambda mission: mission
    """What the orchestrator does in a seating."""
    steps: list[Step] = field(default_factory=list)
    """What was taken so far."""

    def take(self, mission: Mission, step: Step) -> Mission:
        """The mission after one step."""
        self.steps.append(step)
        match step:
            case Sit():
                return self.sit(mission, step)
            case Together(sits):
                for one in sits:
                    mission = self.sit(mission, one)
                return mission
            case _:
                return told(mission, *self.facts(mission, step))

    def facts(self, mission: Mission, step: Step) -> Sequence[Event]:
        match step:
            case AuditHandoff(name):
                return [e.HandoffAudited(feature=name, end=mission.head, mismatches=[])]
            case Prove(name):
                return self.proof(mission, name)
            case StartRound(milestone, number, scope):
                return [
                    e.RoundStarted(
                        milestone=milestone, round=number, commit=mission.head, tree=mission.head, scope=list(scope)
                    )
                ]
            case RunGates(gates):
                return [self.gate(mission, g) for g in gates]
            case EndRound():
                assert mission.round is not None
                return conclude(mission, mission.round, self.product(mission.round.commit))
            case Seal(milestone):
                return [e.MilestoneSealed(milestone=milestone, commit=mission.head)]
            case Complete():
                return [e.MissionCompleted()]
            case Stuck(about, text):
                return [item(mission, "stuck", about, owner="user", text=text)]
            case Block(reason, items):
                return [e.HoldPlaced(hold="blocked", reason=reason, items=list(items))]
            case Fail(reason):
                return [e.MissionFailed(reason=reason)]
            case Wait():
                return [e.HoldLifted(hold="parked")]
        raise AssertionError(f"no world for {step}")

    def product(self, commit: str) -> str:
        """The hash of a commit's product tree."""
        return commit

    def proof(self, mission: Mission, name: str) -> Sequence[Event]:
        done = e.GateFinished(gate="vacuity", outcome="red" if name in self.vacuous else "green", feature=name)
        return [done, item(mission, "vacuous", name)] if name in self.vacuous else [done]

    def gate(self, mission: Mission, name: str) -> e.GateFinished:
        assert mission.round is not None
        return e.GateFinished(
            gate=name, outcome="red" if name in self.red else "green", receipt=receipt(name), text=f"{name} ran",
            milestone=mission.round.milestone, round=mission.round.number,
        )

    def sit(self, mission: Mission, step: Sit) -> Mission:
        if step.attempt not in mission.attempts:
            more = {"milestone": step.milestone, "round": step.round, "assertions": list(step.assertions)}
            mission = seated(mission, step.seat, step.subject, **more)
        if step.seat in self.silent:
            return self.rise(mission, step, "limit")
        mission = getattr(self, step.seat)(mission, step)
        return mission if mission.ended else self.rise(mission, step, "submitted")

    def rise(self, mission: Mission, step: Sit, outcome: str) -> Mission:
        facts: list[Event] = []
        if step.seat == "worker" and outcome != "submitted":
            facts.append(e.HandoffSubmitted(feature=step.subject, handoff=handoff("partial"), built_by_engine=True))
        ended = e.AttemptEnded.model_validate({"attempt": step.attempt, "outcome": outcome})
        return told(mission, *facts, ended, attempt=step.attempt)

    def orchestrator(self, mission: Mission, step: Sit) -> Mission:
        return self.leads(mission)

    def worker(self, mission: Mission, step: Sit) -> Mission:
        left = self.handoffs.get(step.subject, handoff())
        submitted = e.HandoffSubmitted(feature=step.subject, handoff=left)
        return told(self.commit(mission, step.subject), submitted, by=step.attempt, attempt=step.attempt)

    def commit(self, mission: Mission, name: str, path: str = "shop.py") -> Mission:
        self.commits += 1
        commit = f"c{self.commits}"
        return told(mission, e.CommitMade(feature=name, commit=commit, tree=commit, parent=mission.head, paths=[path]))

    def reviewer(self, mission: Mission, step: Sit) -> Mission:
        if step.round is None:
            return told(mission, e.FactNoted(text=f"{step.subject} was withdrawn", source=step.attempt))
        found = self.findings.get(step.subject, [])
        review = Review(feature=step.subject, outcome=verdict_of(found), findings=found)
        submitted = e.ReviewSubmitted(milestone=step.milestone or "", round=step.round, review=review)
        return told(mission, submitted, by=step.attempt, attempt=step.attempt)

    def scrutiny(self, mission: Mission, step: Sit) -> Mission:
        found = self.findings.get(step.subject, [])
        judged = Scrutiny(outcome=verdict_of(found), findings=found)
        submitted = e.ScrutinySubmitted(milestone=step.milestone or "", round=step.round or 0, scrutiny=judged)
        return told(mission, submitted, by=step.attempt, attempt=step.attempt)

    def tester(self, mission: Mission, step: Sit) -> Mission:
        submitted = verdicts(mission, step.subject, step.attempt, step.assertions, self.bad)
        return told(mission, submitted, by=step.attempt, attempt=step.attempt)

    def auditor(self, mission: Mission, step: Sit) -> Mission:
        found = self.findings.get("audit", [])
        done = e.AuditSubmitted(audit=Audit(outcome=verdict_of(found), findings=found), tree=mission.head)
        mission = told(mission, done, by=step.attempt, attempt=step.attempt)
        for one in found:
            mission = opened(mission, "audit", "audit", severity=one.severity)
        return mission


def verdict_of(findings: Iterable[Finding]) -> Any:
    return "failed" if any(f.severity == "blocking" for f in findings) else "passed"


def verdicts(
    mission: Mission, flow: str, attempt: str, assertions: Iterable[str], bad: dict[str, str] | None = None
) -> e.VerdictsSubmitted:
    """What a tester submits in the newest round, each verdict with the least evidence of its surface."""
    assert mission.round is not None
    said, seen = [], []
    for name in assertions:
        agreed = mission.contract.get(name)
        kinds = KINDS.get(agreed.surface if agreed else "", ("receipt",))
        tree = mission.round.tree
        shown = [Evidence(id=f"E{len(seen) + n}", kind=k, blob="b", tree=tree) for n, k in enumerate(kinds, 1)]
        seen += shown
        outcome, _, reason = (bad or {}).get(name, "passed").partition(":")
        said.append(SubmittedVerdict.model_validate({
            "assertion": name, "outcome": outcome, "evidence": [x.id for x in shown], "note": "as seen",
            "reason_class": reason or None, "needs": "a tool" if reason else None,
        }))
    return e.VerdictsSubmitted(
        milestone=mission.round.milestone, round=mission.round.number, flow=flow, attempt=attempt,
        tree=mission.round.tree, verdicts=said, evidence=seen,
    )


Until = Callable[[Mission, Step | None], bool]


def carry(
    mission: Mission, world: World | None = None, *, until: Until = lambda m, s: False, most: int = 200
) -> Mission:
    """Take step after step until one satisfies `until` (it is not taken), or there is none."""
    world = world or World()
    for _ in range(most):
        step = next_step(mission)
        if step is None or until(mission, step):
            return mission
        mission = world.take(mission, step)
    raise AssertionError(f"no end after {most} steps; the last were {world.steps[-8:]}")


def at(kind: type | tuple[type, ...], seat: str | None = None) -> Until:
    """Until a step of that kind is next, or somebody is to be seated in that seat."""

    def reached(mission: Mission, step: Step | None) -> bool:
        sits = step.sits if isinstance(step, Together) else (step,) if isinstance(step, Sit) else ()
        return isinstance(step, kind) and (seat is None or any(s.seat == seat for s in sits))

    return reached


def words(step: Step | None) -> str:
    """A step in short, for tables."""
    match step:
        case Sit():
            return step.attempt
        case Together(sits):
            return " + ".join(s.attempt for s in sits)
        case AuditHandoff(name) | Prove(name) | Seal(name):
            return f"{type(step).__name__} {name}"
        case StartRound(milestone, number, scope):
            return f"StartRound {milestone} {number} {' '.join(scope)}".strip()
        case RunGates(gates):
            return f"RunGates {' '.join(gates)}"
        case Stuck(about, _):
            return f"Stuck {about}"
        case Block(_, items):
            return f"Block {' '.join(items)}"
        case _:
            return type(step).__name__
