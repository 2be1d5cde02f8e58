"""What an editor underlines: faults of the text, assertions that do not stand, edits that are not agreed, questions."""

from collections.abc import Sequence

import pytest
from hypothesis import given

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.contract_edit import amendment
from milepost.domain.questions_text import format_questions
from milepost.ide import diagnostics as d
from milepost.ide.difference import differences
from milepost.ide.document import Document
from milepost.ide.shapes import Diagnosis, Span, Spot
from milepost.ide.snapshot import Snapshot, questions_path
from tests.domain.life import WHY, finding
from tests.ide.tale import CONTRACT, PATHS, Tale, done, drafted, judged, proposed, running, to
from tests.ide.test_document import CONTRACTISH


def contract(text: str) -> Document:
    return Document("/d/shop.contract.md", text)


def told(found: Sequence[Diagnosis]) -> list[str]:
    """Each diagnosis as `line:from-to level code`, counted from 1 as a person counts."""
    return [
        f"{x.span.start.line + 1}:{x.span.start.column + 1}-{x.span.end.column + 1} {x.level} {x.code}" for x in found
    ]


def check(text: str, expected: str) -> None:
    """The text alone has these diagnoses."""
    assert told(d.contract_diagnoses(contract(text), None)) == [line.strip() for line in expected.strip().split("\n")]


# --- the text ---

def test_grammar_has_exact_columns() -> None:
    check("""# Contract: shop
## SHOP The shop
### SHOP-001 A total is right
- surface: library
- then: it is 5
- fails if: it is not
- evidence: receipt
- check: python checks/a.py
- colour: green
### PAGE-001 Elsewhere
- removed: no more
""", """
        8:1-28 error SYNTAX-011
        9:1-9 error SYNTAX-008
        10:5-13 error SYNTAX-007
    """)


def test_lint_is_at_the_field_that_it_is_about() -> None:
    check("""# Contract: shop
## SHOP The shop
### SHOP-001 A total is right
- surface: telepathy
- then: it is 5
- fails if: it is not
- evidence: receipt, photograph
- before: never
### SHOP-002 A page
- surface: browser
- then: it is shown
- fails if: it is not
- evidence:  screenshot
""", """
        4:12-21 error CONTRACT-006
        7:13-32 error CONTRACT-007
        8:11-16 error CONTRACT-010
        8:11-16 error CONTRACT-011
        13:14-24 error CONTRACT-008
    """)


def test_what_grammar_and_lint_both_see_is_told_once() -> None:
    check("""# Contract: shop
## SHOP The shop
### SHOP-001 A total
- surface: library
- then: it is 5
- evidence: receipt
### SHOP-001 Again
- removed: twice
""", """
        3:1-21 error CONTRACT-004
        7:5-13 error CONTRACT-001
    """)


def test_many_areas_ask_for_flows_that_cross_them_at_the_first_line() -> None:
    part = "## A{0} x\n### A{0}-001 y\n- surface: library\n- then: z\n- fails if: z\n- evidence: receipt\n"
    check("# Contract: shop\n" + "".join(part.format(n) for n in (1, 2, 3)), "1:1-17 warning CONTRACT-013")


def test_good_text_has_none() -> None:
    assert d.contract_diagnoses(contract(CONTRACT), None) == ()


def test_service_without_a_port_is_told_where_the_manifest_has_none() -> None:
    tale = drafted()
    assert d.contract_diagnoses(tale.contract(), tale.snapshot()) == ()
    manifest = tale.mission.manifest
    assert manifest is not None
    text = manifest.model_copy(update={"services": []}).model_dump_json()
    tale.say(e.DocumentWritten(document="services", name="services", hash="h", text=text))
    assert told(d.contract_diagnoses(tale.contract(), tale.snapshot())) == ["13:12-16 error CONTRACT-014"]


@given(CONTRACTISH)
def test_no_text_makes_it_raise(text: str) -> None:
    for snapshot in (None, RUNNING, DRAFT):
        found = d.contract_diagnoses(contract(text), snapshot)
        assert list(found) == sorted(found, key=lambda x: x.span)


# --- how assertions stand ---

def of(tale: Tale, text: str = CONTRACT) -> tuple[Diagnosis, ...]:
    return d.contract_diagnoses(tale.contract(text), tale.snapshot())


