"""Steering survives: each order is durable, applied once, and reaches whom it is meant for."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.errors import Refused
from milepost.model.scripted import call
from tests.runner import quick
from tests.runner.witness import STAYS, WAITS, Heard, answered, comes_true, gone, number, release, waiting

Begin = Callable[..., Any]


async def test_pause_waits_for_the_turn_and_resume_goes_on_in_the_same_context(begun: Begin) -> None:
    heard = Heard()
    steps = [call("run_command", command=WAITS), quick.written(), call("commit", message="Say hello"), quick.handoff()]
    stage = await begun(quick.script(worker_F1__=heard.all(steps)))
    async with stage.carried() as running:
        await waiting(stage)
        await stage.send("pause_mission")
        mission = await stage.until(lambda m: "paused" in m.holds)
        assert [a.started.attempt for a in mission.open_attempts] == ["worker.F1.1"]
        release(stage)
        await answered(stage, "worker.F1.1", 1)
        assert len(heard.requests) == 1
        await stage.send("resume_mission")
        mission = await asyncio.wait_for(running, 60)
    assert mission.phase == "completed" and list(mission.attempts).count("worker.F1.1") == 1
    assert len(heard.of("worker.F1.1")) == 4 and heard.is_one_context("worker.F1.1")


async def test_paused_mission_goes_on_in_the_same_context_with_another_runner(begun: Begin) -> None:
    heard = Heard()
    steps = [call("run_command", command=WAITS), quick.written(), call("commit", message="Say hello"), quick.handoff()]
    stage = await begun(quick.script(worker_F1__=heard.all(steps)))
    async with stage.carried():
        await waiting(stage)
        await stage.send("pause_mission")
        release(stage)
        await answered(stage, "worker.F1.1", 1)
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert len(heard.of("worker.F1.1")) == 4 and heard.is_one_context("worker.F1.1")


async def test_interrupt_ends_the_running_command_and_the_orchestrator_says_what_follows(begun: Begin) -> None:
    script = quick.script(
        orchestrator_1=[quick.resolve("I1", "reopen", "the user wants it done another way, with echo")],
        worker_F1_1=[call("run_command", command=f"echo half > half.sh; {STAYS}")],
    )
    stage = await begun(script)
    async with stage.carried():
        pid = await number(stage)
        await stage.send("interrupt_mission", reason="wrong way")
        mission = await stage.until(lambda m: not m.open_attempts and "paused" in m.holds)
        await gone(pid)
    assert mission.attempts["worker.F1.1"].outcome == "interrupted"
    assert "wrong way" in mission.items["I1"].opened.text
    assert not (stage.place.tree / "half.sh").exists()
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed" and "worker.F1.2" in mission.attempts
    assert not any(r.event.kind == "edit_noticed" for r in await stage.records())


async def test_message_reaches_the_orchestrator_between_two_attempts(begun: Begin) -> None:
    heard = Heard()
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    script = quick.script(
        plan, worker_F1__=[call("run_command", command=WAITS), *quick.build()],
        orchestrator_1=[heard.then(quick.end("I heard."))],
    )
    stage = await begun(script, plan=plan)
    async with stage.carried() as running:
        await waiting(stage)
        await stage.send("steer_mission", text="Say it in Latin.")
        release(stage)
        mission = await asyncio.wait_for(running, 60)
    order = [a for a in mission.attempts if a.startswith(("worker", "orchestrator"))]
    assert order == ["worker.F1.1", "orchestrator.1", "worker.F2.1"]
    assert "Say it in Latin." in heard.first("orchestrator.1")


async def test_answer_that_came_late_seats_the_orchestrator(begun: Begin) -> None:
    heard = Heard()
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    question = {"topic": "Farewell", "question": "How formal?", "blocks": ["F2"]}
    script = quick.script(
        plan, orchestrator_1=[call("ask_user", questions=[question]), quick.end("F1 goes on meanwhile.")],
        orchestrator_2=[heard.then(quick.end("F2 may go on."))],
    )
    stage = await begun(script, plan=plan)
    await stage.send("steer_mission", text="Ask me how formal the farewell is.")
    mission = await stage.carry()
    assert mission.features["F1"].status == "built" and mission.holds["blocked"].items == ["I1"]
    await stage.send("resolve_item", item="I1", decision="answer", text="Not at all.")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert "Farewell: How formal? — Not at all." in heard.first("orchestrator.2")


async def test_answer_to_a_question_that_holds_everything_comes_back_to_who_asked(begun: Begin) -> None:
    heard = Heard()
    question = {"topic": "Tone", "question": "How loud?", "options": ["loud", "soft"]}
    script = quick.script(orchestrator_1=[call("ask_user", questions=[question]), heard.then(quick.end())])
    stage = await begun(script)
    await stage.send("steer_mission", text="Ask me how loud.")
    mission = await stage.carry()
    assert mission.holds["blocked"].items == ["I1"] and mission.open_attempts
    await stage.send("resolve_item", item="I1", decision="answer", text="Softly.")
    assert (await stage.carry()).phase == "completed"
    assert "Softly." in heard.requests[0][1][-1].content and heard.requests[0][0] == "orchestrator.1"


async def test_question_of_a_sleeping_attempt_is_told_to_the_user(begun: Begin, tmp_path: Path) -> None:
    question = {"topic": "Tone", "question": "How loud?"}
    script = quick.script(orchestrator_1=[call("ask_user", questions=[question]), quick.end()])
    note = tmp_path / "told"
    stage = await begun(script, on_attention=f'echo "$MILEPOST_EVENT $MILEPOST_REASON" >> {note}')
    await stage.send("steer_mission", text="Ask me how loud.")
    async with stage.carried():
        await stage.until(lambda m: "blocked" in m.holds)
        await comes_true(lambda: note.exists() and note.read_text().endswith("\n"))
    assert note.read_text().splitlines() == ["blocked Tone: How loud?"]


async def test_cancel_stops_everything_now(begun: Begin) -> None:
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=STAYS)]))
    async with stage.carried() as running:
        pid = await number(stage)
        await stage.send("cancel_mission", reason="no longer wanted")
        mission = await asyncio.wait_for(running, 30)
    assert (mission.phase, mission.reason) == ("cancelled", "no longer wanted")
    await gone(pid)


async def test_amendment_resets_the_verdict_and_it_is_judged_again(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))
    stage = await begun(plan=plan)
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    text = quick.area("HELLO").split("\n\n", 1)[1].replace("it prints hello", "it prints hello, and nothing more")
    change = {"op": "change", "assertion": "HELLO-001", "text": text}
    await stage.send("amend_contract", changes=[change], reason="said more precisely")
    mission = await stage.read()
    assert mission.assertions["HELLO-001"].status == "pending"
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    verdicts = [r.event.assertion for r in await stage.records("verdict_given")]
    assert verdicts.count("HELLO-001") >= 2


async def test_waived_assertion_keeps_nothing_waiting(begun: Begin) -> None:
    tester = [call("submit_verdicts", verdicts=[
        {"assertion": "HELLO-001", "outcome": "blocked", "evidence": [], "note": "no ears here",
         "reason_class": "external", "needs": "a person who listens"}
    ])]
    stage = await begun({"tester.*": tester, **quick.script()}, unchecked=("HELLO", "BYE"))
    mission = await stage.carry()
    assert mission.holds["blocked"].items == ["I1"]
    await stage.send("waive_assertion", assertion="HELLO-001", reason="I heard it myself")
    mission = await stage.carry()
    assert mission.phase == "completed" and mission.assertions["HELLO-001"].status == "waived", mission.holds


async def test_another_model_is_seated_at_the_next_attempt(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    stage = await begun(quick.script(plan, worker_F1__=[call("run_command", command=WAITS), *quick.build()]), plan=plan)
    stage.app.scripts = {**(stage.app.scripts or {}), "other": dict(stage.script)}
    async with stage.carried() as running:
        await waiting(stage)
        await stage.send("change_setting", key="seat.worker.model", value="scripted:other")
        release(stage)
        mission = await asyncio.wait_for(running, 60)
    assert mission.phase == "completed", mission.holds
    models = {a: mission.attempts[a].started.model for a in ("worker.F1.1", "worker.F2.1")}
    assert models == {"worker.F1.1": "scripted:story", "worker.F2.1": "scripted:other"}
    answered = {r.event.model for r in await stage.records("turn_ended") if r.attempt == "worker.F1.1"}
    assert answered == {"scripted:story"}


async def test_runner_that_is_asked_to_stop_leaves_the_attempt_open(begun: Begin) -> None:
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=WAITS), *quick.build()]))
    async with stage.carried():
        await waiting(stage)
    mission = await stage.read()
    assert [a.started.attempt for a in mission.open_attempts] == ["worker.F1.1"]
    assert (await stage.records("runner_stopped"))[-1].event.reason == "it was asked to stop"
    release(stage)
    mission = await stage.carry()
    # Nobody knows what the command did: the script says once more what it said, and now it ends at once.
    assert mission.phase == "completed", mission.holds
    assert (await stage.results("worker.F1.1"))[0].startswith("unknown: ")


async def test_two_runners_never_carry_one_mission(begun: Begin) -> None:
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=WAITS), *quick.build()]))
    async with stage.carried():
        await waiting(stage)
        with pytest.raises(Refused, match="another runner carries"):
            await stage.carry()
        release(stage)


async def test_order_that_does_not_fit_is_refused_with_what_was_expected(begun: Begin) -> None:
    stage = await begun()
    with pytest.raises(Refused, match="pause_mission does not fit"):
        await stage.send("pause_mission", reason=7)
    with pytest.raises(Refused, match="approve_mission is not possible while the mission is running"):
        await stage.send("approve_mission")
