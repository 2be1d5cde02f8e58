"""How it went in numbers, what was changed on the way, and the code's measures before and after (A11, A17)."""

import json

from milepost.domain import events as e
from milepost.domain.record import Record
from milepost.report.material import Material
from milepost.report.shapes import ChangeRow, Counts, MeasureRow
from milepost.report.spending import share
from milepost.report.work import first_round, judged_milestones


def counts(material: Material) -> Counts:
    """The counters of the mission."""
    mission = material.mission
    features = mission.plan.features if mission.plan else []
    planned = [f for f in features if mission.features[f.id].status != "cancelled"]
    fixes = [f for f in planned if f.fixes]
    judged = judged_milestones(mission)
    decisions = [i.decision for i in mission.items.values()]
    return Counts(
        features=len(planned), fix_features=len(fixes), fix_ratio=share(len(fixes), len(planned)),
        rounds=len(mission.rounds), milestones_judged=len(judged),
        first_round_passes=sum(first_round(mission, m) is True for m in judged), audits=mission.audits,
        handoffs=len(material.of(e.HandoffSubmitted)),
        questions=sum(i.opened.type == "question" for i in mission.items.values()),
        waivers=len(material.of(e.AssertionWaived)), dismissals=decisions.count("dismiss"),
        disputes=decisions.count("dispute"), nudges=sum(t.nudges for t in material.tolls.values()),
        holds=len(material.timeline.holds), held=material.timeline.held, amendments=len(material.of(e.ContractAmended)),
        orders=len({r.order for r in material.facts if r.by == "user" and r.order}),
        refused=len(material.of(e.OrderRefused)),
    )


def changes(material: Material) -> list[ChangeRow]:
    """What was changed after approval or said by the user, oldest first."""
    said = [(r, words(r)) for r in material.facts]
    return [ChangeRow(at=r.at, by=r.by, kind=r.event.kind, text=text) for r, text in said if text]


def words(record: Record) -> str:
    """A change in a line; empty for every other fact."""
    match record.event:
        case e.ContractAmended() as amended:
            return f"{', '.join(f'{c.op} {c.assertion}' for c in amended.changes)}: {amended.reason}"
        case e.PlanChanged() as changed:
            return f"{what(changed)}: {changed.reason}"
        case e.SettingChanged() as setting:
            return f"{setting.key} = {json.dumps(setting.value, ensure_ascii=False)}"
        case e.MessageReceived() as message:
            return message.text
        case e.MissionReturned() as returned:
            return returned.comment
        case e.GuidanceGiven() as guidance:
            return f"{guidance.scope}: {guidance.text}"
        case e.FeatureReverted() as reverted:
            return f"{reverted.feature} was taken back with {reverted.commit[:8]}"
        case e.EditNoticed() as edit:
            return f"edited by the user: {', '.join(edit.paths)}"
        case e.MissionReopened() as reopened:
            return reopened.reason
        case _:
            return ""


def what(changed: e.PlanChanged) -> str:
    """Which features and milestones a change of plan touched."""
    change = changed.change
    parts = {
        "add": [*(m.id for m in change.milestones), *(f.id for f in change.add)],
        "detail": [d.feature for d in change.detail], "split": [s.feature for s in change.split],
        "fold": [f.feature for f in change.fold], "cancel": [c.feature for c in change.cancel], "order": change.order,
    }
    return "; ".join(f"{verb} {', '.join(ids)}" for verb, ids in parts.items() if ids)


def measures(material: Material) -> list[MeasureRow]:
    """Every count that was taken, with its value at the base and at the end."""
    base = material.mission.base_measures
    taken = [g.text for _, g in material.of(e.GateFinished) if g.gate == "measures"]
    end: dict[str, int] = json.loads(taken[-1]) if taken else {}
    return [MeasureRow(name=name, base=base.get(name), end=end.get(name)) for name in dict.fromkeys([*base, *end])]
