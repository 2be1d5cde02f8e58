"""What gates, readers and the auditor hold against the work is an item, and is answered before anything goes on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain.errors import Refused
from milepost.domain.mission import FINAL_ROUND
from milepost.domain.record import Record
from milepost.domain.services import Manifest
from milepost.model.scripted import call, calls
from milepost.runner.judging import seen_at_handoff, stubbed
from milepost.workspace.sandbox import sandbox_available
from tests.runner import quick
from tests.runner.test_negotiation import RISES, decides
from tests.runner.witness import STAYS, Heard, number

Begin = Callable[..., Any]
STUB = "def total():\n    raise NotImplementedError\n"


async def test_only_the_product_is_searched_for_stubs(begun: Begin) -> None:
    """A test may bring a fake that does nothing; documents and what is generated are nobody's promise either."""
    stage = await begun()
    async with stage.app.office(stage.place) as office:
        texts = dict.fromkeys(("tests/fake.py", "docs/example.py", "test_fake.py"), STUB)
        assert stubbed(office, {}, texts) == ([], False)
        lines, blocking = stubbed(office, {}, {**texts, "shop.py": STUB})
    assert blocking and [line.split()[1] for line in lines if "shop.py" in line] and "tests/" not in "".join(lines)


async def test_stub_that_was_there_before_is_not_held_against_the_work(begun: Begin) -> None:
    stage = await begun()
    async with stage.app.office(stage.place) as office:
        assert stubbed(office, {"shop.py": STUB}, {"shop.py": f"{STUB}\n\nprint(2)\n"}) == ([], False)


async def test_issues_and_undone_work_of_a_handoff_become_items(begun: Begin) -> None:
    issues = [
        {"severity": "non_blocking", "description": "The title is old", "suggestion": "Change it"},
        {"severity": "suggestion", "description": "A nicer word"},
        {"severity": "blocking", "description": "No sh here"},
    ]
    undone = [{"what": "the echo", "why": "there is no sh"}]
    cannot = [quick.written(), call("commit", message="Hello"),
              quick.handoff(outcome="cannot", summary="There is no sh", issues=issues, undone=undone)]
    stage = await begun(quick.script(worker_F1_1=cannot))
    mission = await stage.carry(lambda m: bool(m.open_items))
    assert [(i.opened.type, i.opened.severity, i.opened.text) for i in mission.open_items] == [
        ("undone", "blocking", "F1 cannot be done as asked: There is no sh"),
        ("undone", "blocking", "F1 left undone: the echo (there is no sh)"),
        ("issue", "non_blocking", "F1: The title is old (suggestion: Change it)"),
        ("issue", "blocking", "F1: No sh here"),
    ]


