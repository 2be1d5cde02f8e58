"""The first lines of a report: what was asked, whether it is done, on whose word, at what cost, and where it is."""

from collections.abc import Iterator

from milepost.domain.quantities import count, length
from milepost.report.shapes import ItemRow, Report, VerdictRow
from milepost.report.typeset import code, dollars, moment, percent, prose, short, some, tokens

ASKED = 300
ANSWERS = {
    "draft": "not begun: the contract is being drafted", "proposed": "not begun: the proposal waits for the user",
    "running": "not yet: it is under way", "completed": "yes", "failed": "no: it failed",
    "cancelled": "no: it was cancelled",
}


def head(report: Report) -> list[str]:
    """The title and the answers that a reader in a hurry needs."""
    lines = {
        "Asked": prose(report.mission.goal, ASKED), "Done": done(report), "Waits for the user": waits(report),
        "Rests on a tester's word": some([name(v) for v in on_a_testers_word(report)]),
        "Never seen red": some([name(v) for v in never_red(report)]),
        "Waived": some([f"{name(v)}: {prose(v.reason)}" for v in report.verdicts if v.state == "waived"]),
        "Dismissed": some([dismissal(i) for i in dismissed(report)]), "Cost": cost(report), "Time": time(report),
        "Branch": branch(report),
    }
    said = [f"- **{title}:** {text.rstrip('.')}." for title, text in lines.items() if text]
    return [f"# Mission {prose(report.mission.id)}", "", *said, ""]


def name(verdict: VerdictRow) -> str:
    """An assertion with its title."""
    return f"`{verdict.assertion}` {prose(verdict.title)}"


def done(report: Report) -> str:
    """Whether it is done, and how far."""
    mission = report.mission
    answer = ANSWERS[mission.phase]
    if mission.word not in (mission.phase, "running"):
        holds = [h.reason for h in report.holds if h.lifted is None and h.kind == mission.word]
        answer = f"{answer.partition(':')[0]}: it is {mission.word}" + (f" ({prose(holds[-1], 200)})" if holds else "")
    if mission.reason:
        answer += f" ({prose(mission.reason, 200)})"
    return f"{answer}; {'; '.join(tally(report))}" if report.verdicts else answer


def tally(report: Report) -> Iterator[str]:
    """How many assertions, milestones and audits."""
    live = [v for v in report.verdicts if v.state != "removed"]
    states = ["stale" if v.stale else v.state for v in live]
    order = ("passed", "waived", "failed", "blocked", "stale", "pending")
    listed = ", ".join(f"{states.count(s)} {s}" for s in order if s in states)
    yield f"{count(len(live), 'assertion')}: {listed}"
    if report.milestones:
        sealed = sum(m.status == "sealed" for m in report.milestones)
        yield f"{sealed} of {count(len(report.milestones), 'milestone')} sealed"
    if report.mission.audit:
        yield f"the last blind audit {report.mission.audit}"


def waits(report: Report) -> str:
    """The open items of the user's; nothing once the mission ended."""
    ended = report.mission.phase in ("completed", "failed", "cancelled")
    waiting = [i for i in report.items if not i.decision and i.owner == "user" and not ended]
    return some([f"{i.id} {i.type}: {prose(i.text, 120)}" for i in waiting])


def on_a_testers_word(report: Report) -> list[VerdictRow]:
    """What passed without a check of its own: by a tester, or by a script of what one did."""
    return [v for v in report.verdicts if v.state == "passed" and not v.stale and v.basis in ("tester", "script")]


def never_red(report: Report) -> list[VerdictRow]:
    """What passed on a check alone that nobody saw red: not on the base, nor when the change was taken back."""
    return [
        v for v in report.verdicts
        if v.state == "passed" and v.basis == "check" and not v.guard and v.base != "red" and v.provable is not True
    ]


def dismissed(report: Report) -> list[ItemRow]:
    """The items that were dismissed."""
    return [i for i in report.items if i.decision == "dismiss"]


def dismissal(item: ItemRow) -> str:
    """A dismissed item with the reason."""
    about = f" about {item.about}" if item.about else ""
    return f"{item.id} ({item.type}{about}): {prose(item.reason, 200)}"


def cost(report: Report) -> str:
    """Money and tokens, and what of the budget they are."""
    money = report.money
    limit = f" of {dollars(money.budget.dollars)}" if money.budget.dollars is not None else ""
    used = f"{tokens(money.fresh + money.cached)} tokens in"
    cached = f" ({percent(money.cache_share)} cached)" if money.cache_share is not None else ""
    return f"{dollars(money.dollars)}{limit}; {used}{cached}, {tokens(money.out)} out, {count(money.turns, 'turn')}"


def time(report: Report) -> str:
    """How long it took, and how much of that it was held."""
    mission = report.mission
    held = f", {length(mission.held)} of them held" if mission.held else ""
    return f"{length(mission.elapsed)}{held}; {moment(mission.created)} to {moment(mission.until)}"


def branch(report: Report) -> str:
    """Where the work is."""
    mission = report.mission
    if mission.head == mission.base:
        return f"`{mission.branch}` has no commit yet"
    where = mission.repository if mission.published else mission.clone
    landed = f"landed as {short(mission.landed)}" if mission.landed else "not landed"
    kept = "" if mission.published else ", not published yet"
    return f"`{mission.branch}` at {short(mission.head)} in {code(where)}{kept}; {landed}"
