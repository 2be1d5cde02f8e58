"""Looking things up: records in words, diffs by feature, and never a worker's prose for those who judge it."""

from dataclasses import replace

import pytest

from milepost.agent.tools.record_text import handoff
from milepost.agent.tools.show_diff import milestone_range
from milepost.domain import events as e
from milepost.domain.errors import ToolError
from milepost.domain.handoff import Handoff, Review, Scrutiny, SubmittedVerdict
from milepost.domain.hashes import assertion_hash
from tests.agent.scene import Scene, call, logged
from tests.agent.test_tools_commit import HANDOFF

WHY = "because the diff shows exactly that"
PROSE = {
    **HANDOFF, "summary": "I was brilliant.", "outcome": "partial", "undone": [{"what": "half", "why": "tired"}],
    "manual_checks": [{"action": "ran it", "observed": "it purred"}], "facts": ["tests are slow"],
    "issues": [{"severity": "blocking", "description": "leaks"}], "renamed": [{"old": "a::b", "new": "a::c"}],
    "proposals": [{"about": "plan", "text": "more time", "gain": "less haste"}],
    "procedure": {"followed": False, "deviations": [{"step": "test first", "instead": "later", "why": "haste"}]},
}
WORDS = ("brilliant", "tired", "purred", "leaks", "haste", "slow")


@pytest.fixture
async def story(running: Scene) -> Scene:
    """F1 was worked on, handed off, reviewed and judged; F2 had a commit in between."""
    first = await running.worker("F1")
    (first.tree / "shop/price.py").write_text("def total(prices):\n    return 5\n")
    await call(first, "commit", message="Total, brilliant")
    await logged(first, "run_command", command="echo seen")
    await logged(first, "submit_handoff", **PROSE)
    audited = e.HandoffAudited(feature="F1", end=running.mission.head, mismatches=["F1: `true` has no receipt"])
    await running.record(audited, e.AttemptEnded(attempt=first.attempt, outcome="submitted", reason="I was brilliant."))
    return running


async def interleave(scene: Scene) -> None:
    """F2 commits, then F1 again."""
    for feature, name in (("F2", "two.txt"), ("F1", "one.txt")):
        desk = await scene.worker(feature)
        (desk.tree / name).write_text(f"{feature}\n")
        await call(desk, "commit", message=f"Add {name}")


async def read(scene: Scene, name: str, seat: str = "orchestrator") -> str:
    """A record as a seat reads it."""
    desk = await scene.desk(seat, "F1")
    return (await call(desk, "read_record", id=name)).text


# --- read_record ---

async def test_feature_is_told_with_its_handoff(story):
    told = await read(story, "F1")
    for part in ("F1 Total (milestone M1): ready, 1 commits", "fulfills SHOP-001", "Print the total.", "brilliant",
                 "- half (tired)", "- `true`: exit code 0", "- ran it: it purred", "- a::b → a::c",
                 "- worker.F1.1: submitted", "- F1: `true` has no receipt",
                 "reopened: The attempt before ended as partial"):
        assert part in told, part


@pytest.mark.parametrize("seat", ["reviewer", "tester"])
@pytest.mark.parametrize("name", ["F1", "worker.F1.1"])
async def test_S40_who_judges_is_not_told_what_a_worker_says(story, seat, name):
    told = await read(story, name, seat)
    assert not [word for word in WORDS if word in told]
    assert "- `true`: exit code 0" in told
    assert "- tests/test_price.py: test_total" in told


async def test_S40_items_in_a_workers_words_are_left_out(story):
    await story.record(e.ItemOpened(item="I1", type="issue", about="F1", text="leaks badly"))
    assert "leaks badly" in await read(story, "I1")
    blind = await read(story, "I1", "reviewer")
    assert "leaks" not in blind
    assert "left out" in blind


async def test_item_is_told_with_what_became_of_it(story):
    finding = {"file": "a.py", "line": None, "severity": "blocking", "problem": "p", "why": "w"}
    await story.record(
        e.ItemOpened(
            item="I1", type="finding", about="F1", text="wrong", finding=finding, options=["a", "b"],
            blocks=["F2", "F3"],
        ),
        e.ItemResolved(item="I1", decision="feature", reason=WHY, text=WHY, feature="F3"), by="engine",
    )
    assert await read(story, "I1") == (
        "I1: finding, blocking, for the orchestrator, blocks F2, F3\nabout F1\nat a.py\nopened by engine\nwrong\n"
        f"options: a, b\nfeature F3 by engine: {WHY}"
    )


