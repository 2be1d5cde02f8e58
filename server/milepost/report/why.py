"""Why something is as it is: from an assertion, a commit or a line to verdicts, features, attempts and handoffs."""

from collections.abc import Mapping, Sequence

from milepost.domain import events as e
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.quantities import count
from milepost.domain.record import Record
from milepost.domain.shape import Shape
from milepost.domain.turns import TurnEnded, TurnFailed
from milepost.report import items
from milepost.report.shapes import ItemRow
from milepost.report.shown import EvidenceRow
from milepost.report.typeset import dollars, plain
from milepost.report.verdicts import basis, evidence, seen_in, served, serving

Trailers = Mapping[str, Sequence[str]]
"""The trailers of a commit, as git reads them: each name with its values."""


class GivenVerdict(Shape):
    """One verdict on an assertion, and what it pointed at."""

    seq: int
    outcome: str
    milestone: str
    round: int | None
    note: str
    basis: str
    """Whose word it is: check, tester, script."""
    evidence: list[EvidenceRow]


class Play(Shape):
    """What the script of an assertion was seen to do: compiled, or played and with what it came to."""

    seq: int
    text: str


class Promise(Shape):
    """An assertion with everything that was said of it."""

    id: str
    title: str
    state: str
    reason: str
    """Why it was waived or removed."""
    verdicts: list[GivenVerdict]
    """Newest first."""
    plays: list[Play] = []
    """Oldest first."""


class Sat(Shape):
    """One attempt."""

    attempt: str
    model: str
    outcome: str
    """Empty while it is open."""
    reason: str
    dollars: float


class Left(Shape):
    """One handoff and what of it was not so."""

    attempt: str
    outcome: str
    summary: str
    mismatches: list[str]


class Committed(Shape):
    """One commit of a feature."""

    commit: str
    tree: str
    attempt: str
    paths: list[str]


class Work(Shape):
    """A feature with its attempts, handoffs and commits."""

    id: str
    title: str
    status: str
    serves: list[str]
    fixes: list[str]
    attempts: list[Sat]
    handoffs: list[Left]
    commits: list[Committed]


class Answer(Shape):
    """The chain from what was asked about to what it rests on."""

    about: str
    note: str
    """What is to be said first; may be empty."""
    assertions: list[Promise]
    features: list[Work]
    items: list[ItemRow]
    dollars: float
    """What the attempts at these features, and those that judged these assertions, cost together."""


def why_assertion(mission: Mission, records: Sequence[Record], id: str) -> Answer:
    """The chain behind an assertion. Raises Refused where the contract does not have it."""
    if mission.contract.get(id) is None:
        known = ", ".join(a.id for a in mission.contract) or "none yet"
        raise Refused(f"mission {mission.id!r} has no assertion {id!r}; the contract has {known}")
    return answer(mission, records, id, [id], serving(mission, id))


def why_commit(mission: Mission, records: Sequence[Record], commit: str, trailers: Trailers) -> Answer:
    """The chain behind a commit, found by its id or, where that changed with landing, by its trailers.

    Raises Refused for a commit that this mission did not make.
    """
    about = f"commit {commit[:12]}"
    for event in (r.event for r in records):
        if isinstance(event, e.CommitMade) and event.commit.startswith(commit) and event.feature:
            return of_feature(mission, records, about, event.feature)
        if isinstance(event, e.EditNoticed) and event.commit.startswith(commit):
            return answer(mission, records, about, [], [], note=f"An edit of the user: {', '.join(event.paths)}.")
        if isinstance(event, e.FeatureReverted) and event.commit.startswith(commit):
            found = of_feature(mission, records, about, event.feature)
            return found.model_copy(update={"note": f"It takes {event.feature} back."})
    named = [f for f in trailers.get("Feature", ()) if f in mission.features]
    if mission.id not in trailers.get("Mission", ()) or not named:
        raise Refused(
            f"commit {commit[:12]!r} is not of mission {mission.id!r}; expected one it made, or one with its trailers"
        )
    return of_feature(mission, records, about, named[0])


