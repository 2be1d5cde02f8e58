"""What a person can choose to do at a place: in the contract, at a finding, at a question, in any Markdown text."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from milepost.domain.contract_format import format_assertion
from milepost.domain.quantities import count
from milepost.ide import buttons
from milepost.ide.diagnostics import AMEND, ATTENTION
from milepost.ide.difference import differences
from milepost.ide.document import Block, Document
from milepost.ide.fixes import fixes
from milepost.ide.identifiers import next_id
from milepost.ide.prose import title_of
from milepost.ide.questions import asked
from milepost.ide.shapes import Action, Diagnosis, Edit, Invocation, Span
from milepost.ide.snapshot import Snapshot, uri

LONGEST_GOAL = 100_000
"""Characters of a text that is offered as a goal: it travels with every list of actions."""
EDITABLE = frozenset({"draft", "proposed", "running", "completed"})
"""Phases in which an edit of the contract can still lead to something."""


# --- contract ---

def contract_actions(
    document: Document, span: Span, diagnoses: Sequence[Diagnosis], snapshot: Snapshot | None
) -> list[Action]:
    """Edits that mend its text, orders about the assertions in a span, and orders about the mission.

    `diagnoses` are those of the document; the ones that touch the span count.
    """
    here = [d for d in diagnoses if touches(d.span, span)]
    blocks = [b for b in document.blocks if b.first <= span.end.line and b.last >= span.start.line]
    found = [action for d in here for action in fixes(document, d, snapshot)]
    if snapshot is None:
        return found
    found += assertion_actions(document, blocks, here, snapshot)
    found += [act(b, d) for d in here if d.code == ATTENTION for b in decided(d, snapshot)]
    found += amend_actions(document, here, snapshot)
    return found + [Action(b.title, "source", b) for b in buttons.whole(snapshot)]


def touches(one: Span, other: Span) -> bool:
    """Whether two spans share a spot, their ends included."""
    return one.start <= other.end and other.start <= one.end


def act(button: Invocation, diagnosis: Diagnosis | None) -> Action:
    """An order: it mends a diagnosis, or is just possible here."""
    return Action(button.title, "quickfix" if diagnosis else "refactor", button, diagnosis=diagnosis)


def assertion_actions(
    document: Document, blocks: Sequence[Block], here: Sequence[Diagnosis], snapshot: Snapshot
) -> Iterator[Action]:
    """What can be done about the assertions in a span; most of it only about a single one."""
    names = [b.assertion.id for b in blocks if b.assertion.id in snapshot.standings]
    by_name = {d.data["assertion"]: d for d in here if d.data and d.code != AMEND and "assertion" in d.data}
    mends = by_name.get(names[0]) if len(names) == 1 else None
    again = buttons.recheck(names, snapshot)
    if again is not None:
        yield act(again, mends)
    if len(blocks) != 1:
        return
    name = names[0] if names else ""
    waiver = buttons.waive(name, snapshot)
    if waiver is not None:
        yield act(waiver, mends)
    yield from (act(b, mends) for b in reopenings(name, snapshot))
    question = buttons.ask(name, snapshot) if name else None
    if question is not None:
        yield act(question, None)
    if snapshot.mission.phase in EDITABLE and blocks[0].assertion.id:
        yield split(document, blocks[0], snapshot)


def reopenings(assertion: str, snapshot: Snapshot) -> Iterator[Invocation]:
    """Sending the feature of an assertion back, because of what is open about it."""
    for item in snapshot.about.get(assertion, ()):
        yield from (b for b in buttons.decisions(item, snapshot) if b.arguments.get("decision") == "reopen")


def split(document: Document, block: Block, snapshot: Snapshot) -> Action:
    """A second assertion below, which begins as a copy without the check: a check shows one behaviour."""
    old = block.assertion
    new = replace(old, id=next_id(old.area, document, snapshot), check="", before="", removed="", notes="")
    text = format_assertion(new).rstrip("\n").replace("\n", document.newline)
    end = block.span.end
    return Action(
        f"Split {old.id}: begin {new.id} as a copy", "refactor",
        edits=(Edit(Span(end, end), f"{document.newline * 2}{text}"),),
    )


def amend_actions(document: Document, here: Sequence[Diagnosis], snapshot: Snapshot) -> Iterator[Action]:
    """Making the edits of an agreed contract part of it."""
    found = differences(document, snapshot)
    if found and buttons.takes(snapshot, "amend_contract"):
        amend = buttons.button(f"Amend the contract: {count(len(found), 'edited assertion')}", "amend", snapshot)
        mends = next((d for d in here if d.code == AMEND), None)
        yield Action(amend.title, "quickfix" if mends else "source", amend, diagnosis=mends)


# --- findings and questions ---

def finding_actions(span: Span, diagnoses: Sequence[Diagnosis], snapshot: Snapshot) -> list[Action]:
    """What can be done about findings that touch a span: telling the orchestrator, and every decision of the user's."""
    found = []
    for diagnosis in diagnoses:
        if touches(diagnosis.span, span):
            chosen = [b for b in (send(diagnosis, snapshot), *decided(diagnosis, snapshot)) if b is not None]
            found += [act(b, diagnosis) for b in chosen]
    return found


def send(diagnosis: Diagnosis, snapshot: Snapshot) -> Invocation | None:
    """A finding as a message to the orchestrator."""
    item = snapshot.mission.items.get(str((diagnosis.data or {}).get("item")))
    if item is None or not buttons.takes(snapshot, "steer_mission"):
        return None
    finding = item.opened.finding
    line = f":{finding['line']}" if finding.get("line") else ""
    text = f"Look into {item.id} ({finding.get('file')}{line}) next: {item.opened.text}"
    return buttons.button(f"Send {item.id} to the orchestrator", "steer", snapshot, text=text)


def decided(diagnosis: Diagnosis, snapshot: Snapshot) -> Iterator[Invocation]:
    """The decisions of the user's on what a diagnosis is about."""
    item = snapshot.mission.items.get(str((diagnosis.data or {}).get("item")))
    if item is not None:
        yield from buttons.decisions(item, snapshot)


def question_actions(document: Document, span: Span, snapshot: Snapshot) -> list[Action]:
    """The answers that are offered to the questions in a span."""
    chosen = [a for a in asked(document, snapshot) if a.heading.start.line <= span.end.line]
    return [
        Action(b.title, "quickfix", b) for a in chosen if a.last >= span.start.line
        for b in buttons.decisions(a.item, snapshot)
    ]


# --- any Markdown text ---

def goal_actions(document: Document) -> list[Action]:
    """Starting a mission whose goal is this text; not from the mission's own documents, nor from nothing."""
    goal = document.text.strip()
    if not goal or len(goal) > LONGEST_GOAL or document.is_contract or document.is_questions:
        return []
    folder = uri(document.path.rpartition("/")[0] or "/")
    title = f"Start a mission from this document: {title_of(goal, 40)}"
    return [Action(title, "source", Invocation(title, "newMission", {"goal": goal, "folder": folder}))]
