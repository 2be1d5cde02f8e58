"""Lines of the projected documents, as the engine writes them."""

from milepost.domain.contract_format import format_contract
from milepost.domain.contract_text import parse
from milepost.ide.document import Document
from milepost.ide.layout import Layout
from milepost.runner import pages
from tests.domain.life import PLAN
from tests.ide.tale import CONTRACT, created, drafted

NOTES = CONTRACT.replace("# Contract: shop\n", "# Contract: shop\n\nRead this first.\n\nAnd this.\n").replace(
    "## PAGE The page\n", "## PAGE The page\n\nA note\nof two lines.\n"
).replace("### SHOP-002 A price is served\n", "### SHOP-002 A price is served\n\nIt has a note too.\n\n")


def test_assertions_stand_where_the_projection_has_them() -> None:
    for text in (CONTRACT, NOTES, "# Contract: x\n", "## A1 Only an area\n"):
        contract = parse(text).contract
        written = Document("/d/x.contract.md", format_contract(contract))
        assert Layout(contract, None).assertions == {b.assertion.id: b.first for b in written.blocks}


def test_features_stand_where_the_projection_has_them() -> None:
    plan = {**PLAN, "milestones": [{**m, "outcome": "a person sees\nit"} for m in PLAN["milestones"]]}
    tale = drafted(plan=plan)
    lines = pages.plan(tale.mission).split("\n")
    layout = tale.story.layout.features
    assert list(layout) == ["M1", "F1", "F2", "M2", "F3"]
    for name, line in layout.items():
        assert lines[line].lstrip("#- ").startswith(f"{name} ")


def test_without_plan_there_are_no_lines_of_it() -> None:
    assert created().story.layout.features == {}


def test_facts_that_change_neither_share_one_layout() -> None:
    tale = drafted()
    before = tale.story.layout
    assert tale.open("question", "mission", owner="user").story.layout is before