def test_failed_assertion_is_an_error_with_note_evidence_and_item() -> None:
    [one] = of(judged())
    assert told([one]) == ["12:5-13 error MISSION-FAILED"]
    assert one.message == "SHOP-002 failed in M1r1: as seen"
    assert one.data == {"mission": "shop-1", "assertion": "SHOP-002", "item": "I1"}
    [link] = one.related
    assert (link.path, link.title) == (
        f"{PATHS.docs}/evidence/tester.M1r1.flow-1.1-E1.txt", "request: tester.M1r1.flow-1.1/E1",
    )


def test_blocked_assertion_is_a_warning_that_says_what_it_needs() -> None:
    [_, one] = of(judged({"SHOP-004": "blocked:tool"}))
    assert told([one]) == ["26:5-13 warning MISSION-BLOCKED"]
    assert one.message == "SHOP-004 blocked in M1r1: as seen (needs: a tool)"


def test_stale_assertion_says_what_made_it_so() -> None:
    tale = running().go(to("worker", "F3")).say(e.EditNoticed(paths=["shop.py"], commit="c9"))
    found = of(tale)
    assert {x.code for x in found} == {"MISSION-STALE"}
    assert found[0].message == (
        "SHOP-001 is stale: you changed shop.py. It was passed in M1r1; it will be judged again."
    )
    assert found[0].data == {"mission": "shop-1", "assertion": "SHOP-001"}


@pytest.mark.parametrize("tale", [running(), done()])
def test_pending_and_passed_assertions_have_none(tale: Tale) -> None:
    assert of(tale) == ()


def test_assertion_that_the_text_lacks_is_not_underlined() -> None:
    assert "MISSION-FAILED" not in {x.code for x in of(judged(), CONTRACT.replace("SHOP-002", "SHOP-009"))}


# --- edits of what is agreed ---

def test_edits_of_an_agreed_contract_wait_to_be_amended() -> None:
    text = CONTRACT.replace("`total([])` is 0", "`total([])` is 1").replace("PAGE-002 The page is", "PAGE-003 It is")
    found = [x for x in of(running(), text) if x.code == d.AMEND]
    assert [(x.message.partition(":")[2].partition(";")[0].strip(), x.level) for x in found] == [
        ("SHOP-003 reads otherwise than agreed", "information"), ("PAGE-002 is taken out", "information"),
        ("PAGE-003 is new", "information"),
    ]
    assert [x.span.start.line for x in found] == [17, 31, 39]
    assert found[0].data == {"mission": "shop-1", "assertion": "SHOP-003", "op": "change"}


def test_assertion_that_goes_with_its_area_is_told_at_the_first_line() -> None:
    text = CONTRACT.partition("## PAGE")[0]
    assert told(of(running(), text)) == ["1:1-17 information MISSION-AMEND"] * 2


def test_assertion_marked_as_removed_in_the_text_would_be_removed() -> None:
    tale = running()
    text = CONTRACT.replace("- surface: terminal", "- surface: terminal\n- removed: no more")
    [one] = differences(tale.contract(text), tale.snapshot())
    assert (one.op, one.assertion) == ("remove", "PAGE-001")
    # One that was removed already differs in nothing that matters.
    tale.order(o.AmendContract(changes=[o.ContractChange(op="remove", assertion="PAGE-001")], reason=WHY))
    assert differences(tale.contract(text), tale.snapshot()) == ()


@pytest.mark.parametrize("tale", [drafted(), proposed(), running().order(o.CancelMission())])
def test_before_approval_and_after_the_end_edits_are_none(tale: Tale) -> None:
    assert differences(tale.contract(CONTRACT.replace("is 0", "is 1")), tale.snapshot()) == ()


@pytest.mark.parametrize("text", [
    CONTRACT, CONTRACT.replace("is 5", "is 6"), CONTRACT.partition("## PAGE")[0],
    CONTRACT.replace("PAGE-002", "PAGE-007"),
    CONTRACT.replace("- surface: http\n", "- surface: http\n- removed: no\n"),
])
def test_differences_are_what_the_order_to_amend_changes(text: str) -> None:
    tale = running()
    wanted = amendment(tale.mission.contract, tale.contract(text).parsed.contract)
    found = differences(tale.contract(text), tale.snapshot())
    assert sorted((x.op, x.assertion) for x in found) == sorted((c.op, c.assertion) for c in wanted)


# --- what waits for the user ---

def test_proposal_and_questions_wait_at_the_first_line() -> None:
    tale = proposed().open("question", owner="user", text="Which database?", options=["SQLite", "none"], blocks="none")
    approve, ask = of(tale)
    assert told([approve, ask]) == ["1:1-17 information MISSION-APPROVE", "1:1-17 information MISSION-ATTENTION"]
    assert approve.message.startswith("the proposal waits for your approval")
    assert ask.message == "I1 question waits for you: Which database? (SQLite / none)"
    assert (ask.data, ask.related[0].path) == (
        {"mission": "shop-1", "item": "I1"}, questions_path(PATHS, tale.mission),
    )


