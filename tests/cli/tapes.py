"""Recordings for missions that no provider carries: scripts of replies, written as cassettes."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from milepost.domain.turn import Reply
from milepost.model.scripted import call, calls
from tests.runner import story

QUESTION = {"topic": "currency", "question": "Which currency are prices in?", "options": ["euro", "dollar"]}
PLAN = {
    "milestones": [{"id": "M1", "title": "Discounts", "outcome": "A total with a discount"}],
    "features": [story.PLAN["features"][0] | {"fulfills": ["DISC-001", "DISC-002"]}],
}


def documents(services: Mapping[str, Any]) -> list[Reply]:
    """Everything a small proposal needs."""
    return [
        calls(("write_brief", {"text": "A discount in percent."}), ("write_services", dict(services))),
        calls(
            ("write_contract", {"area": "DISC", "text": story.CONTRACT_DISC}),
            ("write_check", {"path": "checks/disc_001.py", "content": story.CHECK_1}),
            ("write_check", {"path": "checks/disc_002.py", "content": story.CHECK_2}), ("write_plan", PLAN),
        ),
        call("propose_mission", summary="A discount."),
    ]


TESTED = {"commands": {"test": {"run": story.TEST, "report": "junit"}}}


def asking() -> dict[str, list[Reply]]:
    """A draft that asks one question, then proposes; nobody is there to build it."""
    return {"orchestrator.1": [call("ask_user", questions=[QUESTION]), *documents(TESTED)]}


def whole() -> dict[str, list[Any]]:
    """A mission of one milestone from question to completion."""
    built = story.script()
    return {
        **asking(), "worker.F1.1": built["worker.F1.*"], "reviewer.F1.M1r1.1": story.passed_review("F1"),
        "auditor.1": built["auditor.*"],
    }


def write(path: Path, replies: Mapping[str, Sequence[Reply]]) -> Path:
    """A cassette of these replies."""
    lines = []
    for attempt, turns in replies.items():
        for turn, reply in enumerate(turns, 1):
            made = [{"name": c.name, "arguments": c.arguments} for c in reply.tool_calls]
            said = {"content": reply.content, "tool_calls": made}
            lines.append(json.dumps({"attempt": attempt, "turn": turn, "reply": said}))
    path.write_text("\n".join(lines) + "\n")
    return path
