"""What is wrong in a document, and what waits for somebody there.

The diagnoses of a contract tell the whole state by themselves: in editors without lenses and hints they are all there
is. What depends on the text alone is worked out once for each text.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from milepost.domain.answering import understood
from milepost.domain.errors import Refused
from milepost.domain.lint import WHERE_FOUND, Lint, lint_contract
from milepost.domain.mission import Item
from milepost.domain.questions_text import ANSWER, parse_questions
from milepost.domain.services import Command, Commands, Manifest
from milepost.ide.difference import Difference, differences
from milepost.ide.document import Document
from milepost.ide.evidence import pieces
from milepost.ide.prose import cut
from milepost.ide.questions import Asked, asked
from milepost.ide.shapes import Diagnosis, Level, Link, Span, Spot
from milepost.ide.snapshot import Snapshot, contract_path, questions_path
from milepost.ide.standing import Standing, round_of

FAILED, BLOCKED, STALE = "MISSION-FAILED", "MISSION-BLOCKED", "MISSION-STALE"
AMEND, ATTENTION, APPROVE, ANSWERED = "MISSION-AMEND", "MISSION-ATTENTION", "MISSION-APPROVE", "MISSION-ANSWER"
CODES = {
    FAILED: "an assertion was judged and does not hold",
    BLOCKED: "an assertion could not be judged",
    STALE: "what a verdict rests on changed since",
    AMEND: "an edit that is not part of the agreed contract yet",
    ATTENTION: "something waits for the user's answer",
    APPROVE: "the proposal waits for the user's approval",
    ANSWERED: "an answer that does not fit its question",
}
"""What each code of the state means; SYNTAX and CONTRACT codes are the grammar's and the lint's."""
LEVELS: Mapping[str, Level] = {"blocking": "error", "non_blocking": "warning", "suggestion": "information"}
STATES: Mapping[str, tuple[Level, str]] = {
    "failed": ("error", FAILED), "blocked": ("warning", BLOCKED), "stale": ("warning", STALE),
}
AT_FIELD = {
    "CONTRACT-006": "surface", "CONTRACT-007": "evidence", "CONTRACT-008": "evidence", "CONTRACT-009": "surface",
    "CONTRACT-010": "before", "CONTRACT-011": "before", "CONTRACT-014": "surface",
}
"""The field whose value a lint is about; the others are about the whole assertion."""
NO_ID = ("CONTRACT-012", "")
"""What the grammar tells as SYNTAX-005, at the line of the heading."""
OUT_OF_REACH = Manifest(commands=Commands(test=Command(run="test")))
"""Stands for every manifest in which no service has a port."""
LONGEST = 1_000
TOP = Span.of_line(0, 0, 0)


# --- contract ---

@lru_cache(maxsize=8)
def contract_diagnoses(document: Document, snapshot: Snapshot | None) -> tuple[Diagnosis, ...]:
    """Everything about a contract, in the order of its lines; without a mission, what its text alone tells."""
    if snapshot is None:
        return text_diagnoses(document, reachable=True)
    manifest = snapshot.mission.manifest
    reachable = manifest is None or any(s.port is not None for s in manifest.services)
    found = [
        *text_diagnoses(document, reachable=reachable), *state_diagnoses(document, snapshot),
        *(edit_diagnosis(d, document, snapshot) for d in differences(document, snapshot)),
        *waiting(document, snapshot),
    ]
    return tuple(sorted(found, key=lambda d: d.span))


@lru_cache(maxsize=8)
def text_diagnoses(document: Document, *, reachable: bool) -> tuple[Diagnosis, ...]:
    """What the grammar and the lint say about a text; a fault that both see is told once."""
    problems = document.parsed.problems
    told = {(p.code, p.subject) for p in problems} | {NO_ID}
    found = [Diagnosis(document.place_of(p), p.severity, p.code, p.message) for p in problems]
    lints = lint_contract(document.parsed.contract, None if reachable else OUT_OF_REACH, WHERE_FOUND)
    found += [lint_diagnosis(lint, document) for lint in lints if (lint.code, lint.subject) not in told]
    return tuple(sorted(found, key=lambda d: d.span))


def lint_diagnosis(lint: Lint, document: Document) -> Diagnosis:
    """A lint at the field that it is about."""
    block = document.named.get(lint.subject)
    span = document.whole_line(0)
    if block is not None:
        span = document.value_span(block, AT_FIELD[lint.code]) if lint.code in AT_FIELD else block.name
    return Diagnosis(span, lint.severity, lint.code, lint.message)


def state_diagnoses(document: Document, snapshot: Snapshot) -> Iterator[Diagnosis]:
    """Assertions that were judged and do not stand."""
    for name, standing in snapshot.standings.items():
        shown = STATES.get(standing.word)
        block = document.named.get(name) if shown else None
        if shown is not None and block is not None:
            level, code = shown
            yield Diagnosis(
                block.name, level, code, cut(judgement(standing), LONGEST), related(standing, snapshot),
                about(name, snapshot),
            )


def judgement(standing: Standing) -> str:
    """What was judged, where, and why it does not stand."""
    name, given = standing.assertion.id, standing.state.verdict
    place = f" in {round_of(given)}" if given and round_of(given) else ""
    if standing.word == "stale":
        why = f": {standing.expired.because}" if standing.expired else ""
        return f"{name} is stale{why}. It was {standing.state.status}{place}; it will be judged again."
    needs = f" (needs: {given.needs})" if given and given.needs else ""
    return f"{name} {standing.word}{place}: {standing.note}{needs}"


def related(standing: Standing, snapshot: Snapshot) -> tuple[Link, ...]:
    """The evidence of a verdict, where it can be read."""
    given = standing.state.verdict
    seen = pieces(given, snapshot) if given else []
    return tuple(Link(p.path, TOP, f"{p.kind}: {cut(p.title or p.id, 120)}") for p in seen if p.path)


def about(assertion: str, snapshot: Snapshot) -> Mapping[str, str]:
    """What an action on an assertion needs to know."""
    waiting_for = [i.id for i in snapshot.about.get(assertion, ()) if i.is_open]
    item = {"item": waiting_for[-1]} if waiting_for else {}
    return {"mission": snapshot.mission.id, "assertion": assertion, **item}


def edit_diagnosis(difference: Difference, document: Document, snapshot: Snapshot) -> Diagnosis:
    """An edit that is not agreed: at the assertion, or at its area where it was taken out."""
    name, block = difference.assertion, difference.block
    what = {"add": "is new", "change": "reads otherwise than agreed", "remove": "is taken out"}[difference.op]
    data = {"mission": snapshot.mission.id, "assertion": name, "op": difference.op}
    message = f"not yet part of the contract: {name} {what}; save and amend to make it so"
    return Diagnosis(block.name if block else area_span(name, document), "information", AMEND, message, data=data)


def area_span(assertion: str, document: Document) -> Span:
    """The name of the area that an assertion would stand in; the first line where there is none."""
    area = assertion.rpartition("-")[0]
    return next((s.name for s in document.sections if s.area.name == area), document.whole_line(0))


def waiting(document: Document, snapshot: Snapshot) -> Iterator[Diagnosis]:
    """What waits for the user, at the first line: an editor with nothing but diagnostics shows it there."""
    mission, top = snapshot.mission, document.whole_line(0)
    if mission.phase == "proposed":
        message = "the proposal waits for your approval: approve it, or return it with a comment"
        yield Diagnosis(top, "information", APPROVE, message, data={"mission": mission.id})
    for item in () if mission.ended else mission.attention:
        where = (Link(questions_path(snapshot.paths, mission), TOP, "answer it here"),)
        yield Diagnosis(top, "information", ATTENTION, asks(item), where, of_item(item, snapshot))


def asks(item: Item) -> str:
    """An item of the user's in a line."""
    options = f" ({' / '.join(item.opened.options)})" if item.opened.options else ""
    return cut(f"{item.id} {item.opened.type} waits for you: {item.opened.text}{options}", LONGEST)


