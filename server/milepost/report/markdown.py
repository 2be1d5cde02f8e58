"""The report as Markdown: the answers first, then the tables behind them."""

from collections.abc import Sequence

from milepost.domain.quantities import count, length
from milepost.report import head
from milepost.report.pages import audits, handoffs, item_table, rounds
from milepost.report.shapes import MeasureRow, Report, SeatRow, VerdictRow
from milepost.report.shown import EvidenceRow, Sight, Walk
from milepost.report.typeset import NOTE, code, dollars, moment, percent, prose, short, table, tokens


def render(report: Report) -> str:
    """The whole report; it begins with what a reader in a hurry needs."""
    lines = head.head(report)
    for title, body in sections(report).items():
        if body:
            lines += [f"## {title}", "", *body]
    return "\n".join(lines).rstrip() + "\n"


def sections(report: Report) -> dict[str, list[str]]:
    """What follows the head, by title; some are empty."""
    return {
        "To bear in mind": bullets([*report.mission.caveats, *report.mission.warnings]),
        "Contract": contract(report.verdicts),
        "Before and after": before_after(report.sights), "Walkthroughs": walkthroughs(report.walks),
        "Evidence": evidence(report.verdicts),
        "Waived and dismissed": set_aside(report), "Milestones": milestones(report), "Features": features(report),
        "Rounds": rounds(report), "Testers side by side": side_by_side(report), "Handoffs": handoffs(report),
        "Audits": audits(report),
        "Other items": item_table(report, [i.id for i in report.items if not i.source]),
        "Models in their seats": seats(report.seats), "Time": spans(report), "Holds": holds(report),
        "The code before and after": measures(report.measures), "How it went": counts(report),
        "Changes on the way": changes(report), "Log": log(report),
    }


def bullets(lines: Sequence[str]) -> list[str]:
    """A list, with the empty line after it."""
    return [*(f"- {prose(line)}" for line in lines), ""] if lines else []


# --- contract ---

def contract(verdicts: Sequence[VerdictRow]) -> list[str]:
    """Each assertion with its state and what that rests on."""
    headers = ("assertion", "state", "surface", "rests on", "feature", "round", "tree", "check on the base", "provable")
    return table(headers, [
        (
            head.name(v), state(v), v.surface, v.basis, v.feature, f"{v.milestone}r{v.round}" if v.round else "",
            short(v.tree), on_base(v), {True: "yes", False: "**no**", None: ""}[v.provable],
        )
        for v in verdicts
    ])


def state(verdict: VerdictRow) -> str:
    """A state in a cell; what did not pass stands out."""
    said = verdict.state + (", stale" if verdict.stale else "")
    if verdict.reason_class and verdict.state == "blocked":
        said += f" ({verdict.reason_class})"
    return said if said in ("passed", "removed") else f"**{said}**"


def on_base(verdict: VerdictRow) -> str:
    """What the check said on the base, in the words of the contract."""
    words = {"error": "weakly red (it crashed)", "green": "green, a guard" if verdict.guard else "green"}
    return words.get(verdict.base, verdict.base)


def evidence(verdicts: Sequence[VerdictRow]) -> list[str]:
    """What each verdict points at."""
    lines = []
    for verdict in (v for v in verdicts if v.evidence):
        pieces = "; ".join(f"{prose(e.title, NOTE) or e.kind} ({e.kind} {short(e.blob)})" for e in verdict.evidence)
        note = f" — {prose(verdict.note, NOTE)}" if verdict.note else ""
        lines.append(f"- `{verdict.assertion}`: {pieces}{note}")
    return [*lines, ""] if lines else []


def before_after(sights: Sequence[Sight]) -> list[str]:
    """Which pictures show a page before and after."""
    return table(("assertion", "after", "before"), [
        (f"`{s.assertion}`", pictured(s.after), pictured(s.before) if s.before else prose(s.because)) for s in sights
    ])


def pictured(piece: EvidenceRow) -> str:
    """A picture that Markdown does not show: its title, where it lies, and of which tree it is."""
    return f"{prose(piece.title, NOTE)} ({code(piece.id)}, tree {short(piece.tree)})"


def walkthroughs(walks: Sequence[Walk]) -> list[str]:
    """What testers did, for a person to do it too."""
    lines = []
    for walk in walks:
        place = "the final round" if walk.milestone == "audit" else walk.milestone
        lines += [f"### {place}: {', '.join(walk.assertions)}", "", f"By {code(walk.attempt)}.", ""]
        for number, step in enumerate(walk.steps, start=1):
            seen = ", ".join(f"{x.id.rpartition('/')[2]} {x.kind}" for x in step.evidence)
            lines.append(f"{number}. {prose(step.said)}" + (f" → {seen}" if seen else ""))
        lines.append("")
    return lines


def side_by_side(report: Report) -> list[str]:
    """Who sat down beside whom, why others waited, and what that took."""
    decided = table(("round", "when", "sat down", "waited", "why"), [
        (f.round, moment(f.at), ", ".join(f.flows), ", ".join(f.waiting), prose(f.reason, NOTE)) for f in report.flows
    ])
    return decided + table(("round", "at once", "memory of all", "of each"), [
        (
            c.round, str(c.at_once), f"{c.together_mb} MB",
            ", ".join(f"{flow} {mb} MB" for flow, mb in c.peaks_mb.items()),
        )
        for c in report.flow_costs
    ])


def set_aside(report: Report) -> list[str]:
    """What was waived, removed or dismissed, with the reason."""
    rows = [(f"`{v.assertion}`", v.state, prose(v.title), prose(v.reason)) for v in report.verdicts if v.reason]
    rows += [
        (i.id, f"dismissed by {i.resolved_by}", prose(i.text, NOTE), prose(i.reason)) for i in head.dismissed(report)
    ]
    return table(("what", "how", "text", "reason"), rows)


