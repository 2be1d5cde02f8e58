"""What a round asks for and what comes out of it: which gates, readers and testers, which verdicts and items."""

from collections.abc import Iterator

from milepost.domain import events as e
from milepost.domain.contract import Assertion
from milepost.domain.flows import Flow, flows
from milepost.domain.handoff import Finding, SubmittedVerdict
from milepost.domain.hashes import assertion_hash
from milepost.domain.mission import FINAL_ROUND, Mission, Round
from milepost.domain.record import Fact

TREE_GATES = ("tests", "tamper", "stubs")
"""Gates over the whole tree: expected test ids, weakened tests against the base, stubs."""
USERS_TO_MEND = frozenset({"tool", "credential", "external"})
"""Reason classes of a blocked verdict that only the user can clear."""


def done_features(mission: Mission) -> set[str]:
    """Features that were built or accepted."""
    return {f for f, s in mission.features.items() if s.status in ("built", "accepted")}


def due(mission: Mission, milestone: str) -> list[str]:
    """Assertions a round of this milestone judges: its own that are not freshly settled; in the final round, all such."""
    own = [
        a for f in mission.features_of(milestone) for a in f.fulfills
    ] if milestone != FINAL_ROUND else list(mission.live)
    settled = set(mission.settled)
    return [a for a in own if a in mission.live and a not in settled]


def checked(mission: Mission) -> list[Assertion]:
    """Live assertions with a check whose owner is done: every round runs all of them."""
    done = done_features(mission)
    owners = {a: f.id for f in (mission.plan.features if mission.plan else []) for a in f.fulfills}
    return [
        a for a in mission.contract.live
        if a.check and owners.get(a.id) in done and mission.assertions[a.id].status != "waived"
    ]


def expected_gates(mission: Mission) -> list[str]:
    """The gates a round runs, in order."""
    commands = [name for name, _ in mission.manifest.gates()] if mission.manifest else []
    return [*commands, *TREE_GATES, *(f"check:{a.id}" for a in checked(mission))]


def red_gates(round: Round) -> list[e.GateFinished]:
    """The gates of a round that were red."""
    return [g for g in round.gates.values() if g.outcome == "red"]


def to_review(mission: Mission, round: Round) -> list[str]:
    """Features that need a fresh reader in this round: new ones, changed ones, and those that failed."""
    if round.milestone == FINAL_ROUND:
        return []
    return [
        f.id for f in mission.features_of(round.milestone)
        if f.id not in round.reviews and not reviewed(mission, f.id)
    ]


def reviewed(mission: Mission, feature: str) -> bool:
    """Whether the feature as it stands has a passed review."""
    state = mission.features[feature]
    return state.review is not None and state.review.outcome == "passed" and state.reviewed_at == state.end


def wants_scrutiny(mission: Mission, round: Round) -> bool:
    """Scrutiny is seated only where a milestone has two features or more (D15)."""
    return round.milestone != FINAL_ROUND and round.scrutiny is None and len(mission.features_of(round.milestone)) > 1


def findings(round: Round) -> Iterator[tuple[str, Finding]]:
    """Every finding of a round with what it is about."""
    for feature, review in round.reviews.items():
        yield from ((feature, finding) for finding in review.findings)
    if round.scrutiny is not None:
        yield from ((round.milestone, finding) for finding in round.scrutiny.findings)


def has_blocking(round: Round) -> bool:
    """Whether a reader found something that blocks."""
    return any(finding.severity == "blocking" for _, finding in findings(round))


def open_flows(mission: Mission, round: Round) -> list[Flow]:
    """Flows of this round that no tester has submitted."""
    wanted = [a for i in round.scope if (a := mission.contract.get(i)) is not None]
    in_force_now = set(in_force(mission, round))
    # Grouped over the whole scope, so that a waiver in mid-round renumbers nothing.
    left = [f for f in flows(wanted) if f.name not in round.flows]
    return [Flow(f.name, kept) for f in left if (kept := tuple(a for a in f.assertions if a.id in in_force_now))]




def conclude(mission: Mission, round: Round, product: str) -> list[Fact]:
    """The verdicts, items and the end of a round; `product` is the hash of its product tree."""
    verdicts = [v for v in (verdict(mission, round, i, product) for i in round.scope) if v is not None]
    verdicts += regressions(mission, round, product)
    failed = [v for v in verdicts if v.outcome != "passed"]
    items = [*gate_items(round), *finding_items(round), *verdict_items(mission, failed)]
    numbered = [item.model_copy(update={"item": mission.next_item(n)}) for n, item in enumerate(items)]
    bad = bool(red_gates(round) or has_blocking(round) or failed) or len(verdicts) < len(in_force(mission, round))
    why = reason(round, failed)
    end = e.RoundEnded(
        milestone=round.milestone, round=round.number, outcome="failed" if bad else "passed", reason=why if bad else ""
    )
    return [*verdicts, *numbered, end]


