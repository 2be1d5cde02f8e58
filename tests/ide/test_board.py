"""Everything that a tree or Mission Control shows."""

from typing import Any

import pytest

from milepost.domain import orders as o
from milepost.domain.budget import Spent
from milepost.ide.board import view
from milepost.ide.snapshot import Account
from milepost.ide.view import MissionView
from tests.domain.life import WHY, finding
from tests.ide.tale import ROOT, START, Tale, created, done, drafted, judged, proposed, running, thinking, to

DOCS = f"file://{ROOT}/docs"


def seen(tale: Tale, **more: Any) -> MissionView:
    return view(tale.snapshot(**more))


def test_mission_itself() -> None:
    found = seen(proposed())
    assert (found.status.word, found.goal.splitlines()[0]) == ("proposed", "# A shop with a page")
    assert found.summary == "A shop"
    assert (found.base, found.head, found.branch, found.mode) == ("c0", "c0", "milepost/shop", "worktree")
    assert (found.tree, found.folder) == (f"file://{ROOT}/tree", f"file://{ROOT}")
    assert (found.created, found.elapsed) == (START, 120.0)
    assert (found.warnings, found.estimate) == (["w"], {"dollars_high": 4.0})


def test_time_stands_still_at_the_end() -> None:
    tale = done()
    assert seen(tale, now=tale.now + 9_000).elapsed == tale.now - START


def test_plan_with_pages_commits_and_money() -> None:
    found = seen(judged())
    [m1, m2] = found.milestones
    assert (m1.id, m1.outcome, m1.status, m1.rounds) == ("M1", "a person sees a total", "open", 1)
    assert (m1.document, m2.status) == (f"{DOCS}/milestones/M1.md", "waiting")
    [f1, _, f3] = found.features
    assert (f1.status, f1.fulfills, f1.attempts, f1.dollars) == ("built", ["SHOP-001", "SHOP-002"], 1, 0.5)
    assert (f1.start, f1.end, f1.commits, f1.document) == ("c0", "c1", ["c1"], f"{DOCS}/handoffs/F1.md")
    assert (f3.milestone, f3.document, f3.commits) == ("M2", "", [])


def test_assertions_with_evidence_and_lines() -> None:
    found = {a.id: a for a in seen(judged()).assertions}
    by_check, by_tester = found["SHOP-001"], found["SHOP-002"]
    assert (by_check.status, by_check.surface) == ("passed", "library")
    assert (by_check.feature, by_check.milestone) == ("F1", "M1")
    assert [(x.id, x.kind, x.title, x.uri) for x in by_check.evidence] == [
        ("check:SHOP-001", "receipt", "c → exit 0", ""),
    ]
    assert [(x.id, x.kind, x.uri) for x in by_tester.evidence] == [
        ("tester.M1r1.flow-1.1/E1", "request", f"{DOCS}/evidence/tester.M1r1.flow-1.1-E1.txt"),
    ]
    assert (by_tester.uri, by_tester.line, by_tester.note) == (f"{DOCS}/shop.contract.md", 11, "as seen")
    assert (found["PAGE-001"].status, found["PAGE-001"].evidence) == ("pending", [])


def test_removed_assertion_stays_and_nobody_owns_it_any_more_than_before() -> None:
    tale = judged().order(o.AmendContract(changes=[o.ContractChange(op="remove", assertion="SHOP-002")], reason=WHY))
    assert {a.id: a.status for a in seen(tale).assertions}["SHOP-002"] == "removed"


def test_items_with_place_and_decision() -> None:
    tale = running()
    tale.world.findings = {"F1": [finding("blocking", file="src/shop.py", line=3)]}
    tale.go(to("orchestrator")).resolve("I1", "reopen", by="user")
    [item] = seen(tale).items
    assert (item.type, item.owner, item.about, item.severity) == ("finding", "orchestrator", "F1", "blocking")
    assert (item.file, item.line, item.open) == (f"file://{ROOT}/tree/src/shop.py", 2, False)
    assert (item.decision, item.reason, item.actions, item.blocks) == ("reopen", WHY, [], "mission")


def test_item_without_a_file_has_no_line() -> None:
    [item] = seen(running().open(blocks=["F1", "F2"])).items
    assert (item.file, item.line, item.blocks, item.answer, item.feature) == ("", -1, "F1,F2", "", "")


@pytest.mark.parametrize(("kind", "about", "more", "actions"), [
    ("question", "mission", {"owner": "user"}, ["answer"]),
    ("approval", "", {"owner": "user"}, ["approve", "deny"]),
    ("grant", "network", {"owner": "user"}, ["approve", "deny"]),
    ("stuck", "M1", {"owner": "user"}, ["answer", "dismiss"]),
    ("proposal", "F1", {}, ["accept", "reject", "counter", "reopen", "dismiss"]),
    ("undone", "F1", {}, ["reopen", "dismiss"]), ("finding", "F1", {}, ["reopen", "dispute", "dismiss"]),
    ("verdict", "SHOP-001", {"owner": "user"}, ["answer", "reopen", "dismiss"]), ("undone", "M1", {}, ["dismiss"]),
])
def test_actions_are_what_would_not_be_refused(kind: Any, about: str, more: dict[str, str], actions: list[str]) -> None:
    [item] = seen(running().open(kind, about, **more)).items
    assert item.actions == actions
    for decision in item.actions:
        tale = running().open(kind, about, **more)
        given = {"text": "words", "feature": "F1"} if decision in ("answer", "counter", "reopen") else {}
        if kind != "approval" or decision != "approve":
            tale.resolve("I1", decision, by="user", **given)
            assert not tale.mission.items["I1"].is_open


