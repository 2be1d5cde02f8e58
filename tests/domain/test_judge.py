"""What a round asks for, and the verdicts, items and end that come of it (D4c)."""

from dataclasses import replace
from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.handoff import Finding, Mend, Review, Scrutiny
from milepost.domain.judge import (
    checked,
    conclude,
    due,
    expected_gates,
    has_blocking,
    in_force,
    needs_tester,
    open_flows,
    to_review,
    wants_scrutiny,
)
from milepost.domain.mission import FINAL_ROUND, Mission, Round
from milepost.domain.next import EndRound, RunGates, Sit, Together
from milepost.domain.receipt import Evidence
from milepost.domain.services import HttpReady, Manifest, Service
from tests.domain.life import (
    ADDED,
    MANIFEST,
    PAGE,
    PLAN,
    SHOP,
    World,
    amended,
    at,
    carry,
    document,
    feature,
    finding,
    opened,
    ordered,
    planned,
    receipt,
    running,
    text_of,
    told,
    verdicts,
)

SERVED = """## NET The net

### NET-001 A total is served
- surface: http
- then: `/total` answers 5
- fails if: it answers otherwise
- evidence: request
- check: `python checks/net_001.py`
"""


def judged(mission: Mission) -> Round:
    assert mission.round is not None
    return mission.round


def at_end(world: World | None = None, mission: Mission | None = None) -> Mission:
    """A mission whose first round has brought all it can."""
    return carry(mission or running(), world, until=at(EndRound))


def ended(mission: Mission, **changes: Any) -> list[e.VerdictGiven | e.ItemOpened | e.RoundEnded]:
    """What comes of the round, a part of it changed."""
    return list(conclude(mission, replace(judged(mission), **changes), "product"))  # type: ignore[arg-type]


def verdict(facts: list[Any], assertion: str) -> e.VerdictGiven | None:
    return next((f for f in facts if isinstance(f, e.VerdictGiven) and f.assertion == assertion), None)


def outcome(facts: list[Any]) -> tuple[str, str]:
    return facts[-1].outcome, facts[-1].reason


def items(facts: list[Any]) -> list[tuple[str, str, str]]:
    return [(f.item, f.type, f.about) for f in facts if isinstance(f, e.ItemOpened)]


def flow(mission: Mission, assertion: str, result: str, evidence: list[Evidence]) -> dict[str, e.VerdictsSubmitted]:
    """A flow in which one assertion was said to be so."""
    said = verdicts(mission, "flow-x", "tester.M1r1.flow-x.1", [assertion], {assertion: result})
    ids = [x.id for x in evidence]
    evidence = [x.model_copy(update={"tree": said.tree}) if x.tree == "t" else x for x in evidence]
    changed = [v.model_copy(update={"evidence": ids}) for v in said.verdicts]
    return {"flow-x": said.model_copy(update={"verdicts": changed, "evidence": evidence})}


def shown(kind: str, name: str = "E1") -> Evidence:
    return Evidence.model_validate({"id": name, "kind": kind, "blob": "b", "tree": "t"})


def gate(mission: Mission, name: str, result: str = "green", *, seen: bool = True) -> dict[str, e.GateFinished]:
    """The round's gates with one of them otherwise."""
    done = e.GateFinished.model_validate({"gate": name, "outcome": result, "receipt": receipt() if seen else None})
    return {**judged(mission).gates, name: done}


# --- D4c ---

def test_round_that_shows_everything_passes() -> None:
    facts = ended(at_end())
    assert [(v.assertion, v.outcome) for v in facts if isinstance(v, e.VerdictGiven)] == [
        (f"SHOP-00{n}", "passed") for n in (1, 2, 3, 4)
    ]
    assert (items(facts), outcome(facts)) == ([], ("passed", ""))


def test_green_check_passes_what_needs_no_tester_by_its_receipt() -> None:
    given = verdict(ended(at_end()), "SHOP-001")
    assert given is not None
    assert (given.evidence, given.note, given.tree) == (["check:SHOP-001"], "its check is green", "c2")
    assert given.depends.product == "product" and len(given.depends.assertion) == 64


