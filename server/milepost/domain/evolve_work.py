"""What the facts of work and judgement mean: features, commits, handoffs, rounds, verdicts, seals."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from milepost.domain import events as e
from milepost.domain.errors import Refused
from milepost.domain.freshness import kept, moved
from milepost.domain.mission import FINAL_ROUND, FeatureState, FeatureStatus, Mission, Round, ScriptState
from milepost.domain.record import Record


def put(mapping: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """The mapping with one entry set."""
    return {**mapping, key: value}


def opened(mission: Mission) -> Mission:
    """While it runs, the first milestone that is not sealed is open."""
    first = mission.open_milestone
    if mission.phase != "running" or first is None or mission.milestones[first].status != "waiting":
        return mission
    begun = replace(mission.milestones[first], status="open")
    return replace(mission, milestones=put(mission.milestones, first, begun))


# --- work ---

def feature_started(mission: Mission, event: e.FeatureStarted, record: Record) -> Mission:
    old = mission.features[event.feature]
    state = replace(
        old, status="active", start=old.start or event.start, started_seq=old.started_seq or record.seq, handoff=None,
        audited=False, proved=False,
    )
    return replace(mission, features=put(mission.features, event.feature, state))


def commit_made(mission: Mission, event: e.CommitMade, record: Record) -> Mission:
    mission = moved(replace(mission, head=event.commit), event.paths, record.seq)
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
    done = old.handoff is not None and old.handoff.outcome == "done" and not old.handoff.undone
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
    ended = f"The attempt before ended as {state.handoff.outcome}: {state.handoff.summary}"
    return f"{ended} Undone: {undone or 'nothing named'}"


def feature_reverted(mission: Mission, event: e.FeatureReverted, record: Record) -> Mission:
    state = replace(
        mission.features[event.feature], status=after_revert(mission, event.feature), start="", end="", started_seq=0,
        handoff=None, audited=False, proved=False, commits=(), review=None, reviewed_at="",
        reopened="The user took this feature back; build it anew.",
    )
    mission = replace(mission, features=put(mission.features, event.feature, state), head=event.commit)
    return moved(mission, None, record.seq)


def after_revert(mission: Mission, feature: str) -> FeatureStatus:
    """Ready to be built anew; cancelled where its milestone is sealed, which takes no more work."""
    planned = mission.feature(feature)
    sealed = planned is not None and mission.milestones[planned.milestone].status == "sealed"
    return "cancelled" if sealed or mission.features[feature].status == "cancelled" else "ready"


def edit_noticed(mission: Mission, event: e.EditNoticed, record: Record) -> Mission:
    return moved(replace(mission, head=event.commit), event.paths, record.seq)


# --- judgement ---

def round_started(mission: Mission, event: e.RoundStarted, record: Record) -> Mission:
    new = Round(event.milestone, event.round, event.commit, event.tree, tuple(event.scope), seq=record.seq)
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
    elif event.feature:
        mission = replace(mission, handoff_gates=put(mission.handoff_gates, event.gate, event))
    last = mission.round
    if last is None:
        return mission
    known = last.gates.get(event.gate)
    # What was red once in a round stays red in it: nothing is run again until it is green.
    kept_red = known if known is not None and known.outcome == "red" else event
    return in_round(mission, event.milestone, event.round, gates=put(last.gates, event.gate, kept_red))


def review_submitted(mission: Mission, event: e.ReviewSubmitted, record: Record) -> Mission:
    last = mission.round
    if last is None or (last.milestone, last.number) != (event.milestone, event.round):
        return mission
    feature = event.review.feature
    state = replace(mission.features[feature], review=event.review, reviewed_at=mission.features[feature].end)
    mission = replace(mission, features=put(mission.features, feature, state))
    return in_round(mission, event.milestone, event.round, reviews=put(last.reviews, feature, event.review))


def scrutiny_submitted(mission: Mission, event: e.ScrutinySubmitted, record: Record) -> Mission:
    return in_round(mission, event.milestone, event.round, scrutiny=event.scrutiny)


def verdicts_submitted(mission: Mission, event: e.VerdictsSubmitted, record: Record) -> Mission:
    flows = mission.round.flows if mission.round else {}
    return in_round(mission, event.milestone, event.round, flows=put(flows, event.flow, event))


def script_compiled(mission: Mission, event: e.ScriptCompiled, record: Record) -> Mission:
    new = {a: ScriptState(event.script, text, event.attempt, event.tree) for a, text in event.assertions.items()}
    return replace(mission, scripts={**mission.scripts, **new}, compiled=mission.compiled | {event.attempt})


def script_played(mission: Mission, event: e.ScriptPlayed, record: Record) -> Mission:
    plays = mission.round.plays if mission.round else {}
    return in_round(mission, event.milestone, event.round, plays=put(plays, event.script, event))


def verdict_given(mission: Mission, event: e.VerdictGiven, record: Record) -> Mission:
    old = mission.assertions[event.assertion]
    if old.status in ("waived", "removed"):
        return mission
    new = replace(
        old, status=event.outcome, stale=outrun(mission, event), verdict=event, verdict_seq=record.seq,
        waived_because="",
    )
    return replace(mission, assertions=put(mission.assertions, event.assertion, new))


def outrun(mission: Mission, event: e.VerdictGiven) -> bool:
    """Whether the product changed after the round began that gives this verdict: it speaks of another tree."""
    last = mission.round
    mine = last is not None and (last.milestone, last.number) == (event.milestone, event.round)
    return mine and last is not None and mission.moved_seq > last.seq


def verdicts_expired(mission: Mission, event: e.VerdictsExpired, record: Record) -> Mission:
    states = dict(mission.assertions)
    states |= {i: replace(states[i], stale=True) for i in event.assertions if states[i].verdict is not None}
    return replace(mission, assertions=kept(mission, states))


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
    """Raises Refused where it is sealed already, or something of it is not done or not shown."""
    if mission.milestones[event.milestone].status == "sealed":
        raise Refused(f"{event.milestone} is sealed already, and that is final")
    features = dict(mission.features)
    planned = mission.features_of(event.milestone)
    left = [f.id for f in planned if features[f.id].status != "built"]
    left += [a for f in planned for a in f.fulfills if a in mission.live and not mission.assertions[a].settled]
    if left:
        raise Refused(f"{event.milestone} cannot be sealed: {', '.join(left)} is not settled")
    state = replace(mission.milestones[event.milestone], status="sealed", commit=event.commit)
    features |= {f.id: replace(features[f.id], status="accepted") for f in planned}
    mission = replace(mission, features=features, milestones=put(mission.milestones, event.milestone, state))
    return opened(mission)


def audit_submitted(mission: Mission, event: e.AuditSubmitted, record: Record) -> Mission:
    attempt = mission.attempts.get(record.attempt or "")
    blocking = any(f.severity == "blocking" for f in event.audit.findings)
    passed = event.audit.outcome == "passed" and not blocking
    # Not the newest commit: that may have come while the auditor looked at another.
    looked_at = (attempt.started.start if attempt else "") or mission.head
    heard = (record.attempt or "", event.audit)
    return replace(mission, audits=mission.audits + 1, audited_at=looked_at if passed else "", last_audit=heard)


WORK_RULES: dict[type, Any] = {
    e.FeatureStarted: feature_started, e.CommitMade: commit_made, e.HandoffSubmitted: handoff_submitted,
    e.HandoffAudited: handoff_audited, e.FeatureReverted: feature_reverted, e.EditNoticed: edit_noticed,
    e.RoundStarted: round_started, e.GateFinished: gate_finished, e.ReviewSubmitted: review_submitted,
    e.ScrutinySubmitted: scrutiny_submitted, e.VerdictsSubmitted: verdicts_submitted, e.VerdictGiven: verdict_given,
    e.VerdictsExpired: verdicts_expired, e.AssertionWaived: assertion_waived, e.RoundEnded: round_ended,
    e.MilestoneSealed: milestone_sealed, e.AuditSubmitted: audit_submitted,
    e.ScriptCompiled: script_compiled, e.ScriptPlayed: script_played,
}
"""The rule of each fact of work and judgement."""