def test_after_the_end_nothing_waits() -> None:
    assert of(running().open("question", owner="user").order(o.CancelMission())) == ()


# --- code ---

def test_findings_are_at_their_lines_with_their_weight() -> None:
    tale = running()
    tale.world.findings = {"F1": [
        finding("non_blocking", file="shop.py", line=9, end_line=12, assertion="SHOP-001"),
        finding("blocking", file="shop.py", line=2), finding("blocking", file="cli.py"), finding("blocking"),
    ]}
    found = d.findings(tale.go(to("orchestrator")).snapshot())
    assert {path: [(x.code, x.level, x.span) for x in held] for path, held in found.items()} == {
        "shop.py": [
            ("I2", "error", Span(Spot(1, 0), Spot(2, 0))), ("I1", "warning", Span(Spot(8, 0), Spot(12, 0))),
        ],
        "cli.py": [("I3", "error", Span(Spot(0, 0), Spot(1, 0)))],
    }
    about = found["shop.py"][1]
    assert (about.message, about.data) == ("it breaks — for all", {"mission": "shop-1", "item": "I1"})
    assert [(x.title, x.span.start.line) for x in about.related] == [("A total is right", 4)]


def test_suggestion_is_information_and_resolved_ones_are_gone() -> None:
    tale = running().open("issue", severity="suggestion", finding={"file": "shop.py", "line": 1})
    assert [x.level for x in d.findings(tale.snapshot())["shop.py"]] == ["information"]
    assert d.findings(tale.resolve("I1", "dismiss").snapshot()) == {}


# --- questions ---

def asking(**more: object) -> Tale:
    return drafted().open(
        "question", "mission", owner="user", text="Which database?", options=["SQLite", "PostgreSQL"], **more
    )


def questions(tale: Tale, answer: str = "") -> tuple[Diagnosis, ...]:
    text = format_questions(tale.mission.attention).replace("Answer: ", f"Answer: {answer}")
    return d.questions_diagnoses(Document(questions_path(PATHS, tale.mission), text), tale.snapshot())


def test_open_question_is_a_warning_where_the_mission_waits() -> None:
    [one] = questions(asking())
    assert told([one]) == ["5:1-15 warning MISSION-ATTENTION"]
    assert one.message == "I1 waits for you: write below `Answer:` and save. The mission waits for it."
    [other] = questions(asking(blocks="none"))
    assert (other.level, other.message) == ("information", "I1 waits for you: write below `Answer:` and save.")


def test_answer_that_fits_only_has_to_be_saved() -> None:
    assert questions(asking(), "1") == questions(asking(), "MySQL") == ()


def test_answer_that_does_not_fit_says_what_would() -> None:
    [one] = questions(asking(), "7")
    assert told([one]) == ["12:1-10 error MISSION-ANSWER"]
    assert one.message == "I1 has no option 7; expected 1 to 2, or your own words"


def test_answered_and_foreign_questions_have_none() -> None:
    tale = asking().open("undone")
    text = format_questions([*tale.mission.open_items]) + "## I2 undone\n## I9 question\n"
    tale.resolve("I1", "answer", by="user", text="SQLite")
    assert d.questions_diagnoses(Document("/d/shop.questions.md", text), tale.snapshot()) == ()


def test_question_whose_answer_line_was_deleted_is_still_asked() -> None:
    tale = asking()
    document = Document("/d/shop.questions.md", "## I1 question\nWhich database?\n")
    assert told(d.questions_diagnoses(document, tale.snapshot())) == ["1:1-15 warning MISSION-ATTENTION"]


# --- made once ---

def test_diagnoses_are_made_once_for_a_text_and_a_state() -> None:
    document, snapshot = contract(CONTRACT), judged().snapshot()
    assert d.contract_diagnoses(document, snapshot) is d.contract_diagnoses(document, snapshot)
    assert d.text_diagnoses(document, reachable=True) is d.text_diagnoses(document, reachable=True)


def test_every_code_is_explained() -> None:
    assert {d.FAILED, d.BLOCKED, d.STALE, d.AMEND, d.ATTENTION, d.APPROVE, d.ANSWERED} == set(d.CODES)


RUNNING: Snapshot = judged().snapshot()
DRAFT: Snapshot = proposed().snapshot()