def test_testers_evidence_is_named_by_its_attempt() -> None:
    given = verdict(ended(at_end()), "SHOP-002")
    assert given is not None and given.evidence == ["tester.M1r1.flow-1.1/E1"]


def served() -> Mission:
    """A round over an assertion that has a check and needs a tester as well."""
    plan = {"milestones": PLAN["milestones"][:1], "features": [{**PLAN["features"][0], "fulfills": ["NET-001"]}]}
    return at_end(mission=running(plan, contract=(SERVED,)))


CHECK = "check:NET-001"
CASES: list[tuple[str, str, list[Evidence] | None, str | None]] = [
    ("green", "passed", [shown("request")], "passed"),
    ("green", "failed", [shown("request")], "failed"),
    ("green", "blocked:tool", [], "blocked"),
    ("red", "passed", [shown("request")], "failed"),
    ("red", "blocked:tool", [], "failed"),
    ("green", "", None, None),
    ("green", "passed", [], None),
    ("green", "passed", [shown("receipt")], None),
    ("absent", "passed", [shown("request")], None),
]


@pytest.mark.parametrize(("check", "said", "evidence", "expected"), CASES)
def test_D4c_verdict_of_an_assertion_with_check_and_tester(
    check: str, said: str, evidence: list[Evidence] | None, expected: str | None
) -> None:
    mission = served()
    gates = {k: v for k, v in judged(mission).gates.items() if k != CHECK}
    gates |= {} if check == "absent" else {CHECK: gate(mission, CHECK, check)[CHECK]}
    flows = {} if evidence is None else flow(mission, "NET-001", said, evidence)
    given = verdict(ended(mission, gates=gates, flows=flows), "NET-001")
    assert (given.outcome if given else None) == expected


def test_green_check_without_a_receipt_shows_nothing() -> None:
    mission = at_end()
    facts = ended(mission, gates=gate(mission, "check:SHOP-001", seen=False))
    assert verdict(facts, "SHOP-001") is None
    assert outcome(facts) == ("failed", "nobody showed SHOP-001")


def test_green_check_on_a_red_tree_shows_nothing() -> None:
    mission = at_end()
    facts = ended(mission, gates=gate(mission, "test", "red"), flows={})
    assert [f for f in facts if isinstance(f, e.VerdictGiven)] == []
    assert items(facts) == [("I1", "gate", "test")]


def test_D22_testers_passed_on_a_red_tree_shows_nothing_and_their_failed_counts() -> None:
    mission = at_end()
    red = gate(mission, "test", "red")
    assert verdict(ended(mission, gates=red), "SHOP-002") is None
    failed = ended(mission, gates=red, flows=flow(mission, "SHOP-002", "failed", [shown("request")]))
    assert getattr(verdict(failed, "SHOP-002"), "outcome", "") == "failed"


def test_D14_evidence_that_the_flow_does_not_have_shows_nothing() -> None:
    mission = at_end()
    said = flow(mission, "SHOP-002", "passed", [shown("request")])
    lie = said["flow-x"].model_copy(update={"evidence": [shown("request", "E7")]})
    assert verdict(ended(mission, flows={"flow-x": lie}), "SHOP-002") is None


@pytest.mark.parametrize("change", [{"tree": "another"}, {"assertion": "SHOP-004"}, {"kind": "screen"}])
def test_D14_evidence_of_another_tree_or_assertion_or_kind_shows_nothing(change: dict[str, str]) -> None:
    mission = at_end()
    seen = shown("request").model_copy(update={"assertion": "SHOP-002"})
    assert verdict(ended(mission, flows=flow(mission, "SHOP-002", "passed", [seen])), "SHOP-002") is not None
    other = Evidence.model_validate({**seen.model_dump(), **change})
    assert verdict(ended(mission, flows=flow(mission, "SHOP-002", "passed", [other])), "SHOP-002") is None