def of_item(item: Item, snapshot: Snapshot) -> Mapping[str, str]:
    """What an action on an item needs to know."""
    return {"mission": snapshot.mission.id, "item": item.id}


# --- code ---

@lru_cache(maxsize=8)
def findings(snapshot: Snapshot) -> Mapping[str, tuple[Diagnosis, ...]]:
    """What is open against files of the tree, by path inside it."""
    found: dict[str, list[Diagnosis]] = {}
    for item in snapshot.mission.open_items:
        file = item.opened.finding.get("file")
        if file:
            found.setdefault(file, []).append(finding_diagnosis(item, snapshot))
    return {file: tuple(sorted(held, key=lambda d: d.span)) for file, held in found.items()}


def finding_diagnosis(item: Item, snapshot: Snapshot) -> Diagnosis:
    """One finding at its lines; without one, at the first line of its file."""
    finding = item.opened.finding
    first = max(1, finding.get("line") or 1)
    last = max(first, finding.get("end_line") or first)
    # Up to the next line's beginning: how long the last one is, only the file knows.
    span = Span(Spot(first - 1, 0), Spot(last, 0))
    assertion = snapshot.standings.get(finding.get("assertion") or "")
    line = snapshot.story.layout.assertions.get(assertion.assertion.id, 0) if assertion else 0
    where = contract_path(snapshot.paths, snapshot.mission)
    agreed = (Link(where, Span.of_line(line, 0, 0), assertion.assertion.title),) if assertion else ()
    level = LEVELS[item.opened.severity]
    return Diagnosis(span, level, item.id, cut(item.opened.text, LONGEST), agreed, of_item(item, snapshot))


# --- questions ---

@lru_cache(maxsize=8)
def questions_diagnoses(document: Document, snapshot: Snapshot) -> tuple[Diagnosis, ...]:
    """Questions without an answer yet, and answers that do not fit."""
    answers = parse_questions(document.text)
    found = (question_diagnosis(a, answers.get(a.item.id), document, snapshot) for a in asked(document, snapshot))
    return tuple(d for d in found if d is not None)


def question_diagnosis(one: Asked, answer: str | None, document: Document, snapshot: Snapshot) -> Diagnosis | None:
    """What is to be said about one question; nothing where its answer only has to be saved."""
    data = of_item(one.item, snapshot)
    if answer is None:
        level: Level = "information" if one.item.opened.blocks == "none" else "warning"
        stops = "" if level == "information" else " The mission waits for it."
        message = f"{one.item.id} waits for you: write below `{ANSWER}` and save.{stops}"
        return Diagnosis(one.heading, level, ATTENTION, message, data=data)
    try:
        understood(one.item, answer)
    except Refused as refused:
        span = one.heading if one.answer is None else document.whole_line(one.answer)
        return Diagnosis(span, "error", ANSWERED, str(refused), data=data)
    return None
