"""A proposal stands on what the engine saw of the untouched base; everything that keeps it back is named at once."""

from collections.abc import Callable
from typing import Any

import pytest

from milepost.model.scripted import call, calls
from tests.runner import quick
from tests.runner.conftest import Stage

Stages = Callable[..., Stage]
CONTRACT = quick.area("HELLO")


def draft(check: str = quick.CHECK.format(word="hello"), **changes: Any) -> list[Any]:
    """A draft of one greeting."""
    parts: dict[str, Any] = {
        "write_brief": {"text": "1. Say hello."}, "write_services": quick.MANIFEST,
        "write_contract": {"area": "HELLO", "text": CONTRACT},
        "write_check": {"path": "checks/hello.sh", "content": check}, "write_plan": quick.plan(),
    }
    written = {name: value for name, value in {**parts, **changes}.items() if value is not None}
    return [calls(*written.items()), call("propose_mission", summary="Hello."), quick.end("It was refused.")]


async def drafted(stage: Stages, steps: list[Any], **settings: Any) -> Stage:
    """A mission whose draft was made."""
    again = [call("propose_mission", summary="Hello, softly.")]
    script = {"orchestrator.1": steps, "orchestrator.2": again, "orchestrator.*": [quick.end()]}
    made = stage(script, repository=quick.make_repository)
    made.settings = made.settings.model_copy(update=settings)
    await made.create()
    await made.carry(lambda m: m.phase == "proposed" or any(not a.is_open for a in m.attempts.values()))
    return made


async def last(stage: Stage) -> str:
    """What came back for the proposal."""
    return next(r for r in reversed(await stage.results("orchestrator.1")) if "propose" in r or "checks do not" in r)


async def test_honest_draft_is_proposed_with_its_estimate(stage: Stages) -> None:
    made = await drafted(stage, draft())
    mission = await made.read()
    assert mission.phase == "proposed" and mission.estimate["attempts"] > 0
    assert mission.examined["HELLO-001"].result == "red" and mission.base_suite is not None
    receipt = mission.examined["HELLO-001"].receipt
    assert receipt is not None and receipt.tree != mission.base and len(receipt.tree) == 40


@pytest.mark.parametrize(
    ("check", "contract", "problem"),
    [
        ("exit 0\n", CONTRACT, "HELLO-001: its check passes on the base, so it proves nothing"),
        (None, CONTRACT, "HELLO-001: its check cannot be found or started (write it with write_check)"),
        ("exit 1\n", f"{CONTRACT}- before: guard\n", "HELLO-001: it is a guard, but its check fails on the base"),
    ],
)
async def test_check_that_shows_nothing_refuses_the_proposal(
    stage: Stages, check: str | None, contract: str, problem: str
) -> None:
    written = {"path": "checks/hello.sh", "content": check} if check else None
    made = await drafted(stage, draft(write_check=written, write_contract={"area": "HELLO", "text": contract}))
    assert problem in await last(made) and (await made.read()).phase == "draft"
    assert await made.records("base_examined")


async def test_everything_that_is_missing_is_named_at_once(stage: Stages) -> None:
    made = await drafted(stage, draft(write_brief=None, write_plan=None))
    said = await last(made)
    assert "there is no brief yet: call write_brief" in said and "there is no plan yet: call write_plan" in said


async def test_feature_with_a_skill_nobody_wrote_is_refused(stage: Stages) -> None:
    made = await drafted(stage, draft(write_plan=quick.plan(quick.feature(1, "HELLO", skill="nobody-wrote-this"))))
    assert any("nobody-wrote-this" in r for r in await made.results("orchestrator.1"))


async def test_user_is_warned_of_what_rests_on_little(stage: Stages) -> None:
    plain = {"commands": {"test": {"run": "sh suite.sh report.tmp"}}}
    unchecked = {"area": "BYE", "text": quick.area("BYE", checked=False)}
    crash = "echo it crashed >&2; exit 7\n"
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    steps = draft(check=crash, write_services=plain, write_plan=None)
    before = [(c.name, c.arguments) for c in steps[0].tool_calls]
    steps[0] = calls(*before, ("write_contract", unchecked), ("write_plan", plan))
    made = await drafted(stage, steps)
    warnings = "\n".join((await made.read()).warnings)
    assert "the check of HELLO-001 crashed on the base: weakly red" in warnings
    assert "no check of its own, a tester's word decides: BYE-001" in warnings
    assert "the test command writes no JUnit report" in warnings


async def test_check_may_not_take_the_place_of_a_file(stage: Stages) -> None:
    made = await drafted(stage, draft(write_check={"path": "suite.sh", "content": "exit 1\n"}))
    assert "'suite.sh' is in the repository already" in "".join(await made.results("orchestrator.1"))


async def test_dry_run_says_what_works_what_fails_and_what_is_not_there_yet(stage: Stages) -> None:
    serve = "exec python3 -m http.server --bind 127.0.0.1 $PORT_WEB"
    manifest = {
        "commands": {
            "test": quick.MANIFEST["commands"]["test"], "build": {"run": "sh -c 'echo broken; exit 3'"},
            "lint": {"run": "no-such-linter ."},
        },
        "services": [
            {"name": "web", "start": serve, "port": 8123, "ready": {"http": "/"}, "timeout_s": 20},
            {"name": "later", "start": "exit 3", "ready": {"exit": 0}, "timeout_s": 5},
        ],
    }
    made = await drafted(stage, draft(write_services=manifest))
    told = next(r for r in await made.results("orchestrator.1") if "- test:" in r)
    assert "- test: works; exit code 0 in" in told and "1 tests passed" in told
    assert "- build: fails; " in told and "broken" in told and "- lint: not yet; " in told
    assert "- web: works; started, was ready, was stopped" in told and "- later: not yet; service 'later'" in told


async def test_suite_without_a_test_is_not_there_yet(stage: Stages) -> None:
    manifest = {"commands": {"test": {"run": "echo '<testsuites/>' > {report}", "report": "junit"}}}
    made = await drafted(stage, draft(write_services=manifest))
    assert "- test: not yet; " in "".join(await made.results("orchestrator.1"))


async def test_returned_proposal_is_mended_by_the_next_seating(stage: Stages) -> None:
    made = await drafted(stage, draft())
    await made.send("return_mission", comment="Say it softly.")
    mission = await made.carry(lambda m: m.phase == "proposed")
    assert mission.summary == "Hello, softly."
    async with made.app.office(made.place) as office:
        told = office.blobs.get(mission.attempts["orchestrator.2"].started.prompt).decode()
    assert "the user returned the proposal: Say it softly." in told


async def test_unattended_question_is_decided_by_who_asks(stage: Stages) -> None:
    question = {"topic": "Tone", "question": "How loud?"}
    steps = [call("ask_user", questions=[question]), *draft()]
    made = await drafted(stage, steps, unattended=True)
    assert (await made.read()).phase == "proposed"
    assert "Nobody is there to ask" in (await made.results("orchestrator.1"))[0]
