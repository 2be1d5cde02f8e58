"""Where each assertion stands, what that rests on, and what its check said on the untouched base."""

from collections.abc import Iterable, Mapping

from milepost.domain import events as e
from milepost.domain.contract import Assertion
from milepost.domain.mission import Mission
from milepost.domain.plays import SCRIPT
from milepost.domain.receipt import Evidence
from milepost.report.material import Material
from milepost.report.shapes import Basis, VerdictRow
from milepost.report.shown import EvidenceRow

Recorded = Mapping[str, Evidence]
"""What testers and scripts recorded, by `<attempt>/E3`."""


def recorded(material: Material) -> Recorded:
    """Everything testers and scripts recorded."""
    return seen_in([*(s for _, s in material.of(e.VerdictsSubmitted)), *(p for _, p in material.of(e.ScriptPlayed))])


def seen_in(events: Iterable[object]) -> Recorded:
    """What these facts say was recorded."""
    return {
        f"{s.attempt}/{x.id}": x for s in events if isinstance(s, e.VerdictsSubmitted | e.ScriptPlayed)
        for x in s.evidence
    }


def rows(material: Material) -> list[VerdictRow]:
    """Every assertion, removed ones included, in the order of the contract."""
    known, times = recorded(material), times_of(material)
    found = [row(material.mission, assertion, known) for assertion in material.mission.contract]
    return [v.model_copy(update={"evidence": [timed(x, times) for x in v.evidence]}) for v in found]


def times_of(material: Material) -> Mapping[str, float]:
    """When each piece of evidence was recorded, by `<attempt>/E3`."""
    acts = {f"{name}/{x.id}": act.at for name, done in material.acts.items() for act in done for x in act.evidence}
    plays = {f"{p.attempt}/{x.id}": r.at for r, p in material.of(e.ScriptPlayed) for x in p.evidence}
    said = {f"{s.attempt}/{x.id}": r.at for r, s in material.of(e.VerdictsSubmitted) for x in s.evidence}
    return {**said, **plays, **acts}


def timed(piece: EvidenceRow, times: Mapping[str, float]) -> EvidenceRow:
    """A piece of evidence with the time it was recorded at."""
    return piece.model_copy(update={"at": times.get(piece.id)})


def shown_as(name: str, seen: Evidence, at: float | None = None) -> EvidenceRow:
    """Something a driver recorded, as a row."""
    return EvidenceRow(
        id=name, kind=seen.kind, title=seen.title, blob=seen.blob, tree=seen.tree, service=seen.service or "", at=at
    )


def row(mission: Mission, assertion: Assertion, known: Recorded) -> VerdictRow:
    """One assertion as a row."""
    state = mission.assertions[assertion.id]
    given, owner = state.verdict, mission.owner(assertion.id)
    examined = mission.examined.get(assertion.id)
    return VerdictRow(
        assertion=assertion.id, title=assertion.title, surface=assertion.surface, feature=owner.id if owner else "",
        state=state.status, stale=state.stale, basis=basis(assertion, given),
        evidence=evidence(mission, given, known) if given else [], note=given.note if given else "",
        tree=given.tree if given else "", milestone=(given.milestone or "") if given else "",
        round=given.round if given else None, base=examined.result if examined else "", guard=assertion.is_guard,
        provable=provable(mission, owner.id) if owner else None,
        reason_class=(given.reason_class or "") if given else "", needs=(given.needs or "") if given else "",
        reason=state.waived_because or assertion.removed,
    )


def basis(assertion: Assertion, given: e.VerdictGiven | None) -> Basis:
    """Whose word a verdict rests on: a check's receipt, a tester's evidence or its script's, or both."""
    if given is None:
        return ""
    # Evidence of testers is named by their attempt; only they can say that something is blocked, with none at all.
    told = not given.evidence or any("/" in name for name in given.evidence)
    if not told:
        return "check"
    if any(name.startswith(f"{SCRIPT}.") for name in given.evidence):
        return "check and script" if assertion.check else "script"
    return "check and tester" if assertion.check else "tester"


def provable(mission: Mission, feature: str) -> bool | None:
    """Whether taking a feature's change back turned something red; None where that was not tried."""
    state = mission.features[feature]
    return state.provable if state.proved else None


def evidence(mission: Mission, given: e.VerdictGiven, known: Recorded) -> list[EvidenceRow]:
    """What a verdict points at, with titles."""
    return [piece(mission, given, name, known) for name in given.evidence]


def piece(mission: Mission, given: e.VerdictGiven, name: str, known: Recorded) -> EvidenceRow:
    """One piece of evidence: a tester's by its id, a check's receipt by the hash of its output."""
    seen = known.get(name)
    if seen is not None:
        return shown_as(name, seen)
    return EvidenceRow(id="", kind="receipt", title=check_title(mission, given), blob=name, tree=given.tree)


def check_title(mission: Mission, given: e.VerdictGiven) -> str:
    """The command of a verdict's check and its exit code."""
    judged = [r for r in mission.rounds if (r.milestone, r.number) == (given.milestone, given.round)]
    gates = [g for r in judged if (g := r.gates.get(f"check:{given.assertion}")) is not None]
    receipt = gates[-1].receipt if gates else None
    return f"{receipt.command} → {ended(receipt.exit_code)}" if receipt else ""


def ended(code: int | None) -> str:
    """How a command ended, in a word."""
    return "did not end" if code is None else f"exit {code}"


def served(mission: Mission, feature: str) -> list[str]:
    """The assertions a feature makes true: its own, or for a fix those its items are about (D3)."""
    planned = mission.feature(feature)
    if planned is None:
        return []
    found = list(planned.fulfills)
    for about in (mission.items[i].opened.about for i in planned.fixes if i in mission.items):
        owner = mission.feature(about)
        found += [about] if about in mission.assertions else owner.fulfills if owner else []
    return list(dict.fromkeys(found))


def serving(mission: Mission, assertion: str) -> list[str]:
    """The features that made an assertion true: its owner, then the fixes."""
    features = mission.plan.features if mission.plan else []
    return [f.id for f in features if assertion in served(mission, f.id)]
