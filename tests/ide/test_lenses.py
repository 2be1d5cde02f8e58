"""Lines above lines: how each assertion stands, what can be done, and which feature wrote a stretch of code."""

from milepost.domain import orders as o
from milepost.ide.blame import BlameLine
from milepost.ide.lenses import code_lenses, contract_lenses
from milepost.ide.shapes import Span
from tests.domain.life import PLAN, SHOP, WHY
from tests.ide.tale import CONTRACT, Tale, done, drafted, judged, running


def lines(tale: Tale, text: str = CONTRACT) -> list[str]:
    """Each line that has lenses, as `name: one | other`."""
    document = tale.contract(text)
    above: dict[int, list[str]] = {}
    for lens in contract_lenses(document, tale.snapshot()):
        above.setdefault(lens.span.start.line, []).append(lens.button.title)
    return [f"{document.line(n).split()[1]}: {' | '.join(titles)}" for n, titles in above.items()]


def test_assertions_with_state_evidence_owner_and_buttons() -> None:
    assert lines(judged({"SHOP-002": "failed", "SHOP-004": "blocked:tool"})) == [
        "SHOP: SHOP: 2 of 4 assertions settled, 1 failed, 1 blocked",
        "SHOP-001: ✓ passed · 1 evidence · F1 | recheck",
        "SHOP-002: ✗ failed · 1 evidence · F1 | recheck | open evidence | waive…",
        "SHOP-003: ✓ passed · 1 evidence · F2 | recheck",
        "SHOP-004: ■ blocked · 1 evidence · F2 | recheck | open evidence | waive…",
        "PAGE: PAGE: 0 of 2 assertions settled", "PAGE-001: ○ pending · F3", "PAGE-002: ○ pending · F3",
    ]


def test_waived_and_removed_have_nothing_to_press() -> None:
    tale = judged().order(o.WaiveAssertion(assertion="SHOP-002", reason=WHY))
    tale.order(o.AmendContract(changes=[o.ContractChange(op="remove", assertion="SHOP-001")], reason=WHY))
    found = lines(tale)
    assert "SHOP-002: ~ waived · 1 evidence · F1 | open evidence" in found
    assert "SHOP-001: - removed · 1 evidence · F1" in found


def test_draft_and_end_offer_no_orders_that_would_be_refused() -> None:
    assert "SHOP-001: ○ pending · F1" in lines(drafted())
    ended = lines(judged().order(o.CancelMission()))
    assert "SHOP-002: ✗ failed · 1 evidence · F1 | open evidence" in ended
    assert "SHOP-001: ✓ passed · 1 evidence · F1 | recheck" in lines(done())


def test_what_the_mission_does_not_know_has_no_lens() -> None:
    tale = running()
    assert lines(tale, "## NEW x\n### NEW-001 y\n") == []
    assert len(lines(tale, CONTRACT.replace("SHOP-003", "SHOP-033"))) == len(lines(tale)) - 1


def test_assertion_that_nobody_owns_says_so_by_silence() -> None:
    tale = drafted(CONTRACT.replace("### SHOP-004", "### SHOP-005"))
    assert "SHOP-005: ○ pending" in lines(tale, CONTRACT.replace("### SHOP-004", "### SHOP-005"))


def test_buttons_carry_what_the_server_needs() -> None:
    tale = judged()
    found = [x for x in contract_lenses(tale.contract(), tale.snapshot()) if x.span.start.line == 11]
    assert [x.span for x in found] == [Span.of_line(11, 4, 12)] * 4
    assert [(x.button.command, dict(x.button.arguments)) for x in found] == [
        ("open", {"mission": "shop-1", "document": "handoff:F1"}),
        ("recheck", {"mission": "shop-1", "assertions": ["SHOP-002"]}),
        ("open", {"mission": "shop-1", "document": "evidence:tester.M1r1.flow-1.1/E1"}),
        ("waive", {"mission": "shop-1", "assertion": "SHOP-002", "ask": "reason"}),
    ]


def test_summary_opens_the_plan_until_there_is_a_verdict() -> None:
    tale = drafted()
    [_, first, *_] = contract_lenses(tale.contract(), tale.snapshot())
    assert first.button.arguments["document"] == "plan"


def test_lenses_are_made_once_for_a_text_and_a_state() -> None:
    tale = judged()
    document, snapshot = tale.contract(), tale.snapshot()
    assert contract_lenses(document, snapshot) is contract_lenses(document, snapshot)


# --- code ---

def blamed(*features: str, mission: str = "shop-1") -> list[BlameLine]:
    """Lines from the first on, each of a feature; `-` was written by no mission."""
    return [BlameLine(n, f"c{n}", f, mission) for n, f in enumerate(features) if f != "-"]


def test_one_lens_for_each_run_of_lines_of_a_feature() -> None:
    found = code_lenses(blamed("F1", "F1", "-", "F1", "F2", "F2", "F1"), judged().snapshot())
    assert [(x.span.start.line, x.button.title) for x in found] == [
        (0, "F1 Total · SHOP-001 ✓ SHOP-002 ✗"), (3, "F1 Total · SHOP-001 ✓ SHOP-002 ✗"),
        (4, "F2 Print · SHOP-003 ✓ SHOP-004 ✓"), (6, "F1 Total · SHOP-001 ✓ SHOP-002 ✗"),
    ]
    assert dict(found[0].button.arguments) == {"mission": "shop-1", "document": "handoff:F1"}


def test_lines_of_other_missions_and_features_have_none() -> None:
    snapshot = judged().snapshot()
    assert code_lenses(blamed("F1", mission="other-2"), snapshot) == code_lenses(blamed("F77"), snapshot) == []


def test_feature_that_serves_much_is_counted_and_one_that_serves_nothing_is_named() -> None:
    fields = SHOP.partition("### SHOP-002")[0].partition("A total is right")[2]
    many = "".join(f"### SHOP-{n:03} x{fields}" for n in range(1, 11))
    plan = {"milestones": PLAN["milestones"][:1], "features": [
        {**PLAN["features"][0], "fulfills": [f"SHOP-{n:03}" for n in range(1, 11)]},
        {**PLAN["features"][1], "fulfills": [], "fixes": ["I1"]},
    ]}
    tale = drafted(f"# Contract: shop\n## SHOP x\n{many}", plan)
    first, second = code_lenses(blamed("F1", "F2"), tale.snapshot())
    assert first.button.title.startswith("F1 Total · SHOP-001 ○ SHOP-002 ○")
    assert first.button.title.endswith("SHOP-008 ○ and 2 assertions")
    assert second.button.title == "F2 Print"