def why_line(
    mission: Mission, records: Sequence[Record], path: str, line: int, commit: str, trailers: Trailers
) -> Answer:
    """The chain behind a line, given the commit that blame found for it; findings held against that line come with it.

    Raises Refused as `why_commit` does.
    """
    found = why_commit(mission, records, commit, trailers)
    here = [i for i in items.rows(mission, records) if i.place == f"{path}:{line}" and i not in found.items]
    return found.model_copy(update={"about": f"{path}:{line}, {found.about}", "items": [*found.items, *here]})


def of_feature(mission: Mission, records: Sequence[Record], about: str, feature: str) -> Answer:
    """The chain behind everything that one feature serves."""
    return answer(mission, records, about, served(mission, feature), [feature])


def answer(
    mission: Mission, records: Sequence[Record], about: str, assertions: Sequence[str], features: Sequence[str],
    note: str = "",
) -> Answer:
    """The answer about some assertions and features."""
    concerned = {*assertions, *features, *(i for f in features if (p := mission.feature(f)) for i in p.fixes)}
    return Answer(
        about=about, note=note, assertions=[promise(mission, records, a) for a in assertions],
        features=[work(mission, records, f) for f in features],
        items=[i for i in items.rows(mission, records) if i.about in concerned or i.id in concerned],
        dollars=sum(spent(records, a) for a in attempts(mission, assertions, features)),
    )


def attempts(mission: Mission, assertions: Sequence[str], features: Sequence[str]) -> list[str]:
    """The attempts at these features, and those that judged them or these assertions."""
    return [
        name for name, a in mission.attempts.items()
        if (a.started.subject in features and a.started.seat in ("worker", "reviewer"))
        or set(assertions) & set(a.started.assertions)
    ]


def spent(records: Sequence[Record], attempt: str) -> float:
    """Dollars of one attempt: of its turns where the records have them, otherwise as its end recorded them."""
    ended = turned = 0.0
    for record in records:
        event = record.event
        if isinstance(event, e.AttemptEnded) and event.attempt == attempt:
            ended += event.spent.dollars
        elif isinstance(event, TurnEnded | TurnFailed) and record.attempt == attempt:
            turned += event.cost
    return turned or ended


def promise(mission: Mission, records: Sequence[Record], id: str) -> Promise:
    """An assertion with its verdicts."""
    assertion, state = mission.contract.get(id), mission.assertions[id]
    known = seen_in(r.event for r in records)
    given = [
        GivenVerdict(
            seq=r.seq, outcome=v.outcome, milestone=v.milestone or "", round=v.round, note=v.note,
            basis=basis(assertion, v) if assertion else "", evidence=evidence(mission, v, known),
        )
        for r in records if isinstance(v := r.event, e.VerdictGiven) and v.assertion == id
    ]
    return Promise(
        id=id, title=assertion.title if assertion else "", state=state.status + (", stale" if state.stale else ""),
        reason=state.waived_because or (assertion.removed if assertion else ""), verdicts=given[::-1],
        plays=[Play(seq=r.seq, text=text) for r in records for text in played(r.event, id)],
    )


def played(event: object, assertion: str) -> list[str]:
    """What a fact says of an assertion's script, in a line."""
    if isinstance(event, e.ScriptCompiled):
        if assertion in event.assertions:
            return [f"script of {count(event.moves, 'move')} compiled from {event.attempt}"]
        said = event.dropped.get(assertion)
        return [f"no script compiled from {event.attempt}: {said}"] if said else []
    if not isinstance(event, e.ScriptPlayed):
        return []
    return [
        f"script played in {event.milestone}r{event.round}: "
        + ("the same was seen again" if r.outcome == "passed" else f"move {r.move} did not hold: {r.why}")
        for r in event.results if r.assertion == assertion
    ]


