"""What a round asks for and what comes out of it: which gates, readers and testers, which verdicts and items."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

from milepost.domain import events as e
from milepost.domain.contract import MINIMUM_EVIDENCE, Assertion
from milepost.domain.flows import Flow, flows
from milepost.domain.handoff import Finding, Mend, Proposal, SubmittedVerdict
from milepost.domain.hashes import assertion_hash
from milepost.domain.mission import FINAL_ROUND, Mission, Round
from milepost.domain.plan import Feature
from milepost.domain.plays import is_enough, judged_here, seen_again, shown_again
from milepost.domain.record import Fact

CHECK = "check:"
TREE_GATES = ("tests", "tamper", "stubs")
"""Gates over the whole tree: expected test ids, weakened tests against the base, stubs."""
USERS_TO_MEND = frozenset({"tool", "credential", "external"})
"""Reason classes of a blocked verdict that only the user can clear.

The others are the orchestrator's: it mends the manifest (environment), plans what is missing (not_built), and amends
the words (ambiguous), where the user approves whatever weakens them.
"""


def done_features(mission: Mission) -> set[str]:
    """Features that were built or accepted."""
    return {f for f, s in mission.features.items() if s.status in ("built", "accepted")}


def due(mission: Mission, milestone: str) -> list[str]:
    """Live assertions a round of this milestone judges: those not freshly settled; in the final round, all such."""
    if milestone == FINAL_ROUND:
        own = list(mission.live)
    else:
        own = [a for f in mission.features_of(milestone) for a in (*f.fulfills, *restored(mission, f))]
    live, settled = set(mission.live), set(mission.settled)
    return [a for a in dict.fromkeys(own) if a in live and a not in settled]


def restored(mission: Mission, feature: Feature) -> list[str]:
    """The assertions that a fix must restore: those its items are about, where they can hold by now (D3)."""
    about = [mission.items[i].opened.about for i in feature.fixes if i in mission.items]
    return [a for a in about if (owner := mission.owner(a)) is None or owner.id in done_features(mission)]


def checked(mission: Mission, round: Round) -> list[Assertion]:
    """Assertions whose check this round runs: its scope, all whose owner is done, and every guard."""
    done, scope = done_features(mission), set(round.scope)
    owners = {a: f.id for f in (mission.plan.features if mission.plan else []) for a in f.fulfills}
    return [
        a for a in mission.contract.live
        if a.check and mission.assertions[a.id].status != "waived"
        and (a.id in scope or a.is_guard or owners.get(a.id) in done)
    ]


def expected_gates(mission: Mission, round: Round) -> list[str]:
    """The gates a round runs, in order."""
    commands = [name for name, _ in mission.manifest.gates()] if mission.manifest else []
    return [*commands, *TREE_GATES, *(f"check:{a.id}" for a in checked(mission, round))]


def red_gates(mission: Mission, round: Round) -> list[e.GateFinished]:
    """The gates of a round that were red; a check counts while its assertion stands as when the round began."""
    return [
        g for g in round.gates.values()
        if g.outcome == "red" and (not g.gate.startswith(CHECK) or stands(mission, round, g.gate.removeprefix(CHECK)))
    ]


def stands(mission: Mission, round: Round, assertion: str) -> bool:
    """Whether an assertion counts, and was not amended since the round began: what the round saw then speaks of it."""
    state = mission.assertions.get(assertion)
    return state is not None and state.status not in ("waived", "removed") and state.agreed_seq <= round.seq


def to_review(mission: Mission, round: Round) -> list[str]:
    """Features that need a fresh reader in this round: new ones, changed ones, and those that failed.

    One that joined the milestone since the round began is not built yet: there is nothing to read.
    """
    if round.milestone == FINAL_ROUND:
        return []
    return [
        f.id for f in mission.features_of(round.milestone)
        if f.id not in round.reviews and not reviewed(mission, f.id)
        and mission.features[f.id].status in ("built", "accepted")
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
    """Whether a reader found something that blocks, or judged that it failed."""
    outcomes = [r.outcome for r in round.reviews.values()]
    outcomes += [round.scrutiny.outcome] if round.scrutiny else []
    return "failed" in outcomes or any(f.severity == "blocking" for _, f in findings(round))


def is_green(mission: Mission, round: Round) -> bool:
    """Whether nothing but a missing or bad verdict keeps the round from passing."""
    return not red_gates(mission, round) and not has_blocking(round)


def needs_tester(mission: Mission, assertion: Assertion) -> bool:
    """Whether a green check is not enough: by its surface, or as taking its feature back never turned it red (D11)."""
    owner = mission.owner(assertion.id)
    unproven = owner is not None and not mission.features[owner.id].provable and not assertion.is_guard
    return assertion.needs_tester or unproven


def open_flows(mission: Mission, round: Round) -> list[Flow]:
    """Flows of this round that no tester has submitted and no script has shown."""
    scope = [a for i in judged_here(round) if (a := mission.contract.get(i)) is not None]
    # Flows leave out what a check alone shows: what needs a tester all the same is grouped as if it had none.
    wanted = [replace(a, check="") if needs_tester(mission, a) else a for a in scope]
    now = set(in_force(mission, round)) - shown_again(round)
    # Grouped over the whole scope, so that a waiver in mid-round renumbers nothing.
    left = [f for f in flows(wanted) if f.name not in round.flows]
    known = {a.id: a for a in scope}
    return [Flow(f.name, kept) for f in left if (kept := tuple(known[i] for i in f.ids if i in now))]


def conclude(mission: Mission, round: Round, product: str) -> list[Fact]:
    """The verdicts, items and the end of a round; `product` is the hash of its product tree."""
    judged = [v for v in (verdict(mission, round, i, product) for i in judged_here(round)) if v is not None]
    missing = [i for i in in_force(mission, round) if i not in {v.assertion for v in judged}]
    verdicts = judged + regressions(mission, round, product)
    failed = [v for v in verdicts if v.outcome != "passed"]
    items = [
        *testers_items(round), *gate_items(mission, round), *finding_items(round), *verdict_items(mission, failed)
    ]
    numbered = [item.model_copy(update={"item": mission.next_item(n)}) for n, item in enumerate(items)]
    bad = bool(failed or missing) or not is_green(mission, round)
    end = e.RoundEnded(
        milestone=round.milestone, round=round.number, outcome="failed" if bad else "passed",
        reason=reason(mission, round, failed, missing) if bad else "",
    )
    return [*verdicts, *numbered, end]


def in_force(mission: Mission, round: Round) -> list[str]:
    """The round's assertions that were neither waived, removed nor amended meanwhile."""
    return [i for i in judged_here(round) if stands(mission, round, i)]


