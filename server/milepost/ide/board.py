"""Everything a tree or Mission Control shows of one mission."""

from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter, itemgetter

from milepost.domain.answering import IN_WORDS, YES_OR_NO
from milepost.domain.contract import Assertion
from milepost.domain.mission import Item, Round
from milepost.ide.evidence import Piece, pieces
from milepost.ide.item_actions import item_actions
from milepost.ide.snapshot import (
    Doing,
    Snapshot,
    brief_path,
    contract_path,
    handoff_path,
    milestone_path,
    plan_path,
    questions_path,
    report_path,
    tree_path,
    uri,
)
from milepost.ide.status import seat_of, status, subject_of
from milepost.ide.story import Left
from milepost.ide.view import (
    ActivityView,
    AssertionView,
    DocumentView,
    EvidenceView,
    FeatureView,
    HandoffView,
    ItemView,
    MilestoneView,
    MissionView,
    PointView,
    RoundView,
    SeatView,
)


def view(snapshot: Snapshot) -> MissionView:
    """The whole of it."""
    mission = snapshot.mission
    ended = snapshot.now if snapshot.story.ended is None else snapshot.story.ended
    return MissionView(
        status=status(snapshot), goal=mission.goal, summary=mission.summary, base=mission.base, head=mission.head,
        branch=mission.branch, mode=mission.mode, tree=uri(snapshot.paths.tree), folder=uri(snapshot.paths.root),
        created=mission.created, elapsed=max(0.0, ended - mission.created), milestones=milestones(snapshot),
        features=features(snapshot), assertions=assertions(snapshot), items=items(snapshot),
        handoffs=handoffs(snapshot), rounds=[round_view(r, snapshot) for r in mission.rounds], seats=seats(snapshot),
        activity=[activity(d, snapshot) for d in snapshot.activity] if snapshot.running else [],
        timeline=[
            PointView(at=p.at, settled=p.settled, assertions=p.live, dollars=p.dollars) for p in snapshot.story.timeline
        ],
        documents=list(documents(snapshot)), warnings=list(mission.warnings), estimate=dict(mission.estimate),
    )


# --- plan ---

def milestones(snapshot: Snapshot) -> list[MilestoneView]:
    """Every milestone, in order."""
    found = []
    for milestone in snapshot.milestones.values():
        state = snapshot.mission.milestones[milestone.id]
        page = uri(milestone_path(snapshot.paths, milestone.id))
        found.append(
            MilestoneView(
                id=milestone.id, title=milestone.title, outcome=milestone.outcome, status=state.status,
                rounds=state.rounds, commit=state.commit, document=page,
            )
        )
    return found


def features(snapshot: Snapshot) -> list[FeatureView]:
    """Every feature in the order of work, cancelled ones included."""
    found = []
    for feature in snapshot.planned.values():
        state = snapshot.mission.features[feature.id]
        page = uri(handoff_path(snapshot.paths, feature.id)) if feature.id in snapshot.story.handoffs else ""
        found.append(
            FeatureView(
                id=feature.id, title=feature.title, milestone=feature.milestone, status=state.status,
                skill=feature.skill or "", fulfills=feature.fulfills, fixes=feature.fixes, attempts=state.attempts,
                dollars=snapshot.feature_costs.get(feature.id, 0.0), start=state.start, end=state.end,
                commits=list(state.commits), document=page,
            )
        )
    return found


# --- contract ---

def assertions(snapshot: Snapshot) -> list[AssertionView]:
    """Every assertion in the order of the contract, removed ones included."""
    contract = uri(contract_path(snapshot.paths, snapshot.mission))
    lines = snapshot.story.layout.assertions
    found = []
    for name, standing in snapshot.standings.items():
        owner, given = snapshot.planned.get(standing.feature), standing.state.verdict
        found.append(
            assertion(
                standing.assertion, standing.state.status, standing.state.stale, standing.feature,
                owner.milestone if owner else "", standing.note, tuple(pieces(given, snapshot)) if given else (),
                contract, lines.get(name, 0),
            )
        )
    return found


@lru_cache(maxsize=4_096)
def assertion(
    agreed: Assertion, status: str, stale: bool, feature: str, milestone: str, note: str, seen: tuple[Piece, ...],
    contract: str, line: int,
) -> AssertionView:
    """One assertion; kept from one state of the mission to the next, as most stand as they stood."""
    evidence = [
        EvidenceView(id=p.id, kind=p.kind, title=p.title, blob=p.blob, uri=uri(p.path) if p.path else "") for p in seen
    ]
    return AssertionView(
        id=agreed.id, title=agreed.title, area=agreed.area, surface=agreed.surface, status=status, stale=stale,
        feature=feature, milestone=milestone, note=note, evidence=evidence, uri=contract, line=line,
    )


# --- items and what they came out of ---

def items(snapshot: Snapshot) -> list[ItemView]:
    """Every item, oldest first."""
    return [item_view(i, snapshot) for i in snapshot.mission.items.values()]


