"""Who may resolve which item how (D13, D14): tables of decisions, and what each brings with it."""

from typing import Any

import pytest

from milepost.domain import events as e
from milepost.domain import orders as o
from milepost.domain.decide import decide
from milepost.domain.decide_item import ORCHESTRATOR_DECISIONS, PROPOSAL_DECISIONS
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.next import StartRound
from milepost.domain.record import Fact
from milepost.domain.services import Manifest
from tests.domain.life import (
    MANIFEST,
    WHY,
    amended,
    at,
    carry,
    document,
    feature,
    item,
    opened,
    ordered,
    planned,
    resolved,
    running,
    text_of,
    told,
)

LEAD = "orchestrator.1"


def built() -> Mission:
    """F1 and F2 are built; F3 of the second milestone is ready."""
    return carry(running(), until=at(StartRound))


def refused(mission: Mission, decision: str, name: str = "I1", by: str = LEAD, **more: Any) -> str:
    with pytest.raises(Refused) as caught:
        resolved(mission, decision, name, by, **more)
    return str(caught.value)


def facts(mission: Mission, decision: str, by: str = "user", **more: Any) -> list[Fact]:
    order = {"item": "I1", "decision": decision, "reason": WHY, **more}
    return list(decide(mission, o.ResolveItem.model_validate(order), by=by))


def asked(kind: Any, about: str = "F1", **more: Any) -> Mission:
    return opened(built(), kind, about, **more)


# --- D14: what the orchestrator may not dismiss ---

DISMISSALS: list[tuple[str, dict[str, Any], str | None]] = [
    ("verdict", {"about": "SHOP-001"}, "I1 is a verdict and may not be dismissed: mend it with a feature, or reopen"),
    ("gate", {"about": "test"}, "I1 is a gate and may not be dismissed"),
    ("no_work", {}, "I1 is a no_work and may not be dismissed"),
    ("vacuous", {}, "I1 is a vacuous and may not be dismissed"),
    ("mismatch", {}, "I1 is a mismatch and may not be dismissed"),
    ("finding", {}, "I1 is a finding and may not be dismissed: dispute it, or mend it with a feature; only the user"),
    ("audit", {"about": "audit"}, "I1 is a audit and may not be dismissed: dispute it"),
    ("finding", {"severity": "non_blocking"}, None),
    ("audit", {"severity": "non_blocking"}, None),
    ("undone", {}, None), ("issue", {}, None),
]


@pytest.mark.parametrize(
    ("kind", "more", "expected"), DISMISSALS, ids=[f"{k}-{n}" for n, (k, *_) in enumerate(DISMISSALS)]
)
def test_D14_orchestrator_dismisses_only_what_shows_nothing_wrong(
    kind: Any, more: dict[str, Any], expected: str | None
) -> None:
    mission = asked(kind, **more)
    if expected is None:
        assert resolved(mission, "dismiss").items["I1"].decision == "dismiss"
    else:
        assert refused(mission, "dismiss").startswith(expected)


@pytest.mark.parametrize(
    "kind", ["verdict", "gate", "no_work", "vacuous", "mismatch", "finding", "audit", "issue", "undone"]
)
def test_user_may_dismiss_any_item_of_the_work(kind: Any) -> None:
    about = {"verdict": "SHOP-001", "gate": "test", "audit": "audit"}.get(kind, "F1")
    assert resolved(asked(kind, about), "dismiss", by="user").items["I1"].resolved_by == "user"


def test_dismissed_failed_verdict_of_the_users_is_no_waiver() -> None:
    mission = resolved(asked("verdict", "SHOP-001"), "dismiss", by="user")
    assert "SHOP-001" not in mission.settled


@pytest.mark.parametrize("reason", ["", "too short", "x" * 19, " " * 30, "  tiny  " + " " * 30])
def test_D14_short_reason_is_refused(reason: str) -> None:
    assert refused(asked("issue"), "dismiss", reason=reason).startswith(
        "the reason for I1 must have at least 20 characters"
    )


def test_user_needs_no_reason() -> None:
    assert resolved(asked("issue"), "dismiss", by="user", reason="").open_items == []


