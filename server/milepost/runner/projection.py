"""The documents that people read beside the log: brief, contract, plan, handoffs. Only the engine writes them."""

import os
from pathlib import Path

from milepost.domain.contract_format import format_contract
from milepost.domain.handoff import Handoff
from milepost.domain.mission import Mission
from milepost.log.folder import MissionFolder


def project(mission: Mission, folder: MissionFolder) -> None:
    """Write every document that changed."""
    documents = {
        "brief.md": mission.brief, f"{mission.slug}.contract.md": format_contract(mission.contract),
        "plan.md": plan(mission),
    }
    documents |= {f"handoffs/{f}.md": handoff(f, s.handoff) for f, s in mission.features.items()}
    for name, text in documents.items():
        write(folder.docs / name, text)


def write(path: Path, text: str) -> None:
    """Replace a file whole, where its text is another."""
    if not text or (path.exists() and path.read_text() == text):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text)
    part.replace(path)


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


def handoff(feature: str, left: Handoff | None) -> str:
    """A handoff as a page."""
    if left is None:
        return ""
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
    return "\n".join(lines)