def reason(mission: Mission, round: Round, failed: list[e.VerdictGiven], missing: list[str]) -> str:
    """Why a round failed, in a line."""
    parts = [f"gate {g.gate} is red" for g in red_gates(mission, round)]
    parts += [f"{about}: {f.problem}" for about, f in findings(round) if f.severity == "blocking"]
    parts += [f"{v.assertion} {v.outcome}: {v.note}" for v in failed]
    # What was not judged is no reason of its own where something ended the round before that.
    return "; ".join(parts or [f"nobody showed {', '.join(missing) or 'that it holds'}"])[:2000]


def verdict(mission: Mission, round: Round, assertion_id: str, product: str) -> e.VerdictGiven | None:
    """The verdict on one assertion, or None where nothing was shown (D4c)."""
    assertion = mission.contract.get(assertion_id)
    if assertion is None or not stands(mission, round, assertion_id):
        return None
    check = round.gates.get(f"{CHECK}{assertion_id}")
    if assertion.check and check is None:
        return None
    if check is not None and check.outcome == "red":
        return by_check(round, assertion, check, product)
    if needs_tester(mission, assertion):
        return by_tester(mission, round, assertion, product) or by_script(mission, round, assertion, product)
    return by_check(round, assertion, check, product) if check is not None and is_green(mission, round) else None


def by_check(round: Round, assertion: Assertion, check: e.GateFinished, product: str) -> e.VerdictGiven | None:
    """What the engine's own run of a check shows; a green one without a receipt shows nothing."""
    evidence = [check.receipt.output] if check.receipt else []
    if check.outcome == "red":
        return given(round, assertion, "failed", product, evidence, check.text or "its check is red")
    return given(round, assertion, "passed", product, evidence, "its check is green") if evidence else None


def by_tester(mission: Mission, round: Round, assertion: Assertion, product: str) -> e.VerdictGiven | None:
    """What a tester said; a `passed` counts only on green gates and with the least evidence of its surface."""
    said = next(((s, v) for s in round.flows.values() for v in s.verdicts if v.assertion == assertion.id), None)
    if said is None:
        return None
    flow, submitted = said
    if submitted.outcome == "passed" and not (is_green(mission, round) and shown(assertion, round, flow, submitted)):
        return None
    evidence = [f"{flow.attempt}/{i}" for i in submitted.evidence]
    return given(round, assertion, submitted.outcome, product, evidence, submitted.note, submitted)


def shown(assertion: Assertion, round: Round, flow: e.VerdictsSubmitted, submitted: SubmittedVerdict) -> bool:
    """Whether the evidence named is of this flow, of the tree and assertion judged, and enough for its surface."""
    kinds = {
        x.kind for x in flow.evidence
        if x.id in submitted.evidence and x.tree == round.tree and x.assertion in (None, assertion.id)
    }
    return bool(kinds) and all(group & kinds for group in MINIMUM_EVIDENCE.get(assertion.surface, ()))


