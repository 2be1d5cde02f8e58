"""Strategy lives in prompts: four sentences of a user's own change how a mission is led, and no code is touched.

The model here is literal: it looks for the sentences of its system prompt that it knows, and does what they say. What
it does not find there it does not do.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.mission import Mission
from milepost.domain.turn import Reply
from milepost.model.messages import Request
from milepost.model.scripted import calls
from milepost.text import assets
from tests.runner import quick

Stages = Callable[..., Any]
SENTENCES = {
    "For a small goal keep everything small: few questions, a handful of assertions, one milestone, one feature.":
        "For any goal plan one milestone for each assertion, so that each can be seen by itself.",
    "Where the goal is clear ask nothing; when the user says to propose now, decide yourself and write each assumption "
    "into the brief.":
        "Ask one question before anything is written, also where the goal is clear.",
    "Name a skill for each feature: `build-feature`, `fix-failure`, `refactor-safely`, or one you write with "
    "`write_skill` for a procedure of this repository.":
        "Name the skill `refactor-safely` for each feature.",
    "Its summary tells the user what they will get, what they will not, what you assumed, and what rests on a "
    "tester's word.":
        "Its summary is one word.",
}
WORDS = ("HELLO", "BYE")


class Literal:
    """An orchestrator that does what its prompt says, sentence by sentence."""

    def __init__(self) -> None:
        self.asked = 0

    def does(self, request: Request) -> Reply:
        """The next thing that the system prompt asks for."""
        rules = request.messages[0].content
        if not self.asked and "Ask one question before anything is written" in rules:
            self.asked += 1
            return calls(("ask_user", {"questions": [{"topic": "Tone", "question": "How loud?"}]}))
        return calls(*self.documents(rules), ("propose_mission", {"summary": self.summary(rules)}))

    def documents(self, rules: str) -> list[tuple[str, dict[str, Any]]]:
        """Everything a proposal needs."""
        apart = "one milestone for each assertion" in rules
        skill = found[1] if (found := re.search(r"Name the skill `([a-z-]+)` for each", rules)) else "build-feature"
        milestones = ("M1", "M2") if apart else ("M1", "M1")
        one = quick.feature(1, "HELLO", skill=skill, fulfills=["HELLO-001", "BYE-001"])
        two = [quick.feature(n, w, m, skill=skill) for n, w, m in zip((1, 2), WORDS, milestones, strict=True)]
        checks = [(f"checks/{quick.WORDS[w]}.sh", quick.CHECK.format(word=quick.WORDS[w])) for w in WORDS]
        return [
            ("write_brief", {"text": "1. Say hello.\n2. Say bye."}), ("write_services", quick.MANIFEST),
            *(("write_contract", {"area": w, "text": quick.area(w)}) for w in WORDS),
            *(("write_check", {"path": path, "content": text}) for path, text in checks),
            ("write_plan", quick.plan(*(two if apart else [one]))),
        ]

    def summary(self, rules: str) -> str:
        """What the user is told."""
        return "Words." if "summary is one word" in rules else "You will get two words, each by a check of its own."


async def led(stage: Stages, name: str) -> tuple[Mission, int]:
    """A mission as far as its proposal, and how many questions the user was asked."""
    model = Literal()
    playing = stage({"orchestrator.*": [model.does, model.does, model.does]}, repository=quick.make_repository)
    playing.repository.rename(playing.repository.with_name(name))
    playing.repository = playing.repository.with_name(name)
    await playing.create()
    mission = await playing.carry(lambda m: m.phase == "proposed" or bool(m.holds))
    asked = len(mission.attention)
    for item in mission.attention:
        await playing.send("resolve_item", item=item.id, decision="answer", text="Softly.")
    return await playing.carry(lambda m: m.phase == "proposed" or bool(m.holds)), asked


@pytest.fixture
def overlay(home: Path) -> None:
    """The user's own orchestrator: the shipped one with four other sentences."""
    text = (assets.shipped("prompts") / "orchestrator" / "system.md").read_text()
    for ours, theirs in SENTENCES.items():
        assert text.count(ours) == 1, f"the shipped prompt no longer says {ours!r} once"
        text = text.replace(ours, theirs)
    own = home / "config" / "milepost" / "prompts" / "orchestrator"
    own.mkdir(parents=True)
    (own / "system.md").write_text(text)


async def test_shipped_sentences_lead_to_one_milestone_without_a_question(stage: Stages, home: Path) -> None:
    mission, asked = await led(stage, "shop-1")
    assert mission.phase == "proposed" and mission.plan is not None, mission.holds
    assert (asked, len(mission.plan.milestones), len(mission.plan.features)) == (0, 1, 1)
    assert {f.skill for f in mission.plan.features} == {"build-feature"}


async def test_four_other_sentences_lead_to_another_strategy(stage: Stages, overlay: None) -> None:
    mission, asked = await led(stage, "shop-2")
    assert mission.phase == "proposed" and mission.plan is not None, mission.holds
    assert (asked, len(mission.plan.milestones), len(mission.plan.features)) == (1, 2, 2)
    assert {f.skill for f in mission.plan.features} == {"refactor-safely"} and mission.summary == "Words."
