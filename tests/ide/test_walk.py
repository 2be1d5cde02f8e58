"""Wherever a mission gets to, every view of it holds together and none fails."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract_format import format_contract
from milepost.domain.errors import Refused
from milepost.domain.next import next_step
from milepost.domain.questions_text import format_questions
from milepost.ide import mentions
from milepost.ide.actions import contract_actions, finding_actions, question_actions
from milepost.ide.blame import BlameLine
from milepost.ide.board import view
from milepost.ide.completion import completion
from milepost.ide.definitions import definition, references
from milepost.ide.diagnostics import contract_diagnoses, findings, questions_diagnoses
from milepost.ide.document import Document
from milepost.ide.hints import hints
from milepost.ide.hovers import hover_blame, hover_contract, hover_id
from milepost.ide.lenses import code_lenses, contract_lenses
from milepost.ide.progress import progress
from milepost.ide.shapes import Span, Spot
from milepost.ide.symbols import outline, search
from tests.domain.life import ADDED, WHY, finding
from tests.ide.tale import Tale, running, sits

Trouble = Callable[[Tale, random.Random], object]
ASSERTIONS = ("SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004", "PAGE-001", "PAGE-002")
TROUBLES: tuple[Trouble, ...] = (
    lambda t, r: t.order(o.RecheckAssertions(assertions=[r.choice(ASSERTIONS)])),
    lambda t, r: t.order(o.WaiveAssertion(assertion=r.choice(ASSERTIONS), reason=WHY)),
    lambda t, r: t.order(o.AmendContract(
        changes=[o.ContractChange(op="remove", assertion=r.choice(ASSERTIONS))], reason=WHY,
    )),
    lambda t, r: t.order(o.AmendContract(
        changes=[o.ContractChange(op="add", assertion="SHOP-005", text=ADDED)], reason=WHY,
    )),
    lambda t, r: t.say(e.EditNoticed(paths=["shop.py"], commit=f"u{r.random()}")),
    lambda t, r: t.open("question", owner="user", blocks="none", options=["a", "b"]),
    lambda t, r: t.open("finding", r.choice(["F1", "F2"]), blocks="none", finding={"file": "a.py", "line": 2}),
    lambda t, r: t.order(o.PauseMission()).order(o.ResumeMission()),
    lambda t, r: t.order(o.SteerMission(text="Go on")),
    lambda t, r: t.order(o.ChangeSetting(key="budget.dollars", value=None)),
)


def look(tale: Tale) -> None:
    """Ask every view, at every place that there is."""
    snapshot, mission = tale.snapshot(), tale.mission
    document = tale.contract(format_contract(mission.contract))
    shown = view(snapshot)
    assert (shown.status.settled, shown.status.assertions) == (len(mission.settled), len(mission.live))
    assert [a.line for a in shown.assertions] == [b.first for b in document.blocks]
    assert list(snapshot.standings) == list(mission.assertions)
    diagnoses = contract_diagnoses(document, snapshot)
    stands = {b.assertion.id for b in document.blocks}
    bad = {d.data["assertion"] for d in diagnoses if d.data and "assertion" in d.data}
    assert bad == {a for a, s in snapshot.standings.items() if a in stands and s.word in ("failed", "blocked", "stale")}
    for block in document.blocks:
        spot = Spot(block.first, 6)
        assert hover_contract(document, spot, snapshot) is not None
        definition(document, spot, snapshot)
        references(block.assertion.id, snapshot, {})
        contract_actions(document, Span(spot, spot), diagnoses, snapshot)
        completion(document, spot, snapshot)
    for name in (*snapshot.planned, *snapshot.milestones, *mission.items):
        assert mentions.kind_of(name, snapshot) and hover_id(name, Spot(0, 0), snapshot) is not None
        definition(Document("/a.py", name), Spot(0, 0), snapshot)
        references(name, snapshot, {})
    for feature in snapshot.planned:
        assert hover_blame("x", BlameLine(0, "c", feature, mission.id), snapshot) is not None
    code_lenses([BlameLine(n, "c", f, mission.id) for n, f in enumerate(snapshot.planned)], snapshot)
    for held in findings(snapshot).values():
        finding_actions(held[0].span, held, snapshot)
    questions = Document("/q.questions.md", format_questions(mission.attention))
    questions_diagnoses(questions, snapshot)
    question_actions(questions, questions.whole, snapshot)
    for made in (contract_lenses(document, snapshot), hints(document, snapshot), outline(document, snapshot)):
        assert made is not None
    assert len(search("", [snapshot])) >= len(snapshot.standings)
    assert 0 <= progress(snapshot).percentage <= 100


def lead(tale: Tale) -> None:
    """An orchestrator that mends what it can, and lets go what is only said."""
    for item in [i for i in tale.mission.open_items if i.opened.owner == "orchestrator"]:
        for decision in ("reopen", "dismiss"):
            try:
                tale.resolve(item.id, decision, feature="F1")
                break
            except Refused:
                continue
        else:
            name = f"F{len(tale.mission.features) + 1}"
            milestone = tale.mission.open_milestone
            orphans = [a for a in tale.mission.live if tale.mission.owner(a) is None]
            fix = {"id": name, "milestone": milestone, "title": "Fix", "description": "d", "expected": ["e"],
                   "fixes": [item.id], "fulfills": orphans}
            if milestone is not None:
                with suppress(Refused):
                    tale.plan(add=[fix]).resolve(item.id, "feature", feature=name)


@pytest.mark.parametrize("seed", range(8))
def test_views_hold_together_wherever_a_mission_gets_to(seed: int) -> None:
    chance = random.Random(seed)
    tale = running()
    tale.leads = lead
    for _ in range(60):
        if chance.random() < 0.2:
            with suppress(Refused):
                chance.choice(TROUBLES)(tale, chance)
        tale.world.bad = {a: "failed" for a in ASSERTIONS if chance.random() < 0.15}
        tale.world.findings = {"F1": [finding("blocking", file="a.py", line=1)]} if chance.random() < 0.2 else {}
        tale.world.red = {"lint"} if chance.random() < 0.05 else set()
        step = next_step(tale.mission)
        if step is None:
            break
        for sit in sits(step):
            tale.sit(sit)
        if not sits(step):
            tale.say(*tale.world.facts(tale.mission, step))
        look(tale)
    assert tale.story.layout.contract is tale.mission.contract
    last = tale.story.timeline[-1]
    assert (last.settled, last.live) == (len(tale.mission.settled), len(tale.mission.live))
