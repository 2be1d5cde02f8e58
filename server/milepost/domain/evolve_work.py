"""What the facts of work and judgement mean: features, commits, handoffs, rounds, verdicts, seals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from milepost.domain import events as e
from milepost.domain.mission import FINAL_ROUND, AssertionState, FeatureState, Mission, Round
from milepost.domain.record import Record


def put(mapping: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The mapping with one entry set."""
    return {**mapping, key: value}


def opened(mission: Mission) -> Mission:
    """While it runs, the first milestone that is not sealed is open."""
    first = mission.open_milestone
    if mission.phase != "running" or first is None or mission.milestones[first].status != "waiting":
        return mission
    return replace(mission, milestones=put(mission.milestones, first, replace(mission.milestones[first], status="open")))


# --- work ---

def feature_started(mission: Mission, event: e.FeatureStarted, record: Record) -> Mission:
    old = mission.features[event.feature]
    state = replace(old, status="active", start=old.start or event.start, handoff=None, audited=False, proved=False)
    return replace(mission, features=put(mission.features, event.feature, state))


def commit_made(mission: Mission, event: e.CommitMade, record: Record) -> Mission:
    mission = replace(mission, head=event.commit)
    if event.feature is None:
        return mission
    old = mission.features[event.feature]
    state = replace(old, commits=(*old.commits, event.commit))
    return replace(mission, features=put(mission.features, event.feature, state))


def handoff_submitted(mission: Mission, event: e.HandoffSubmitted, record: Record) -> Mission:
    old = mission.features[event.feature]
    state = replace(
        old, handoff=event.handoff, handoff_attempt=record.attempt or "", audited=False, proved=False, reopened=""
    )
    return replace(mission, features=put(mission.features, event.feature, state))


def handoff_audited(mission: Mission, event: e.HandoffAudited, record: Record) -> Mission:
    old = mission.features[event.feature]
    done = old.handoff is not None and old.handoff.outcome == "done"
    state = replace(
        old, status="built" if done else "ready", audited=True, end=event.end, mismatches=tuple(event.mismatches),
        reopened=old.reopened if done else left_undone(old),
    )
    return replace(mission, features=put(mission.features, event.feature, state))


def left_undone(state: FeatureState) -> str:
    """What the next attempt at a feature reads about the one before."""
    if state.handoff is None:
        return ""
    undone = "; ".join(f"{u.what} ({u.why})" for u in state.handoff.undone)
    return f"The attempt before ended as {state.handoff.outcome}: {state.handoff.summary} Undone: {undone or 'nothing named'}"


def feature_reverted(mission: Mission, event: e.FeatureReverted, record: Record) -> Mission:
    state = replace(
        mission.features[event.feature], status="ready", start="", end="", handoff=None, audited=False, proved=False,
        commits=(), reopened="The user took this feature back; build it anew.",
    )
    return replace(mission, features=put(mission.features, event.feature, state), head=event.commit)


def edit_noticed(mission: Mission, event: e.EditNoticed, record: Record) -> Mission:
    return replace(mission, head=event.commit)


# --- judgement ---

def round_started(mission: Mission, event: e.RoundStarted, record: Record) -> Mission:
    new = Round(event.milestone, event.round, event.commit, event.tree, tuple(event.scope))
    mission = replace(mission, rounds=(*mission.rounds, new))
    if event.milestone == FINAL_ROUND:
        return mission
    state = replace(mission.milestones[event.milestone], status="validating", rounds=event.round)
    return replace(mission, milestones=put(mission.milestones, event.milestone, state))


def in_round(mission: Mission, milestone: str | None, number: int | None, **changes: Any) -> Mission:
    """The mission with its newest round changed, where that is the round meant."""
    last = mission.round
    if last is None or (last.milestone, last.number) != (milestone, number):
        return mission
    return replace(mission, rounds=(*mission.rounds[:-1], replace(last, **changes)))


