"""Records of a mission in words: items, features, milestones, assertions, attempts.

`blind` leaves out what a worker says of its own work: validators judge by facts (D18e).
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from milepost.domain.contract_text import format_assertion
from milepost.domain.handoff import Finding, Handoff
from milepost.domain.mission import Attempt, Item, Mission, Round
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Record
from milepost.domain.turns import ToolEnded, ToolStarted

PROSE = frozenset({"undone", "issue", "proposal"})
"""Types of items whose text a worker wrote."""


def lines(*parts: str | None) -> str:
    """The parts that say something, each on a line."""
    return "\n".join(p for p in parts if p)


def bullets(title: str, rows: Iterable[str]) -> str:
    """A titled list; nothing where it is empty."""
    listed = [f"- {row}" for row in rows]
    return "\n".join([f"{title}:", *listed]) if listed else ""


def item(found: Item, *, blind: bool) -> str:
    """An item and what became of it."""
    o = found.opened
    blocks = o.blocks if isinstance(o.blocks, str) else ", ".join(o.blocks)
    place = f"{o.finding['file']}:{o.finding.get('line') or ''}".rstrip(":") if o.finding.get("file") else ""
    return lines(
        f"{o.item}: {o.type}, {o.severity}, for the {o.owner}, blocks {blocks}",
        f"about {o.about}" if o.about else None, f"at {place}" if place else None,
        f"opened by {found.by}", "(its text is a worker's and left out)" if blind and o.type in PROSE else o.text,
        f"options: {', '.join(o.options)}" if o.options else None, decision(found),
    )


def decision(found: Item) -> str:
    """What became of an item."""
    if found.is_open:
        return "open"
    said = "; ".join(p for p in dict.fromkeys((found.reason, found.text or "")) if p)
    return f"{short_decision(found)} by {found.resolved_by}" + (f": {said}" if said else "")


def feature(mission: Mission, name: str, *, blind: bool) -> str:
    """A feature, its last handoff, review and attempts."""
    planned, state = mission.feature(name), mission.features[name]
    assert planned is not None, f"{name} has a state, so the plan has it"
    return lines(
        f"{name} {planned.title} (milestone {planned.milestone}): {state.status}, {len(state.commits)} commits",
        planned.description, bullets("expected", planned.expected),
        f"fulfills {', '.join(planned.fulfills)}" if planned.fulfills else None,
        f"fixes {', '.join(planned.fixes)}" if planned.fixes else None,
        f"skill {planned.skill}" if planned.skill else None,
        f"reopened: {state.reopened}" if state.reopened and not blind else None,
        f"handoff of {state.handoff_attempt}:\n{handoff(state.handoff, blind=blind)}" if state.handoff else None,
        bullets("mismatches", state.mismatches),
        f"review: {state.review.outcome}" if state.review else None,
        bullets("findings", findings(state.review.findings) if state.review else []),
        bullets("attempts", (short(a) for a in of_subject(mission, name))),
        bullets("items", (f"{i.id} {i.opened.type}: {short_decision(i)}" for i in about(mission, {name}))),
    )


def short_decision(found: Item) -> str:
    """Whether an item is open, or how it was resolved."""
    return "open" if found.is_open else f"{found.decision}{f' {found.feature}' if found.feature else ''}"


def of_subject(mission: Mission, subject: str) -> list[Attempt]:
    """The attempts at a feature, a milestone or a flow."""
    return [a for a in mission.attempts.values() if a.started.subject == subject]


def about(mission: Mission, subjects: set[str]) -> list[Item]:
    """The items about any of these."""
    return [i for i in mission.items.values() if i.opened.about in subjects]


def short(found: Attempt) -> str:
    """An attempt in a few words."""
    return f"{found.started.attempt}: {found.outcome or 'open'}"


def findings(found: Iterable[Finding]) -> Iterator[str]:
    """Findings, a line each."""
    for f in found:
        place = f" {f.file}:{f.line or ''}".rstrip(":") if f.file else ""
        yield f"{f.severity}{place}: {f.problem} — {f.why}"


def handoff(said: Handoff, *, blind: bool) -> str:
    """A handoff; blind, only what can be compared with receipts."""
    tests = (f"{t.file}: {', '.join(c.name for c in t.cases)}" for t in said.tests)
    facts = lines(
        f"outcome: {said.outcome}",
        bullets("commands", (f"`{c.command}`: exit code {c.exit_code}" for c in said.commands)),
        bullets("tests", tests),
        bullets("renamed tests", (f"{r.old} → {r.new}" for r in said.renamed)),
    )
    if blind:
        return facts
    return lines(
        facts, f"summary: {said.summary}", bullets("implemented", said.implemented),
        bullets("undone", (f"{u.what} ({u.why})" for u in said.undone)),
        bullets("observed", (f"`{c.command}`: {c.observation}" for c in said.commands)),
        bullets("by hand", (f"{m.action}: {m.observed}" for m in said.manual_checks)),
        bullets("issues", (f"{i.severity}: {i.description}" for i in said.issues)),
        bullets("deviations", (f"{d.step}: {d.instead} ({d.why})" for d in said.procedure.deviations)),
        bullets("proposals", (f"{p.about}: {p.text} (gain: {p.gain})" for p in said.proposals)),
        bullets("facts", said.facts),
    )


def milestone(mission: Mission, name: str) -> str:
    """A milestone, its features and every round."""
    planned = next((m for m in mission.plan.milestones if m.id == name), None) if mission.plan else None
    features = mission.features_of(name)
    rounds = [round(r) for r in mission.rounds if r.milestone == name]
    found = about(mission, {name, *(f.id for f in features), *(a for f in features for a in f.fulfills)})
    return lines(
        f"{name} {planned.title if planned else ''}: {mission.milestones[name].status}",
        planned.outcome if planned else None,
        bullets("features", (f"{f.id} {f.title}: {mission.features[f.id].status}" for f in features)), *rounds,
        bullets("items", (f"{i.id} {i.opened.type} about {i.opened.about}: {short_decision(i)}" for i in found)),
    )


def round(found: Round) -> str:
    """One round: gates, readers, testers, and how it ended."""
    verdicts = (f"{v.assertion} {v.outcome}: {v.note}" for s in found.flows.values() for v in s.verdicts)
    read = [f for r in found.reviews.values() for f in r.findings]
    read += found.scrutiny.findings if found.scrutiny else []
    return lines(
        f"\nround {found.number}: {found.outcome or 'open'}" + (f", {found.reason}" if found.reason else ""),
        bullets("gates", (f"{g.gate}: {g.outcome}" + (f", {g.text}" if g.text else "") for g in found.gates.values())),
        bullets("reviews", (f"{f}: {r.outcome}" for f, r in found.reviews.items())),
        f"scrutiny: {found.scrutiny.outcome}" if found.scrutiny else None, bullets("findings", findings(read)),
        bullets("verdicts", verdicts),
    )


def assertion(mission: Mission, name: str) -> str:
    """An assertion as it is agreed, and its verdict."""
    agreed, state, owner = mission.contract.get(name), mission.assertions[name], mission.owner(name)
    verdict = state.verdict
    return lines(
        format_assertion(agreed).strip() if agreed else name,
        f"\nstate: {state.status}{', stale' if state.stale else ''}; owner: {owner.id if owner else 'none'}",
        f"waived: {state.waived_because}" if state.waived_because else None,
        f"verdict: {verdict.outcome}: {verdict.note}" if verdict else None,
        f"needs: {verdict.needs} ({verdict.reason_class})" if verdict and verdict.needs else None,
        bullets("evidence", (e for e in verdict.evidence if "/" in e) if verdict else []),
        bullets("items", (f"{i.id} {i.opened.type}: {short_decision(i)}" for i in about(mission, {name}))),
    )


def attempt(found: Attempt, turns: Sequence[Record], *, blind: bool) -> str:
    """An attempt: how it ended, what it submitted, its commands and evidence."""
    started, worker = found.started, found.started.seat == "worker"
    quiet = blind and worker
    ended = [r.event for r in turns if isinstance(r.event, ToolEnded)]
    submitted = next((s for s in submissions(turns)), None)
    return lines(
        f"{started.attempt}: {started.seat} of {started.subject}, {found.outcome or 'open'}",
        found.reason if not quiet else None,
        said(submitted, blind=blind) if submitted else None,
        bullets("commands", (command(e.receipt_id or "", e.receipt) for e in ended if e.receipt)),
        bullets("evidence", (evidence(x) for e in ended for x in e.evidence)),
    )


def submissions(turns: Sequence[Record]) -> Iterator[ToolStarted]:
    """Calls by which an attempt submitted something that was taken."""
    taken = {r.event.call for r in turns if isinstance(r.event, ToolEnded) and r.event.outcome == "ok"}
    for event in (r.event for r in turns):
        if isinstance(event, ToolStarted) and event.name.startswith("submit_") and event.call in taken:
            yield event


def said(submitted: ToolStarted, *, blind: bool) -> str:
    """What was submitted, in words."""
    arguments: dict[str, Any] = submitted.arguments if isinstance(submitted.arguments, dict) else {}
    if submitted.name == "submit_handoff":
        return f"handoff:\n{handoff(Handoff.model_validate(arguments), blind=blind)}"
    found = [Finding.model_validate(f) for f in arguments.get("findings", [])]
    verdicts = arguments.get("verdicts", [])
    return lines(
        f"outcome: {arguments['outcome']}" if "outcome" in arguments else None, bullets("findings", findings(found)),
        bullets("verdicts", (f"{v['assertion']} {v['outcome']}: {v['note']}" for v in verdicts)),
    )


def command(name: str, receipt: Receipt) -> str:
    """A receipt in a line."""
    end = "did not end by itself" if receipt.exit_code is None else f"exit code {receipt.exit_code}"
    return f"{name} `{receipt.command}`: {end}"


def evidence(found: Evidence) -> str:
    """A piece of evidence in a line."""
    return f"{found.id} {found.kind}: {found.title}" + (f" (for {found.assertion})" if found.assertion else "")
