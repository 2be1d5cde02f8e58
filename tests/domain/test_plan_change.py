"""Changes of a running plan: what each part does, what is refused, nothing by halves."""

from typing import Any

import pytest

from milepost.domain.contract import Area, Assertion, Contract
from milepost.domain.errors import Refused
from milepost.domain.plan import Plan, PlanChange
from milepost.domain.plan_change import Changed, apply

CONTRACT = Contract("c", (Area("AUTH", "A", tuple(
    Assertion(f"AUTH-00{n}", "T", removed="why" if n == 6 else "") for n in range(1, 8)
)),))


def feature(name: str, milestone: str, *numbers: int, **rest: Any) -> dict[str, Any]:
    full = {"description": "d", "expected": ["e"]} if rest.get("detail") != "outline" else {}
    owned = [f"AUTH-00{n}" for n in numbers]
    return {"id": name, "milestone": milestone, "title": "t", "fulfills": owned, **full, **rest}


PLAN = Plan.model_validate({
    "milestones": [{"id": m, "title": "t", "outcome": "o"} for m in ("M1", "M2", "M3")],
    "features": [
        feature("F1", "M1", 1), feature("F2", "M2", 2), feature("F3", "M2", 3, 4),
        feature("F4", "M2", fixes=["I1"]), feature("F5", "M3", 5, 6, detail="outline", skill="tdd"),
        feature("F6", "M3", 7, detail="outline"),
    ],
})
STATUS = {"F1": "accepted", "F2": "active", "F3": "ready", "F4": "ready", "F5": "outline", "F6": "outline"}


def change(**parts: Any) -> Changed:
    waived = frozenset(parts.pop("waived", ()))
    skills = parts.pop("skills", None)
    order = PlanChange.model_validate({"reason": "a reason that is long enough", **parts})
    return apply(
        PLAN, order, status=STATUS, sealed=frozenset({"M1"}), contract=CONTRACT, skills=skills, waived=waived
    )


def check(changed: Changed, features: str, *, cancelled: str = "", detailed: str = "", added: str = "") -> None:
    found = " ".join(f.id + ("" if f.id in changed.cancelled else f"@{f.milestone}") for f in changed.plan.features)
    assert found == features
    assert changed.cancelled == set(cancelled.split())
    assert changed.detailed == set(detailed.split())
    assert changed.added == tuple(added.split())


def refused(expected: str, **parts: Any) -> None:
    before = PLAN.model_dump_json()
    with pytest.raises(Refused) as error:
        change(**parts)
    assert expected in str(error.value)
    assert PLAN.model_dump_json() == before


def owned(changed: Changed, name: str) -> tuple[list[str], list[str]]:
    found = next(f for f in changed.plan.features if f.id == name)
    return found.fulfills, found.fixes


FIX = feature("F7", "M2", fixes=["I2"])
M9 = {"id": "M9", "title": "t", "outcome": "o"}
REASON = "nobody wants this any longer"


