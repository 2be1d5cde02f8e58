"""A manifest that is wrong blocks nobody for good: the tester proposes what works, the orchestrator tries it."""

from collections.abc import Awaitable, Callable
from typing import Any

from milepost.model.scripted import Step, call, calls
from tests.runner import quick, several, story
from tests.runner.conftest import Stage

Begin = Callable[..., Awaitable[Stage]]
WRONG = {**several.SERVICE, "start": "python3 notes.py", "timeout_s": 5}
"""The program wants its port as an argument, so it ends at once."""
BLOCKED = {
    "assertion": "ONE-001", "outcome": "blocked", "evidence": ["E1"], "note": "notes.py needs its port",
    "reason_class": "environment", "needs": "a start with the port",
}
PROPOSAL = {"about": "services", "text": "notes.py takes its port", "gain": "it starts", "service": several.SERVICE}


def script(orchestrator: list[Step], **later: list[Step]) -> dict[str, list[Step]]:
    return {
        "worker.F1.*": several.worker(),
        "reviewer.F1.*": story.passed_review("F1"),
        "tester.M1r1.flow-1.*": [
            call("start_service", name="web"),
            call("run_command", command="timeout 1 python3 notes.py; timeout 1 python3 notes.py 8999"),
            call("submit_verdicts", verdicts=[BLOCKED], proposals=[PROPOSAL]),
        ],
        "orchestrator.1": orchestrator,
        "auditor.*": [call("submit_audit", outcome="passed", findings=[])],
        **later,
        "orchestrator.*": [quick.end()],
    }


async def begin(begun: Begin, played: dict[str, list[Step]]) -> Stage:
    return await begun(
        played, plan=several.plan(["ONE"]), manifest={**several.manifest(), "services": [WRONG]},
        repository=several.make_repository, contract={"ONE": several.ASSERTION.format(area="ONE")},
    )


def manifest(service: dict[str, Any]) -> dict[str, Any]:
    return {**several.manifest(), "services": [service]}


async def test_tester_proposes_the_service_that_works_and_the_next_round_passes(begun: Begin) -> None:
    useless = {**WRONG, "timeout_s": 4}
    made = await begin(begun, script(
        [calls(("write_services", manifest(useless)), ("write_services", manifest(several.SERVICE))), quick.end()],
        **{"tester.M1r2.flow-1.*": several.tester("ONE"), "tester.auditr1.flow-1.*": several.tester("ONE")},
    ))
    mission = await made.carry()
    assert mission.phase == "completed", mission.reason
    assert [(i.opened.type, i.opened.owner, i.decision) for i in mission.items.values()] == [
        ("proposal", "orchestrator", "mended"), ("verdict", "orchestrator", "mended"),
    ]
    refused, written, _ = await made.results("orchestrator.1")
    assert "the manifest was not written, since web fails" in refused
    assert "notes.py" in refused and "exit code 1" in refused
    assert written.startswith("the manifest is written")
    assert mission.manifest is not None and mission.manifest.services[0].start == several.SERVICE["start"]
    assert [r.outcome for r in mission.rounds if r.milestone == "M1"] == ["failed", "passed"]


async def test_L10_blocked_again_for_the_same_reason_waits_for_the_user(begun: Begin) -> None:
    again = [call("submit_verdicts", verdicts=[{**BLOCKED, "evidence": []}])]
    made = await begin(begun, script(
        [call("write_services", **manifest({**several.SERVICE, "data": []})), quick.end()],
        **{"tester.M1r2.flow-1.*": again},
    ))
    mission = await made.carry()
    assert mission.word == "blocked"
    (waiting,) = mission.attention
    assert waiting.opened.text == (
        "ONE-001 blocked (environment, for the second time): notes.py needs its port "
        "(needs from you: a start with the port)"
    )
    assert mission.assertions["ONE-001"].status == "blocked"
    assert sum(1 for a in mission.attempts.values() if a.started.seat == "tester") == 2