@pytest.mark.parametrize(
    "kind", ["verdict", "gate", "undone", "issue", "vacuous", "mismatch", "no_work", "finding", "audit"]
)
def test_item_of_the_users_is_not_the_orchestrators(kind: Any) -> None:
    for decision in sorted(ORCHESTRATOR_DECISIONS):
        assert (
            refused(asked(kind, owner="user"), decision, feature="F3") == "I1 waits for the user; only they resolve it"
        )


@pytest.mark.parametrize("kind", ["question", "approval", "grant", "stuck"])
def test_question_is_not_the_orchestrators_whoever_owns_it(kind: Any) -> None:
    assert "waits for the user" in refused(asked(kind), "dismiss")


FITTING: list[tuple[str, str, set[str]]] = [
    ("question", "user", {"answer"}), ("approval", "user", {"deny"}), ("grant", "user", {"approve", "deny"}),
    ("stuck", "user", {"answer", "dismiss"}),
    ("verdict", "user", {"feature", "fold", "reopen", "dismiss", "answer"}),
    ("finding", "orchestrator", {"feature", "fold", "reopen", "dismiss", "dispute"}),
    ("undone", "orchestrator", {"feature", "fold", "reopen", "dismiss"}),
    ("proposal", "orchestrator", {"feature", "fold", "reopen", "dismiss", "accept", "reject", "counter"}),
]
ALL = ["feature", "fold", "reopen", "dismiss", "dispute", "accept", "reject", "counter", "answer", "approve", "deny"]


@pytest.mark.parametrize("decision", ALL)
@pytest.mark.parametrize(("kind", "owner", "fitting"), FITTING, ids=[k for k, *_ in FITTING])
def test_users_decision_fits_the_item(kind: Any, owner: str, fitting: set[str], decision: str) -> None:
    mission = planned(asked(kind, owner=owner), by="user", add=[feature("F4", fixes=["I1"])])
    try:
        resolved(mission, decision, by="user", text="words", feature="F4")
    except Refused as reason:
        assert decision not in fitting, reason
    else:
        assert decision in fitting


def test_items_are_named_when_one_is_not_there_or_not_open() -> None:
    assert refused(asked("issue"), "dismiss", "I9") == "there is no item 'I9'; open are I1"
    assert refused(running(), "dismiss", "I9") == "there is no item 'I9'; open are none"
    done = resolved(asked("issue"), "dismiss")
    assert refused(done, "reopen") == f"I1 was resolved already: dismiss ({WHY})"


# --- feature, fold ---

def test_feature_made_for_an_item_says_so() -> None:
    mission = planned(asked("gate", "test"), add=[feature("F4", fixes=["I1"])])
    assert resolved(mission, "feature", feature="F4").items["I1"].feature == "F4"
    assert refused(mission, "feature", feature="F3").startswith("F3 does not name I1 in `fixes`")


def test_ordinary_feature_answers_for_what_it_owns() -> None:
    assert resolved(asked("verdict", "PAGE-001"), "feature", feature="F3").open_items == []


@pytest.mark.parametrize("decision", ["feature", "fold"])
@pytest.mark.parametrize("by", [LEAD, "user"])
@pytest.mark.parametrize(("name", "expected"), [
    ("F9", "needs the id of an existing feature, found 'F9'"), (None, "found None"),
    ("F1", "F1 is built; expected a feature that has not been built"),
    ("F4", "F4 is cancelled; expected a feature that has not been built"),
])
def test_item_goes_only_to_a_feature_that_still_takes_work(
    decision: str, by: str, name: str | None, expected: str
) -> None:
    """Folding into a cancelled feature would be a dismissal in other words."""
    mission = planned(asked("verdict", "SHOP-001"), add=[feature("F4", fixes=["I1"])])
    mission = planned(mission, cancel=[{"feature": "F4", "reason": WHY}])
    assert expected in refused(mission, decision, by=by, feature=name)


def test_folded_item_is_named_by_the_feature_that_takes_it() -> None:
    mission = resolved(asked("no_work"), "fold", feature="F3")
    planned_ = mission.feature("F3")
    assert planned_ is not None and planned_.fixes == ["I1"]


# --- reopen ---

def test_reopened_feature_goes_back_to_a_worker_with_the_reason() -> None:
    mission = resolved(asked("gate", "F1"), "reopen")
    state = mission.features["F1"]
    assert (state.status, state.handoff, state.audited, state.proved, state.reviewed_at) == (
        "ready",
        None,
        False,
        False,
        "",
    )
    assert state.reopened == f"t\n{WHY}"


