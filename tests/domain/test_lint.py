"""Every lint code: a case that has it, and nothing else."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.lint import (
    LINTS,
    does_nothing,
    forgives,
    lint_assertion,
    lint_contract,
    lint_manifest,
    lint_plan,
    lint_seats,
)
from milepost.domain.plan import Plan
from milepost.domain.seat import Price, Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings

GOOD = Assertion("AUTH-001", "T", "command", then="a", fails_if="b", evidence=("receipt",))
HTTP = replace(GOOD, id="AUTH-002", surface="http", evidence=("request",))
SEEN = replace(GOOD, id="AUTH-003", surface="browser", evidence=("screenshot", "console"))


def contract(*assertions: Assertion) -> Contract:
    areas: dict[str, list[Assertion]] = {}
    for assertion in assertions:
        areas.setdefault(assertion.area, []).append(assertion)
    return Contract("c", tuple(Area(name, "t", tuple(inside)) for name, inside in areas.items()))


def named(*lints: Any) -> list[str]:
    assert all(i.code in LINTS and not i.message.endswith(".") for i in lints)
    return [f"{i.code} {i.subject}{' (warning)' if i.severity == 'warning' else ''}" for i in lints]


def manifest(services: list[dict[str, Any]] | None = None, **commands: Any) -> Manifest:
    test = {"run": "pytest --junitxml={report}", "report": "junit"}
    return Manifest.model_validate({"commands": {"test": test, **commands}, "services": services or []})


APP = {"name": "app", "start": "python app.py", "port": 8000, "ready": {"http": "/"}}


@pytest.mark.parametrize(
    ("assertions", "found"),
    [
        pytest.param([GOOD], [], id="as it should be"),
        pytest.param([GOOD, GOOD], ["CONTRACT-001 AUTH-001"], id="id twice"),
        pytest.param([replace(GOOD, surface="")], ["CONTRACT-002 AUTH-001"], id="no surface"),
        pytest.param([replace(GOOD, then="")], ["CONTRACT-003 AUTH-001"], id="no then"),
        pytest.param([replace(GOOD, fails_if="")], ["CONTRACT-004 AUTH-001"], id="no fails if"),
        pytest.param([replace(GOOD, evidence=())], ["CONTRACT-005 AUTH-001"], id="no evidence"),
        pytest.param([replace(GOOD, surface="desktop")], ["CONTRACT-006 AUTH-001"], id="unknown surface"),
        pytest.param([replace(GOOD, evidence=("receipt", "video"))], ["CONTRACT-007 AUTH-001"], id="unknown evidence"),
        pytest.param([replace(GOOD, evidence=("screen",))], ["CONTRACT-008 AUTH-001"], id="not its minimum"),
        pytest.param([replace(GOOD, surface="file", evidence=("file",))], [], id="one kind of a group is enough"),
        pytest.param([replace(SEEN, evidence=("screenshot",))], ["CONTRACT-008 AUTH-003"], id="one group is missing"),
        pytest.param([replace(GOOD, surface="terminal", evidence=("screen",))], [], id="a terminal is everywhere"),
        pytest.param([replace(GOOD, before="guard")], ["CONTRACT-010 AUTH-001"], id="guard without check"),
        pytest.param([replace(GOOD, before="green", check="make")], ["CONTRACT-011 AUTH-001"], id="unknown before"),
        pytest.param([replace(GOOD, before="guard", check="make")], [], id="a guard"),
        pytest.param([replace(GOOD, id="auth-1")], ["CONTRACT-012 auth-1"], id="no id"),
        pytest.param([Assertion("AUTH-009", "T", removed="why")], [], id="removed"),
        pytest.param([replace(GOOD, id=f"{a}-001") for a in ("AUTH", "USER", "ROOM")],
                     ["CONTRACT-013 CROSS (warning)"], id="three areas"),
        pytest.param([replace(GOOD, id=f"{a}-001") for a in ("AUTH", "USER", "CROSS")], [], id="with flows across"),
        pytest.param([replace(GOOD, id="AUTH-001"), replace(GOOD, id="USER-001"),
                      Assertion("ROOM-001", "T", removed="why")], [], id="an area of removed ones does not count"),
    ],
)
def test_contract_is_linted_by_code(assertions: list[Assertion], found: list[str]) -> None:
    assert named(*lint_contract(contract(*assertions), None, frozenset({"browser"}))) == found


def test_surface_without_a_tool_names_who_can_mend_it() -> None:
    (lint,) = lint_contract(contract(SEEN), None, frozenset())
    assert named(lint) == ["CONTRACT-009 AUTH-003"]
    assert "milepost doctor" in lint.message
    assert "orchestrator" in lint.message
    assert lint_contract(contract(SEEN), None, frozenset({"browser"})) == []


@pytest.mark.parametrize(
    ("assertion", "services", "found"),
    [
        pytest.param(HTTP, [APP], [], id="a service to talk to"),
        pytest.param(HTTP, [], ["CONTRACT-014 AUTH-002"], id="none"),
        pytest.param(SEEN, [], ["CONTRACT-014 AUTH-003 (warning)"], id="a browser can open files"),
        pytest.param(GOOD, [], [], id="a command needs none"),
    ],
)
def test_http_needs_a_service_with_a_port(assertion: Assertion, services: list[Any], found: list[str]) -> None:
    assert named(*lint_contract(contract(assertion), manifest(services), frozenset({"browser"}))) == found


def test_removed_assertion_is_not_linted() -> None:
    assert lint_assertion(Assertion("AUTH-001", "T", removed="why")) == []


# --- plan ---

def feature(name: str, milestone: str, *fulfills: str, **rest: Any) -> dict[str, Any]:
    full = {"description": "d", "expected": ["e"]} if rest.get("detail") != "outline" else {}
    return {"id": name, "milestone": milestone, "title": "t", "fulfills": list(fulfills), **full, **rest}


def plan(*features: dict[str, Any], milestones: str = "M1 M2") -> Plan:
    listed = [{"id": m, "title": "t", "outcome": "o"} for m in milestones.split()]
    return Plan.model_validate({"milestones": listed, "features": list(features)})


F1, F2 = feature("F1", "M1", "AUTH-001"), feature("F2", "M2", "AUTH-002")


@pytest.mark.parametrize(
    ("features", "found"),
    [
        pytest.param([F1, F2], [], id="as it should be"),
        pytest.param([F1, {**F2, "fulfills": [], "fixes": ["I1"]}], ["PLAN-001 AUTH-002"], id="no owner"),
        pytest.param([F1, {**F2, "fulfills": ["AUTH-001", "AUTH-002"]}], ["PLAN-002 AUTH-001"], id="two owners"),
        pytest.param([F1, {**F2, "fulfills": ["AUTH-002"] * 2}], ["PLAN-002 AUTH-002"], id="twice by one"),
        pytest.param([F1, F2, feature("F3", "M2")], ["PLAN-003 F3"], id="fulfills nothing"),
        pytest.param([F1, F2, feature("F3", "M2", fixes=["I1"])], [], id="a fix"),
        pytest.param([F1, {**F2, "fulfills": ["AUTH-002", "NONE-001"]}], ["PLAN-004 F2"], id="unknown assertion"),
        pytest.param([F1, {**F2, "skill": "magic"}], ["PLAN-005 F2"], id="unknown skill"),
        pytest.param([F1, {**F2, "skill": "tdd"}], [], id="known skill"),
        pytest.param([feature("F1", "M1", "AUTH-001", detail="outline"), F2], ["PLAN-006 F1"], id="outline too soon"),
        pytest.param([F1, feature("F2", "M2", "AUTH-002", detail="outline")], [], id="outline for later"),
        pytest.param([F1, {**F2, "description": ""}], ["PLAN-007 F2"], id="no description"),
        pytest.param([F1, {**F2, "expected": []}], ["PLAN-008 F2"], id="expects nothing"),
        pytest.param([F1, {**F2, "milestone": "M1"}], ["PLAN-009 M2"], id="empty milestone"),
        pytest.param([F1, F2, feature("F3", "M9", fixes=["I1"])], ["PLAN-010 F3"], id="unknown milestone"),
        pytest.param([F2, F1], ["PLAN-011 F1"], id="out of order"),
        pytest.param([F1, F2, feature("F2", "M2", fixes=["I1"])], ["PLAN-012 F2"], id="id twice"),
    ],
)
def test_plan_is_linted_by_code(features: list[dict[str, Any]], found: list[str]) -> None:
    assert named(*lint_plan(plan(*features), contract(GOOD, HTTP), ["tdd"], started=False)) == found


def test_outline_is_allowed_once_the_mission_runs() -> None:
    outline = plan(feature("F1", "M1", "AUTH-001", detail="outline"), milestones="M1")
    assert lint_plan(outline, contract(GOOD), [], started=True) == []


def test_skills_are_left_unchecked_where_none_are_given() -> None:
    assert lint_plan(plan({**F1, "skill": "magic"}, F2), contract(GOOD, HTTP), None, started=True) == []


def test_removed_assertion_needs_no_owner() -> None:
    gone = replace(HTTP, removed="why")
    assert lint_plan(plan(F1, milestones="M1"), contract(GOOD, gone), [], started=False) == []


def test_cancelled_feature_is_not_linted_and_still_covers_what_it_was_let_go_with() -> None:
    both = plan(F1, {**F2, "skill": "magic"})
    assert lint_plan(both, contract(GOOD, HTTP), [], started=True, cancelled={"F2"}) == []
    heir = plan(F1, F2, feature("F3", "M2", "AUTH-002"))
    assert lint_plan(heir, contract(GOOD, HTTP), [], started=True, cancelled={"F2"}) == []


# --- seats ---

PRICE = Price(fresh=1, out=2)
WORKER = Seat(model="anthropic/claude-x", price=PRICE)
OTHER = Seat(model="openai/gpt-x", price=PRICE, vision=True)


@pytest.mark.parametrize(
    ("seats", "found"),
    [
        pytest.param({"worker": WORKER, "reviewer": OTHER, "tester": OTHER}, [], id="as it should be"),
        pytest.param({"worker": WORKER.model_copy(update={"price": None})}, ["SEAT-001 worker"], id="no price"),
        pytest.param({"worker": Seat(model="known/model")}, [], id="the table knows"),
        pytest.param({"worker": Seat(model="known/model", fallbacks=["x/y"])}, ["SEAT-001 worker"], id="fallback"),
        pytest.param({"worker": WORKER, "reviewer": WORKER}, ["SEAT-002 reviewer (warning)"], id="same family"),
        pytest.param({"worker": WORKER, "orchestrator": WORKER}, [], id="no validator"),
        pytest.param({"worker": WORKER, "tester": OTHER.model_copy(update={"vision": False})},
                     ["SEAT-003 tester (warning)"], id="blind tester"),
        pytest.param({"worker": WORKER.model_copy(update={"tools": False})}, ["SEAT-004 worker"], id="no tools"),
        pytest.param({"worker": WORKER.model_copy(update={"context": 8000, "max_output": 8000})},
                     ["SEAT-005 worker"], id="no room"),
        pytest.param({n: Seat(model="cassette:demo", vision=True) for n in ("worker", "reviewer", "tester")}, [],
                     id="cassettes cost nothing and have no family"),
        pytest.param({"worker": WORKER, "reviewer": Seat(model="scripted:x")}, [], id="scripted validator"),
        pytest.param({"reviewer": OTHER}, [], id="no worker to compare with"),
    ],
)
def test_seats_are_linted_by_code(seats: dict[str, Seat], found: list[str]) -> None:
    assert named(*lint_seats(Settings(seats=seats), contract(SEEN), {"known/model"})) == found


def test_same_family_is_refused_on_the_users_word() -> None:
    settings = Settings(seats={"worker": WORKER, "reviewer": WORKER}, distinct_families=True)
    assert named(*lint_seats(settings, contract(GOOD))) == ["SEAT-002 reviewer"]


def test_nobody_needs_to_see_without_screenshots() -> None:
    tester = OTHER.model_copy(update={"vision": False})
    assert lint_seats(Settings(seats={"tester": tester}), contract(GOOD, replace(SEEN, removed="why"))) == []


# --- manifest ---

@pytest.mark.parametrize(
    ("commands", "services", "found"),
    [
        pytest.param({}, [APP], [], id="as it should be"),
        pytest.param({"lint": {"run": "echo fine"}}, [], ["MANIFEST-001 lint"], id="does nothing"),
        pytest.param({}, [{**APP, "start": ":"}], ["MANIFEST-001 app"], id="starts nothing"),
        pytest.param({"build": {"run": "make || true"}}, [], ["MANIFEST-002 build"], id="cannot fail"),
        pytest.param({"test": {"run": "make test"}}, [], ["MANIFEST-003 test (warning)"], id="no report"),
        pytest.param({"test": {"run": "pytest", "report": "junit"}}, [], ["MANIFEST-004 test"], id="report to nowhere"),
        pytest.param({}, [{**APP, "depends_on": ["db"]}], ["MANIFEST-005 app"], id="unknown service"),
        pytest.param({}, [{**APP, "depends_on": ["app"]}], ["MANIFEST-006 app"], id="needs itself"),
        pytest.param({}, [{**APP, "depends_on": ["b"]}, {**APP, "name": "b", "depends_on": ["c"]},
                          {**APP, "name": "c", "depends_on": ["b"]}],
                     ["MANIFEST-006 b", "MANIFEST-006 c"], id="a circle, and one that only hangs on it"),
        pytest.param({}, [APP, APP], ["MANIFEST-007 app"], id="name twice"),
        pytest.param({}, [{**APP, "port": None}], ["MANIFEST-008 app"], id="http without port"),
        pytest.param({}, [{**APP, "port": None, "ready": {"tcp": True}}], ["MANIFEST-008 app"], id="tcp without port"),
        pytest.param({}, [{**APP, "port": None, "ready": {"log": "up"}}], [], id="ready by its log"),
    ],
)
def test_manifest_is_linted_by_code(commands: Any, services: list[Any], found: list[str]) -> None:
    assert named(*lint_manifest(manifest(services, **commands))) == found


@pytest.mark.parametrize(
    ("command", "nothing", "forgiven"),
    [
        ("true", True, False),
        (":", True, False),
        ("/bin/true", True, False),
        ("exit 0", True, False),
        ("exit 1", False, False),
        ("echo no tests yet", True, False),
        ("echo a; echo b && true", True, False),
        ("echo a\ntrue", True, True),
        ("sh -c 'true'", True, False),
        ("bash -c 'make'", False, False),
        ("echo x > file", False, False),
        ("echo $(make)", False, False),
        ("pytest -q", False, False),
        ("cd app && make", False, False),
        ("make || true", False, True),
        ("make 2>&1 || :", False, True),
        ("make; exit 0", False, True),
        ("make || exit 1", False, False),
        ("make && echo done", False, False),
        ("echo 'a; true", False, False),
        (";;", False, False),
    ],
)
def test_placeholder_commands_are_known(command: str, nothing: bool, forgiven: bool) -> None:
    assert (does_nothing(command), forgives(command)) == (nothing, forgiven)


def test_every_code_has_a_case_here() -> None:
    # Read from the file: tests of one file may run in several processes.
    assert LINTS.keys() == set(re.findall(r"\b(?:CONTRACT|PLAN|SEAT|MANIFEST)-\d{3}\b", Path(__file__).read_text()))
