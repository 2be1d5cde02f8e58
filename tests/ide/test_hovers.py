"""The whole story under a cursor: from an assertion to verdicts, evidence, features, handoffs, items and cost."""

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.handoff import Handoff, Procedure
from milepost.ide.blame import BlameLine
from milepost.ide.hovers import hover_blame, hover_contract, hover_id
from milepost.ide.shapes import Span, Spot
from tests.domain.life import WHY, finding
from tests.ide.tale import CONTRACT, ROOT, Tale, drafted, judged, marked, running, to

DOCS = f"file://{ROOT}/docs"
FIX = {"id": "F9", "milestone": "M1", "title": "Fix the price", "description": "d", "expected": ["e"], "fixes": ["I1"]}


def at(text: str, tale: Tale) -> str:
    """What is told at the mark of a contract."""
    text, spot = marked(text)
    found = hover_contract(tale.contract(text), spot, tale.snapshot())
    return found.markdown if found else ""


def of(id: str, tale: Tale) -> str:
    """What is told at an id in code."""
    found = hover_id(f"# {id} holds", Spot(0, 3), tale.snapshot())
    assert found is not None
    assert found.span == Span.of_line(0, 2, 2 + len(id))
    return found.markdown


def mended() -> Tale:
    """A mission in which a price was wrong, and is mended and judged again."""
    tale = judged()
    tale.world.bad = {}
    return tale.plan(add=[FIX]).resolve("I1", "feature", feature="F9").go(to("worker", "F3"))


def test_assertion_tells_everything_that_was_said_of_it() -> None:
    assert at(CONTRACT.replace("SHOP-002 A", "SHOP-0‸02 A"), mended()) == f"""\
**SHOP-002** A price is served — ✓ **passed** · M1r2 · 14:53

**Verdicts**

- ✓ passed · M1r2 · 14:53: as seen
  - [tester.M1r2.flow-1.1/E1 request]({DOCS}/evidence/tester.M1r2.flow-1.1-E1.txt)
- ✗ failed · M1r1 · 14:31: as seen
  - [tester.M1r1.flow-1.1/E1 request]({DOCS}/evidence/tester.M1r1.flow-1.1-E1.txt)

**F1** Total — accepted · M1 · 1 attempt · $0.50

- [handoff]({DOCS}/handoffs/F1.md) of worker.F1.1: done. s
- commit `c1` · 14:05 · shop.py

**F9** Fix the price — accepted · M1 · 1 attempt · $0.50

Fixes I1

- [handoff]({DOCS}/handoffs/F9.md) of worker.F9.1: done. s
- commit `c3` · 14:35 · page.py

**Items**

- I1 verdict: SHOP-002 failed: as seen → feature by orchestrator.1 (F9): {WHY}

$1.50 for the attempts that built and judged this"""


def test_anywhere_in_an_assertion_its_story_is_told() -> None:
    text, spot = marked(CONTRACT.replace("`/price` answers", "`/price` ‸answers"))
    tale = judged()
    found = hover_contract(tale.contract(text), spot, tale.snapshot())
    assert found is not None and found.markdown.startswith("**SHOP-002** A price is served — ✗ **failed**")
    assert found.span == Span(Spot(11, 0), Spot(15, 19))


def test_in_code_it_says_what_the_assertion_asks_too() -> None:
    assert of("SHOP-002", judged()).startswith("""\
**SHOP-002** A price is served — ✗ **failed** · M1r1 · 14:31

- then: `/price` answers 200
- fails if: it answers otherwise

**Verdicts**""")
    assert hover_id("# SHOP-999", Spot(0, 4), judged().snapshot()) is None


def test_check_is_told_by_its_command() -> None:
    assert "  - receipt `c → exit 0`" in of("SHOP-001", judged())


def test_assertion_that_nobody_worked_on_has_little_to_tell() -> None:
    assert of("PAGE-002", drafted()) == """\
**PAGE-002** The page is a file — ○ **pending**

- then: `page.html` holds the total
- fails if: it is empty

**F3** Page — ready · M2"""


