"""What validators submit: only what is assigned, only with what shows it, and only once."""

import pytest

from milepost.domain import events as e
from milepost.domain.errors import ToolError
from milepost.domain.receipt import Evidence
from tests.agent.scene import Scene, call

BLOCKING = {
    "file": "shop/price.py", "line": 6, "severity": "blocking", "problem": "wrong sum", "why": "people pay more",
}
MINOR = {**BLOCKING, "severity": "non_blocking", "problem": "slow"}
HINT = {**BLOCKING, "severity": "suggestion", "problem": "name"}


@pytest.fixture
async def reviewer(running: Scene):
    await running.round()
    return await running.desk("reviewer", "F1", milestone="M1", round=1)


# --- review ---

async def test_review_is_recorded_in_its_round(reviewer):
    shown = await call(reviewer, "submit_review", feature="F1", outcome="failed", findings=[BLOCKING, HINT])
    assert (shown.ends, shown.text) == (True, "failed: 2 findings")
    assert reviewer.mission.round.reviews["F1"].outcome == "failed"


async def test_F03_review_is_recorded_once(reviewer):
    for _ in range(2):
        await call(reviewer, "submit_review", feature="F1", outcome="passed", findings=[])
        seq = reviewer.mission.seq
    assert reviewer.mission.seq == seq
    assert reviewer.mission.attempts[reviewer.attempt].seq == seq - 1


@pytest.mark.parametrize(("outcome", "findings", "message"), [
    ("failed", [MINOR], "without a blocking finding"), ("failed", [], "without a blocking finding"),
    ("passed", [BLOCKING], "with 1 blocking findings"),
])
async def test_outcome_is_failed_exactly_when_a_finding_blocks(reviewer, outcome, findings, message):
    with pytest.raises(ToolError, match=message):
        await call(reviewer, "submit_review", feature="F1", outcome=outcome, findings=findings)
    assert not reviewer.mission.round.reviews


async def test_review_is_of_the_assigned_feature(reviewer):
    with pytest.raises(ToolError, match="you review F1, not F2"):
        await call(reviewer, "submit_review", feature="F2", outcome="passed", findings=[])


async def test_review_after_its_round_is_refused(reviewer, running):
    await running.round(number=2)
    with pytest.raises(ToolError, match="round 1 of M1 is over"):
        await call(reviewer, "submit_review", feature="F1", outcome="passed", findings=[])


# --- disputes ---

async def disputed(running: Scene, about: str):
    opened = e.ItemOpened(item="I1", type="finding", about=about, text="wrong sum", finding={"file": "a.py", "line": 1})
    await running.record(opened, e.ItemResolved(item="I1", decision="dispute", reason="it is right, see the tests"))
    return await running.desk("reviewer", "I1")


async def test_upheld_finding_is_opened_again(running):
    desk = await disputed(running, "F1")
    for _ in range(2):
        await call(desk, "submit_review", feature="F1", outcome="failed", findings=[MINOR, BLOCKING])
    item = running.mission.items["I2"].opened
    assert (item.type, item.about, item.text, item.severity) == ("finding", "F1", "wrong sum", "blocking")
    assert item.payload == {"upheld": True, "disputes": "I1"}
    assert item.finding["file"] == "shop/price.py"
    assert len(running.mission.items) == 2


async def test_withdrawn_finding_is_noted(running):
    desk = await disputed(running, "SHOP-002")
    with pytest.raises(ToolError, match="I1 is about F2, not F1"):
        await call(desk, "submit_review", feature="F1", outcome="passed", findings=[])
    for _ in range(2):
        await call(desk, "submit_review", feature="F2", outcome="passed", findings=[])
    assert running.mission.facts == ("finding I1 was withdrawn by a fresh reader: wrong sum",)
    assert len(running.mission.items) == 1


async def test_dispute_about_a_milestone_takes_any_feature(running):
    desk = await disputed(running, "M1")
    with pytest.raises(ToolError, match="no feature 'F99'"):
        await call(desk, "submit_review", feature="F99", outcome="passed", findings=[])
    assert (await call(desk, "submit_review", feature="F2", outcome="passed", findings=[])).ends


# --- scrutiny ---

async def test_scrutiny_keeps_facts_and_opens_items(running):
    await running.round()
    await running.record(e.FactNoted(text="known", source="x"))
    desk = await running.desk("scrutiny", "M1", milestone="M1", round=1)
    proposal = {"about": "interface", "text": "one reader", "gain": "less code", "affects": ["F3"]}
    for _ in range(2):
        shown = await call(
            desk, "submit_scrutiny", outcome="passed", findings=[MINOR], facts=["new", "new", "known"],
            guidance=["use total()"], proposals=[proposal],
        )
    assert shown.ends
    assert running.mission.round.scrutiny.outcome == "passed"
    assert running.mission.facts == ("known", "new")
    first, second = (running.mission.items[i].opened for i in ("I1", "I2"))
    assert (first.type, first.about, first.blocks) == ("proposal", "M1", "mission")
    assert first.text == "interface: one reader (gain: less code)"
    assert first.payload == {"affects": ["F3"], "blocking": False}
    assert (second.text, second.blocks) == ("guidance: use total()", "none")
    assert len(running.mission.items) == 2