# --- plan ---

def milestones(report: Report) -> list[str]:
    """Each milestone with the time it took."""
    return table(("milestone", "state", "rounds", "passed first", "work", "validation", "held", "commit"), [
        (
            f"{m.id} {prose(m.title)}", m.status, str(m.rounds or ""), yes(m.first_round_passed), some_time(m.work),
            some_time(m.validation), some_time(m.held), short(m.commit),
        )
        for m in report.milestones
    ])


def features(report: Report) -> list[str]:
    """Each feature with what it took."""
    return table(("feature", "state", "serves", "attempts", "commits", "first pass", "provable", "time", "cost"), [
        (
            f"{f.id} {prose(f.title)}", f.status, ", ".join([*f.fulfills, *(f"fixes {i}" for i in f.fixes)]),
            str(f.attempts or ""), str(len(f.commits) or ""), yes(f.first_pass), yes(f.provable), some_time(f.seconds),
            dollars(f.dollars) if f.attempts else "",
        )
        for f in report.features
    ])


def yes(answer: bool | None) -> str:
    """Yes, no, or nothing."""
    return {True: "yes", False: "no", None: ""}[answer]


def some_time(seconds: float) -> str:
    """A length of time; empty where there was none."""
    return length(seconds) if seconds else ""


# --- what it took ---

def seats(rows: Sequence[SeatRow]) -> list[str]:
    """Each model in each seat: how good and how honest, then how expensive."""
    good = table(
        (
            "seat", "model", "attempts", "submitted", "first pass", "mismatches per handoff", "nudges",
            "cost per newly passed assertion",
        ),
        [
            (
                r.seat, code(r.model), str(r.attempts), str(r.submitted), first(r),
                "" if r.mismatches_per_handoff is None else f"{r.mismatches_per_handoff:.1f}", str(r.nudges or ""),
                dollars(r.dollars_per_pass),
            )
            for r in rows
        ],
    )
    return [*good, *expenses(rows)]


def expenses(rows: Sequence[SeatRow]) -> list[str]:
    """What each model in each seat took."""
    headers = (
        "seat", "model", "fresh", "cached", "out", "cache share", "cost", "share of cost", "time", "share of time",
        "mean latency",
    )
    return table(headers, [
        (
            r.seat, code(r.model), tokens(r.fresh), tokens(r.cached), tokens(r.out), percent(r.cache_share),
            dollars(r.dollars), percent(r.money_share), some_time(r.seconds), percent(r.wall_share),
            "" if r.latency_ms is None else f"{r.latency_ms / 1000:.1f} s",
        )
        for r in rows
    ])


def first(row: SeatRow) -> str:
    """The first-pass rate of workers."""
    return f"{row.features_first} of {row.features_judged}" if row.features_judged else ""


def spans(report: Report) -> list[str]:
    """Where the time went."""
    whole = report.mission.elapsed
    return table(("what", "milestone", "time", "share"), [
        (s.kind, s.milestone, length(s.seconds), percent(s.seconds / whole)) for s in report.spans
    ])


def holds(report: Report) -> list[str]:
    """Every hold and how long it lasted."""
    return table(("hold", "from", "time", "why"), [
        (h.kind + (", still" if h.lifted is None else ""), moment(h.placed), length(h.seconds), prose(h.reason, NOTE))
        for h in report.holds
    ])


def measures(rows: Sequence[MeasureRow]) -> list[str]:
    """The counts at the base and at the end."""
    def change(row: MeasureRow) -> str:
        return "" if row.base is None or row.end is None else f"{row.end - row.base:+d}" if row.end != row.base else "0"

    return table(("count", "base", "end", "change"), [
        (r.name.replace("_", " "), *("" if n is None else str(n) for n in (r.base, r.end)), change(r)) for r in rows
    ])


def counts(report: Report) -> list[str]:
    """The counters in words."""
    c = report.counts
    lines = [
        f"{count(c.rounds, 'round')}, {count(c.audits, 'audit')}, {count(c.handoffs, 'handoff')}.",
        f"{c.first_round_passes} of {count(c.milestones_judged, 'milestone')} passed in the first round.",
        f"{c.fix_features} of {count(c.features, 'feature')} were fixes"
        + (f" ({percent(c.fix_ratio)})." if c.fix_ratio is not None else "."),
        f"{count(c.questions, 'question')} asked, {count(c.waivers, 'waiver')}, {count(c.dismissals, 'dismissal')}, "
        f"{count(c.disputes, 'dispute')}, {count(c.amendments, 'amendment')}.",
        f"{count(c.nudges, 'nudge')}, {count(c.holds, 'hold')} for {length(c.held)}.",
        f"{count(c.orders, 'order')} of the user, {c.refused} refused.",
    ]
    if report.money.reserved:
        lines.append(f"{dollars(report.money.reserved)} are reserved for calls without an answer so far.")
    return bullets(lines)


def changes(report: Report) -> list[str]:
    """What was changed or said."""
    return table(("when", "by", "what", "text"), [
        (moment(c.at), code(c.by), c.kind.replace("_", " "), prose(c.text, NOTE)) for c in report.changes
    ])


def log(report: Report) -> list[str]:
    """What this report was read from."""
    row = report.log
    versions = f"; Milepost {', '.join(row.versions)}, {count(row.runners, 'runner')}" if row.versions else ""
    return [
        f"- {count(row.events, 'event')}, {row.facts} of them facts{versions}.", f"- First hash: `{row.first}`.",
        f"- Last hash: `{row.last}`.", "",
    ]
