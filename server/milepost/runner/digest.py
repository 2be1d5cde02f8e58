"""What the orchestrator is told at each seating: a truthful digest of the mission, made anew (D17)."""

from collections.abc import Sequence
from typing import Any

from milepost.domain.mission import Item, Mission
from milepost.domain.next import IDLE_SEATINGS

RECENT = 10


def reasons(mission: Mission) -> list[str]:
    """Why the orchestrator is seated now."""
    if mission.phase == "draft":
        returned = f"the user returned the proposal: {mission.returned}"
        return [returned if mission.returned else "lead the draft to a proposal"]
    mine = [i.id for i in mission.open_items if i.opened.owner == "orchestrator" and i.opened.blocks != "none"]
    found = [f"open items {', '.join(mine)}"] if mine else []
    if mission.unread:
        found.append("the user wrote")
    milestone = mission.open_milestone
    outlines = [f.id for f in mission.features_of(milestone or "") if mission.features[f.id].status == "outline"]
    if outlines:
        found.append(f"detail the outlines {', '.join(outlines)} of {milestone}")
    if 1 < mission.idle_seatings < IDLE_SEATINGS:
        found.append("your last seating changed nothing; the user is asked when that goes on")
    return found


def values(mission: Mission, summaries: Sequence[str]) -> dict[str, Any]:
    """The values of `prompts/digest.md`."""
    return {
        "goal": mission.goal, "messages": messages(mission), "brief": mission.brief, "documents": documents(mission),
        "assertions": [assertion(mission, a) for a in mission.assertions],
        "milestones": milestones(mission), "features": features(mission),
        "items": [item(i) for i in mission.open_items],
        "guidance": [{"scope": g.scope, "text": g.text} for g in mission.guidance],
        "facts": list(mission.facts), "decisions": decisions(mission), "summaries": list(summaries)[-RECENT:],
        "budget": budget(mission),
    }


def messages(mission: Mission) -> list[str]:
    """What the user said, and what they answered."""
    answers = [
        f"{i.opened.text} — {i.text}" for i in mission.items.values()
        if i.opened.type == "question" and i.decision == "answer"
    ]
    return [*answers, *(m.text for m in mission.messages)]


def documents(mission: Mission) -> list[str]:
    """The documents so far, and how each check behaved on the base."""
    results = {a.id: mission.examined[a.id].result for a in mission.contract if a.id in mission.examined}
    named = [k.replace(":", " ") for k in mission.documents]
    return named + [f"check of {a} on the base: {r}" for a, r in results.items()]


def assertion(mission: Mission, assertion_id: str) -> dict[str, str]:
    """One row of the contract's index."""
    found, state = mission.contract.get(assertion_id), mission.assertions[assertion_id]
    owner = mission.owner(assertion_id)
    word = f"{state.status}, stale" if state.stale else state.status
    return {
        "id": assertion_id, "title": found.title if found else "", "surface": found.surface if found else "",
        "state": word, "owner": owner.id if owner else "",
    }


def milestones(mission: Mission) -> list[dict[str, Any]]:
    """The rows of the plan's milestones."""
    return [
        {"id": m.id, "title": m.title, "outcome": m.outcome, "state": mission.milestones[m.id].status,
         "rounds": mission.milestones[m.id].rounds}
        for m in (mission.plan.milestones if mission.plan else [])
    ]


def features(mission: Mission) -> list[dict[str, Any]]:
    """The rows of the plan's features."""
    return [
        {"id": f.id, "milestone": f.milestone, "title": f.title, "state": mission.features[f.id].status,
         "attempts": mission.features[f.id].attempts, "fulfills": f.fulfills, "fixes": f.fixes}
        for f in (mission.plan.features if mission.plan else [])
    ]


def item(found: Item) -> dict[str, Any]:
    """One open item in full."""
    o = found.opened
    where = f"{o.finding.get('file')}:{o.finding.get('line') or ''}".rstrip(":") if o.finding.get("file") else ""
    return {
        "id": o.item, "type": o.type, "severity": o.severity, "owner": o.owner, "blocks": o.blocks, "about": o.about,
        "where": where, "text": o.text,
    }


def decisions(mission: Mission) -> list[str]:
    """The last items it resolved, and how."""
    resolved = [i for i in mission.items.values() if i.resolved_by.startswith("orchestrator")]
    return [
        f"{i.id} ({i.opened.type} about {i.opened.about or 'the mission'}): {i.decision}"
        f"{f' {i.feature}' if i.feature else ''}, because {i.reason}" for i in resolved[-RECENT:]
    ]


def budget(mission: Mission) -> str:
    """Money so far against its limit."""
    limit = mission.settings.budget.dollars
    spent = f"{mission.spent.dollars:.2f}"
    if limit is None:
        return f"{spent} dollars are spent; there is no limit"
    return f"{spent} of {limit:.2f} dollars are spent"