def test_red_check_fails_with_its_receipt_and_its_words() -> None:
    mission = at_end(World(red={"check:SHOP-001"}))
    facts = ended(mission)
    given = verdict(facts, "SHOP-001")
    assert given is not None
    assert (given.outcome, given.evidence, given.note) == ("failed", ["check:SHOP-001"], "check:SHOP-001 ran")
    assert items(facts) == [("I1", "verdict", "SHOP-001")]
    assert "gate check:SHOP-001 is red; SHOP-001 failed: check:SHOP-001 ran" in outcome(facts)[1]


def test_missing_verdict_fails_the_round() -> None:
    mission = at_end()
    left = {n: f for n, f in judged(mission).flows.items() if n != "flow-1"}
    assert outcome(ended(mission, flows=left)) == ("failed", "nobody showed SHOP-002")


def test_missing_verdict_is_not_made_up_for_by_one_outside_the_scope() -> None:
    """A renewed verdict of an earlier milestone counted as if it were the one that is missing."""
    world = World()
    mission = carry(
        running(), world, until=lambda m, s: at(EndRound)(m, s) and m.round is not None and m.round.milestone == "M2"
    )
    facts = ended(mission, flows={})
    assert {f.assertion for f in facts if isinstance(f, e.VerdictGiven)} == {"PAGE-002", "SHOP-001", "SHOP-003"}
    assert outcome(facts) == ("failed", "nobody showed PAGE-001")


@pytest.mark.parametrize(("reason", "owner"), [
    ("tool", "user"), ("credential", "user"), ("external", "user"),
    ("environment", "orchestrator"), ("not_built", "orchestrator"), ("ambiguous", "orchestrator"),
])
def test_blocked_verdict_goes_to_who_can_clear_it(reason: str, owner: str) -> None:
    mission = at_end(World(bad={"SHOP-002": f"blocked:{reason}"}))
    facts = ended(mission)
    (item,) = [f for f in facts if isinstance(f, e.ItemOpened)]
    whom = "you" if owner == "user" else "the orchestrator"
    text = f"SHOP-002 blocked ({reason}): as seen (needs from {whom}: a tool)"
    assert (item.owner, item.about, item.text) == (owner, "SHOP-002", text)
    assert outcome(facts)[0] == "failed"


@pytest.mark.parametrize(("first", "second", "owner"), [
    ("not_built", "not_built", "user"), ("environment", "not_built", "orchestrator"), ("tool", "tool", "user"),
])
def test_L10_what_is_blocked_again_for_the_same_reason_goes_to_the_user(first: str, second: str, owner: str) -> None:
    mission = at_end(World(bad={"SHOP-002": f"blocked:{first}"}))
    before = told(mission, *[f for f in ended(mission) if isinstance(f, e.VerdictGiven)])
    again = flow(before, "SHOP-002", f"blocked:{second}", [])
    (item,) = [f for f in ended(before, flows=again) if isinstance(f, e.ItemOpened) and f.about == "SHOP-002"]
    assert (item.owner, "for the second time" in item.text) == (owner, first == second)


def test_testers_findings_and_proposals_become_items_flow_by_flow_whichever_ended_first() -> None:
    mission = at_end()
    service = Service(name="web", start="python3 -m shop $PORT_WEB", port=8000, ready=HttpReady(http="/"))
    late = {
        "findings": [Finding(severity="non_blocking", problem="No title", why="A tab is hard to find")],
        "proposals": [Mend(about="services", text="It needs its port", gain="It starts", service=service)],
    }
    early = {"findings": [
        Finding(severity="suggestion", problem="A hint", why="It is nicer"),
        Finding(severity="blocking", problem="It loses notes", why="A reload empties it", assertion="SHOP-004"),
    ]}
    flows = judged(mission).flows
    said = [flows["flow-1"].model_copy(update=early), flows["flow-2"].model_copy(update=late)]
    named = {"flow-1": said[0], "flow-2": said[1]}
    facts = ended(mission, flows=named)
    assert items(facts) == [("I1", "finding", "SHOP-004"), ("I2", "finding", "M1"), ("I3", "proposal", "M1")]
    assert items(ended(mission, flows=dict(reversed(named.items())))) == items(facts)
    (proposal,) = [f for f in facts if isinstance(f, e.ItemOpened) and f.type == "proposal"]
    assert proposal.payload["service"]["start"] == "python3 -m shop $PORT_WEB"
    assert "python3 -m shop $PORT_WEB" in proposal.text


