"""Models in seats: how often they got it right, how honest they were, and what they took."""

from dataclasses import dataclass, field

from milepost.domain import events as e
from milepost.domain.budget import Spent
from milepost.domain.mission import Attempt
from milepost.report.material import Material
from milepost.report.shapes import MoneyRow, SeatRow
from milepost.report.verdicts import serving
from milepost.report.work import first_pass

Place = tuple[str, str]
"""A seat and a model."""


@dataclass(slots=True)
class Tally:
    """The sums of one model in one seat."""

    spent: Spent = field(default_factory=Spent)
    ms: int = 0
    seconds: float = 0.0
    attempts: int = 0
    submitted: int = 0
    nudges: int = 0
    judged: int = 0
    first: int = 0
    handoffs: int = 0
    mismatches: int = 0
    newly: int = 0


def seats(material: Material) -> list[SeatRow]:
    """The seat table, the most expensive first."""
    tallies: dict[Place, Tally] = {}
    for name, attempt in material.mission.attempts.items():
        add(tallies, material, name, attempt)
    count_features(tallies, material)
    count_handoffs(tallies, material)
    count_passes(tallies, material)
    dollars = sum(t.spent.dollars for t in tallies.values())
    awake = sum(s for (kind, _), s in material.timeline.spans.items() if kind != "held")
    found = [row(place, tally, dollars, awake) for place, tally in tallies.items()]
    return sorted(found, key=lambda r: (-r.dollars, r.seat, r.model))


def place_of(material: Material, attempt: str) -> Place:
    """The seat of an attempt and the model that answered most in it."""
    started = material.mission.attempts[attempt].started
    return started.seat, material.toll(attempt).model(started.model)


def add(tallies: dict[Place, Tally], material: Material, name: str, attempt: Attempt) -> None:
    """Count one attempt; what another model answered in it is that model's."""
    toll = material.toll(name)
    main = tallies.setdefault(place_of(material, name), Tally())
    main.attempts += 1
    main.submitted += attempt.outcome == "submitted"
    main.seconds += material.seconds(name)
    main.nudges += toll.nudges
    for model, spent in toll.spent.items():
        tally = tallies.setdefault((attempt.started.seat, model), Tally()) if model else main
        tally.spent = tally.spent.plus(spent)
        tally.ms += toll.ms.get(model, 0)


def count_features(tallies: dict[Place, Tally], material: Material) -> None:
    """Each judged feature counts for the model that tried it first."""
    tried: set[str] = set()
    for name, attempt in material.mission.attempts.items():
        feature = attempt.started.subject
        if attempt.started.seat != "worker" or feature in tried or feature not in material.mission.features:
            continue
        tried.add(feature)
        passed = first_pass(material.mission, feature)
        tally = tallies[place_of(material, name)]
        tally.judged += passed is not None
        tally.first += bool(passed)


def count_handoffs(tallies: dict[Place, Tally], material: Material) -> None:
    """What models claimed and the engine did not see; handoffs that the engine wrote claim nothing."""
    by: dict[str, tuple[str, bool]] = {}
    for record in material.facts:
        event = record.event
        if isinstance(event, e.HandoffSubmitted):
            by[event.feature] = (record.attempt or "", event.built_by_engine)
        elif isinstance(event, e.HandoffAudited) and not by[event.feature][1]:
            tally = tallies[place_of(material, by[event.feature][0])]
            tally.handoffs += 1
            tally.mismatches += len(event.mismatches)


def count_passes(tallies: dict[Place, Tally], material: Material) -> None:
    """Newly passed assertions: a worker's where it was the last to work on them, every other seat's all of them."""
    outcomes: dict[str, str] = {}
    total = 0
    for record, given in material.of(e.VerdictGiven):
        if given.outcome == "passed" and outcomes.get(given.assertion) != "passed":
            total += 1
            worker = last_worker(material, given.assertion, record.seq)
            if worker is not None:
                tallies[place_of(material, worker)].newly += 1
        outcomes[given.assertion] = given.outcome
    for (seat, _), tally in tallies.items():
        tally.newly = tally.newly if seat == "worker" else total


def last_worker(material: Material, assertion: str, before: int) -> str | None:
    """The last attempt before an event that worked for an assertion."""
    features = serving(material.mission, assertion)
    sat = [
        name for name, a in material.mission.attempts.items()
        if a.started.seat == "worker" and a.started.subject in features and a.seq < before
    ]
    return sat[-1] if sat else None


def share(part: float, whole: float) -> float | None:
    """One number over another; None where the other is nothing."""
    return part / whole if whole else None


def row(place: Place, tally: Tally, dollars: float, awake: float) -> SeatRow:
    """One model in one seat as a row."""
    spent = tally.spent
    return SeatRow(
        seat=place[0], model=place[1], attempts=tally.attempts, submitted=tally.submitted,
        features_judged=tally.judged, features_first=tally.first, first_pass=share(tally.first, tally.judged),
        newly_passed=tally.newly, dollars_per_pass=share(spent.dollars, tally.newly), handoffs=tally.handoffs,
        mismatches=tally.mismatches, mismatches_per_handoff=share(tally.mismatches, tally.handoffs),
        fresh=spent.fresh, cached=spent.cached, out=spent.out,
        cache_share=share(spent.cached, spent.fresh + spent.cached), turns=spent.turns, dollars=spent.dollars,
        money_share=share(spent.dollars, dollars), seconds=tally.seconds, wall_share=share(tally.seconds, awake),
        latency_ms=share(tally.ms, spent.turns), nudges=tally.nudges,
    )


def money(material: Material) -> MoneyRow:
    """What everything took together."""
    spent = Spent()
    for toll in material.tolls.values():
        for part in toll.spent.values():
            spent = spent.plus(part)
    return MoneyRow(
        dollars=spent.dollars, reserved=material.reserved, fresh=spent.fresh, cached=spent.cached, out=spent.out,
        turns=spent.turns, cache_share=share(spent.cached, spent.fresh + spent.cached),
        budget=material.mission.settings.budget,
    )
