"""Why something is as it is, as Markdown: from an assertion to verdicts, evidence, features, handoffs, items, cost.

Whatever agents wrote is escaped; the only links are to documents of the mission.
"""

from collections.abc import Iterator, Sequence

from milepost.domain.mission import Item
from milepost.domain.quantities import count, money
from milepost.ide.evidence import Piece, pieces
from milepost.ide.prose import code, escaped, link
from milepost.ide.snapshot import Snapshot, handoff_path, milestone_path, questions_path, uri
from milepost.ide.standing import MARKS, round_of
from milepost.ide.story import Judged, Left, some

VERDICTS, ITEMS, COMMITS, HANDOFFS, ASSERTIONS = 6, 10, 6, 3, 40
"""How many of each are told, the newest first; the rest is counted."""
NOTE = 400


def rest(number: int, most: int) -> list[str]:
    """A line that says how many more there are."""
    return [f"- … and {number - most} more"] if number > most else []


# --- assertions ---

def assertion(name: str, snapshot: Snapshot, *, text: bool) -> str:
    """An assertion's whole story; `text` says what it asks too, where that is not on the screen."""
    lines = [heading(name, snapshot), *agreed(name, snapshot, text=text), *verdicts(name, snapshot)]
    features = snapshot.serving.get(name, ())
    for feature in features:
        lines += ["", *work(feature, snapshot, serves=False)]
    lines += items([*snapshot.about.get(name, ()), *against(features, snapshot)], snapshot)
    attempts = {a for subject in (name, *features) for a in snapshot.sittings.get(subject, ())}
    if attempts:
        lines += ["", f"{money(snapshot.cost(attempts))} for the attempts that built and judged this"]
    return "\n".join(lines)


def heading(name: str, snapshot: Snapshot) -> str:
    """Its id, title and state."""
    standing = snapshot.standings[name]
    given = standing.judged
    when = f" · {moment(given, snapshot)}" if given else ""
    return f"**{name}** {escaped(standing.assertion.title)} — {standing.mark} **{standing.word}**{when}"


def agreed(name: str, snapshot: Snapshot, *, text: bool) -> Iterator[str]:
    """Why it is as it is, where that is not a verdict's note; and what it asks."""
    standing = snapshot.standings[name]
    if standing.state.waived_because:
        yield f"\nWaived: {escaped(standing.state.waived_because, NOTE)}"
    if standing.assertion.removed:
        yield f"\nRemoved: {escaped(standing.assertion.removed, NOTE)}"
    if standing.expired is not None:
        yield f"\nStale since {snapshot.clock(standing.expired.at)}: {escaped(standing.expired.because, NOTE)}"
    if text:
        parts = (("then", standing.assertion.then), ("fails if", standing.assertion.fails_if))
        yield "\n" + "\n".join(f"- {part}: {escaped(said, NOTE)}" for part, said in parts if said)


def moment(given: Judged, snapshot: Snapshot) -> str:
    """The round and the time of a verdict."""
    return " · ".join(part for part in (round_of(given.verdict), snapshot.clock(given.at)) if part)


def verdicts(name: str, snapshot: Snapshot) -> Iterator[str]:
    """Every verdict, newest first, with what it points at."""
    given = snapshot.story.verdicts.get(name, ())
    if given:
        yield "\n**Verdicts**\n"
    for one in given[::-1][:VERDICTS]:
        verdict = one.verdict
        needs = f" Needs: {escaped(verdict.needs, NOTE)}" if verdict.needs else ""
        yield (
            f"- {MARKS[verdict.outcome]} {verdict.outcome} · {moment(one, snapshot)}: "
            f"{escaped(verdict.note, NOTE)}{needs}"
        )
        yield from (f"  - {shown(p)}" for p in pieces(verdict, snapshot))
    yield from rest(len(given), VERDICTS)


def shown(piece: Piece) -> str:
    """One piece of evidence: a link where a copy lies, otherwise what the engine ran."""
    if piece.path:
        return f"{link(f'{piece.id} {piece.kind}', uri(piece.path))} {escaped(piece.title, 200)}".rstrip()
    return f"{piece.kind} {code(piece.title or piece.blob[:12], 200)}"


# --- features ---

def feature(name: str, snapshot: Snapshot) -> str:
    """A feature's whole story."""
    return "\n".join([*work(name, snapshot, serves=True), *items(against([name], snapshot), snapshot)])


def work(name: str, snapshot: Snapshot, *, serves: bool) -> Iterator[str]:
    """A feature with its commits and handoffs."""
    planned, state = snapshot.planned[name], snapshot.mission.features[name]
    parts = [state.status, planned.milestone]
    parts += [count(state.attempts, "attempt"), money(snapshot.feature_costs[name])] if state.attempts else []
    yield f"**{name}** {escaped(planned.title)} — {' · '.join(parts)}"
    if serves:
        yield from served(name, snapshot)
    if planned.fixes:
        yield f"\nFixes {', '.join(planned.fixes)}"
    if state.reopened:
        yield f"\nReopened: {escaped(state.reopened, NOTE)}"
    left = [*told(name, snapshot), *committed(name, snapshot)]
    yield from ["", *left] if left else []