def gate_finished(mission: Mission, event: e.GateFinished, record: Record) -> Mission:
    if event.gate == "vacuity" and event.feature:
        state = replace(mission.features[event.feature], proved=True, provable=event.provable)
        mission = replace(mission, features=put(mission.features, event.feature, state))
    last = mission.round
    return in_round(mission, event.milestone, event.round, gates=put(last.gates, event.gate, event)) if last else mission


def review_submitted(mission: Mission, event: e.ReviewSubmitted, record: Record) -> Mission:
    last = mission.round
    assert last is not None
    feature = event.review.feature
    state = replace(mission.features[feature], review=event.review, reviewed_at=mission.features[feature].end)
    mission = replace(mission, features=put(mission.features, feature, state))
    return in_round(mission, event.milestone, event.round, reviews=put(last.reviews, feature, event.review))


def scrutiny_submitted(mission: Mission, event: e.ScrutinySubmitted, record: Record) -> Mission:
    return in_round(mission, event.milestone, event.round, scrutiny=event.scrutiny)


def verdicts_submitted(mission: Mission, event: e.VerdictsSubmitted, record: Record) -> Mission:
    last = mission.round
    return in_round(mission, event.milestone, event.round, flows=put(last.flows, event.flow, event)) if last else mission


def verdict_given(mission: Mission, event: e.VerdictGiven, record: Record) -> Mission:
    old = mission.assertions[event.assertion]
    if old.status in ("waived", "removed"):
        return mission
    new = AssertionState(event.outcome, False, event, record.seq)
    return replace(mission, assertions=put(mission.assertions, event.assertion, new))


def verdicts_expired(mission: Mission, event: e.VerdictsExpired, record: Record) -> Mission:
    gone = set(event.assertions)
    states = {i: replace(s, stale=True) if i in gone else s for i, s in mission.assertions.items()}
    return replace(mission, assertions=states)


def assertion_waived(mission: Mission, event: e.AssertionWaived, record: Record) -> Mission:
    new = replace(mission.assertions[event.assertion], status="waived", stale=False, waived_because=event.reason)
    return replace(mission, assertions=put(mission.assertions, event.assertion, new))


def round_ended(mission: Mission, event: e.RoundEnded, record: Record) -> Mission:
    mission = in_round(mission, event.milestone, event.round, outcome=event.outcome, reason=event.reason)
    if event.milestone == FINAL_ROUND:
        return mission
    state = replace(mission.milestones[event.milestone], status="open")
    return replace(mission, milestones=put(mission.milestones, event.milestone, state))


def milestone_sealed(mission: Mission, event: e.MilestoneSealed, record: Record) -> Mission:
    state = replace(mission.milestones[event.milestone], status="sealed", commit=event.commit)
    features = dict(mission.features)
    for feature in mission.features_of(event.milestone):
        features[feature.id] = replace(features[feature.id], status="accepted")
    mission = replace(mission, features=features, milestones=put(mission.milestones, event.milestone, state))
    return opened(mission)


def audit_submitted(mission: Mission, event: e.AuditSubmitted, record: Record) -> Mission:
    commit = mission.head if event.audit.outcome == "passed" else ""
    heard = (record.attempt or "", event.audit)
    return replace(mission, audits=mission.audits + 1, audited_at=commit, last_audit=heard)


WORK_RULES: dict[type, Any] = {
    e.FeatureStarted: feature_started, e.CommitMade: commit_made, e.HandoffSubmitted: handoff_submitted,
    e.HandoffAudited: handoff_audited, e.FeatureReverted: feature_reverted, e.EditNoticed: edit_noticed,
    e.RoundStarted: round_started, e.GateFinished: gate_finished, e.ReviewSubmitted: review_submitted,
    e.ScrutinySubmitted: scrutiny_submitted, e.VerdictsSubmitted: verdicts_submitted, e.VerdictGiven: verdict_given,
    e.VerdictsExpired: verdicts_expired, e.AssertionWaived: assertion_waived, e.RoundEnded: round_ended,
    e.MilestoneSealed: milestone_sealed, e.AuditSubmitted: audit_submitted,
}
"""The rule of each fact of work and judgement."""