def test_feature_to_reopen_is_named_where_the_item_is_about_none() -> None:
    mission = asked("gate", "test")
    assert refused(mission, "reopen") == "name the feature to reopen for I1; None is none"
    assert resolved(mission, "reopen", feature="F2").features["F2"].status == "ready"


def test_sealed_feature_is_not_reopened() -> None:
    mission = opened(carry(running(), until=lambda m, s: m.milestones["M1"].status == "sealed"), "issue", "F1")
    assert refused(mission, "reopen") == "F1 is accepted and cannot be reopened; add a fix feature with change_plan"
    assert "accepted" in refused(mission, "reopen", by="user")


def test_D11_vacuous_feature_can_only_be_reopened_as_only_its_own_handoff_is_proved_again() -> None:
    mission = planned(asked("vacuous"), add=[feature("F4", fixes=["I1"])])
    for decision in ("feature", "fold"):
        assert "reopen F1, as only its own next handoff is proved again" in refused(mission, decision, feature="F4")
    mission = resolved(mission, "reopen")
    assert not mission.features["F1"].proved


# --- dispute ---

def test_D14_finding_is_disputed_once() -> None:
    mission = resolved(asked("finding"), "dispute")
    upheld = item(mission, "finding", payload={"upheld": True, "disputes": "I1"})
    again = told(mission, upheld)
    assert refused(again, "dispute", "I2") == "I2 was disputed already and upheld by a fresh reviewer; mend it"
    assert "upheld" in refused(again, "dispute", "I2", by="user")


@pytest.mark.parametrize("kind", ["verdict", "gate", "undone", "issue", "no_work", "mismatch"])
def test_only_findings_are_disputed(kind: Any) -> None:
    about = {"verdict": "SHOP-001", "gate": "test"}.get(kind, "F1")
    assert refused(asked(kind, about), "dispute") == f"I1 is a {kind}; only findings are disputed"


# --- proposals ---

@pytest.mark.parametrize("decision", sorted(PROPOSAL_DECISIONS))
def test_D13_proposal_is_accepted_rejected_or_countered(decision: str) -> None:
    mission = resolved(asked("proposal"), decision, text="half of it")
    assert (mission.items["I1"].decision, mission.items["I1"].text) == (decision, "half of it")


@pytest.mark.parametrize("decision", sorted(ORCHESTRATOR_DECISIONS))
def test_D13_proposal_is_not_put_aside(decision: str) -> None:
    assert refused(asked("proposal"), decision, feature="F3").startswith(
        "I1 is a proposal: expected accept, counter, reject"
    )


@pytest.mark.parametrize("decision", sorted(PROPOSAL_DECISIONS))
def test_other_items_are_not_proposals(decision: str) -> None:
    assert "I1 is a issue: expected dismiss, dispute, feature, fold, reopen" in refused(
        asked("issue"), decision, text="x"
    )


def test_D13_counter_binds_the_proposers_feature_once() -> None:
    mission = resolved(asked("proposal"), "counter", text="do half of it")
    assert mission.features["F1"].status == "ready"
    assert mission.features["F1"].reopened.endswith("do half of it")
    again = opened(mission, "proposal", "F1")
    assert refused(again, "counter", "I2", text="x") == "I2 answers a counter already; accept or reject it"
    assert resolved(opened(mission, "proposal", "F2"), "counter", "I2", text="x").features["F2"].status == "ready"


@pytest.mark.parametrize("by", [LEAD, "user"])
def test_counter_needs_words(by: str) -> None:
    assert refused(asked("proposal"), "counter", by=by) == "I1 needs a counter-proposal in words"


def test_counter_to_a_validator_names_the_feature_it_binds() -> None:
    mission = asked("proposal", "M1")
    assert "name the feature to reopen" in refused(mission, "counter", text="x")
    assert resolved(mission, "counter", text="x", feature="F2").features["F2"].status == "ready"


# --- the user's own ---

def test_answer_needs_words() -> None:
    assert refused(asked("question", owner="user"), "answer", by="user", text="  ") == "I1 needs an answer in words"