def work(mission: Mission, records: Sequence[Record], id: str) -> Work:
    """A feature with what was done for it."""
    planned, state = mission.feature(id), mission.features[id]
    sat = [a for a in mission.attempts.values() if (a.started.seat, a.started.subject) == ("worker", id)]
    return Work(
        id=id, title=planned.title if planned else "", status=state.status, serves=served(mission, id),
        fixes=planned.fixes if planned else [],
        attempts=[
            Sat(
                attempt=a.started.attempt, model=a.started.model, outcome=a.outcome or "", reason=a.reason,
                dollars=spent(records, a.started.attempt),
            )
            for a in sat
        ],
        handoffs=handoffs(records, id),
        commits=[
            Committed(commit=c.commit, tree=c.tree, attempt=r.attempt or "", paths=c.paths)
            for r in records if isinstance(c := r.event, e.CommitMade) and c.feature == id
        ],
    )


def handoffs(records: Sequence[Record], feature: str) -> list[Left]:
    """The handoffs of a feature, each with what its audit found."""
    found: list[Left] = []
    for record in records:
        event = record.event
        if isinstance(event, e.HandoffSubmitted) and event.feature == feature:
            outcome, summary = event.handoff.outcome, event.handoff.summary
            found.append(Left(attempt=record.attempt or "", outcome=outcome, summary=summary, mismatches=[]))
        elif isinstance(event, e.HandoffAudited) and event.feature == feature:
            found[-1] = found[-1].model_copy(update={"mismatches": event.mismatches})
    return found


# --- for people ---

def render(found: Answer) -> str:
    """The answer as indented lines."""
    lines = [found.about]
    if found.note:
        lines.append(f"  {found.note}")
    for promised in found.assertions:
        lines += promise_lines(promised)
    for feature in found.features:
        lines += work_lines(feature)
    for item in found.items:
        lines += item_lines(item)
    lines.append(f"  cost: {dollars(found.dollars)} for the attempts that built and judged this")
    return "".join(f"{' ' * (len(line) - len(line.lstrip(' ')))}{plain(line)}\n" for line in lines)


def promise_lines(promised: Promise) -> list[str]:
    """An assertion with its verdicts."""
    because = f": {promised.reason}" if promised.reason else ""
    lines = [f"  assertion {promised.id} {promised.title}: {promised.state}{because}"]
    for given in promised.verdicts:
        by = f" by {given.basis}" if given.basis else ""
        lines.append(f"    {given.outcome} in {given.milestone}r{given.round}{by}: {given.note}")
        lines += [f"      {x.id or x.kind} {x.title} ({x.blob[:12]})" for x in given.evidence]
    return lines + [f"    {play.text}" for play in promised.plays]


def work_lines(feature: Work) -> list[str]:
    """A feature with its attempts, handoffs and commits."""
    serves = f", serves {', '.join(feature.serves)}" if feature.serves else ""
    fixes = f", fixes {', '.join(feature.fixes)}" if feature.fixes else ""
    lines = [f"  feature {feature.id} {feature.title}: {feature.status}{serves}{fixes}"]
    for sat in feature.attempts:
        lines.append(f"    attempt {sat.attempt} on {sat.model}: {sat.outcome or 'open'}, {dollars(sat.dollars)}")
        for left in (h for h in feature.handoffs if h.attempt == sat.attempt):
            lines.append(f"      handoff, {left.outcome}: {left.summary}")
            lines += [f"        not so: {m}" for m in left.mismatches]
        made = [c for c in feature.commits if c.attempt == sat.attempt]
        lines += [f"      commit {c.commit[:12]}: {', '.join(c.paths)}" for c in made]
    return lines


def item_lines(item: ItemRow) -> list[str]:
    """An item with its decision."""
    why = " ".join(part for part in (item.answer, item.reason) if part)
    decided = f"{item.decision} by {item.resolved_by}" + (f": {why}" if why else "") if item.decision else "open"
    feature = f" ({item.feature})" if item.feature else ""
    return [f"  item {item.id} {item.type}: {item.text}", f"    → {decided}{feature}"]
