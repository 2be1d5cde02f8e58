"""What a person can choose to do: at an assertion, at a fault of the text, at a finding, at a question."""

from collections.abc import Iterable

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.questions_text import format_questions
from milepost.ide.actions import (
    LONGEST_GOAL,
    contract_actions,
    finding_actions,
    goal_actions,
    question_actions,
)
from milepost.ide.diagnostics import contract_diagnoses, findings
from milepost.ide.document import Document
from milepost.ide.fixes import fixes
from milepost.ide.shapes import Action, Diagnosis, Span, Spot
from tests.domain.life import WHY, finding
from tests.ide.tale import CONTRACT, Tale, done, drafted, judged, marked, proposed, running, to
from tests.ide.test_rename import edited

GOOD = """# Contract: shop
## SHOP The shop
### SHOP-001 A total is right
- surface: library
- then: it is 5
- fails if: it is not
- evidence: receipt
"""


def at(text: str, tale: Tale | None = None) -> list[Action]:
    """What is offered at the mark of a contract."""
    text, spot = marked(text)
    document = Document("/d/shop.contract.md", text)
    snapshot = tale.snapshot() if tale else None
    return contract_actions(document, Span(spot, spot), contract_diagnoses(document, snapshot), snapshot)


def titles(actions: Iterable[Action]) -> list[str]:
    """What the buttons say, with the kind where that is no order at a place."""
    return [f"{a.kind}: {a.title}" for a in actions]


def mended(text: str, title: str) -> str:
    """The text after the fix of that title."""
    plain, _ = marked(text)
    chosen = next(a for a in at(text) if a.title == title)
    assert chosen.preferred and chosen.kind == "quickfix" and chosen.diagnosis is not None
    [edit] = chosen.edits
    if edit.span.start.line == edit.span.end.line:
        return edited(plain, [edit])
    lines = plain.split("\n")
    head = "\n".join([*lines[:edit.span.start.line], lines[edit.span.start.line][:edit.span.start.column]])
    tail = "\n".join([lines[edit.span.end.line][edit.span.end.column:], *lines[edit.span.end.line + 1:]])
    return head + edit.text + tail


# --- at an assertion ---

FAILED = CONTRACT.replace("### SHOP-002", "### SHOP-‸002")


def test_failed_assertion_can_be_judged_again_waived_sent_back_asked_about_and_split() -> None:
    found = at(FAILED, judged())
    assert titles(found) == [
        "quickfix: Judge SHOP-002 again", "quickfix: Waive SHOP-002…", "quickfix: Send F1 back because of I1…",
        "refactor: Ask the orchestrator about SHOP-002…", "refactor: Split SHOP-002: begin SHOP-005 as a copy",
    ]
    assert [a.diagnosis.code if a.diagnosis else "" for a in found] == ["MISSION-FAILED"] * 3 + ["", ""]
    assert [(a.button.command, dict(a.button.arguments)) for a in found if a.button] == [
        ("recheck", {"mission": "shop-1", "assertions": ["SHOP-002"]}),
        ("waive", {"mission": "shop-1", "assertion": "SHOP-002", "ask": "reason"}),
        ("resolve", {"mission": "shop-1", "item": "I1", "decision": "reopen", "feature": "F1", "ask": "reason"}),
        ("steer", {"mission": "shop-1", "about": "SHOP-002", "ask": "text"}),
    ]


def test_orders_that_cost_something_are_never_taken_by_an_editor_alone() -> None:
    assert not any(a.preferred for a in at(FAILED, judged()))


def test_pending_assertion_can_be_waived_and_asked_about() -> None:
    assert titles(at(CONTRACT.replace("### PAGE-001", "### PAGE-‸001"), running())) == [
        "refactor: Waive PAGE-001…", "refactor: Ask the orchestrator about PAGE-001…",
        "refactor: Split PAGE-001: begin PAGE-003 as a copy",
    ]


def test_waived_assertion_is_not_waived_again() -> None:
    tale = judged().order(o.WaiveAssertion(assertion="SHOP-002", reason=WHY))
    assert not any("Waive" in t or "Judge" in t for t in titles(at(FAILED, tale)))


def test_several_assertions_are_judged_again_together() -> None:
    tale = judged()
    document = tale.contract()
    found = contract_actions(document, document.whole, contract_diagnoses(document, tale.snapshot()), tale.snapshot())
    assert titles(found) == ["refactor: Judge 4 assertions again"]
    assert found[0].button is not None
    assert found[0].button.arguments["assertions"] == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]