@pytest.mark.parametrize(
    ("parts", "features", "sets"),
    [
        pytest.param({"add": [FIX]}, "F1@M1 F2@M2 F3@M2 F4@M2 F7@M2 F5@M3 F6@M3", {"added": "F7"}, id="at the end"),
        pytest.param({"add": [{**FIX, "before": "F3"}]}, "F1@M1 F2@M2 F7@M2 F3@M2 F4@M2 F5@M3 F6@M3", {"added": "F7"},
                     id="in front of another"),
        pytest.param({"add": [FIX, {**FIX, "id": "F8", "before": "F7"}]},
                     "F1@M1 F2@M2 F3@M2 F4@M2 F8@M2 F7@M2 F5@M3 F6@M3", {"added": "F7 F8"}, id="in front of a new one"),
        pytest.param({"milestones": [{**M9, "after": "M2"}], "add": [{**FIX, "milestone": "M9"}]},
                     "F1@M1 F2@M2 F3@M2 F4@M2 F7@M9 F5@M3 F6@M3", {"added": "F7"}, id="follow-up milestone"),
        pytest.param({"milestones": [M9], "add": [{**FIX, "milestone": "M9"}]},
                     "F1@M1 F2@M2 F3@M2 F4@M2 F5@M3 F6@M3 F7@M9", {"added": "F7"}, id="milestone at the end"),
        pytest.param({"detail": [{"feature": "F5", "description": "now", "expected": ["x"]}]},
                     "F1@M1 F2@M2 F3@M2 F4@M2 F5@M3 F6@M3", {"detailed": "F5"}, id="detail"),
        pytest.param({"split": [{"feature": "F3", "into": [feature("F7", "M2", 4), feature("F8", "M2", 3)]}]},
                     "F1@M1 F2@M2 F3 F7@M2 F8@M2 F4@M2 F5@M3 F6@M3", {"cancelled": "F3", "added": "F7 F8"}, id="split"),
        pytest.param({"split": [{"feature": "F5", "into": [feature("F7", "M2", 5), feature("F8", "M3", 6)]}]},
                     "F1@M1 F2@M2 F3@M2 F4@M2 F7@M2 F5 F8@M3 F6@M3", {"cancelled": "F5", "added": "F7 F8"},
                     id="split over two milestones"),
        pytest.param({"fold": [{"feature": "F4", "into": "F3"}]}, "F1@M1 F2@M2 F3@M2 F4 F5@M3 F6@M3",
                     {"cancelled": "F4"}, id="fold"),
        pytest.param({"cancel": [{"feature": "F4", "reason": REASON}]}, "F1@M1 F2@M2 F3@M2 F4 F5@M3 F6@M3",
                     {"cancelled": "F4"}, id="cancel"),
        pytest.param({"order": ["F4", "F3"]}, "F1@M1 F2@M2 F4@M2 F3@M2 F5@M3 F6@M3", {}, id="order"),
        pytest.param({"add": [FIX], "cancel": [{"feature": "F4", "reason": REASON}], "order": ["F7", "F3"]},
                     "F1@M1 F2@M2 F7@M2 F4 F3@M2 F5@M3 F6@M3", {"added": "F7", "cancelled": "F4"}, id="all in order"),
    ],
)
def test_each_part_does_what_the_treaty_says(parts: dict[str, Any], features: str, sets: dict[str, str]) -> None:
    check(change(**parts), features, **sets)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        pytest.param({}, "the change is empty", id="nothing"),
        pytest.param({"milestones": [{**M9, "id": "M1"}]}, "milestone M1 exists already", id="milestone twice"),
        pytest.param({"milestones": [{**M9, "after": "M8"}]}, "M8, which does not exist", id="after nothing"),
        pytest.param({"milestones": [M9]}, "PLAN-009 M9", id="milestone without feature"),
        pytest.param({"add": [{**FIX, "id": "F4"}]}, "feature F4 exists already", id="feature twice"),
        pytest.param({"add": [{**FIX, "milestone": "M1"}]}, "M1 is sealed", id="into a sealed milestone"),
        pytest.param({"add": [{**FIX, "milestone": "M8"}]}, "M8, which does not exist", id="into no milestone"),
        pytest.param({"add": [{**FIX, "before": "F5"}]}, "F5, which is not in M2", id="before one elsewhere"),
        pytest.param({"add": [{**FIX, "before": "F2"}]}, "F2 is active", id="before a started one"),
        pytest.param({"add": [{**FIX, "fixes": []}]}, "PLAN-003 F7", id="owns and fixes nothing"),
        pytest.param({"add": [{**FIX, "fulfills": ["AUTH-001"]}]}, "PLAN-002 AUTH-001", id="owned already"),
        pytest.param({"add": [{**FIX, "fulfills": ["AUTH-099"]}]}, "PLAN-004 F7", id="unknown assertion"),
        pytest.param({"add": [{**FIX, "expected": []}]}, "PLAN-008 F7", id="full without expectation"),
        pytest.param({"add": [{**FIX, "skill": "magic"}], "skills": ["tdd"]}, "PLAN-005 F7", id="unknown skill"),
        pytest.param({"detail": [{"feature": "F9", "description": "d", "expected": ["e"]}]}, "no feature 'F9'",
                     id="unknown feature"),
        pytest.param({"detail": [{"feature": "F2", "description": "d", "expected": ["e"]}]}, "F2 is active",
                     id="started feature"),
        pytest.param({"split": [{"feature": "F3", "into": [feature("F7", "M2", 4), {**FIX, "id": "F8"}]}]},
                     "own AUTH-004; expected exactly AUTH-003, AUTH-004", id="split loses an assertion"),
        pytest.param({"split": [{"feature": "F3", "into": [feature("F7", "M2", 3, 4), feature("F8", "M2", 4)]}]},
                     "the parts of F3 own", id="split owns twice"),
        pytest.param({"split": [{"feature": "F4", "into": [FIX, {**FIX, "id": "F8"}]}]}, "fix I2; expected I1",
                     id="split loses an item"),
        pytest.param({"split": [{"feature": "F3", "into": [feature("F7", "M1", 4), feature("F8", "M2", 3)]}]},
                     "M1 is sealed", id="split into a sealed milestone"),
        pytest.param({"fold": [{"feature": "F4", "into": "F4"}]}, "into itself", id="fold into itself"),
        pytest.param({"fold": [{"feature": "F4", "into": "F2"}]}, "F2 is active", id="fold into a started one"),
        pytest.param({"cancel": [{"feature": "F3", "reason": REASON}]}, "F3 owns AUTH-003, AUTH-004",
                     id="cancel an owner"),
        pytest.param({"cancel": [{"feature": "F1", "reason": REASON}]}, "F1 is accepted", id="cancel what is done"),
        pytest.param({"cancel": [{"feature": "F4", "reason": REASON}] * 2}, "F4 is cancelled", id="cancel twice"),
        pytest.param({"order": ["F3"]}, "expected the features of M2", id="order leaves one out"),
        pytest.param({"order": ["F3", "F4", "F4"]}, "once each: F3, F4", id="order names one twice"),
        pytest.param({"order": ["F3", "F5"]}, "once each: F3, F4", id="order over two milestones"),
        pytest.param({"order": ["F2", "F3", "F4"]}, "F2 is active", id="order of a started one"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(parts: dict[str, Any], expected: str) -> None:
    refused(expected, **parts)


def test_milestone_is_never_put_before_a_sealed_one() -> None:
    order = PlanChange.model_validate({"reason": "a reason that is long enough", "milestones": [{**M9, "after": "M1"}]})
    with pytest.raises(Refused, match="before M2, which is sealed"):
        apply(PLAN, order, status=STATUS, sealed=frozenset({"M1", "M2"}), contract=CONTRACT)


def test_detail_keeps_what_it_does_not_say() -> None:
    changed = change(detail=[{"feature": "F5", "description": "now", "expected": ["x"]}])
    found = next(f for f in changed.plan.features if f.id == "F5")
    assert (found.detail, found.description, found.expected, found.skill) == ("full", "now", ["x"], "tdd")


def test_split_and_folded_features_own_nothing_afterwards() -> None:
    folded = change(fold=[{"feature": "F4", "into": "F3"}])
    assert owned(folded, "F3") == (["AUTH-003", "AUTH-004"], ["I1"])
    assert owned(folded, "F4") == ([], [])
    split = change(split=[{"feature": "F3", "into": [feature("F7", "M2", 4), feature("F8", "M2", 3)]}])
    assert owned(split, "F3") == ([], [])


def test_owner_of_removed_or_waived_assertions_can_be_cancelled() -> None:
    refused("F5 owns AUTH-005", cancel=[{"feature": "F5", "reason": REASON}])
    changed = change(cancel=[{"feature": "F5", "reason": REASON}], waived=["AUTH-005"])
    assert changed.cancelled == {"F5"}
    assert owned(changed, "F5") == (["AUTH-005", "AUTH-006"], [])


def test_new_outline_is_an_outline_and_can_be_detailed_in_the_same_change() -> None:
    outline = feature("F7", "M3", fixes=["I2"], detail="outline")
    changed = change(add=[outline], detail=[{"feature": "F7", "description": "d", "expected": ["e"]}])
    check(changed, "F1@M1 F2@M2 F3@M2 F4@M2 F5@M3 F6@M3 F7@M3", detailed="F7", added="F7")


def test_feature_the_status_does_not_know_goes_by_its_detail() -> None:
    order = PlanChange.model_validate({"reason": "a reason that is long enough", "order": ["F6", "F5"]})
    changed = apply(PLAN, order, status={}, sealed=frozenset(), contract=CONTRACT)
    assert [f.id for f in changed.plan.features][-2:] == ["F6", "F5"]