async def test_audit_that_finds_something_is_answered_and_looks_again(begun: Begin) -> None:
    heard = Heard()
    finding = {"severity": "blocking", "problem": "It does not greet by name", "why": "the goal says people"}
    hint = {"severity": "suggestion", "problem": "Use printf", "why": "it is nicer"}
    follow = {
        "reason": "the auditor is right; a follow-up milestone greets by name",
        "milestones": [{"id": "M2", "title": "Names", "outcome": "A name is greeted", "after": "M1"}],
        "add": [{"id": "F2", "milestone": "M2", "title": "Thank", "description": "Say thanks.",
                 "expected": ["sh thanks.sh prints thanks"], "fixes": ["I1"]}],
    }
    orchestrator = calls(
        ("change_plan", follow), decides("I1", "feature", "F2 mends what the auditor found", feature="F2"), RISES
    )
    script = {
        "auditor.1": [call("submit_audit", outcome="failed", findings=[finding, hint])],
        "auditor.2": [heard.then(call("submit_audit", outcome="passed", findings=[]))],
        "worker.F2.*": quick.build("THANKS"), "reviewer.F2.*": [
            call("submit_review", feature="F2", outcome="passed", findings=[])
        ],
        **quick.script(orchestrator_1=[orchestrator]),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", (mission.holds, await stage.results("orchestrator.1"))
    assert [(i.opened.type, i.opened.about) for i in mission.items.values()] == [("audit", "audit")]
    assert "It does not greet by name" in heard.first("auditor.2") and mission.audits == 2


async def test_disputed_finding_about_a_milestone_is_read_against_what_was_built_last(begun: Begin) -> None:
    heard = Heard()
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    finding = {"severity": "blocking", "problem": "The two do not fit", "why": "one is loud", "file": "bye.sh"}
    script = {
        "scrutiny.M1r1.1": [call("submit_scrutiny", outcome="failed", findings=[finding])],
        "reviewer.I1.1": [heard.then(call("submit_review", feature="F2", outcome="passed", findings=[]))],
        **quick.script(plan, orchestrator_1=[quick.resolve("I1", "dispute", "both print one word each, as agreed")]),
    }
    stage = await begun(script, plan=plan)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    told = heard.first("reviewer.I1.1")
    assert "# Feature F2: Say bye" in told and "bye.sh: The two do not fit" in told


async def test_reviewer_who_failed_a_feature_reads_it_again_with_the_former_findings(begun: Begin) -> None:
    heard = Heard()
    finding = {"severity": "blocking", "problem": "It is too loud", "why": "ears", "file": "hello.sh", "line": 1}
    script = {
        "reviewer.F1.M1r1.1": [call("submit_review", feature="F1", outcome="failed", findings=[finding])],
        "reviewer.F1.M1r2.1": [heard.then(call("submit_review", feature="F1", outcome="passed", findings=[]))],
        **quick.script(
            orchestrator_1=[quick.resolve("I1", "reopen", "print it more softly, with printf")],
            worker_F1_2=[call("write_file", path="hello.sh", content="printf 'hello\\n'\n"),
                         call("run_command", command=quick.TYPED), call("commit", message="Softer"), quick.handoff()],
        ),
    }
    stage = await begun(script)
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert "It is too loud" in heard.first("reviewer.F1.M1r2.1")


async def test_feature_is_taken_back_only_where_there_is_something(begun: Begin) -> None:
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=STAYS)]))
    with pytest.raises(Refused, match="'F1' has no range of commits to take back"):
        await stage.app.take_back(stage.place, "F1")
    with pytest.raises(Refused, match="'F9' has no range of commits"):
        await stage.app.take_back(stage.place, "F9")