def test_stale_assertion_is_judged_again_by_its_diagnosis() -> None:
    tale = judged().say(e.VerdictsExpired(assertions=["SHOP-001"], because="w"))
    first = at(CONTRACT.replace("### SHOP-001", "### SHOP-‸001"), tale)[0]
    assert (first.title, first.kind) == ("Judge SHOP-001 again", "quickfix")


def test_split_begins_a_copy_below_without_the_check() -> None:
    text, spot = marked(CONTRACT.replace("### SHOP-001", "### SHOP-‸001"))
    chosen = at(CONTRACT.replace("### SHOP-001", "### SHOP-‸001"), drafted())[-1 - len(WHOLE_DRAFT)]
    assert chosen.title == "Split SHOP-001: begin SHOP-005 as a copy"
    after = edited(text, list(chosen.edits))
    assert after == text.replace("- check: `python checks/shop_001.py`\n", """\
- check: `python checks/shop_001.py`

### SHOP-005 A total is right
- surface: library
- then: `total([2, 3])` is 5
- fails if: it is anything else
- evidence: receipt
""", 1)
    assert spot.line == 4


WHOLE_DRAFT = ["source: Stop asking and propose now"]


def test_assertion_without_an_id_and_ended_missions_are_not_split() -> None:
    assert not any("Split" in t for t in titles(at("## SHOP x\n### ‸\n- then: x\n", drafted())))
    assert at(FAILED, running().order(o.CancelMission())) == []


def test_unknown_assertion_can_be_split_and_nothing_else() -> None:
    found = titles(at(CONTRACT + "### SHOP-0‸77 y\n- surface: library\n- then: x\n", running()))
    assert [t for t in found if t.startswith("refactor")] == ["refactor: Split SHOP-077: begin SHOP-078 as a copy"]


# --- the whole mission ---

@pytest.mark.parametrize(("tale", "expected"), [
    (drafted(), WHOLE_DRAFT),
    (proposed(), ["source: Approve the proposal", "source: Return the proposal with a comment…"]),
    (running(), []), (running().order(o.PauseMission()), ["source: Resume the mission"]),
    (done(), ["source: Land the mission"]), (done().order(o.LandMission(commit="c9")), []),
])
def test_mission_as_it_stands(tale: Tale, expected: list[str]) -> None:
    assert [t for t in titles(at("‸" + CONTRACT, tale)) if t.startswith("source")] == expected


def test_approval_names_the_revision_that_was_seen() -> None:
    tale = proposed()
    approve = next(a for a in at("‸" + CONTRACT, tale) if a.title == "Approve the proposal")
    assert approve.button is not None
    assert dict(approve.button.arguments) == {"mission": "shop-1", "expectedRevision": tale.mission.seq}


def test_mission_that_nobody_carries_can_be_run() -> None:
    tale, document = running(), running().contract()
    found = contract_actions(document, Span(Spot(0, 0), Spot(0, 0)), (), tale.snapshot(running=False))
    assert titles(found) == ["source: Run: carry the mission on"]


def test_questions_are_answered_at_the_first_line() -> None:
    tale = proposed().open("question", owner="user", options=["SQLite", "none"], blocks="none")
    found = [a for a in at("‸" + CONTRACT, tale) if a.kind == "quickfix"]
    assert titles(found) == [
        "quickfix: Answer I1: SQLite", "quickfix: Answer I1: none", "quickfix: Answer I1 in other words…",
    ]
    assert found[0].diagnosis is not None and found[0].diagnosis.code == "MISSION-ATTENTION"


# --- edits that are not agreed ---

def test_edited_contract_can_be_amended_from_anywhere_and_as_a_fix_where_it_was_edited() -> None:
    text = CONTRACT.replace("`total([])` is 0", "`total([])` is 1")
    assert titles(at("‸" + text, running())) == ["source: Amend the contract: 1 edited assertion"]
    here = at(text.replace("### SHOP-003", "### SHOP-‸003"), running())
    amend = next(a for a in here if a.title.startswith("Amend"))
    assert amend.kind == "quickfix" and amend.diagnosis is not None and amend.diagnosis.code == "MISSION-AMEND"
    assert amend.button is not None
    assert (amend.button.command, dict(amend.button.arguments)) == ("amend", {"mission": "shop-1"})


# --- faults of the text ---