async def test_milestone_is_told_round_by_round(story):
    await story.round()
    found = {"file": "a.py", "line": 3, "severity": "blocking", "problem": "p", "why": "w"}
    review = Review.model_validate({"feature": "F1", "outcome": "failed", "findings": [found]})
    verdict = SubmittedVerdict(assertion="SHOP-002", outcome="failed", evidence=["E1"], note="it answered 500")
    await story.record(
        e.GateFinished(gate="test", outcome="green", milestone="M1", round=1),
        e.GateFinished(gate="stubs", outcome="noted", milestone="M1", round=1, text="a stub"),
        e.ReviewSubmitted(milestone="M1", round=1, review=review),
        e.ScrutinySubmitted(milestone="M1", round=1, scrutiny=Scrutiny(outcome="passed", findings=[])),
        e.VerdictsSubmitted(
            milestone="M1", round=1, flow="flow-1", attempt="t", tree="t", verdicts=[verdict], evidence=[]
        ),
        e.RoundEnded(milestone="M1", round=1, outcome="failed", reason="a finding blocks"),
        e.ItemOpened(item="I1", type="finding", about="F1", text="p"),
    )
    told = await read(story, "M1")
    for part in ("M1 Totals: open", "a person sees a total", "- F1 Total: ready",
                 "round 1: failed, a finding blocks", "- test: green", "- stubs: noted, a stub", "- F1: failed",
                 "scrutiny: passed", "- blocking a.py:3: p — w", "- SHOP-002 failed: it answered 500",
                 "- I1 finding about F1: open"):
        assert part in told, part
    assert "review: failed" in await read(story, "F1")


async def test_assertion_is_told_with_its_verdict(story):
    agreed = story.mission.contract.get("SHOP-001")
    await story.record(
        e.VerdictGiven(
            assertion="SHOP-001", outcome="blocked", tree="t", evidence=["tester.M1r1.flow-1.1/E1", "0" * 64],
            depends=e.Dependencies(assertion=assertion_hash(agreed)), note="no key", reason_class="credential",
            needs="a key",
        ),
        e.VerdictsExpired(assertions=["SHOP-001"], because="changed"),
    )
    told = await read(story, "SHOP-001")
    for part in ("### SHOP-001 A total is printed", "state: blocked, stale; owner: F1", "verdict: blocked: no key",
                 "needs: a key (credential)", "- tester.M1r1.flow-1.1/E1"):
        assert part in told, part
    assert "0" * 64 not in told
    await story.record(e.AssertionWaived(assertion="SHOP-002", reason="nobody needs it"))
    assert "waived: nobody needs it" in await read(story, "SHOP-002")


async def test_attempt_is_told_with_its_commands(story):
    told = await read(story, "worker.F1.1")
    assert told.startswith("worker.F1.1: worker of F1, submitted\nI was brilliant.\nhandoff:\noutcome: partial")
    assert "- R1 `echo seen`: exit code 0" in told


async def test_attempt_of_a_validator_is_told_with_what_it_submitted(story):
    await story.round()
    reviewer = await story.desk("reviewer", "F1", milestone="M1", round=1)
    finding = {"file": None, "severity": "blocking", "problem": "p", "why": "w"}
    await logged(reviewer, "submit_review", feature="F1", outcome="failed", findings=[finding])
    told = await read(story, reviewer.attempt)
    assert "outcome: failed\nfindings:\n- blocking: p — w" in told
    tester = await story.desk("tester", "flow-1", milestone="M1", round=1, assertions=["SHOP-001"])
    await logged(tester, "run_command", command="echo 5")
    verdict = {"assertion": "SHOP-001", "outcome": "passed", "evidence": ["E1"], "note": "5"}
    await logged(tester, "submit_verdicts", verdicts=[verdict])
    told = await read(story, tester.attempt)
    assert "verdicts:\n- SHOP-001 passed: 5" in told
    assert "evidence:\n- E1 receipt: echo 5 → exit code 0" in told


