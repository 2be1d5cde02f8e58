"""What one attempt may see and hold, how it is told to end, and what it leaves behind."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.errors import ModelError
from milepost.domain.turn import Reply
from milepost.domain.turns import NudgeGiven
from milepost.model.messages import Request
from milepost.model.scripted import call, calls, say
from tests.runner import quick, story
from tests.runner.witness import Heard, answered

Begin = Callable[..., Any]


def processes(word: str) -> list[str]:
    """Command lines of living processes that hold a word."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if word in line:
            found.append(line)
    return found


async def test_program_in_a_terminal_is_closed_with_its_attempt(begun: Begin) -> None:
    opens = call("terminal_open", command="sh -c 'echo ready; exec tail -f milepost-left-open.txt README.md'")
    stage = await begun(quick.script(auditor__=[opens, call("submit_audit", outcome="passed", findings=[])]))
    assert (await stage.carry()).phase == "completed"
    assert "ready" in (await stage.results("auditor.1"))[0]
    assert processes("milepost-left-open.txt") == []


async def test_program_in_a_terminal_is_closed_when_its_attempt_is_interrupted(begun: Begin) -> None:
    opens = call("terminal_open", command="sh -c 'echo ready; exec tail -f milepost-cut-off.txt README.md'")
    stage = await begun(quick.script(auditor__=[opens, call("run_command", command="exec tail -f /dev/null")]))
    async with stage.carried():
        await answered(stage, "auditor.1", 2, "tool_started")
        assert processes("milepost-cut-off.txt")
        await stage.send("interrupt_mission")
        await stage.until(lambda m: not m.open_attempts)
    assert processes("milepost-cut-off.txt") == []


async def test_auditor_finds_no_check_files(begun: Begin) -> None:
    looks = calls(
        ("run_command", {"command": "ls -A . checks"}), ("read_file", {"path": "checks/hello.sh"}),
        ("list_files", {"path": "."}),
    )
    stage = await begun(quick.script(auditor__=[looks, call("submit_audit", outcome="passed", findings=[])]))
    assert (await stage.carry()).phase == "completed"
    listed, read, tree, _ = await stage.results("auditor.1")
    assert "suite.sh" in listed and "exit code 0" not in listed.splitlines()[0]
    assert read.startswith("error: ") and "checks" not in tree


async def test_reviewer_and_worker_find_the_check_files(begun: Begin) -> None:
    look = calls(("read_file", {"path": "checks/hello.sh"}))
    stage = await begun(
        quick.script(worker_F1__=[look, *quick.build()], reviewer_F1__=[look, *story.passed_review("F1")])
    )
    assert (await stage.carry()).phase == "completed"
    for attempt in ("worker.F1.1", "reviewer.F1.M1r1.1"):
        assert "NOT MET" in (await stage.results(attempt))[0]


async def test_skill_of_the_mission_is_its_workers_procedure(begun: Begin) -> None:
    heard: list[str] = []

    def listen(request: Request) -> Reply:
        heard.append(request.messages[1].content)
        return quick.written()

    writes = calls(
        ("write_skill", {"name": "greet-well", "description": "How to greet.", "body": "Greet with a bow."}),
        ("change_plan", {"reason": "it has a procedure of its own now, so the worker reads it",
                         "detail": [{"feature": "F1", "skill": "greet-well", "description": "Greet.",
                                     "expected": ["hello is said"]}]}),
        ("end_turn", {"summary": "The worker has a procedure."}),
    )
    stage = await begun(quick.script(orchestrator_1=[writes], worker_F1__=[listen, *quick.build()[1:]]))
    await stage.send("steer_mission", text="Greet with style.")
    assert (await stage.carry()).phase == "completed", await stage.results("orchestrator.1")
    assert "Greet with a bow." in heard[0] and "- greet-well: How to greet." in heard[0]


def with_skill(folder: Path) -> Path:
    """The repository with a procedure of its own."""
    skill = folder / ".agents/skills/bow/SKILL.md"
    skill.parent.mkdir(parents=True)
    skill.write_text("---\nname: bow\ndescription: How to bow.\n---\n\nBow low.\n")
    return quick.make_repository(folder)


async def test_skill_of_the_repository_is_read_as_it_was_when_the_mission_began(begun: Begin) -> None:
    heard = Heard()
    mine = "---\nname: bow\ndescription: How to bow.\n---\n\nTake the money.\n"
    plan = quick.plan(quick.feature(1, "HELLO", skill="bow"), quick.feature(2, "BYE", skill="bow"))
    changes = call("write_file", path=".agents/skills/bow/SKILL.md", content=mine)
    script = quick.script(
        plan, worker_F1__=[heard.then(changes), *quick.build()],
        worker_F2__=[heard.then(quick.written("BYE")), *quick.build("BYE")[1:]],
    )
    stage = await begun(script, plan=plan, repository=with_skill)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    for attempt in ("worker.F1.1", "worker.F2.1"):
        told = heard.first(attempt)
        assert "# Procedure\nBow low." in told and "- bow: How to bow." in told and "money" not in told


