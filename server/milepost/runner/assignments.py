"""The values of each seat's assignment: what it may know, and nothing else (D18e)."""

from collections.abc import Iterable, Sequence
from typing import Any

from milepost.domain.contract import Assertion
from milepost.domain.contract_format import format_assertion
from milepost.domain.events import Replayed
from milepost.domain.handoff import Finding
from milepost.domain.mission import Item, Mission
from milepost.domain.plan import Feature, Milestone
from milepost.domain.plays import seen_again
from milepost.domain.receipt import Receipt

HANDOFFS = 4
"""How many earlier handoffs a worker is told of."""


def text_of(assertions: Iterable[Assertion]) -> str:
    """Assertions as they are agreed."""
    return "\n\n".join(format_assertion(a).strip() for a in assertions)


def served(mission: Mission, feature: Feature) -> list[Assertion]:
    """What a feature must make true: its own, or for a fix those of its items (D3)."""
    ids = list(feature.fulfills)
    for item in feature.fixes:
        about = mission.items[item].opened.about if item in mission.items else ""
        owner = mission.feature(about)
        ids += [about] if about in mission.assertions else (owner.fulfills if owner else [])
    live = dict.fromkeys(i for i in ids if i in mission.live)
    return [a for i in live if (a := mission.contract.get(i)) is not None]


def milestone_of(mission: Mission, milestone: str) -> Milestone:
    """The plan's milestone of that id."""
    assert mission.plan is not None
    return next(m for m in mission.plan.milestones if m.id == milestone)


def guidance_for(mission: Mission, *, milestone: str | None, feature: str | None, skill: str | None) -> list[str]:
    """The standing orders that concern this attempt."""
    scopes = {"mission", milestone, feature, f"skill:{skill}"}
    return [g.text for g in mission.guidance if g.scope in scopes]


def worker(mission: Mission, feature: Feature, skill: str, turns: int, minutes: float) -> dict[str, Any]:
    """The values of `prompts/worker/assignment.md`."""
    state = mission.features[feature.id]
    return {
        "skill": skill, "feature": feature, "milestone": milestone_of(mission, feature.milestone),
        "assertions": text_of(served(mission, feature)), "items": [brief_item(mission.items[i]) for i in feature.fixes],
        "reopened": state.reopened, "earlier": earlier(mission, feature.id), "answers": answers(mission, feature.id),
        "handoffs": handoffs(mission, feature.id), "turns": turns, "minutes": int(minutes),
    }


def brief_item(item: Item) -> dict[str, str]:
    """An item as its fixer reads it."""
    where = item.opened.finding
    place = f" ({where['file']}:{where.get('line') or 1})" if where.get("file") else ""
    return {"id": item.id, "type": item.opened.type, "about": item.opened.about, "text": item.opened.text + place}


def earlier(mission: Mission, feature: str) -> list[str]:
    """Attempts at this feature that ended without a handoff."""
    return [
        f"{a.started.attempt} ended as {a.outcome}: {a.reason}" for a in mission.attempts.values()
        if a.started.seat == "worker" and a.started.subject == feature and a.outcome not in (None, "submitted")
    ]


def answers(mission: Mission, feature: str) -> list[str]:
    """Answers to proposals of this feature, or that affect it (D13)."""
    return [
        f"{i.id}: {i.opened.text} — {i.decision}: {i.text or i.reason}" for i in mission.items.values()
        if i.opened.type == "proposal" and not i.is_open
        and (i.opened.about == feature or feature in i.opened.payload.get("affects", []))
    ]


def handoffs(mission: Mission, but: str) -> list[dict[str, Any]]:
    """The last handoffs of other features."""
    done = [
        (f, s.handoff) for f, s in mission.features.items() if s.handoff is not None and s.audited and f != but
    ]
    titles = {f.id: f.title for f in (mission.plan.features if mission.plan else [])}
    return [
        {"feature": f, "title": titles.get(f, ""), "outcome": h.outcome, "summary": h.summary, "facts": h.facts}
        for f, h in done[-HANDOFFS:]
    ]