# --- findings, gates ---

def test_every_finding_that_asks_for_an_answer_becomes_an_item_and_a_suggestion_does_not() -> None:
    found = [finding(), finding("non_blocking", file="a.py", line=3), finding("suggestion")]
    facts = ended(at_end(World(findings={"F2": found, "M1": [finding()]})))
    # Blocking findings of a reviewer end the round before scrutiny sits.
    assert items(facts) == [("I1", "finding", "F2"), ("I2", "finding", "F2")]
    assert [f.severity for f in facts if isinstance(f, e.ItemOpened)] == ["blocking", "non_blocking"]
    assert facts[-2].finding["file"] == "a.py"  # type: ignore[union-attr]
    assert outcome(facts) == ("failed", "F2: it breaks")


def test_suggestions_alone_let_a_round_pass() -> None:
    facts = ended(at_end(World(findings={"F1": [finding("suggestion")]})))
    assert (items(facts), outcome(facts)[0]) == ([], "passed")


def test_items_are_numbered_after_those_there_are() -> None:
    mission = at_end(World(red={"test"}), opened(running(), blocks="none"))
    assert items(ended(mission)) == [("I2", "gate", "test")]


@pytest.mark.parametrize("changes", [
    {"reviews": {"F1": Review(feature="F1", outcome="failed", findings=[])}},
    {"scrutiny": Scrutiny(outcome="failed", findings=[])},
    {"scrutiny": Scrutiny(outcome="passed", findings=[finding()])},
])
def test_reader_that_says_failed_blocks_whatever_they_list(changes: dict[str, Any]) -> None:
    mission = at_end()
    assert has_blocking(replace(judged(mission), **changes))
    assert outcome(ended(mission, **changes))[0] == "failed"


def test_noted_gate_blocks_nothing() -> None:
    mission = at_end()
    assert outcome(ended(mission, gates=gate(mission, "stubs", "noted")))[0] == "passed"


# --- regressions ---

def second_round(world: World) -> Mission:
    return carry(
        running(), world, until=lambda m, s: at(RunGates)(m, s) and m.round is not None and m.round.milestone == "M2"
    )


def test_red_check_outside_the_scope_is_a_failed_verdict() -> None:
    world = World()
    mission = second_round(world)
    world.red = {"check:SHOP-001"}
    facts = ended(carry(mission, world, until=at(EndRound)))
    assert items(facts) == [("I1", "verdict", "SHOP-001")]
    assert outcome(facts)[0] == "failed"


def test_red_check_outside_the_scope_fails_without_a_receipt_too() -> None:
    mission = carry(second_round(World()), until=at(EndRound))
    facts = ended(mission, gates=gate(mission, "check:SHOP-001", "red", seen=False))
    assert getattr(verdict(facts, "SHOP-001"), "outcome", "") == "failed"


def test_green_check_outside_the_scope_renews_what_it_shows_alone() -> None:
    mission = carry(second_round(World()), until=at(EndRound))
    assert mission.assertions["SHOP-001"].stale
    given = verdict(ended(mission), "SHOP-001")
    assert given is not None and (given.outcome, given.milestone, given.round) == ("passed", "M2", 1)


def test_guard_is_run_before_its_feature_is_built_and_only_its_failure_counts() -> None:
    guard = PAGE.replace("page_002.py`", "page_002.py`\n- before: guard")
    mission = at_end(mission=running(contract=(SHOP, guard)))
    assert "check:PAGE-002" in expected_gates(mission, judged(mission))
    assert verdict(ended(mission), "PAGE-002") is None
    broken = ended(mission, gates=gate(mission, "check:PAGE-002", "red"))
    assert items(broken) == [("I1", "verdict", "PAGE-002")]


# --- what is asked for ---