def test_waived_removed_and_stale_say_why() -> None:
    tale = judged().order(o.WaiveAssertion(assertion="SHOP-002", reason="nobody asks for the price"))
    assert "\nWaived: nobody asks for the price\n" in of("SHOP-002", tale)
    tale.order(o.AmendContract(changes=[o.ContractChange(op="remove", assertion="SHOP-003")], reason=WHY))
    assert f"\nRemoved: {WHY}\n" in of("SHOP-003", tale)
    tale.say(e.EditNoticed(paths=["shop.py"], commit="c9"))
    assert "\nStale since 14:34: you changed shop.py\n" in of("SHOP-001", tale)


def test_blocked_verdict_says_what_it_needs() -> None:
    assert "blocked · M1r1 · 14:31: as seen Needs: a tool" in of("SHOP-004", judged({"SHOP-004": "blocked:tool"}))


def test_S38_words_of_agents_are_no_markup() -> None:
    evil = "[click](command:rm) <b>x</b> ![y](http://evil/z.png)"
    tale = running()
    tale.world.handoffs["F1"] = Handoff(
        outcome="done", summary=evil, implemented=[], undone=[], commands=[], manual_checks=[], tests=[], issues=[],
        procedure=Procedure(followed=True),
    )
    tale.go(to("worker", "F2")).open("finding", "F1", text=evil)
    told = of("F1", tale)
    assert told.count("\\[click\\](command:rm) &lt;b&gt;x&lt;/b&gt; \\!\\[y\\](http&#58;//evil/z.png)") == 2
    assert told.count("](") == told.count("](file://") + 2 * 2


def test_long_histories_are_counted() -> None:
    tale = running()
    depends = e.Dependencies(assertion="a")
    for number in range(1, 10):
        look = f"look {number}"
        tale.say(e.VerdictGiven(assertion="SHOP-001", outcome="passed", tree="t", depends=depends, note=look))
        tale.say(tale.commit("F1"))
        tale.open("undone", "SHOP-001")
    told = of("SHOP-001", tale)
    assert "look 9" in told and "look 4" in told and "look 3" not in told
    assert told.count("- … and 3 more") == 2
    assert "- ✓ passed · 14:28: look 9" in told
    assert told.count("→ **open**, for the orchestrator") == 9


# --- features, milestones, items ---

def test_feature_tells_what_it_serves_and_left_behind() -> None:
    tale = judged().open("finding", "F1", owner="user", text="Rounds down")
    assert of("F1", tale) == f"""\
**F1** Total — built · M1 · 1 attempt · $0.50

- ✓ SHOP-001 A total is right
- ✗ SHOP-002 A price is served

- [handoff]({DOCS}/handoffs/F1.md) of worker.F1.1: done. s
- commit `c1` · 14:05 · shop.py

**Items**

- I2 finding: Rounds down → **open**, for you"""


def test_feature_tells_what_was_not_so_and_why_it_came_back() -> None:
    tale = running().go(to("worker", "F1"))
    tale.sit(tale.due())
    tale.say(e.HandoffAudited(feature="F1", end="c1", mismatches=["`pytest` exited 1"]))
    tale.open("mismatch", "F1", text="not so").resolve("I1", "reopen", by="user")
    told = of("F1", tale)
    assert f"\nReopened: not so {WHY}\n" in told
    assert "worker.F1.1: done. s\n  - not so: `pytest` exited 1\n- commit `c1`" in told
    assert told.endswith(f"- I1 mismatch: not so → reopen by you: {WHY}")
    tale.sit(tale.due())
    again = of("F1", tale)
    assert again.index("of worker.F1.2") < again.index("- handoff of worker.F1.1: done. s")


def test_handoff_of_the_engine_says_so() -> None:
    tale = running().go(to("worker", "F1"))
    sit = tale.due()
    tale.begin(sit)
    left = Handoff(outcome="partial", summary="cut", implemented=[], undone=[], commands=[], manual_checks=[], tests=[],
                   issues=[], procedure=Procedure(followed=True))
    tale.say(e.HandoffSubmitted(feature="F1", handoff=left, built_by_engine=True), attempt=sit.attempt)
    assert "of worker.F1.1: partial (written by the engine). cut" in of("F1", tale)


