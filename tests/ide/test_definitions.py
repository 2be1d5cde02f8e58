"""Ways between assertion, feature, handoff, evidence, tests and code."""

from collections.abc import Iterable

import pytest

from milepost.domain.handoff import Handoff, Procedure, TestFile
from milepost.ide.definitions import definition, references
from milepost.ide.document import Document
from milepost.ide.shapes import Link, Span
from tests.domain.life import finding
from tests.ide.tale import CONTRACT, PATHS, Tale, drafted, judged, marked, running, to

FIX = {"id": "F9", "milestone": "M1", "title": "Fix", "description": "d", "expected": ["e"], "fixes": ["I1"]}


def places(links: Iterable[Link]) -> list[str]:
    """Each link as `path:line`, the path as short as it goes."""
    return [
        f"{x.path.removeprefix(PATHS.docs + '/').removeprefix(PATHS.root + '/')}:{x.span.start.line + 1}" for x in links
    ]


def from_contract(text: str, tale: Tale) -> list[str]:
    text, spot = marked(text)
    return places(definition(tale.contract(text), spot, tale.snapshot()))


def from_code(text: str, tale: Tale, path: str = "/home/ada/my shop/shop.py") -> list[str]:
    text, spot = marked(text)
    return places(definition(Document(path, text), spot, tale.snapshot()))


def test_assertions_own_heading_leads_on_to_plan_handoff_and_work() -> None:
    text = CONTRACT.replace("### SHOP-001", "### SHOP-‸001")
    assert from_contract(text, judged()) == ["plan.md:7", "handoffs/F1.md:1", "tree/shop.py:1"]
    assert from_contract(text, drafted()) == ["plan.md:7"]


def test_assertion_that_nobody_owns_leads_nowhere() -> None:
    text = CONTRACT.replace("### SHOP-004", "### SHOP-005")
    assert from_contract(text.replace("### SHOP-005", "### SHOP-‸005"), drafted(text)) == []


def test_assertion_named_elsewhere_leads_to_the_contract() -> None:
    assert from_code("# SHOP-‸003 holds", judged()) == ["shop.contract.md:18"]
    assert from_code("def test_shop_0‸03():", judged()) == ["shop.contract.md:18"]
    # In the contract as it is being edited, lines may have moved.
    text = "\n\n" + CONTRACT.replace("it is anything else", "it is less than SHOP-0‸03", 1)
    assert from_contract(text, judged()) == ["shop.contract.md:20"]
    text = CONTRACT.replace("SHOP-003", "SHOP-033") + "\nSHOP-0‸03"
    assert from_contract(text, judged()) == ["shop.contract.md:18"]


def test_feature_leads_to_what_it_left_behind_and_from_the_plan_to_its_work() -> None:
    assert from_code("by F‸2", judged()) == ["handoffs/F2.md:1", "plan.md:8"]
    assert from_code("- F‸2 Print", judged(), f"{PATHS.docs}/plan.md") == ["handoffs/F2.md:1", "tree/cli.py:1"]
    assert from_code("by F‸3", judged()) == ["plan.md:14"]


def test_milestone_leads_to_its_page() -> None:
    assert from_code("M‸1", judged()) == ["milestones/M1.md:1"]


def test_item_leads_to_its_line_its_answer_or_what_it_is_about() -> None:
    tale = judged()
    tale.open("finding", "F1", finding=finding("blocking", file="shop.py", line=7).model_dump(mode="json"))
    tale.open("question", "", owner="user").open("issue", "F2", finding={"file": "cli.py"})
    assert from_code("I‸1", tale) == ["shop.contract.md:12"]
    assert from_code("I‸2", tale) == ["tree/shop.py:7", "plan.md:7"]
    assert from_code("I‸3", tale) == ["shop.questions.md:1"]
    assert from_code("I‸4", tale) == ["tree/cli.py:1", "plan.md:8"]


@pytest.mark.parametrize("text", ["‸SHOP-999", "nothing‸", "‸"])
def test_unknown_leads_nowhere(text: str) -> None:
    assert from_code(text, judged()) == []


# --- references ---

def test_assertion_is_spoken_of_in_contract_plan_handoffs_tests_evidence_and_code() -> None:
    tale = running()
    tested = TestFile.model_validate({"file": "tests/test_shop.py", "cases": [{"name": "t", "verifies": "SHOP-002"}]})
    other = TestFile.model_validate({"file": "tests/test_x.py", "cases": [{"name": "t", "verifies": "a sentence"}]})
    tale.world.handoffs["F1"] = Handoff(
        outcome="done", summary="s", implemented=[], undone=[], commands=[], manual_checks=[], tests=[tested, other],
        issues=[], procedure=Procedure(followed=True),
    )
    tale.world.bad = {"SHOP-002": "failed"}
    tale.go(to("orchestrator")).plan(add=[FIX])
    code = {"/home/ada/my shop/shop.py": [Span.of_line(3, 2, 10), Span.of_line(9, 0, 8)]}
    assert places(references("SHOP-002", tale.snapshot(), code)) == [
        "shop.contract.md:12", "plan.md:7", "handoffs/F1.md:1", "tree/tests/test_shop.py:1", "plan.md:9",
        "evidence/tester.M1r1.flow-1.1-E1.txt:1", "/home/ada/my shop/shop.py:4", "/home/ada/my shop/shop.py:10",
    ]


def test_check_has_no_evidence_to_lead_to() -> None:
    assert places(references("SHOP-001", judged().snapshot(), {})) == [
        "shop.contract.md:5", "plan.md:7", "handoffs/F1.md:1",
    ]
    assert places(references("PAGE-001", judged().snapshot(), {})) == ["shop.contract.md:34", "plan.md:14"]


def test_feature_is_spoken_of_in_plan_handoff_assertions_and_files() -> None:
    assert places(references("F2", judged().snapshot(), {})) == [
        "plan.md:8", "handoffs/F2.md:1", "shop.contract.md:18", "shop.contract.md:26", "tree/cli.py:1",
        "tree/shop.py:1",
    ]


def test_milestones_and_items() -> None:
    tale = judged().plan(add=[FIX])
    assert places(references("M1", tale.snapshot(), {})) == ["plan.md:3", "milestones/M1.md:1"]
    assert places(references("I1", tale.snapshot(), {})) == ["shop.contract.md:12", "plan.md:9"]


def test_of_the_unknown_only_code_speaks() -> None:
    assert places(references("X-001", judged().snapshot(), {"/a.py": [Span.of_line(0, 0, 1)]})) == ["/a.py:1"]