async def test_scrutiny_must_agree_with_its_findings(running):
    await running.round()
    desk = await running.desk("scrutiny", "M1", milestone="M1", round=1)
    with pytest.raises(ToolError, match="without a blocking finding"):
        await call(desk, "submit_scrutiny", outcome="failed", findings=[HINT])


# --- audit ---

async def test_audit_is_recorded_once_with_its_tree(running):
    desk = await running.desk("auditor")
    for _ in range(2):
        assert (await call(desk, "submit_audit", outcome="failed", findings=[{**BLOCKING, "file": None}])).ends
    assert running.mission.audits == 1
    assert running.mission.last_audit[0] == desk.attempt
    record = (await running.log.log.events.facts())[-1]
    assert record.event.tree == await running.repository.tree_of(running.base)
    with pytest.raises(ToolError, match="with 1 blocking"):
        await call(desk, "submit_audit", outcome="passed", findings=[BLOCKING])


# --- verdicts ---

ASSIGNED = ["SHOP-001", "SHOP-002"]
PASSED = {"assertion": "SHOP-001", "outcome": "passed", "evidence": ["E1"], "note": "5 was printed"}
FAILED = {"assertion": "SHOP-002", "outcome": "failed", "evidence": ["E2"], "note": "it answered 500"}


@pytest.fixture
async def tester(running: Scene):
    await running.round()
    desk = await running.desk("tester", "flow-1", milestone="M1", round=1, assertions=ASSIGNED)
    tree = running.mission.round.tree
    desk.evidence = [
        Evidence(id="E1", kind="receipt", blob="0", tree=tree),
        Evidence(id="E2", kind="request", blob="0", tree=tree, assertion="SHOP-002"),
        Evidence(id="E3", kind="receipt", blob="0", tree="another"),
    ]
    return desk


async def submit(desk, *verdicts, **more):
    return await call(desk, "submit_verdicts", verdicts=list(verdicts), **more)


async def test_verdicts_are_recorded_with_their_evidence(tester):
    proposal = {"about": "contract", "text": "say more", "gain": "clarity"}
    for _ in range(2):
        shown = await submit(
            tester, PASSED, FAILED, findings=[BLOCKING, {**MINOR, "assertion": "SHOP-002"}, HINT], proposals=[proposal],
            facts=["it starts slowly"],
        )
    assert (shown.ends, shown.text) == (True, "1 failed, 1 passed")
    mission = tester.mission
    flow = mission.round.flows["flow-1"]
    assert (flow.attempt, flow.tree, len(flow.evidence)) == (tester.attempt, mission.round.tree, 3)
    # Their items are opened as the round ends: see tests/domain/test_judge.py.
    assert ([f.severity for f in flow.findings], [p.about for p in flow.proposals]) == (
        ["blocking", "non_blocking", "suggestion"], ["contract"],
    )
    assert not mission.items
    assert mission.facts == ("it starts slowly",)


@pytest.mark.parametrize(("change", "message"), [
    ({"assertion": "SHOP-003"}, "SHOP-003 is not assigned to you"),
    ({"assertion": "SHOP-002", "evidence": ["E2"]}, "SHOP-002 has 2 verdicts"),
    ({"assertion": "SHOP-002", "evidence": ["E2"]}, "SHOP-001: no verdict"),
    ({"evidence": ["E9"]}, "no evidence E9 of this attempt; recorded: E1, E2, E3"),
    ({"evidence": []}, "needs a receipt; it names nothing"),
    ({"evidence": ["E2"]}, "E2 was recorded for SHOP-002"),
    ({"evidence": ["E2"]}, "needs a receipt; it names request"),
    ({"evidence": ["E3"]}, "E3 was recorded on another tree"),
    ({"outcome": "failed", "evidence": []}, "`failed` needs at least one piece"),
    ({"outcome": "blocked", "evidence": []}, "`blocked` needs `reason_class`"),
    ({"outcome": "blocked", "evidence": [], "reason_class": "tool"}, "`blocked` needs `needs`"),
    ({"reason_class": "tool"}, "`reason_class` belongs to `blocked` only"),
    ({"needs": "a key"}, "`needs` belongs to `blocked` only"),
])
async def test_verdict_that_nothing_shows_is_refused(tester, change, message):
    with pytest.raises(ToolError, match="nothing was submitted") as refused:
        await submit(tester, {**PASSED, **change}, FAILED)
    assert message in str(refused.value)
    assert not tester.mission.round.flows


async def test_blocked_needs_no_evidence(tester):
    blocked = {
        "assertion": "SHOP-001", "outcome": "blocked", "evidence": [], "note": "no key", "reason_class": "credential",
        "needs": "a key from the user",
    }
    assert (await submit(tester, blocked, FAILED)).ends


async def test_first_evidence_is_named_as_none_yet(tester):
    tester.evidence = []
    with pytest.raises(ToolError, match="recorded: none yet"):
        await submit(tester, PASSED, FAILED)
