"""Plan, milestones and handoffs as pages, each finding with what became of it (A6)."""

from collections.abc import Iterable

from milepost.domain.handoff import Handoff
from milepost.domain.mission import Item, Mission, Round
from milepost.domain.receipt import Evidence


def plan(mission: Mission) -> str:
    """Milestones and features with their state."""
    if mission.plan is None:
        return ""
    lines = ["# Plan", ""]
    for milestone in mission.plan.milestones:
        state = mission.milestones[milestone.id]
        lines += [f"## {milestone.id} {milestone.title} ({state.status})", "", milestone.outcome, ""]
        for feature in mission.plan.features:
            if feature.milestone == milestone.id:
                owned = ", ".join([*feature.fulfills, *feature.fixes])
                lines.append(f"- {feature.id} {feature.title} ({mission.features[feature.id].status}): {owned}")
        lines.append("")
    return "\n".join(lines)


def milestone(mission: Mission, id: str) -> str:
    """A milestone: what it is for, its features, and each round with what it found and what became of that."""
    planned = next((m for m in mission.plan.milestones if m.id == id), None) if mission.plan else None
    if planned is None:
        return ""
    state = mission.milestones[id]
    sealed = f" at `{state.commit[:12]}`" if state.commit else ""
    lines = [f"# {id} {planned.title}: {state.status}{sealed}", "", planned.outcome, "", "## Features", ""]
    for feature in mission.features_of(id):
        owned = ", ".join([*feature.fulfills, *feature.fixes])
        lines.append(f"- [{feature.id}](../handoffs/{feature.id}.md) {feature.title}: "
                     f"{mission.features[feature.id].status} ({owned})")
    for judged in (r for r in mission.rounds if r.milestone == id):
        lines += ["", *judgement(mission, judged)]
    return "\n".join(lines) + "\n"


def judgement(mission: Mission, judged: Round) -> list[str]:
    """One round of a milestone."""
    lines = [f"## Round {judged.number}: {judged.outcome or 'open'}", "", f"Judged at `{judged.commit[:12]}`."]
    if judged.reason:
        lines += ["", judged.reason]
    lines += ["", "Gates:", ""]
    lines += [f"- {g.gate}: {g.outcome}{': ' + g.text if g.text else ''}" for g in judged.gates.values()]
    given = [v for flow in judged.flows.values() for v in flow.verdicts]
    if given:
        lines += ["", "Testers:", "", *(f"- {v.assertion} {v.outcome}: {v.note}" for v in given)]
    later = next((r.seq for r in mission.rounds if r.milestone == judged.milestone and r.number > judged.number), 0)
    opened = [i for i in mission.items.values() if judged.seq < i.seq and (not later or i.seq < later)]
    return [*lines, *what_became(opened)]


def what_became(items: Iterable[Item]) -> list[str]:
    """Items, and beside each the decision on it."""
    rows = [
        f"- {i.id} {i.opened.type} ({i.opened.about or 'the whole'}): {i.opened.text}\n  {decided(i)}" for i in items
    ]
    return ["", "Found, and what became of it:", "", *rows] if rows else []


def decided(item: Item) -> str:
    """What was decided on an item."""
    if item.is_open:
        return "→ open"
    feature = f" in {item.feature}" if item.feature else ""
    why = item.text or item.reason
    return f"→ {item.decision} by {item.resolved_by}{feature}{': ' + why if why else ''}"


def handoff(mission: Mission, feature: str) -> str:
    """The newest handoff of a feature, what was held against it, and what became of that."""
    left = mission.features[feature].handoff
    if left is None:
        return ""
    about = [i for i in mission.items.values() if i.opened.about in (feature, *served(mission, feature))]
    mismatches = [f"- not so: {m}" for m in mission.features[feature].mismatches]
    return "\n".join([*told(feature, left), *mismatches, *what_became(about)]) + "\n"


def served(mission: Mission, feature: str) -> list[str]:
    """The assertions a feature owns."""
    planned = mission.feature(feature)
    return planned.fulfills if planned else []


def evidence_name(attempt: str, evidence: Evidence) -> str:
    """Where a copy of some evidence lies under the documents."""
    ending = "png" if evidence.kind == "screenshot" else "txt"
    return f"evidence/{attempt}-{evidence.id}.{ending}"


def told(feature: str, left: Handoff) -> list[str]:
    """What a worker left behind."""
    lines = [f"# Handoff of {feature}: {left.outcome}", "", left.summary, ""]
    sections = {
        "Implemented": left.implemented, "Undone": [f"{u.what}: {u.why}" for u in left.undone],
        "Commands": [f"`{c.command}` → {c.exit_code}: {c.observation}" for c in left.commands],
        "Tried by hand": [f"{m.action}: {m.observed}" for m in left.manual_checks],
        "Tests": [f"{t.file}: {', '.join(c.name for c in t.cases)}" for t in left.tests],
        "Issues": [f"{i.severity}: {i.description}" for i in left.issues], "Facts": left.facts,
    }
    for title, rows in sections.items():
        if rows:
            lines += [f"## {title}", "", *(f"- {row}" for row in rows), ""]
    return lines