async def test_full_window_is_told_in_time_and_ends_the_attempt(begun: Begin) -> None:
    big = call("write_file", path="hello.sh", content="# a long line that says nothing\n" * 200 + "echo hello\n")
    more = [call("read_file", path="hello.sh", start_line=1, end_line=n) for n in range(200, 206)]
    again: list[str] = []

    def next_one(request: Request) -> Reply:
        again.append(request.messages[1].content)
        return quick.written()

    script = quick.script(
        orchestrator_1=[quick.resolve("I1", "reopen", "go on in a fresh context with what is in the tree")],
        worker_F1_1=[big, *more], worker_F1_2=[next_one, *quick.build()[1:]],
    )
    stage = await begun(script)
    await small_window(stage, 9000)
    mission = await stage.carry()
    nudges = [r.event for r in await stage.records("nudge_given") if isinstance(r.event, NudgeGiven)]
    assert nudges[0].detector == "window" and "submit_handoff" in nudges[0].text
    first = mission.attempts["worker.F1.1"]
    assert first.outcome == "limit" and "tokens of its window" in first.reason
    assert "worker.F1.1 ended as limit" in again[0]
    assert mission.phase == "completed", mission.holds


async def small_window(stage: Any, tokens: int) -> None:
    """Seat workers on a model with a small window."""
    await stage.send("change_setting", key="seat.worker.context", value=tokens)


@pytest.fixture
def runs_out() -> list[Any]:
    """A worker that writes, commits one file, writes another, and goes on and on."""
    wrote = quick.written()
    commit = call("commit", message="Say hello")
    left = call("write_file", path="left.txt", content="not committed")
    return [wrote, commit, left, *[call("read_file", path="README.md")] * 9]


async def test_attempt_at_its_limit_leaves_a_partial_handoff_and_its_leftovers(
    begun: Begin, runs_out: list[Any]
) -> None:
    stage = await begun(quick.script(worker_F1_1=runs_out))
    await stage.send("change_setting", key="seat.worker.max_turns", value=4)
    mission = await stage.carry(lambda m: bool(m.open_items))
    state = mission.features["F1"]
    assert mission.attempts["worker.F1.1"].reason == "its 4 turns are used"
    assert state.handoff is not None and state.handoff.outcome == "partial"
    assert [i.opened.type for i in mission.open_items] == ["undone"]
    assert git(stage, "show", "refs/attempts/worker.F1.1:left.txt") == "not committed"
    assert not (stage.place.tree / "left.txt").exists() and (stage.place.tree / "hello.sh").exists()


def git(stage: Any, *words: str) -> str:
    """What git says of the mission's private repository."""
    argv = ["git", "-C", str(stage.place.repository), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout


async def test_researchers_read_together_and_answer_in_order(begun: Begin) -> None:
    asked = call("research", questions=["Where is the suite?", "What is the title?"])
    heard: list[str] = []

    def build(request: Request) -> Reply:
        heard.append(request.messages[-1].content)
        return quick.written()

    reads = [call("read_file", path="README.md"), say("It is # Greetings, in README.md:1.")]
    script = {
        "researcher.worker.F1.1.1": [say("It is suite.sh.")], "researcher.worker.F1.1.2": reads,
        **quick.script(worker_F1__=[asked, build, *quick.build()[1:]]),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert heard == [
        "# 1. Where is the suite?\nIt is suite.sh.\n\n# 2. What is the title?\nIt is # Greetings, in README.md:1."
    ]
    told = {a.started.attempt: a.started.parent for a in mission.attempts.values() if a.started.seat == "researcher"}
    assert told == {f"researcher.worker.F1.1.{n}": "worker.F1.1" for n in (1, 2)}


async def test_researcher_cannot_write(begun: Begin) -> None:
    tries = [call("write_file", path="x.txt", content="x"), say("I cannot.")]
    script = {
        "researcher.*": tries, **quick.script(worker_F1__=[call("research", questions=["Write."]), *quick.build()]),
    }
    stage = await begun(script)
    assert (await stage.carry()).phase == "completed"
    assert "there is no tool 'write_file'" in (await stage.results("researcher.worker.F1.1.1"))[0]


async def test_research_that_was_held_goes_on_without_asking_twice(begun: Begin) -> None:
    """The first reader answers, the second has no model until the user mends that: only the second is asked again."""
    asked: list[str] = []

    def first(request: Request) -> Reply:
        asked.append(request.attempt)
        return say("1")

    def second(request: Request) -> Reply:
        asked.append(request.attempt)
        if asked.count(request.attempt) == 1:
            raise ModelError("there is no such model", remedy="stop", reason="refused")
        return say("2")

    script = {
        "researcher.worker.F1.1.1": [first], "researcher.worker.F1.1.2": [second],
        **quick.script(worker_F1__=[call("research", questions=["One?", "Two?"]), *quick.build()]),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.holds["blocked"].reason == "model: there is no such model"
    assert {a.started.attempt for a in mission.open_attempts} == {"worker.F1.1", "researcher.worker.F1.1.2"}
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert sorted(asked) == [f"researcher.worker.F1.1.{n}" for n in (1, 2, 2)]
    assert (await stage.results("worker.F1.1"))[0] == "# 1. One?\n1\n\n# 2. Two?\n2"
