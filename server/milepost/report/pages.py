"""Rounds, handoffs and audits, each with the items that came out of it and, beside each, the decision (A6)."""

from collections.abc import Sequence

from milepost.domain.handoff import Finding
from milepost.domain.quantities import count, length
from milepost.report.shapes import AuditRow, GateRow, HandoffRow, ItemRow, Judged, Report, RoundRow
from milepost.report.typeset import NOTE, code, prose, short, table
from milepost.report.verdicts import ended


def rounds(report: Report) -> list[str]:
    """Every round."""
    return [line for row in report.rounds for line in one_round(report, row)]


def one_round(report: Report, row: RoundRow) -> list[str]:
    """One round: its gates, readers, verdicts and items."""
    place = "the final round" if row.milestone == "audit" else row.milestone
    judged = ", ".join(f"`{a}`" for a in row.scope) or "nothing but gates and readers"
    lines = [
        f"### {place}, round {row.number}: {row.outcome or 'open'}", "",
        f"- At commit {short(row.commit)}, tree {short(row.tree)}, in {length(row.seconds)}; judged: {judged}.",
    ]
    if row.reason:
        lines.append(f"- Why: {prose(row.reason, 400)}")
    lines += [f"- {verdict(v)}" for v in row.verdicts]
    for review in row.reviews:
        lines.append(f"- Reading of {review.subject}: {review.outcome}, {count(len(review.findings), 'finding')}.")
        lines += [f"  - {finding(f)}" for f in review.findings]
    return [*lines, "", *gates(row.gates), *item_table(report, row.items)]


def verdict(judged: Judged) -> str:
    """One verdict of a round."""
    return f"`{judged.assertion}` {judged.outcome}" + (f": {prose(judged.note, NOTE)}" if judged.note else "")


def finding(found: Finding) -> str:
    """One finding."""
    line = f":{found.line}" if found.line else ""
    place = f"{code(found.file + line)} " if found.file else ""
    return f"{found.severity}: {place}{prose(found.problem)}"


def gates(rows: Sequence[GateRow]) -> list[str]:
    """Gates with their receipts."""
    return table(("gate", "outcome", "command", "exit", "ms", "output", "said"), [
        (
            g.gate, g.outcome if g.outcome != "red" else "**red**", code(g.command, 80),
            ended(g.exit_code).removeprefix("exit ") if g.command else "", "" if g.ms is None else str(g.ms),
            short(g.output), prose(g.text, NOTE),
        )
        for g in rows
    ])


def handoffs(report: Report) -> list[str]:
    """Every handoff."""
    return [line for row in report.handoffs for line in one_handoff(report, row)]


def one_handoff(report: Report, row: HandoffRow) -> list[str]:
    """One handoff: what it said, what the engine saw, and its items."""
    commits = ", ".join(short(c) for c in row.commits) or "none"
    lines = [
        f"### {row.feature} {prose(row.title)}: {row.outcome}", "", f"- By {code(row.attempt)}; commits: {commits}.",
        f"- {prose(row.summary, 400)}",
    ]
    if row.built_by_engine:
        lines.append("- The attempt left none: the engine wrote it.")
    if not row.audited:
        lines.append("- It has not been audited.")
    lines += [f"- Not so: {prose(m)}" for m in row.mismatches]
    return [*lines, "", *gates(row.gates), *item_table(report, row.items)]


def audits(report: Report) -> list[str]:
    """Every blind audit."""
    return [line for row in report.audits for line in one_audit(report, row)]


def one_audit(report: Report, row: AuditRow) -> list[str]:
    """One audit with its findings and items."""
    found = count(len(row.findings), "finding")
    lines = [f"### {row.attempt}: {row.outcome}", "", f"- At tree {short(row.tree)}, {found}."]
    return [*lines, *(f"  - {finding(f)}" for f in row.findings), "", *item_table(report, row.items)]


def item_table(report: Report, ids: Sequence[str]) -> list[str]:
    """Items, each with its decision beside it."""
    known = {i.id: i for i in report.items}
    return table(("item", "type", "about", "text", "decision", "why", "feature"), [item(known[i]) for i in ids])


def item(row: ItemRow) -> tuple[str, ...]:
    """One item as the cells of a table."""
    blocking = "" if row.severity == "blocking" else f" ({row.severity})"
    place = f" at {code(row.place)}" if row.place else ""
    by = f" by {row.resolved_by}" if row.resolved_by else ""
    return (
        row.id, row.type + blocking, prose(row.about), prose(row.text, NOTE) + place,
        f"{row.decision}{by}" if row.decision else "**open**",
        prose(" ".join(part for part in (row.answer, row.reason) if part), NOTE), row.feature,
    )
