"""Walkthroughs: what testers did with the program in each milestone, and how many of them sat at one time."""

from collections.abc import Iterator, Sequence

from milepost.domain import events as e
from milepost.report.acts import Act
from milepost.report.material import Material
from milepost.report.shown import FlowCostRow, FlowsRow, Walk, WalkStep
from milepost.report.verdicts import shown_as


def walks(material: Material) -> list[Walk]:
    """For each milestone the attempts that its last verdicts point at, in the order of the contract."""
    return [walk for milestone in milestones(material) for walk in of_milestone(material, milestone)]


def milestones(material: Material) -> list[str]:
    """Every milestone that was judged, and the final round."""
    return list(dict.fromkeys(r.milestone for r in material.mission.rounds))


def of_milestone(material: Material, milestone: str) -> Iterator[Walk]:
    """What was done for the last verdicts of one milestone."""
    last = {v.assertion: v for _, v in material.of(e.VerdictGiven) if v.milestone == milestone}
    cited: dict[str, dict[str, list[str]]] = {}
    for given in (last[a.id] for a in material.mission.contract if a.id in last):
        for attempt, _, name in (piece.rpartition("/") for piece in given.evidence):
            if attempt in material.acts:
                cited.setdefault(attempt, {}).setdefault(given.assertion, []).append(name)
    for attempt, assertions in cited.items():
        named = {name for names in assertions.values() for name in names}
        steps = [step(attempt, act) for act in up_to(material.acts[attempt], named)]
        if steps:
            yield Walk(milestone=milestone, attempt=attempt, assertions=list(assertions), steps=steps)


def up_to(acts: Sequence[Act], named: set[str]) -> list[Act]:
    """The acts up to the last that recorded something named."""
    last = max((n for n, act in enumerate(acts) if named & {x.id for x in act.evidence}), default=-1)
    return list(acts[: last + 1])


def step(attempt: str, act: Act) -> WalkStep:
    """One act as a row."""
    pieces = [shown_as(f"{attempt}/{x.id}", x, act.at) for x in act.evidence]
    return WalkStep(said=act.said, at=act.at, evidence=pieces)


def flows(material: Material) -> list[FlowsRow]:
    """Every decision about who sits down."""
    return [
        FlowsRow(at=r.at, round=f"{a.milestone}r{a.round}", flows=a.flows, waiting=a.waiting, reason=a.reason)
        for r, a in material.of(e.FlowsAdmitted)
    ]


def flow_costs(material: Material) -> list[FlowCostRow]:
    """What the flows of each round took, where several sat."""
    return [
        FlowCostRow(
            round=f"{m.milestone}r{m.round}", at_once=m.at_once, together_mb=m.together_mb, peaks_mb=m.peaks_mb
        )
        for _, m in material.of(e.FlowsMeasured)
    ]
