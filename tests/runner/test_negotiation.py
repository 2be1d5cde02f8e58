"""What seats say to one another: proposals and their answers, disputes, guidance by its scope, facts that are kept."""

import re
from collections.abc import Callable
from typing import Any

from milepost.model.scripted import call, calls
from tests.runner import quick
from tests.runner.witness import Heard

Begin = Callable[..., Any]
PROPOSAL = {
    "about": "interface", "text": "Print with printf", "gain": "no newline trouble", "affects": ["F2"],
    "blocking": True,
}
UNDONE = [{"what": "the rest", "why": "needs an answer"}]
PARTIAL = quick.handoff(outcome="partial", proposals=[PROPOSAL], undone=UNDONE)
TWO = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))


def answers(item: str, decision: str, text: str) -> tuple[str, dict[str, Any]]:
    """The orchestrator's answer to a proposal."""
    return "answer_proposal", {"proposal": item, "decision": decision, "text": text}


def decides(item: str, decision: str, reason: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """The orchestrator's decision on an item."""
    return "resolve_item", {"item": item, "decision": decision, "reason": reason, **more}


RISES = ("end_turn", {"summary": "Answered."})


async def test_proposal_is_countered_once_and_the_answer_reaches_who_proposed_and_whom_it_affects(
    begun: Begin,
) -> None:
    heard = Heard()
    note, second = ("write_file", {"path": "note.txt", "content": "echo it is\n"}), quick.build("BYE")
    script = quick.script(
        TWO, worker_F1_1=[*quick.build("HELLO")[:2], PARTIAL],
        worker_F1_2=[heard.then(calls(note, ("run_command", {"command": quick.TYPED}))),
                     call("commit", message="Note"), quick.handoff()],
        worker_F2_1=[heard.then(quick.written("BYE")), *second[1:]],
        orchestrator_1=[calls(
            answers("I2", "counter", "Keep echo, and say so in a note"),
            answers("I2", "accept", "On second thoughts, print with printf"),
            decides("I1", "dismiss", "the rest is what the counter-proposal asks for; F1 goes on with it"),
            RISES,
        )],
    )
    stage = await begun(script, plan=TWO)
    mission = await stage.carry()
    assert mission.phase == "completed", (mission.holds, await stage.results("orchestrator.1"))
    again = (await stage.results("orchestrator.1"))[1]
    assert again.startswith("error: I2 was resolved already")
    told = heard.first("worker.F1.2")
    assert "Keep echo, and say so in a note" in told and "I2: interface: Print with printf" in told
    assert "I2: interface: Print with printf (gain: no newline trouble) — counter" in heard.first("worker.F2.1")


async def test_second_proposal_of_a_countered_feature_is_accepted_or_rejected(begun: Begin) -> None:
    script = quick.script(
        worker_F1_1=[*quick.build()[:2], PARTIAL], worker_F1_2=[
            call("write_file", path="note.txt", content="x\n"), call("run_command", command=quick.TYPED),
            call("commit", message="Note"), PARTIAL,
        ],
        worker_F1_3=[call("write_file", path="note.txt", content="echo\n"), call("run_command", command=quick.TYPED),
                     call("commit", message="Echo"), quick.handoff()],
        orchestrator_1=[calls(
            answers("I2", "counter", "Keep echo and say so in a note"),
            decides("I1", "dismiss", "the rest is what the counter-proposal asks for; F1 goes on"), RISES,
        )],
        orchestrator_2=[calls(
            answers("I4", "counter", "Once more, another way, please"),
            answers("I4", "reject", "echo does all that is asked for"),
            decides("I3", "reopen", "go on with echo and finish what is left"), RISES,
        )],
    )
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", (mission.holds, await stage.results("orchestrator.2"))
    assert (await stage.results("orchestrator.2"))[0] == "error: I4 answers a counter already; accept or reject it"


FINDING = {
    "severity": "blocking", "problem": "It prints too much", "why": "a person reads two lines", "file": "hello.sh",
    "line": 1,
}
FAILED = [call("submit_review", feature="F1", outcome="failed", findings=[FINDING])]


async def test_disputed_finding_is_withdrawn_by_a_fresh_reader(begun: Begin) -> None:
    heard = Heard()
    script = {
        "reviewer.F1.M1r1.1": FAILED,
        "reviewer.I1.1": [heard.then(call("submit_review", feature="F1", outcome="passed", findings=[]))],
        **quick.script(orchestrator_1=[quick.resolve("I1", "dispute", "it prints one line, as the receipt shows")]),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    told = heard.first("reviewer.I1.1")
    assert "It prints too much" in told and "it prints one line, as the receipt shows" in told
    assert [r.outcome for r in mission.rounds if r.milestone == "M1"] == ["failed", "passed"]


async def test_disputed_finding_that_is_upheld_is_mended(begun: Begin) -> None:
    script = {
        "reviewer.F1.M1r1.1": FAILED, "reviewer.I1.1": FAILED,
        **quick.script(
            orchestrator_1=[quick.resolve("I1", "dispute", "it prints one line, as the receipt shows")],
            orchestrator_2=[calls(
                decides("I2", "dispute", "I still hold that it prints one line"),
                decides("I2", "reopen", "print one line only, and no more"), RISES,
            )],
            worker_F1_2=[call("write_file", path="hello.sh", content="printf 'hello\\n'\n"),
                         call("run_command", command=quick.TYPED), call("commit", message="One"), quick.handoff()],
        ),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert "was disputed already and upheld" in (await stage.results("orchestrator.2"))[0]
    assert mission.items["I2"].opened.payload["upheld"] is True


async def test_guidance_reaches_only_whom_it_is_meant_for(begun: Begin) -> None:
    heard = Heard()
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2", skill="fix-failure"))
    orders = [("Be kind.", "mission"), ("M1 only.", "M1"), ("F2 only.", "F2"), ("Fixers only.", "skill:fix-failure")]
    gives = [("give_guidance", {"text": t, "scope": s}) for t, s in orders]
    script = quick.script(
        plan, orchestrator_1=[calls(*gives, ("give_guidance", {"text": "x", "scope": "F9"}), RISES)],
        worker_F1__=[heard.then(quick.written("HELLO")), *quick.build("HELLO")[1:]],
        worker_F2__=[heard.then(quick.written("BYE")), *quick.build("BYE")[1:]],
    )
    stage = await begun(script, plan=plan)
    await stage.send("steer_mission", text="Give orders.")
    assert (await stage.carry()).phase == "completed"
    assert (await stage.results("orchestrator.1"))[4].startswith("error: unknown scope 'F9'")
    one, two = heard.first("worker.F1.1"), heard.first("worker.F2.1")
    assert [t for t, _ in orders if t in one] == ["Be kind.", "M1 only."]
    assert [t for t, _ in orders if t in two] == ["Be kind.", "F2 only.", "Fixers only."]


async def test_fact_that_scrutiny_keeps_reaches_the_card(begun: Begin) -> None:
    heard = Heard()
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"), quick.feature(3, "THANKS", "M2"))
    keeps = call("submit_scrutiny", outcome="passed", findings=[], facts=["echo is enough"])
    script = {
        "scrutiny.M1r1.*": [heard.then(keeps)],
        **quick.script(
            plan, worker_F1__=quick.build("HELLO", facts=["echo is enough", "sh is dash"]),
            worker_F3__=[heard.then(quick.written("THANKS")), *quick.build("THANKS")[1:]],
        ),
    }
    stage = await begun(script, plan=plan)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    scrutiny = next(name for name in mission.attempts if name.startswith("scrutiny"))
    assert "- echo is enough" in heard.first(scrutiny) and "- sh is dash" in heard.first(scrutiny)
    card = heard.first("worker.F3.1").partition("# Feature F3")[0]
    assert "# Known about this repository\n- echo is enough" in card and "sh is dash" not in card


async def test_fact_of_a_single_feature_is_kept_unconfirmed(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))
    stage = await begun(quick.script(plan, worker_F1__=quick.build("HELLO", facts=["sh is dash"])), plan=plan)
    mission = await stage.carry()
    assert mission.phase == "completed" and mission.facts == ("sh is dash",)
    noted = (await stage.records("fact_noted"))[0].event
    assert noted.source == "F1, unconfirmed"


async def test_D18e_reviewer_reads_receipts_and_never_the_workers_words(begun: Begin) -> None:
    heard = Heard()
    claims = [
        {"command": quick.TYPED, "exit_code": 0, "observation": "OBSERVED"},
        {"command": "sh hello.sh", "exit_code": 0, "observation": "OBSERVED TOO"},
    ]
    worker = [quick.written(), call("run_command", command="sh hello.sh"), call("commit", message="Say hello"),
              quick.handoff(summary="MY SUMMARY", implemented=["MY WORK"], commands=claims)]
    passed = call("submit_review", feature="F1", outcome="passed", findings=[])
    stage = await begun(quick.script(worker_F1__=worker, reviewer_F1__=[heard.then(passed)]))
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    told = heard.first("reviewer.F1.M1r1.1")
    assert re.search(r"- worker\.F1\.1/R\d+ `sh hello\.sh`: exit code 0", told)
    assert "+echo hello" in told and "test_hello" in told
    assert not any(word in told for word in ("MY SUMMARY", "MY WORK", "OBSERVED"))