def test_check_of_a_feature_that_is_not_built_is_not_run() -> None:
    mission = at_end()
    assert [a.id for a in checked(mission, judged(mission))] == ["SHOP-001", "SHOP-003"]


def test_check_of_a_waived_assertion_is_not_run() -> None:
    mission = ordered(at_end(), o.WaiveAssertion(assertion="SHOP-001", reason="r"))
    assert [a.id for a in checked(mission, judged(mission))] == ["SHOP-003"]


def test_check_that_nobody_owns_is_run_in_the_round_that_judges_it() -> None:
    mission = amended(running(), ("add", "SHOP-005", ADDED))
    final = Round(FINAL_ROUND, 1, "c0", "c0", tuple(due(mission, FINAL_ROUND)))
    assert "check:SHOP-005" in expected_gates(mission, final)


def test_round_without_a_manifest_runs_the_gates_over_the_tree() -> None:
    mission = replace(at_end(), manifest=None)
    assert expected_gates(mission, replace(judged(mission), scope=()))[:3] == ["tests", "tamper", "stubs"]


def test_due_is_what_the_milestones_features_own_and_is_not_settled() -> None:
    mission = ordered(running(), o.WaiveAssertion(assertion="SHOP-002", reason="r"))
    mission = amended(mission, ("remove", "SHOP-004", ""))
    assert due(mission, "M1") == ["SHOP-001", "SHOP-003"]
    assert due(mission, FINAL_ROUND) == ["SHOP-001", "SHOP-003", "PAGE-001", "PAGE-002"]


def test_D3_fix_owes_what_its_items_are_about_once_it_can_hold() -> None:
    mission = opened(opened(opened(running(), about="PAGE-001"), about="SHOP-001"), about="test")
    mission = planned(mission, add=[feature("F4", "M1", fixes=["I1", "I2", "I3"])])
    assert due(mission, "M1") == ["SHOP-001", "SHOP-002", "SHOP-003", "SHOP-004"]
    built = carry(running(), until=lambda m, s: m.open_milestone is None)
    late = told(opened(built, about="PAGE-001"), commit())
    late = planned(
        late, milestones=[{"id": "M3", "title": "t", "outcome": "o"}], add=[feature("F4", "M3", fixes=["I1"])]
    )
    assert due(late, "M3") == ["PAGE-001"]


def commit() -> e.CommitMade:
    return e.CommitMade(feature=None, commit="c9", tree="c9", parent="p", paths=["shop.py"])


def test_final_round_seats_no_reader_but_testers() -> None:
    mission = carry(running(), until=lambda m, s: at(RunGates)(m, s) and judged(m).milestone == FINAL_ROUND)
    assert to_review(mission, judged(mission)) == []
    assert not wants_scrutiny(mission, judged(mission))
    assert [f.ids for f in open_flows(mission, judged(mission))] == [("SHOP-002",), ("SHOP-004",)]


def test_changed_feature_is_read_again_and_a_passed_one_is_not() -> None:
    mission = carry(running(), until=at(Together, "tester"))
    assert to_review(mission, replace(judged(mission), reviews={})) == []
    again = told(mission, e.HandoffAudited(feature="F1", end="c9", mismatches=[]))
    assert to_review(again, replace(judged(mission), reviews={})) == ["F1"]


def test_waiver_in_mid_round_renumbers_no_flow() -> None:
    mission = carry(running(), until=at(Together, "tester"))
    mission = ordered(mission, o.WaiveAssertion(assertion="SHOP-002", reason="r"))
    assert [(f.name, f.ids) for f in open_flows(mission, judged(mission))] == [("flow-2", ("SHOP-004",))]


def test_submitted_flow_is_not_asked_again() -> None:
    mission = carry(running(), until=at(Together, "tester"))
    mission = World().sit(mission, Sit("tester.M1r1.flow-1.1", "tester", "flow-1", "M1", 1, ("SHOP-002",)))
    assert [f.name for f in open_flows(mission, judged(mission))] == ["flow-2"]