def test_missing_fields_are_added_where_the_assertion_ends() -> None:
    bare = "# Contract: x\n## SHOP y\n### SHOP-‸001 z\n- surface: browser\n\n"
    plain, _ = marked(bare)
    assert titles(at(bare)) == ["quickfix: Add `- then:`", "quickfix: Add `- fails if:`", "quickfix: Add `- evidence:`"]
    assert mended(bare, "Add `- then:`") == plain.replace("browser\n", "browser\n- then: \n")
    assert "- evidence: screenshot, console\n" in mended(bare, "Add `- evidence:`")
    assert "\n- surface: \n" in mended("# Contract: x\n## SHOP y\n### SHOP-‸001 z\n- then: a\n", "Add `- surface:`")


def test_evidence_of_the_surface_is_added() -> None:
    text = GOOD.replace("library", "file").replace("- evidence: receipt", "- evidence:‸ screenshot")
    assert mended(text.replace(":‸ ", ": ‸"), "Add receipt").splitlines()[-1] == "- evidence: screenshot, receipt"
    http = GOOD.replace("library", "http").replace("- evidence: receipt", "- evidence: ‸receipt")
    assert mended(http, "Add request").splitlines()[-1] == "- evidence: receipt, request"


def test_evidence_of_an_unknown_surface_is_not_guessed() -> None:
    bare = "# Contract: x\n## SHOP y\n### SHOP-‸001 z\n- surface: telepathy\n- then: a\n- fails if: b\n"
    assert mended(bare, "Add `- evidence:`").endswith("- evidence: \n")


def test_check_is_put_into_backticks() -> None:
    text = GOOD + "- check: ‸python a.py\n"
    assert mended(text, "Put the command in backticks").splitlines()[-1] == "- check: `python a.py`"
    half = GOOD + "- check: ‸`python a.py\n"
    assert mended(half, "Put the command in backticks").splitlines()[-1] == "- check: `python a.py`"
    assert at(GOOD + "- check: ‸python a.py\n  more\n") == []


def test_line_that_reads_as_a_note_is_indented() -> None:
    text = GOOD.replace("- fails if", "and ‸not 6\n- fails if")
    assert "- then: it is 5\n  and not 6\n" in mended(text, "Indent it: it goes on with the field above")


def test_second_use_of_an_id_takes_the_next_free_one() -> None:
    twice = GOOD + "### SHOP-0‸01 Another\n- removed: x\n"
    assert mended(twice, "Make it SHOP-002").splitlines()[7] == "### SHOP-002 Another"
    first = twice.replace("‸", "").replace("### SHOP-001 A total", "### ‸SHOP-001 A total")
    assert not any("Make it" in t for t in titles(at(first)))


def test_before_without_a_check_is_dropped() -> None:
    assert mended(GOOD + "- before: ‸red\n", "Drop the line") == GOOD
    assert mended(GOOD + "- before: ‸red", "Drop the line") == GOOD.rstrip("\n")


def test_title_is_added() -> None:
    text = "‸" + GOOD.partition("\n")[2]
    assert mended(text, "Add the title") == f"# Contract: title\n\n{GOOD.partition(chr(10))[2]}"
    [title, *_] = at(text, drafted())
    assert title.edits[0].text == "# Contract: shop\n\n"
    assert at(GOOD.replace("# Contract: shop", "# ‸shop")) == []


def test_fault_elsewhere_offers_nothing_here() -> None:
    assert at("‸" + GOOD + "- check: python a.py\n") == []


def test_fixes_keep_the_line_ends_of_the_text() -> None:
    document = Document("/d/x.contract.md", "# Contract: x\r\n## SHOP y\r\n### SHOP-001 z\r\n- surface: http\r\n")
    spot = Spot(2, 5)
    first = contract_actions(document, Span(spot, spot), contract_diagnoses(document, None), None)[0]
    assert first.edits[0].text == "\r\n- then: "


@pytest.mark.parametrize("code", ["CONTRACT-001", "CONTRACT-003", "CONTRACT-008", "SYNTAX-011"])
def test_diagnosis_that_outlived_its_text_mends_nothing(code: str) -> None:
    document = Document("/d/x.contract.md", GOOD)
    for line in (0, 3):
        late = Diagnosis(Span.of_line(line, 0, 1), "error", code, "m")
        assert list(fixes(document, late, None)) == []


# --- findings ---

def found_in(tale: Tale, line: int) -> list[Action]:
    snapshot = tale.snapshot()
    return finding_actions(Span(Spot(line, 0), Spot(line, 4)), findings(snapshot)["shop.py"], snapshot)


def reviewed() -> Tale:
    tale = running()
    tale.world.findings = {"F1": [
        finding("blocking", file="shop.py", line=3), finding("non_blocking", file="shop.py", line=9),
        finding("blocking", file="shop.py"),
    ]}
    return tale.go(to("orchestrator"))


