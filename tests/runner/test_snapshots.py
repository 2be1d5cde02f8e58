"""What every seat is told and given, word for word; `make snapshots` writes it anew, and the diff is reviewed."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from milepost.agent.tool import schema
from milepost.agent.tools import for_seat
from milepost.domain.seat import SEATS
from milepost.model.scripted import call, say
from milepost.runner.opening import Opening
from milepost.text import prompts
from tests.runner import quick

Begin = Callable[..., Any]
MACHINE = (
    (r"- Machine: [^;]+;", "- Machine: (this one);"), (r"- Programs: .*", "- Programs: (those of this machine)."),
    (r"(- Surfaces .*), browser\.", r"\1."),
)


def tools(seat: str) -> str:
    """The tools of a seat, as its model is told of them."""
    parts = [
        f"## {t.name}\n{prompts.tool_description(t.name)}\n```json\n{json.dumps(schema(t), indent=1)}\n```"
        for t in for_seat(seat)
    ]
    return "\n\n".join(parts)


def assembled(seat: str, opened: Opening) -> str:
    """Everything at the beginning of an attempt's context, in its order."""
    said = "\n\n".join(p.strip() for p in opened.parts if p)
    text = f"# TOOLS\n\n{tools(seat)}\n\n# SYSTEM\n\n{opened.system.strip()}\n\n# FIRST MESSAGE\n\n{said}\n"
    for pattern, words in MACHINE:
        text = re.sub(pattern, words, text)
    return text


@pytest.fixture
async def openings(begun: Begin) -> dict[str, Opening]:
    """How the first attempt of each seat began, in one mission that seats all of them."""
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    script = {
        "researcher.*": [say("suite.sh")],
        "tester.*.flow-1.*": quick.tester("BYE"), "tester.*.flow-2.*": quick.tester(),
        **quick.script(
            plan, worker_F2__=[call("research", questions=["Where is the suite?"]), *quick.build("BYE")],
            worker_F1__=quick.build("HELLO", facts=["sh is dash"]),
        ),
    }
    stage = await begun(script, plan=plan, unchecked=("HELLO", "BYE"))
    await stage.send("steer_mission", text="Greet politely.")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    async with stage.app.office(stage.place) as office:
        found: dict[str, Opening] = {}
        # By name: validators sit at once, and which of them sat down first is chance.
        for _, attempt in sorted(mission.attempts.items()):
            text = office.blobs.get(attempt.started.prompt).decode()
            found.setdefault(attempt.started.seat, Opening.from_json(text))
    return found


async def test_snapshot_of_every_seat(openings: dict[str, Opening], snapshot: Callable[[str, str], None]) -> None:
    assert sorted(openings) == sorted(SEATS)
    for seat in SEATS:
        snapshot(f"seats/{seat}.md", assembled(seat, openings[seat]))