def reviewer(
    mission: Mission, feature: Feature, paths: list[str], diff: str, dispute: Item | None,
    receipts: Sequence[tuple[str, Receipt]],
) -> dict[str, Any]:
    """The values of `prompts/reviewer/assignment.md`: what the engine saw, never the worker's prose (D18e)."""
    state, round = mission.features[feature.id], mission.round
    handoff = state.handoff
    return {
        "feature": feature, "assertions": text_of(served(mission, feature)),
        "gates": list(round.gates.values()) if round else [],
        "receipts": [{"id": name, "command": r.command, "exit_code": r.exit_code} for name, r in receipts],
        "mismatches": list(state.mismatches), "paths": paths,
        "tests": [f"{t.file}::{c.name}" for t in (handoff.tests if handoff else []) for c in t.cases],
        "former": former(state.review.findings if state.review else []),
        "dispute": disputed(dispute), "diff": diff,
    }


def former(findings: Iterable[Finding]) -> list[Finding]:
    """What an earlier reader of the same seat found: the re-check looks at it again (A15)."""
    return [f for f in findings if f.severity != "suggestion"]


def disputed(item: Item | None) -> str:
    """The finding in dispute and what is held against it."""
    if item is None:
        return ""
    where = item.opened.finding
    place = f"{where.get('file')}:{where.get('line') or ''} " if where.get("file") else ""
    return f"{place}{item.opened.text}\nThe orchestrator holds: {item.reason}"


def scrutiny(mission: Mission, milestone: str, paths: list[str]) -> dict[str, Any]:
    """The values of `prompts/scrutiny/assignment.md`."""
    features = mission.features_of(milestone)
    past = [r for r in mission.rounds if r.milestone == milestone and r.scrutiny is not None]
    facts = [
        fact for f in features if (h := mission.features[f.id].handoff) is not None
        for fact in h.facts if fact not in mission.facts
    ]
    return {
        "milestone": milestone_of(mission, milestone), "features": features,
        "assertions": text_of(a for f in features for a in served(mission, f) if f.fulfills),
        "gates": list(mission.round.gates.values()) if mission.round else [], "paths": paths,
        "reviews": [r for f in features if (r := mission.features[f.id].review) is not None], "facts": facts,
        "former": former(past[-1].scrutiny.findings if past and past[-1].scrutiny else []),
    }


def tester(mission: Mission, flow: str, assertions: Iterable[str], turns: int, minutes: float) -> dict[str, Any]:
    """The values of `prompts/tester/assignment.md`."""
    ids = list(assertions)
    verdicts = [v for i in ids if (v := mission.assertions[i].verdict) is not None and v.outcome != "passed"]
    return {
        "flow": flow, "account": account(mission, flow),
        "assertions": text_of(a for i in ids if (a := mission.contract.get(i)) is not None),
        "former": verdicts, "replayed": broken(mission, ids), "turns": turns, "minutes": int(minutes),
    }


def account(mission: Mission, flow: str) -> dict[str, str]:
    """Who a tester may register as: nobody else in this mission does, and a replay finds the same again."""
    judged = mission.round
    place = f"{judged.milestone}r{judged.number}" if judged else ""
    name = f"{flow}-{place}".lower().replace("-", "")
    return {"name": name, "mail": f"{name}@example.com", "password": f"Walk-{name}-9"}


def broken(mission: Mission, assertions: Iterable[str]) -> list[Replayed]:
    """What scripts did not see again in this round."""
    seen = [seen_again(mission.round, i) for i in assertions] if mission.round else []
    return [found[1] for found in seen if found is not None and found[1].outcome == "failed"]


def auditor(mission: Mission) -> dict[str, Any]:
    """The values of `prompts/auditor/assignment.md`: goal and brief, blind to all else."""
    found = [
        Finding.model_validate(i.opened.finding) for i in mission.items.values()
        if i.opened.type == "audit" and i.opened.finding
    ]
    return {"goal": mission.goal, "brief": mission.brief, "former": former(found)}