def served(name: str, snapshot: Snapshot) -> Iterator[str]:
    """The assertions a feature makes true, each with its mark."""
    owned = [snapshot.standings[a] for a in snapshot.served[name] if a in snapshot.standings]
    if owned:
        yield ""
    for standing in owned[:ASSERTIONS]:
        yield f"- {standing.mark} {standing.assertion.id} {escaped(standing.assertion.title, 120)}"
    yield from rest(len(owned), ASSERTIONS)


def told(name: str, snapshot: Snapshot) -> Iterator[str]:
    """What its workers left behind, newest first, with what of it was not so."""
    left = snapshot.story.handoffs.get(name, ())
    for place_, one in enumerate(left[::-1][:HANDOFFS]):
        yield f"- {handoff(name, one, snapshot, newest=not place_)}"
        yield from (f"  - not so: {escaped(m, NOTE)}" for m in one.mismatches)
    yield from rest(len(left), HANDOFFS)


def handoff(feature: str, left: Left, snapshot: Snapshot, *, newest: bool) -> str:
    """One handoff in a line; only the newest has a page."""
    page = link("handoff", uri(handoff_path(snapshot.paths, feature))) if newest else "handoff"
    by = " (written by the engine)" if left.built_by_engine else ""
    return f"{page} of {left.attempt}: {left.handoff.outcome}{by}. {escaped(left.handoff.summary, NOTE)}"


def committed(name: str, snapshot: Snapshot) -> Iterator[str]:
    """Its commits that were not taken back, newest first."""
    standing = set(snapshot.mission.features[name].commits)
    made = [c for c in snapshot.story.commits.get(name, ()) if c.commit in standing]
    for one in made[::-1][:COMMITS]:
        yield f"- commit {code(one.commit[:8])} · {snapshot.clock(one.at)} · {escaped(some(list(one.paths)), 200)}"
    yield from rest(len(made), COMMITS)


# --- items ---

def against(features: Sequence[str], snapshot: Snapshot) -> list[Item]:
    """What was opened about these features, or is mended by them."""
    known = snapshot.mission.items
    fixed = (known[i] for f in features for i in snapshot.planned[f].fixes if i in known)
    return [*(i for f in features for i in snapshot.about.get(f, ())), *fixed]


def items(found: Sequence[Item], snapshot: Snapshot) -> list[str]:
    """Items, open ones first, and beside each how it was resolved."""
    each = {i.id: i for i in sorted(found, key=lambda i: (not i.is_open, -i.seq))}
    if not each:
        return []
    lines = [f"- {item_line(i)}" for i in list(each.values())[:ITEMS]]
    return ["\n**Items**\n", *lines, *rest(len(each), ITEMS)]


def item_line(item: Item) -> str:
    """One item in a line, with its decision."""
    return f"{item.id} {item.opened.type}: {escaped(item.opened.text, NOTE)} → {decided(item)}"


def decided(item: Item) -> str:
    """What was decided on an item."""
    if item.decision is None:
        return f"**open**, for {'you' if item.opened.owner == 'user' else 'the orchestrator'}"
    why = escaped(" ".join(part for part in (item.text, item.reason) if part), NOTE)
    feature = f" ({item.feature})" if item.feature else ""
    by = "you" if item.resolved_by == "user" else item.resolved_by
    return f"{item.decision} by {by}{feature}: {why}".rstrip(": ")


def item(name: str, snapshot: Snapshot) -> str:
    """An item's story."""
    found = snapshot.mission.items[name]
    opened = found.opened
    about = f" about {escaped(opened.about)}" if opened.about else ""
    lines = [f"**{name}** {opened.type}{about} — {decided(found)}", "", escaped(opened.text)]
    lines += ["", *(f"- {escaped(option)}" for option in opened.options)] if opened.options else []
    source = snapshot.story.origins.found.get(name)
    if source:
        lines += ["", f"Out of {escaped(source.replace(':', ' '))}"]
    if found.is_open and opened.owner == "user":
        lines += ["", link("Answer it here", uri(questions_path(snapshot.paths, snapshot.mission)))]
    return "\n".join(lines)


# --- milestones ---

def milestone(name: str, snapshot: Snapshot) -> str:
    """A milestone's story: what it is for, its rounds and its features."""
    planned, state = snapshot.milestones[name], snapshot.mission.milestones[name]
    sealed = f" at {code(state.commit[:8])}" if state.commit else ""
    lines = [f"**{name}** {escaped(planned.title)} — {state.status}{sealed}", "", escaped(planned.outcome, NOTE), ""]
    for judged in (r for r in snapshot.mission.rounds if r.milestone == name):
        why = f": {escaped(judged.reason, NOTE)}" if judged.reason else ""
        lines.append(f"- round {judged.number} {judged.outcome or 'open'}{why}")
    for planned_feature in snapshot.mission.features_of(name):
        state_of = snapshot.mission.features[planned_feature.id].status
        lines.append(f"- {planned_feature.id} {escaped(planned_feature.title)} — {state_of}")
    return "\n".join([*lines, "", link("its page", uri(milestone_path(snapshot.paths, name)))])
