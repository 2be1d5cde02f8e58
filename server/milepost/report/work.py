"""Handoffs, rounds, audits, milestones and features, each with the items that came out of it."""

from collections.abc import Sequence

from milepost.domain import events as e
from milepost.domain.mission import FINAL_ROUND, Mission, Round
from milepost.domain.record import Record
from milepost.report import items
from milepost.report.items import needs_mending
from milepost.report.material import Material
from milepost.report.shapes import (
    AuditRow,
    FeatureRow,
    GateRow,
    HandoffRow,
    ItemRow,
    Judged,
    MilestoneRow,
    ReviewRow,
    RoundRow,
)
from milepost.report.verdicts import provable


def gate(event: e.GateFinished) -> GateRow:
    """One gate as a row."""
    receipt = event.receipt
    return GateRow(
        gate=event.gate, outcome=event.outcome, command=receipt.command if receipt else "",
        exit_code=receipt.exit_code if receipt else None, ms=receipt.ms if receipt else None,
        output=receipt.output if receipt else "", text=event.text,
    )


# --- handoffs ---

def handoffs(material: Material, opened: Sequence[ItemRow]) -> list[HandoffRow]:
    """Every handoff, oldest first."""
    given = material.of(e.HandoffSubmitted)
    found = []
    for place, (record, event) in enumerate(given):
        later = [r.seq for r, other in given[place + 1:] if other.feature == event.feature]
        stop = later[0] if later else material.mission.seq + 1
        after = [r for r in material.facts if record.seq < r.seq < stop]
        found.append(handoff(material, record, event, after, opened))
    return found


def handoff(
    material: Material, record: Record, event: e.HandoffSubmitted, after: Sequence[Record], opened: Sequence[ItemRow]
) -> HandoffRow:
    """One handoff, with what followed up to the next one of its feature."""
    attempt = record.attempt or ""
    planned = material.mission.feature(event.feature)
    commits = [c for r, c in material.of(e.CommitMade) if r.attempt == attempt]
    audited = [r.event for r in after if isinstance(r.event, e.HandoffAudited) and r.event.feature == event.feature]
    gates = [
        gate(g) for g in (r.event for r in after)
        if isinstance(g, e.GateFinished) and g.feature == event.feature and g.round is None
    ]
    return HandoffRow(
        feature=event.feature, title=planned.title if planned else "", attempt=attempt, at=record.at,
        outcome=event.handoff.outcome, summary=event.handoff.summary, built_by_engine=event.built_by_engine,
        audited=bool(audited), mismatches=audited[-1].mismatches if audited else [],
        commits=[c.commit for c in commits],
        tree=commits[-1].tree if commits else "", gates=gates, items=items.of(opened, f"handoff:{attempt}"),
    )


# --- judgement ---

def rounds(material: Material, opened: Sequence[ItemRow]) -> list[RoundRow]:
    """Every round, oldest first."""
    started = {(s.milestone, s.round): r.at for r, s in material.of(e.RoundStarted)}
    ended = {(s.milestone, s.round): r.at for r, s in material.of(e.RoundEnded)}
    found = []
    for judged in material.mission.rounds:
        key = (judged.milestone, judged.number)
        end = ended.get(key, material.timeline.until)
        found.append(round_row(material, judged, started[key], end - started[key], opened))
    return found


def round_row(
    material: Material, judged: Round, started: float, seconds: float, opened: Sequence[ItemRow]
) -> RoundRow:
    """One round as a row."""
    name, key = f"{judged.milestone}r{judged.number}", (judged.milestone, judged.number)
    verdicts = [v for _, v in material.of(e.VerdictGiven) if (v.milestone, v.round) == key]
    return RoundRow(
        id=name, milestone=judged.milestone, number=judged.number, commit=judged.commit, tree=judged.tree,
        scope=list(judged.scope), outcome=judged.outcome or "", reason=judged.reason, started=started, seconds=seconds,
        gates=[gate(g) for g in judged.gates.values()], reviews=reviews(judged),
        verdicts=[Judged(assertion=v.assertion, outcome=v.outcome, note=v.note) for v in verdicts],
        items=items.of(opened, f"round:{name}"),
    )


def reviews(judged: Round) -> list[ReviewRow]:
    """What the readers of a round said, scrutiny last."""
    found = [ReviewRow(subject=f, outcome=r.outcome, findings=r.findings) for f, r in judged.reviews.items()]
    last = judged.scrutiny
    if last is not None:
        found.append(ReviewRow(subject=judged.milestone, outcome=last.outcome, findings=last.findings))
    return found


def audits(material: Material, opened: Sequence[ItemRow]) -> list[AuditRow]:
    """Every blind audit, oldest first."""
    return [
        AuditRow(
            attempt=r.attempt or "", at=r.at, outcome=s.audit.outcome, tree=s.tree, findings=s.audit.findings,
            items=items.of(opened, f"audit:{r.attempt or ''}"),
        )
        for r, s in material.of(e.AuditSubmitted)
    ]


# --- plan ---

def milestones(material: Material) -> list[MilestoneRow]:
    """Every milestone in order, with where its time went."""
    mission, timeline = material.mission, material.timeline
    return [
        MilestoneRow(
            id=m.id, title=m.title, outcome=m.outcome, status=mission.milestones[m.id].status,
            rounds=mission.milestones[m.id].rounds, first_round_passed=first_round(mission, m.id),
            commit=mission.milestones[m.id].commit, work=timeline.of("work", m.id),
            validation=timeline.of("validation", m.id), held=timeline.of("held", m.id),
        )
        for m in (mission.plan.milestones if mission.plan else [])
    ]


def first_round(mission: Mission, milestone: str) -> bool | None:
    """Whether a milestone passed at its first round; None while that is open."""
    first = next((r for r in mission.rounds if r.milestone == milestone and r.outcome), None)
    return first.outcome == "passed" if first else None


def features(material: Material) -> list[FeatureRow]:
    """Every feature in the order of work, cancelled ones included."""
    mission = material.mission
    found = []
    for feature in mission.plan.features if mission.plan else []:
        state = mission.features[feature.id]
        sat = [a for a, s in mission.attempts.items() if (s.started.seat, s.started.subject) == ("worker", feature.id)]
        found.append(
            FeatureRow(
                id=feature.id, title=feature.title, milestone=feature.milestone, status=state.status,
                fulfills=feature.fulfills, fixes=feature.fixes, attempts=state.attempts, commits=list(state.commits),
                provable=provable(mission, feature.id), first_pass=first_pass(mission, feature.id),
                dollars=sum(material.toll(a).dollars for a in sat), seconds=sum(material.seconds(a) for a in sat),
            )
        )
    return found


def first_pass(mission: Mission, feature: str) -> bool | None:
    """Whether a feature was done at the first attempt and needed no mending; None where no round judged it."""
    planned, state = mission.feature(feature), mission.features[feature]
    judged = planned is not None and any(r.milestone == planned.milestone and r.outcome for r in mission.rounds)
    if planned is None or not judged or state.status not in ("built", "accepted"):
        return None
    about = {feature, *planned.fulfills}
    return state.attempts == 1 and not any(i.opened.about in about and needs_mending(i) for i in mission.items.values())


def judged_milestones(mission: Mission) -> list[str]:
    """The milestones with a round that ended, the final round left out."""
    return list(dict.fromkeys(r.milestone for r in mission.rounds if r.outcome and r.milestone != FINAL_ROUND))