def test_finding_is_sent_to_the_orchestrator_or_decided_on() -> None:
    actions = found_in(reviewed(), 8)
    assert titles(actions) == [
        "quickfix: Send I2 to the orchestrator", "quickfix: Send F1 back because of I2…",
        "quickfix: Dispute I2: let a fresh reader judge it…", "quickfix: Dismiss I2…",
    ]
    assert [dict(a.button.arguments) for a in actions if a.button][:1] == [
        {"mission": "shop-1", "text": "Look into I2 (shop.py:9) next: it breaks — for all"},
    ]
    assert {a.diagnosis.code for a in actions if a.diagnosis} == {"I2"}


def test_finding_without_a_line_is_at_the_first() -> None:
    assert "quickfix: Send I3 to the orchestrator" in titles(found_in(reviewed(), 0))
    first = next(a for a in found_in(reviewed(), 0) if a.title.startswith("Send I3"))
    assert first.button is not None and first.button.arguments["text"].startswith("Look into I3 (shop.py) next")


def test_finding_that_the_mission_does_not_know_yet_offers_nothing() -> None:
    newer = reviewed().snapshot()
    assert finding_actions(Span(Spot(8, 0), Spot(8, 0)), findings(newer)["shop.py"], running().snapshot()) == []


def test_other_lines_and_ended_missions_offer_nothing() -> None:
    assert found_in(reviewed(), 5) == []
    assert found_in(reviewed().order(o.CancelMission()), 8) == []


# --- questions ---

def questions_at(tale: Tale, line: int) -> list[Action]:
    document = Document("/d/shop.questions.md", format_questions(tale.mission.attention))
    return question_actions(document, Span(Spot(line, 0), Spot(line, 0)), tale.snapshot())


def test_question_offers_its_options() -> None:
    tale = drafted().open("question", owner="user", options=["SQLite", "x" * 80])
    actions = questions_at(tale, 6)
    assert titles(actions) == [
        "quickfix: Answer I1: SQLite", f"quickfix: Answer I1: {'x' * 59}…", "quickfix: Answer I1 in other words…",
    ]
    assert [(a.button.command, dict(a.button.arguments)) for a in actions if a.button] == [
        ("answer", {"mission": "shop-1", "item": "I1", "text": "1"}),
        ("answer", {"mission": "shop-1", "item": "I1", "text": "2"}),
        ("answer", {"mission": "shop-1", "item": "I1", "ask": "text"}),
    ]


def test_each_question_has_its_own() -> None:
    tale = running().open("stuck", "M1", owner="user").open("approval", owner="user")
    lines = format_questions(tale.mission.attention).split("\n")
    second = next(n for n, line in enumerate(lines) if line.startswith("## I2"))
    assert titles(questions_at(tale, 0)) == []
    assert titles(questions_at(tale, second - 1)) == ["quickfix: Answer I1…", "quickfix: Dismiss I1…"]
    approval = questions_at(tale, second)
    assert titles(approval) == ["quickfix: Approve I2", "quickfix: Deny I2…"]
    assert [dict(a.button.arguments) for a in approval if a.button] == [
        {"mission": "shop-1", "item": "I2", "decision": "approve"},
        {"mission": "shop-1", "item": "I2", "decision": "deny", "ask": "reason"},
    ]


def test_verdict_that_only_the_user_can_clear_is_answered_as_a_decision() -> None:
    tale = judged({"SHOP-004": "blocked:tool"})
    actions = at("‸" + CONTRACT, tale)
    answer = next(a for a in actions if a.title == "Answer I1…")
    assert answer.button is not None
    assert (answer.button.command, dict(answer.button.arguments)) == (
        "resolve", {"mission": "shop-1", "item": "I1", "decision": "answer", "ask": "text"},
    )


# --- any text ---

def test_any_text_can_be_the_goal_of_a_mission() -> None:
    [one] = goal_actions(Document("/home/ada/my notes/idea.md", "\n# A shop\n\nWith prices.\n"))
    assert (one.title, one.kind) == ("Start a mission from this document: A shop", "source")
    assert one.button is not None
    assert (one.button.command, dict(one.button.arguments)) == (
        "newMission", {"goal": "# A shop\n\nWith prices.", "folder": "file:///home/ada/my%20notes"},
    )


@pytest.mark.parametrize(("path", "text"), [
    ("/n/a.md", " \n"), ("/n/a.md", "x" * (LONGEST_GOAL + 1)), ("/n/a.contract.md", "x"), ("/n/a.questions.md", "x"),
])
def test_other_texts_cannot(path: str, text: str) -> None:
    assert goal_actions(Document(path, text)) == []
