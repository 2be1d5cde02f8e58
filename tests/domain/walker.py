"""A world that goes wrong at random, in every way that is plausible, with an orchestrator that is not on our side."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract_format import format_assertion
from milepost.domain.errors import Refused
from milepost.domain.mission import Item, Mission
from milepost.domain.next import AuditHandoff, Sit, Step, next_step
from milepost.domain.record import Event
from milepost.domain.services import Manifest
from tests.domain.life import (
    ADDED,
    MANIFEST,
    WHY,
    World,
    amended,
    document,
    feature,
    finding,
    handoff,
    item,
    opened,
    ordered,
    planned,
    resolved,
    told,
)

HOPELESS = "SHOP-002"
"""The assertion that cannot be met: no tester ever sees it hold, and the user never lets it go."""
SEVERITIES = ("suggestion", "non_blocking", "blocking")
CLASSES = ("tool", "credential", "external", "environment", "not_built", "ambiguous")
DECISIONS = ("feature", "fold", "reopen", "dismiss", "dispute", "accept", "reject", "counter")


@dataclass
class Walker(World):
    """Everything random comes of one seed."""

    seed: int = 0
    trouble: float = 0.25
    """How often a thing goes wrong."""
    hopeless: bool = False
    edits: int = 0
    let_go: set[str] = field(default_factory=set)
    """Items that nobody needs to mend any more, by the user's word."""
    products: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.dice = Random(self.seed)

    def bad_luck(self, share: float = 1.0) -> bool:
        return self.dice.random() < self.trouble * share

    def product(self, commit: str) -> str:
        return self.products.get(commit, commit)

    # --- steps ---

    def take(self, mission: Mission, step: Step) -> Mission:
        mission = super().take(mission, step)
        if self.bad_luck(0.15) and mission.phase == "running":
            mission = attempt(mission, self.dice.choice([self.edit, self.steer, self.recheck, self.waive, self.reword,
                                                         self.take_back]))
        return mission

    def facts(self, mission: Mission, step: Step) -> Sequence[Event]:
        facts = list(super().facts(mission, step))
        if isinstance(step, AuditHandoff) and self.bad_luck():
            kind = self.dice.choice(["mismatch", "no_work", "gate", "undone", "issue", "proposal"])
            facts.append(item(mission, kind, step.feature))  # type: ignore[arg-type]
        return facts

    def proof(self, mission: Mission, name: str) -> Sequence[Event]:
        self.vacuous = {name} if self.bad_luck(0.5) else set()
        return super().proof(mission, name)

    def gate(self, mission: Mission, name: str) -> e.GateFinished:
        self.red = {name} if self.bad_luck(0.2) else set()
        return super().gate(mission, name)

    def edit(self, mission: Mission) -> Mission:
        """The user edits the tree, or its notes."""
        self.edits += 1
        path = self.dice.choice(["shop.py", "notes.md"])
        commit = f"e{self.edits}"
        self.products[commit] = self.product(mission.head) if path == "notes.md" else commit
        return told(mission, e.EditNoticed(paths=[path], commit=commit))

    # --- the user, at any time ---

    def steer(self, mission: Mission) -> Mission:
        return ordered(mission, o.SteerMission(text="faster"))

    def recheck(self, mission: Mission) -> Mission:
        return ordered(mission, o.RecheckAssertions())

    def any_but_the_hopeless(self, mission: Mission) -> str:
        others = [a for a in mission.live if a != HOPELESS]
        return self.dice.choice(others or ["NONE-001"])

    def waive(self, mission: Mission) -> Mission:
        return ordered(mission, o.WaiveAssertion(assertion=self.any_but_the_hopeless(mission), reason=WHY))

    def reword(self, mission: Mission) -> Mission:
        name = self.any_but_the_hopeless(mission)
        agreed = mission.contract.get(name)
        if agreed is None:
            return mission
        return amended(mission, ("change", name, format_assertion(replace(agreed, then=f"{agreed.then}, soon"))))

    def take_back(self, mission: Mission) -> Mission:
        name = self.dice.choice(list(mission.features))
        self.edits += 1
        commit = f"r{self.edits}"
        order = o.RevertFeature(feature=name, commit=commit, tree="t", parent=mission.head, paths=["shop.py"])
        known = mission.feature(name)
        mission = ordered(mission, order)
        self.let_go |= set(known.fixes if known and mission.features[name].status == "cancelled" else [])
        return mission

    # --- seats ---

    def sit(self, mission: Mission, step: Sit) -> Mission:
        self.silent = {step.seat} if self.bad_luck(0.4) else set()
        return super().sit(mission, step)

    def worker(self, mission: Mission, step: Sit) -> Mission:
        if self.bad_luck(0.3):
            return ordered(mission, o.InterruptMission())
        outcome = self.dice.choice(["partial", "cannot"]) if self.bad_luck() else "done"
        if not self.bad_luck(0.5):
            mission = self.commit(mission, step.subject)
        submitted = e.HandoffSubmitted(feature=step.subject, handoff=handoff(outcome))
        return told(mission, submitted, by=step.attempt, attempt=step.attempt)

    def rise(self, mission: Mission, step: Sit, outcome: str) -> Mission:
        return super().rise(mission, step, outcome) if mission.attempts[step.attempt].is_open else mission

    def reviewer(self, mission: Mission, step: Sit) -> Mission:
        if step.round is None and self.bad_luck(2):
            disputed = mission.items[step.subject].opened
            upheld = item(mission, disputed.type, disputed.about, payload={"upheld": True, "disputes": step.subject})
            return told(mission, upheld, by=step.attempt)
        self.find(step.subject)
        return super().reviewer(mission, step)

    def scrutiny(self, mission: Mission, step: Sit) -> Mission:
        self.find(step.subject)
        return super().scrutiny(mission, step)

    def auditor(self, mission: Mission, step: Sit) -> Mission:
        self.find("audit")
        return super().auditor(mission, step)

    def find(self, about: str) -> None:
        found = [finding(self.dice.choice(SEVERITIES))] if self.bad_luck() else []
        self.findings = {about: found}

    def tester(self, mission: Mission, step: Sit) -> Mission:
        self.bad = {a: self.said() for a in step.assertions if self.bad_luck() or (self.hopeless and a == HOPELESS)}
        mission = super().tester(mission, step)
        return opened(mission, "proposal", step.milestone or "") if self.bad_luck(0.3) else mission

    def said(self) -> str:
        return self.dice.choice(["failed", f"blocked:{self.dice.choice(CLASSES)}"])

    # --- the orchestrator ---

    def orchestrator(self, mission: Mission, step: Sit) -> Mission:
        """Whatever the door lets through, and nothing at all now and then."""
        moves = [*(lambda m, i=i: self.resolve(m, i) for i in mission.open_items), self.replan, self.detail, self.amend,
                 self.mend, self.guide]
        self.dice.shuffle(moves)
        for move in moves:
            mission = attempt(mission, move)
        return mission

    def resolve(self, mission: Mission, found: Item) -> Mission:
        if self.bad_luck(0.5):
            return mission
        for decision in self.dice.sample(DECISIONS, 4):
            mission = attempt(mission, lambda m, d=decision: self.decided(m, found, d))
            if not mission.items[found.id].is_open:
                break
        return mission

    def decided(self, mission: Mission, found: Item, decision: str) -> Mission:
        if decision == "feature":
            mission = self.fix(mission, found)
        name = self.dice.choice(list(mission.features))
        fixer = next((f.id for f in mission.plan.features if found.id in f.fixes), name) if mission.plan else name
        return resolved(mission, decision, found.id, feature=fixer, text="so be it")

    def fix(self, mission: Mission, found: Item) -> Mission:
        new = f"F{len(mission.features) + 1}"
        place = mission.open_milestone
        parts: dict[str, Any] = {}
        if place is None or self.bad_luck(0.3):
            place = f"M{len(mission.milestones) + 1}"
            parts["milestones"] = [{"id": place, "title": "t", "outcome": "o"}]
        detail = "outline" if self.bad_luck(0.3) else "full"
        return planned(mission, add=[feature(new, place, fixes=[found.id], detail=detail)], **parts)

    def replan(self, mission: Mission) -> Mission:
        name, other = (self.dice.choice(list(mission.features)) for _ in range(2))
        new = f"F{len(mission.features) + 1}"
        known = mission.feature(name)
        if not self.bad_luck() or known is None:
            return mission
        parts = [
            feature(f"{new}{n}", known.milestone, fulfills=known.fulfills[n::2], fixes=known.fixes) for n in (0, 1)
        ]
        changes: list[dict[str, Any]] = [
            {"cancel": [{"feature": name, "reason": WHY}]}, {"fold": [{"feature": name, "into": other}]},
            {"split": [{"feature": name, "into": parts}]},
        ]
        return planned(mission, **self.dice.choice(changes))

    def detail(self, mission: Mission) -> Mission:
        outlines = [f for f, s in mission.features.items() if s.status == "outline"]
        return planned(mission, detail=[{"feature": f, "description": "d", "expected": ["e"]} for f in outlines])

    def amend(self, mission: Mission) -> Mission:
        if not self.bad_luck(0.5):
            return mission
        if "SHOP-005" in mission.assertions:
            return amended(mission, ("remove", self.dice.choice(mission.live), ""), by="orchestrator.1")
        mission = amended(mission, ("add", "SHOP-005", ADDED), by="orchestrator.1")
        new = f"F{len(mission.features) + 1}"
        place = mission.open_milestone or "M2"
        return attempt(mission, lambda m: planned(m, add=[feature(new, place, fulfills=["SHOP-005"])]))

    def mend(self, mission: Mission) -> Mission:
        if not self.bad_luck(0.3):
            return mission
        start = f"serve {self.dice.random()}"
        text = Manifest.model_validate({**MANIFEST, "services": [{**MANIFEST["services"][0], "start": start}]})
        written = document("services", text.model_dump_json())
        order = o.WriteDocument(document="services", name="services", text=written.text, hash=written.hash)
        return ordered(mission, order, "orchestrator.1")

    def guide(self, mission: Mission) -> Mission:
        return told(mission, e.GuidanceGiven(text="g")) if self.bad_luck(0.3) else mission

    # --- the user ---

    def user(self, mission: Mission) -> Mission:
        """What the user does about a mission that is held: answer everything, and let it go on."""
        for found in mission.attention:
            approval = "approve" if self.harmless(found) and self.bad_luck() else "deny"
            decision = {"question": "answer", "approval": approval, "stuck": "answer"}.get(found.opened.type, "dismiss")
            mission = attempt(
                mission, lambda m, i=found.id, d=decision: resolved(m, d, i, "user", text="go on")
            )
        return attempt(mission, lambda m: ordered(m, o.ResumeMission()))


    def harmless(self, found: Item) -> bool:
        """Whether an amendment lets the hopeless assertion alone."""
        return HOPELESS not in str(found.opened.payload)


def attempt(mission: Mission, move: Callable[[Mission], Mission]) -> Mission:
    """The mission after a move, or as it was where that is refused."""
    try:
        return move(mission)
    except Refused:
        return mission


def walk(mission: Mission, walker: Walker, *, words: int, most: int, seen: Callable[[Mission], None]) -> Mission:
    """Go on until the mission ends or the user has had so many words; fail where it does not come to that."""
    for _ in range(most):
        seen(mission)
        if mission.ended:
            return mission
        if mission.holds:
            if not words:
                return mission
            words -= 1
            mission = walker.user(mission)
            continue
        step = next_step(mission)
        assert step is not None, "a mission that runs unheld always has a next step"
        mission = walker.take(mission, step)
    raise AssertionError(f"no end after {most} steps: {walker.steps[-12:]}")