def in_force(mission: Mission, round: Round) -> list[str]:
    """The round's assertions that were neither waived nor removed meanwhile."""
    return [i for i in round.scope if mission.assertions[i].status not in ("waived", "removed")]


def reason(round: Round, failed: list[e.VerdictGiven]) -> str:
    """Why a round failed, in a line."""
    parts = [f"gate {g.gate} is red" for g in red_gates(round)]
    parts += [f"{about}: {f.problem}" for about, f in findings(round) if f.severity == "blocking"]
    parts += [f"{v.assertion} {v.outcome}: {v.note}" for v in failed]
    return "; ".join(parts)[:2000] or "not every assertion was judged"


def verdict(mission: Mission, round: Round, assertion_id: str, product: str) -> e.VerdictGiven | None:
    """The verdict on one assertion, or None where nothing was shown (D4c)."""
    assertion = mission.contract.get(assertion_id)
    if assertion is None or assertion_id not in in_force(mission, round):
        return None
    check = round.gates.get(f"check:{assertion_id}")
    if assertion.check and check is None:
        return None
    if check is not None and check.outcome == "red":
        evidence = [check.receipt.output] if check.receipt else []
        return given(round, assertion, "failed", product, evidence, check.text or "its check is red")
    if not assertion.needs_tester:
        evidence = [check.receipt.output] if check is not None and check.receipt else []
        green = not red_gates(round) and not has_blocking(round)
        return given(round, assertion, "passed", product, evidence, "its check is green") if green and evidence else None
    said = next(((s, v) for s in round.flows.values() for v in s.verdicts if v.assertion == assertion_id), None)
    if said is None:
        return None
    flow, submitted = said
    evidence = [f"{flow.attempt}/{i}" for i in submitted.evidence]
    return given(round, assertion, submitted.outcome, product, evidence, submitted.note, submitted)


def given(
    round: Round, assertion: Assertion, outcome: str, product: str, evidence: list[str], note: str,
    submitted: SubmittedVerdict | None = None,
) -> e.VerdictGiven:
    """A verdict of this round."""
    return e.VerdictGiven(
        assertion=assertion.id, outcome=outcome, tree=round.tree, evidence=evidence, note=note,
        depends=e.Dependencies(assertion=assertion_hash(assertion), product=product), milestone=round.milestone,
        round=round.number, reason_class=submitted.reason_class if submitted else None,
        needs=submitted.needs if submitted else None,
    )


def regressions(mission: Mission, round: Round, product: str) -> list[e.VerdictGiven]:
    """Fresh verdicts on checks outside the scope: red ones fail, green ones of self-proving assertions are renewed."""
    found = []
    for assertion in checked(mission):
        gate = round.gates.get(f"check:{assertion.id}")
        if assertion.id in round.scope or gate is None or gate.receipt is None:
            continue
        if gate.outcome == "red":
            found.append(given(round, assertion, "failed", product, [gate.receipt.output], gate.text or "its check is red"))
        elif not assertion.needs_tester and not red_gates(round):
            found.append(given(round, assertion, "passed", product, [gate.receipt.output], "its check is green"))
    return found


def gate_items(round: Round) -> list[e.ItemOpened]:
    """An item for each red gate; a red check becomes the item of its verdict."""
    return [
        e.ItemOpened(item="", type="gate", about=g.gate, text=f"gate {g.gate} is red: {g.text}"[:4000])
        for g in red_gates(round) if not g.gate.startswith("check:")
    ]


def finding_items(round: Round) -> list[e.ItemOpened]:
    """An item for each finding that asks for an answer; suggestions are kept in the review."""
    return [
        e.ItemOpened(
            item="", type="finding", about=about, severity=f.severity, text=f"{f.problem} — {f.why}",
            finding=f.model_dump(mode="json"),
        )
        for about, f in findings(round) if f.severity != "suggestion"
    ]


def verdict_items(mission: Mission, failed: list[e.VerdictGiven]) -> list[e.ItemOpened]:
    """An item for each verdict that is not passed; what only the user can clear is theirs."""
    return [
        e.ItemOpened(
            item="", type="verdict", about=v.assertion, owner="user" if v.reason_class in USERS_TO_MEND else "orchestrator",
            text=f"{v.assertion} {v.outcome}: {v.note}" + (f" (needs: {v.needs})" if v.needs else ""),
        )
        for v in failed
    ]