def by_script(mission: Mission, round: Round, assertion: Assertion, product: str) -> e.VerdictGiven | None:
    """What a script showed again; one that did not hold says nothing: a tester was seated to judge."""
    seen = seen_again(round, assertion.id)
    if seen is None or seen[1].outcome != "passed" or not is_green(mission, round):
        return None
    play, result = seen
    if not is_enough(assertion, round, play, result):
        return None
    evidence = [f"{play.attempt}/{i}" for i in result.evidence]
    script = mission.scripts.get(assertion.id)
    note = f"its script, compiled from {script.attempt}, saw the same again" if script else "its script saw the same"
    return given(round, assertion, "passed", product, evidence, note)


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
    """Verdicts outside the scope: red checks fail, green ones and scripts renew what they alone show."""
    found: list[e.VerdictGiven | None] = []
    done = done_features(mission)
    for assertion in checked(mission, round):
        gate = round.gates.get(f"{CHECK}{assertion.id}")
        if assertion.id in round.scope or gate is None or not stands(mission, round, assertion.id):
            continue
        owner = mission.owner(assertion.id)
        alone = owner is not None and owner.id in done and not needs_tester(mission, assertion)
        if gate.outcome == "red" or (alone and is_green(mission, round)):
            found.append(by_check(round, assertion, gate, product))
    others = (a for a in mission.contract.live if a.id not in judged_here(round) and a.id in shown_again(round))
    found += [by_script(mission, round, a, product) for a in others if stands(mission, round, a.id)]
    return [v for v in found if v is not None]


def gate_items(mission: Mission, round: Round) -> list[e.ItemOpened]:
    """An item for each red gate; a red check becomes the item of its verdict."""
    return [
        e.ItemOpened(item="", type="gate", about=g.gate, text=f"gate {g.gate} is red: {g.text}"[:4000])
        for g in red_gates(mission, round) if not g.gate.startswith(CHECK)
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


def testers_items(round: Round) -> list[e.ItemOpened]:
    """An item for each finding and proposal of a tester, flow by flow, whichever of them ended first."""
    submitted = sorted(round.flows.values(), key=lambda s: (len(s.flow), s.flow))
    found = [
        e.ItemOpened(
            item="", type="finding", about=f.assertion or round.milestone, severity=f.severity,
            text=f"{f.problem} — {f.why}", finding=f.model_dump(mode="json"),
        )
        for s in submitted for f in s.findings if f.severity != "suggestion"
    ]
    return [*found, *(proposal_item(p, round.milestone) for s in submitted for p in s.proposals)]


def proposal_item(proposal: Proposal, about: str) -> e.ItemOpened:
    """The item of a proposal, answered before the next worker starts (D13)."""
    payload: dict[str, object] = {"affects": proposal.affects, "blocking": proposal.blocking}
    text = f"{proposal.about}: {proposal.text} (gain: {proposal.gain})"
    if isinstance(proposal, Mend) and proposal.service is not None:
        payload["service"] = proposal.service.model_dump(mode="json")
        text += f"; the service as it should be: {proposal.service.model_dump_json(exclude_defaults=True)}"
    return e.ItemOpened(item="", type="proposal", about=about, text=text, payload=payload)


def verdict_items(mission: Mission, failed: list[e.VerdictGiven]) -> list[e.ItemOpened]:
    """An item for each verdict that is not passed, owned by who can clear it."""
    return [verdict_item(mission, v) for v in failed]


def verdict_item(mission: Mission, given: e.VerdictGiven) -> e.ItemOpened:
    """What did not pass, and for what is blocked, what is needed and from whom."""
    owner: Literal["user", "orchestrator"] = "orchestrator"
    if given.outcome != "blocked":
        return e.ItemOpened(
            item="", type="verdict", owner=owner, about=given.assertion,
            text=f"{given.assertion} {given.outcome}: {given.note}",
        )
    again = blocked_before(mission, given)
    if given.reason_class in USERS_TO_MEND or again:
        owner = "user"
    asked = f"needs from {'you' if owner == 'user' else 'the orchestrator'}: {given.needs}"
    times = ", for the second time" if again else ""
    return e.ItemOpened(
        item="", type="verdict", owner=owner, about=given.assertion,
        text=f"{given.assertion} blocked ({given.reason_class}{times}): {given.note} ({asked})",
    )


def blocked_before(mission: Mission, given: e.VerdictGiven) -> bool:
    """Whether the verdict before this one was blocked for the same reason: who was to clear it could not."""
    last = mission.assertions[given.assertion].verdict
    return last is not None and (last.outcome, last.reason_class) == ("blocked", given.reason_class)