def test_D11_check_of_a_feature_that_nothing_proved_needs_a_tester_and_a_guard_does_not() -> None:
    world = World()
    mission = carry(running(), world, until=at(Together, "reviewer"))
    known = {a.id: a for a in mission.contract}
    assert not needs_tester(mission, known["SHOP-001"])
    for name in ("F1", "F2"):
        mission = told(mission, e.GateFinished(gate="vacuity", outcome="green", feature=name, provable=False))
    assert (needs_tester(mission, known["SHOP-001"]), needs_tester(mission, known["SHOP-003"])) == (True, False)
    mission = carry(mission, world, until=at(Together, "tester"))
    assert {f.ids for f in open_flows(mission, judged(mission))} == {("SHOP-001",), ("SHOP-002",), ("SHOP-004",)}
    facts = ended(carry(mission, world, until=at(EndRound)), flows={})
    assert verdict(facts, "SHOP-001") is None


# --- holes ---

def test_D18_red_gate_is_not_run_again_until_it_is_green() -> None:
    mission = carry(running(), World(red={"test"}), until=at(EndRound))
    again = told(mission, World().gate(mission, "test"))
    assert judged(again).gates["test"].outcome == "red"


def test_assertion_amended_in_mid_round_is_not_judged_by_what_was_seen_before() -> None:
    mission = at_end()
    text = text_of("SHOP-002", "200", "204")
    mission = amended(mission, ("change", "SHOP-002", text))
    facts = ended(mission)
    assert in_force(mission, judged(mission)) == ["SHOP-001", "SHOP-003", "SHOP-004"]
    assert verdict(facts, "SHOP-002") is None
    sealed_not = carry(told(mission, *facts), until=lambda m, s: True)
    assert due(sealed_not, "M1") == ["SHOP-002"]


def test_red_check_of_an_assertion_amended_or_waived_in_mid_round_does_not_end_it() -> None:
    mission = carry(running(), World(red={"check:SHOP-001"}), until=at(EndRound))
    waived = ordered(mission, o.WaiveAssertion(assertion="SHOP-001", reason="r"))
    assert at(Together, "reviewer")(waived, carried(waived))
    changed = amended(mission, ("change", "SHOP-001", text_of("SHOP-001", "is 5", "is 6")))
    assert at(Together, "reviewer")(changed, carried(changed))


def carried(mission: Mission) -> Any:
    from_here: list[Any] = []
    carry(mission, until=lambda m, s: from_here.append(s) is None)
    return from_here[0]


def test_assertion_outside_the_scope_amended_in_mid_round_is_not_renewed() -> None:
    mission = carry(second_round(World()), until=at(EndRound))
    mission = amended(mission, ("change", "SHOP-001", text_of("SHOP-001", "is 5", "is 6")))
    assert verdict(ended(mission), "SHOP-001") is None


def test_scope_of_a_round_is_all_that_is_not_freshly_settled_at_each_start() -> None:
    """A round that failed leaves nothing out of the next one."""
    mission = carry(running(), World(red={"test"}), until=at(Sit, "orchestrator"))
    assert due(mission, "M1") == list(judged(mission).scope)


def test_gates_of_a_new_manifest_are_run_before_the_round_ends() -> None:
    mission = carry(running(), until=at(Together, "reviewer"))
    more = {**MANIFEST, "commands": {**MANIFEST["commands"], "types": {"run": "mypy ."}}}
    mission = told(mission, document("services", Manifest.model_validate(more).model_dump_json()))
    assert isinstance(step := carried(mission), RunGates) and step.gates == ("types",)


def test_reason_names_every_cause_in_a_line() -> None:
    mission = at_end(World(findings={"M1": [finding()]}))
    assert outcome(ended(mission, gates=gate(mission, "lint", "red")))[1] == "gate lint is red; M1: it breaks"


def test_verdict_carries_why_it_is_blocked() -> None:
    given = verdict(ended(at_end(World(bad={"SHOP-002": "blocked:tool"}))), "SHOP-002")
    assert given is not None
    assert (given.reason_class, given.needs, given.milestone, given.round) == ("tool", "a tool", "M1", 1)