async def test_feature_is_not_taken_back_under_a_worker(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    stage = await begun(quick.script(plan, worker_F2__=[call("run_command", command=STAYS)]), plan=plan)
    async with stage.carried():
        await number(stage)
    with pytest.raises(Refused, match=r"worker\.F2\.1 works in the tree"):
        await stage.app.take_back(stage.place, "F1")


async def test_unattended_mission_fails_where_it_would_have_to_ask(begun: Begin) -> None:
    cannot = [quick.written(), call("commit", message="Hello"), quick.handoff(outcome="cannot", summary="No sh")]
    stage = await begun(quick.script(worker_F1_1=cannot), settings={"unattended": True})
    mission = await stage.carry()
    assert mission.phase == "failed" and mission.reason


async def test_counts_of_the_end_stand_beside_those_of_the_base(begun: Begin) -> None:
    extra = calls(("run_command", {"command": "head -c 500000 /dev/zero > big.bin; printf 'a\\0b' > small.bin"}))
    stage = await begun(quick.script(worker_F1__=[extra, *quick.build()]))
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    counted = [r.event for r in await stage.records("gate_finished") if r.event.gate == "measures"]
    assert '"tests": 2' in counted[0].text and counted[0].outcome == "noted"


async def test_documents_for_people_are_written_as_the_mission_goes(begun: Begin) -> None:
    facts = ["sh is dash"]
    checks = [{"action": "I ran it", "observed": "hello"}]
    stage = await begun(quick.script(worker_F1__=quick.build("HELLO", facts=facts, manual_checks=checks)))
    await stage.carry()
    docs = stage.place.docs
    assert (docs / "brief.md").read_text().startswith("1. Greet people.")
    assert "- F1 Say hello (accepted): HELLO-001" in (docs / "plan.md").read_text()
    assert "### HELLO-001" in (docs / f"{stage.place.mission}.contract.md").read_text()
    page = (docs / "handoffs" / "F1.md").read_text()
    assert "# Handoff of F1: done" in page and "- I ran it: hello" in page and "- sh is dash" in page


async def test_digest_says_what_is_left_of_the_budget(begun: Begin) -> None:
    heard = Heard()
    looks = {"orchestrator_1": [heard.then(quick.end("Seen."))], "orchestrator_2": [heard.then(quick.end())]}
    stage = await begun(quick.script(**looks))
    await stage.send("change_setting", key="budget.dollars", value=7.5)
    await stage.send("steer_mission", text="Look.")
    await stage.carry(lambda m: not m.unread)
    await stage.send("steer_mission", text="Look again.")
    await stage.carry()
    assert "Budget: 0.00 of 7.50 dollars are spent" in heard.first("orchestrator.1")
    assert "# What you wrote at the end of your last turns\n- Seen." in heard.first("orchestrator.2")


def ran(records: list[Record], gate: str) -> list[tuple[str | None, str | None, str]]:
    """Where a gate was recorded: after which feature or in which milestone, and what it says."""
    seen = [r.event for r in records if isinstance(r.event, e.GateFinished) and r.event.gate == gate]
    return [(g.feature, g.milestone, g.text) for g in seen]


async def test_round_takes_a_command_from_the_last_handoff_where_the_tree_is_the_same(begun: Begin) -> None:
    """A suite of minutes is not run twice on one tree; what is judged at the end is run anew."""
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    stage = await begun(plan=plan)
    mission = await stage.carry()
    assert mission.phase == "completed"
    told = ran(await stage.records("gate_finished"), "test")
    assert told == [("F1", None, ""), ("F2", None, ""), (None, "M1", "seen after F2, at this tree")]
    assert mission.rounds[0].gates["test"].receipt == mission.handoff_gates["test"].receipt
    assert mission.rounds[0].gates["test"].suite is not None


async def test_round_runs_a_command_anew_where_anything_is_otherwise(begun: Begin) -> None:
    stage = await begun()
    mission = await stage.carry()
    round, seen, run = mission.rounds[0], mission.handoff_gates["test"], quick.TEST
    assert seen.receipt is not None and seen_at_handoff(mission, round, "test", run) is not None
    red, elsewhere = seen.model_copy(update={"outcome": "red"}), replace(round, tree="b" * 40)
    assert seen_at_handoff(replace(mission, handoff_gates={"test": red}), round, "test", run) is None
    assert seen_at_handoff(mission, elsewhere, "test", run) is None
    assert seen_at_handoff(mission, round, "test", "sh other.sh") is None
    assert seen_at_handoff(mission, replace(round, milestone=FINAL_ROUND), "test", run) is None
    assert seen_at_handoff(mission, round, "lint", run) is None


@pytest.mark.parametrize("document", ["check", "services"])
async def test_what_was_seen_at_a_handoff_is_forgotten_when_what_runs_changes(begun: Begin, document: str) -> None:
    stage = await begun()
    mission = await stage.carry()
    assert mission.handoff_gates
    text = quick.shaped(Manifest, quick.MANIFEST) if document == "services" else ""
    written = e.DocumentWritten.model_validate(
        {"document": document, "name": "services" if text else "checks/hello.sh", "hash": "c" * 64, "text": text}
    )
    async with await stage.app.log(stage.place) as log:
        await log.record(written)
        assert log.mission is not None and not log.mission.handoff_gates


async def test_proof_beside_the_audit_is_made_anew_where_the_audit_comes_first(begun: Begin) -> None:
    """In a sandbox both run at once; what the audit found is answered before the proof is."""
    if sandbox_available() is not None:
        pytest.skip(f"not run: {sandbox_available()}")
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE"))
    stage = await begun(plan=plan, sandbox=True)
    mission = await stage.carry()
    assert mission.phase == "completed"
    order = [
        (r.event.kind, getattr(r.event, "gate", ""), r.event.feature)
        for r in await stage.records("gate_finished", "handoff_audited") if getattr(r.event, "feature", None)
    ]
    assert order == [
        ("gate_finished", "test", "F1"), ("handoff_audited", "", "F1"), ("gate_finished", "vacuity", "F1"),
        ("gate_finished", "test", "F2"), ("handoff_audited", "", "F2"), ("gate_finished", "vacuity", "F2"),
    ]