async def test_output_of_another_attempt_is_read(story):
    assert await read(story, "worker.F1.1/R1") == "R1 `echo seen`: exit code 0\nseen"
    with pytest.raises(ToolError, match="has no R9; it has R1"):
        await read(story, "worker.F1.1/R9")
    with pytest.raises(ToolError, match="neither receipts nor evidence"):
        await read(story, "nobody.1/E1")


async def test_blob_that_is_no_text_is_named_so(story):
    desk = await story.desk("tester", "flow-1")
    await call(desk, "run_command", command="true")
    desk.evidence[0] = desk.evidence[0].model_copy(update={"blob": story.blobs.put(b"\x89PNG\0")})
    assert (await call(desk, "read_record", id="E1")).text.endswith("[5 bytes that are no text]")


async def test_receipt_without_an_end_says_so(story):
    desk = await story.desk("worker", "F1")
    await call(desk, "run_command", command="sleep 9", timeout_s=1)
    assert (await call(desk, "read_record", id="R1")).text.startswith("R1 `sleep 9`: did not end by itself")


async def test_unknown_id_names_what_there_is(story):
    with pytest.raises(ToolError) as refused:
        await read(story, "X7")
    assert "features F1 to F3, milestones M1 to M2" in str(refused.value)
    assert "worker.F1.1" in str(refused.value)


# --- show_diff, show_commit ---

async def test_diff_of_a_feature_is_its_own(story):
    desk = await story.desk("reviewer", "F1")
    shown = await call(desk, "show_diff", feature="F1")
    assert "+    return 5" in shown.text
    assert (await call(desk, "show_diff", feature="F1", path="README.md")).text == "no change"
    assert (await call(desk, "show_diff", feature="F3")).text == "F3 has no commit yet"
    assert "+    return 5" in (await call(desk, "show_diff")).text
    assert "+    return 5" in (await call(desk, "show_diff", milestone="M1")).text


async def test_diff_of_a_reopened_feature_leaves_others_out(story):
    await interleave(story)
    desk = await story.desk("orchestrator")
    shown = (await call(desk, "show_diff", feature="F1")).text
    assert "# commit 1 of F1" in shown
    assert "# commit 2 of F1" in shown
    assert "one.txt" in shown
    assert "two.txt" not in shown
    assert (await call(desk, "show_diff", feature="F1", path="README.md")).text == "no change"


async def test_diff_of_a_milestone_begins_at_the_seal_before(running):
    sealed = replace(running.mission.milestones["M1"], status="sealed", commit="1" * 40)
    mission = replace(running.mission, head="2" * 40, milestones={**running.mission.milestones, "M1": sealed})
    assert milestone_range(mission, "M1") == (running.base, "1" * 40)
    assert milestone_range(mission, "M2") == ("1" * 40, "2" * 40)
    assert milestone_range(mission, None) == (running.base, "2" * 40)


async def test_diff_of_what_there_is_not_is_refused(story):
    desk = await story.desk("orchestrator")
    for arguments, message in (
        ({"feature": "F99"}, "no feature 'F99'"), ({"milestone": "M99"}, "no milestone 'M99'"),
        ({"feature": "F1", "milestone": "M1"}, "not both"), ({"feature": "--output=x"}, "do not fit"),
    ):
        with pytest.raises(ToolError, match=message):
            await call(desk, "show_diff", **arguments)


async def test_commit_is_named_by_feature_and_number(story):
    desk = await story.desk("orchestrator")
    shown = (await call(desk, "show_commit", feature="F1")).text
    assert shown.startswith("commit 1 of 1 of F1\nTotal, brilliant\npaths: shop/price.py\n")
    assert story.mission.head not in shown
    with pytest.raises(ToolError, match="has 1 commits; there is no number 2"):
        await call(desk, "show_commit", feature="F1", number=2)


async def test_S40_message_of_a_commit_is_not_told_to_a_reviewer(story):
    desk = await story.desk("reviewer", "F1")
    assert "brilliant" not in (await call(desk, "show_commit", feature="F1")).text


def test_handoff_that_says_little_is_told_shortly():
    little = Handoff.model_validate({**HANDOFF, "commands": [], "tests": [], "implemented": []})
    assert handoff(little, blind=False) == "outcome: done\nsummary: It prints the total."