def item_view(item: Item, snapshot: Snapshot) -> ItemView:
    """One item, and beside it how it was resolved."""
    opened = item.opened
    file, line = opened.finding.get("file"), opened.finding.get("line")
    return ItemView(
        id=item.id, type=opened.type, owner=opened.owner, about=opened.about, text=opened.text,
        severity=opened.severity, options=opened.options, multiple=bool(opened.payload.get("multiple")),
        blocks=opened.blocks if isinstance(opened.blocks, str) else ",".join(opened.blocks),
        file=uri(tree_path(snapshot.paths, file)) if file else "", line=line - 1 if file and line else -1,
        open=item.is_open, decision=item.decision or "", reason=item.reason, answer=item.text or "",
        feature=item.feature or "", actions=item_actions(item, snapshot),
    )


def handoffs(snapshot: Snapshot) -> list[HandoffView]:
    """Every handoff, oldest first; only a feature's newest has a page."""
    found = []
    for feature, told in snapshot.story.handoffs.items():
        for left, later in zip(told, (*told[1:], None), strict=True):
            found.append((left.seq, HandoffView(
                feature=feature, attempt=left.attempt, outcome=left.handoff.outcome, summary=left.handoff.summary,
                mismatches=list(left.mismatches), found=held_against(left, feature, later, snapshot),
                document="" if later else uri(handoff_path(snapshot.paths, feature)),
            )))
    return [handoff for _, handoff in sorted(found, key=itemgetter(0))]


def held_against(left: Left, feature: str, later: Left | None, snapshot: Snapshot) -> list[str]:
    """Ids of the items that came out of a handoff, and of what rounds found of its work until the feature's next."""
    origins, planned = snapshot.story.origins.found, snapshot.planned.get(feature)
    found = [snapshot.mission.items[i] for i in snapshot.sources.get(f"handoff:{left.attempt}", ())]
    for about in (feature, *(planned.fulfills if planned else ())):
        found += [
            item for item in snapshot.about.get(about, ())
            if origins[item.id].startswith("round:") and left.seq < item.seq and (later is None or item.seq < later.seq)
        ]
    return [item.id for item in sorted(found, key=attrgetter("seq"))]


def round_view(judged: Round, snapshot: Snapshot) -> RoundView:
    """One round, with what was red or failed in it."""
    key = (judged.milestone, judged.number)
    failed = [g.gate for g in judged.gates.values() if g.outcome == "red"]
    failed += [
        v.verdict.assertion for a in judged.scope for v in snapshot.story.verdicts.get(a, ())
        if (v.verdict.milestone, v.verdict.round) == key and v.verdict.outcome != "passed"
    ]
    return RoundView(
        milestone=judged.milestone, number=judged.number, outcome=judged.outcome or "", reason=judged.reason,
        failed=failed, items=list(snapshot.sources.get(f"round:{judged.milestone}r{judged.number}", ())),
    )


# --- who, and where ---

def seats(snapshot: Snapshot) -> list[SeatView]:
    """What each model took in each seat, the most expensive first; calls without an answer are the seat's model's."""
    sums: dict[tuple[str, str], list[float]] = {}
    for account in snapshot.accounts:
        attempt = snapshot.mission.attempts.get(account.attempt)
        model = account.model or (attempt.started.model if attempt else "")
        spent = account.spent
        row = sums.setdefault((account.attempt.partition(".")[0], model), [0.0, 0, 0, 0])
        for place, more in enumerate((spent.dollars, spent.turns, spent.cached, spent.fresh + spent.cached)):
            row[place] += more
    found = [
        SeatView(seat=seat, model=model, dollars=d, turns=int(t), cache_share=cached / read if read else 0.0)
        for (seat, model), (d, t, cached, read) in sums.items()
    ]
    return sorted(found, key=lambda s: (-s.dollars, s.seat, s.model))


def activity(doing: Doing, snapshot: Snapshot) -> ActivityView:
    """What an open attempt does just now."""
    return ActivityView(
        attempt=doing.attempt, seat=seat_of(doing), subject=subject_of(doing, snapshot.mission),
        doing=doing.tool or "thinking", since=doing.at,
    )


def documents(snapshot: Snapshot) -> Iterator[DocumentView]:
    """The documents there are by now."""
    mission, paths = snapshot.mission, snapshot.paths
    asked = any(i.opened.type in IN_WORDS | YES_OR_NO for i in mission.items.values())
    there = {
        "brief": (bool(mission.brief), brief_path(paths)), "plan": (mission.plan is not None, plan_path(paths)),
        "contract": (bool(mission.contract.areas), contract_path(paths, mission)),
        "questions": (asked, questions_path(paths, mission)), "report": (mission.ended, report_path(paths)),
    }
    for name, (exists, path) in there.items():
        if exists:
            yield DocumentView(name=name, uri=uri(path))