def test_answer_lifts_the_block_that_waited_for_it_and_no_other() -> None:
    mission = opened(opened(running(), "question", owner="user"), "question", owner="user")
    mission = told(mission, e.HoldPlaced(hold="blocked", reason="q", items=["I1", "I2"]))
    once = resolved(mission, "answer", "I1", "user", text="a")
    assert once.word == "blocked"
    assert resolved(once, "answer", "I2", "user", text="b").word == "running"


@pytest.mark.parametrize(("kind", "about"), [("stuck", "F1"), ("verdict", "SHOP-001")])
def test_what_the_user_says_of_an_item_reaches_the_orchestrator(kind: Any, about: str) -> None:
    mission = resolved(asked(kind, about, owner="user"), "answer", by="user", text="use the mirror")
    assert [m.text for m in mission.unread] == ["About I1 (t) the user says: use the mirror"]


def test_answered_question_is_no_message_of_its_own() -> None:
    assert len(facts(asked("question", owner="user"), "answer", text="yes")) == 1


@pytest.mark.parametrize("kind", ["approval", "grant"])
def test_denial_reaches_the_orchestrator(kind: Any) -> None:
    mission = resolved(asked(kind, "network", owner="user"), "deny", by="user")
    assert mission.unread[0].text == f"The user denied I1: t {WHY}"
    assert mission.settings.grants == {}


def test_grant_is_a_setting() -> None:
    mission = resolved(asked("grant", "network", owner="user"), "approve", by="user")
    assert mission.settings.grants == {"network": True}


# --- approvals ---

WEAKER = ("change", "SHOP-002", text_of("SHOP-002", "200", "204"))


def test_approval_brings_the_events_of_its_order() -> None:
    mission = amended(built(), WEAKER, by=LEAD)
    (waiting,) = mission.attention
    assert (waiting.opened.type, waiting.opened.blocks) == ("approval", "none")
    assert "SHOP-002 would change its then" in waiting.opened.text
    assert "204" not in str(mission.contract.get("SHOP-002"))
    approved = resolved(mission, "approve", by="user")
    found = approved.contract.get("SHOP-002")
    assert found is not None and found.then == "`/price` answers 204"


def test_denied_amendment_changes_nothing() -> None:
    mission = resolved(amended(built(), WEAKER, by=LEAD), "deny", by="user")
    found = mission.contract.get("SHOP-002")
    assert found is not None and found.then == "`/price` answers 200"


def test_approved_removal_withdraws_what_was_open_about_it() -> None:
    mission = amended(opened(built(), "verdict", "SHOP-002", owner="user"), ("remove", "SHOP-002", ""), by=LEAD)
    mission = told(mission, e.HoldPlaced(hold="blocked", reason="v", items=["I1"]))
    approved = resolved(mission, "approve", "I2", "user")
    assert (approved.items["I1"].decision, approved.holds) == ("withdrawn", {})
    assert approved.assertions["SHOP-002"].status == "removed"


def test_approved_manifest_takes_effect() -> None:
    easier = Manifest.model_validate({"commands": {"test": MANIFEST["commands"]["test"]}}).model_dump_json()
    written = document("services", easier)
    order = o.WriteDocument(document="services", name="services", text=easier, hash=written.hash)
    mission = ordered(built(), order, LEAD)
    assert mission.manifest is not None and mission.manifest.commands.lint is not None
    approved = resolved(mission, "approve", by="user")
    assert approved.manifest is not None and approved.manifest.commands.lint is None
    assert approved.documents["services"] == written.hash


def test_approval_of_what_is_no_longer_possible_says_so() -> None:
    mission = amended(built(), ("remove", "SHOP-002", ""), by=LEAD)
    mission = amended(mission, ("remove", "SHOP-002", ""))
    why = refused(mission, "approve", by="user")
    assert why.startswith("what I1 asks for is no longer possible (SHOP-002 was removed") and why.endswith("deny it")


def test_approval_without_an_order_is_refused() -> None:
    assert "carries no order" in refused(asked("approval", owner="user"), "approve", by="user")


def test_approval_grants_amendments_and_manifests_and_nothing_else() -> None:
    """An approval must not be a way to any other order, such as a waiver."""
    waiver = o.WaiveAssertion(assertion="SHOP-001", reason="r").model_dump(mode="json")
    mission = asked("approval", owner="user", payload=waiver)
    assert refused(mission, "approve", by="user") == "waive_assertion cannot be approved as an item; deny I1"