def test_ended_mission_takes_no_decisions() -> None:
    tale = running().open("question", owner="user").order(o.CancelMission())
    assert [i.actions for i in seen(tale).items] == [[]]


def test_every_handoff_with_what_it_opened_and_a_page_for_the_newest() -> None:
    tale = running().go(to("worker", "F2")).open("mismatch", "F1", text="not so").resolve("I1", "reopen")
    tale.go(to("worker", "F2"))
    first, second = seen(tale).handoffs
    assert (first.attempt, first.outcome, first.found, first.document) == ("worker.F1.1", "done", ["I1"], "")
    assert (second.attempt, second.found, second.document) == ("worker.F1.2", [], f"{DOCS}/handoffs/F1.md")


def test_what_a_round_found_is_held_against_the_handoff_that_it_judged() -> None:
    tale = judged({"SHOP-002": "failed"})
    [failed] = [i.id for i in seen(tale).items if i.about == "SHOP-002"]
    owner = next(f.id for f in seen(tale).features if "SHOP-002" in f.fulfills)
    assert {h.feature: h.found for h in seen(tale).handoffs} == {
        f.id: [failed] if f.id == owner else [] for f in seen(tale).features if f.document
    }
    tale.resolve(failed, "reopen", by="user", feature=owner)
    tale.world.bad = {}
    tale.go(lambda t, step: len(t.story.handoffs[owner]) == 2)
    assert [h.found for h in seen(tale).handoffs if h.feature == owner] == [[failed], []]


def test_question_says_whether_it_takes_several_options() -> None:
    options = {"owner": "user", "options": ["warm", "cold"]}
    tale = running().open("question", **options).open("question", payload={"multiple": True}, **options)
    assert [i.multiple for i in seen(tale).items] == [False, True]


def test_rounds_with_what_failed_in_them() -> None:
    tale = running()
    tale.world.red = {"lint"}
    tale.go(to("orchestrator")).resolve("I1", "dismiss", by="user")
    tale.world.red, tale.world.bad = set(), {"SHOP-002": "failed"}
    tale.go(lambda t, s: len(t.mission.rounds) == 2 and t.mission.rounds[-1].outcome is not None)
    first, second = seen(tale).rounds
    assert (first.number, first.outcome, first.failed, first.items) == (1, "failed", ["lint"], ["I1"])
    assert (second.failed, second.items, second.reason) == (["SHOP-002"], ["I2"], "SHOP-002 failed: as seen")


def test_seats_by_model_the_most_expensive_first() -> None:
    tale = judged()
    accounts = (
        Account("worker.F1.1", "m/a", Spent(dollars=1, fresh=100, cached=300, turns=3)),
        Account("worker.F2.1", "m/a", Spent(dollars=1, turns=1)), Account("tester.M1r1.flow-1.1", "", Spent(dollars=4)),
        Account("worker.F9.1", "", Spent(dollars=0.5)),
    )
    found = [(s.seat, s.model, s.dollars, s.turns, s.cache_share) for s in seen(tale, accounts=accounts).seats]
    assert found == [
        ("tester", "maker/tester", 4.0, 0, 0.0), ("worker", "m/a", 2.0, 4, 0.75), ("worker", "", 0.5, 0, 0.0),
    ]


def test_activity_while_somebody_carries_it() -> None:
    tale = running().go(to("worker", "F1"))
    tale.begin(tale.due())
    doing = (thinking("worker.F1.1", at=START + 5),)
    [one] = seen(tale, activity=doing).activity
    assert (one.seat, one.subject, one.doing, one.since) == ("worker", "F1", "thinking", START + 5)
    assert seen(tale, activity=doing, running=False).activity == []


def test_timeline_is_the_storys() -> None:
    tale = judged()
    assert [(p.at, p.settled) for p in seen(tale).timeline] == [(p.at, p.settled) for p in tale.story.timeline]


@pytest.mark.parametrize(("tale", "names"), [
    (created(), []), (drafted(), ["brief", "plan", "contract"]),
    (drafted().open("question", owner="user"), ["brief", "plan", "contract", "questions"]),
    (done(), ["brief", "plan", "contract", "report"]),
])
def test_documents_there_are(tale: Tale, names: list[str]) -> None:
    found = seen(tale).documents
    assert [d.name for d in found] == names
    assert all(d.uri.startswith(DOCS) for d in found)


def test_it_travels_as_json_with_names_of_javascript() -> None:
    text = seen(judged()).model_dump_json(by_alias=True)
    assert '"cacheShare"' not in text and '"sub' in text
    assert MissionView.model_validate_json(text) == seen(judged())