def test_milestone_tells_rounds_and_features() -> None:
    assert of("M1", judged()) == f"""\
**M1** Totals — open

a person sees a total

- round 1 failed: SHOP-002 failed: as seen
- F1 Total — built
- F2 Print — built

[its page]({DOCS}/milestones/M1.md)"""
    assert "— sealed at `c2`" in of("M1", running().go(to("worker", "F3")))


def test_open_round_is_told_as_open() -> None:
    assert "\n- round 1 open\n" in of("M1", running().go(to("tester")))


def test_item_tells_where_it_comes_from_and_how_it_ended() -> None:
    tale = judged()
    assert of("I1", tale) == """\
**I1** verdict about SHOP-002 — **open**, for the orchestrator

SHOP-002 failed: as seen

Out of round M1r1"""
    tale.resolve("I1", "dismiss", by="user")
    assert of("I1", tale).startswith(f"**I1** verdict about SHOP-002 — dismiss by you: {WHY}\n")


def test_question_leads_to_where_it_is_answered() -> None:
    tale = drafted().open("question", "", owner="user", text="Which one?", options=["SQLite", "*any*"])
    assert of("I1", tale) == f"""\
**I1** question — **open**, for you

Which one?

- SQLite
- \\*any\\*

[Answer it here]({DOCS}/shop.questions.md)"""


# --- elsewhere in the contract ---

def test_area_tells_how_its_assertions_stand() -> None:
    tale = judged().say(e.VerdictsExpired(assertions=["SHOP-001"], because="w"))
    text = CONTRACT.replace("### SHOP-004 A", "### SHOP-009 A")
    assert at(text.replace("## SHOP The", "## SHOP‸ The"), tale) == """\
**SHOP** The shop — 1 of 3 assertions settled, 1 failed, 1 stale

- ↻ SHOP-001 A total is right
- ✗ SHOP-002 A price is served
- ✓ SHOP-003 The old total stays
- ○ SHOP-009 A total is printed"""


def test_id_inside_another_assertion_is_told_by_itself() -> None:
    text = CONTRACT.replace("it is anything else\n", "it is less than SHOP-0‸03 or F2\n", 1)
    assert at(text, judged()).startswith("**SHOP-003** The old total stays")


@pytest.mark.parametrize("text", [
    "‸" + CONTRACT, CONTRACT.replace("### PAGE-002 The", "### PAGE-0‸09 The"),
    CONTRACT.replace("\n## PAGE", "‸\n## PAGE"),
])
def test_where_nothing_is_known_nothing_is_told(text: str) -> None:
    assert at(text, judged()) == ""


# --- lines of code ---

def test_line_tells_the_feature_that_wrote_it() -> None:
    snapshot = judged().snapshot()
    found = hover_blame("    return sum(prices)", BlameLine(11, "c1abcdef99", "F1", "shop-1"), snapshot)
    assert found is not None and found.span == Span.of_line(11, 0, 22)
    assert found.markdown.startswith("**F1** Total — built")
    assert found.markdown.endswith("\n\nThis line is of commit `c1abcdef`.")


@pytest.mark.parametrize("blame", [BlameLine(1, "c1", "F1", "other-2"), BlameLine(1, "c1", "F77", "shop-1")])
def test_line_of_another_mission_is_not_told(blame: BlameLine) -> None:
    assert hover_blame("x", blame, judged().snapshot()) is None


def test_findings_about_a_feature_are_told_at_its_lines() -> None:
    tale = running()
    tale.world.findings = {"F1": [finding("blocking", file="shop.py", line=2)]}
    tale.go(to("orchestrator"))
    found = hover_blame("x", BlameLine(1, "c1", "F1", "shop-1"), tale.snapshot())
    assert found is not None and "- I1 finding: it breaks — for all → **open**" in found.markdown
