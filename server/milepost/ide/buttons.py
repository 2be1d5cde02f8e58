"""Orders as buttons: what each says, and the arguments that the server takes with it.

`ask` names the argument that a person has yet to give in words; the server asks for it by its own means.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from milepost.domain.answering import IN_WORDS
from milepost.domain.decide import ALLOWED
from milepost.domain.mission import Item
from milepost.domain.quantities import count
from milepost.ide.item_actions import item_actions, reopens
from milepost.ide.prose import cut
from milepost.ide.shapes import Invocation
from milepost.ide.snapshot import Snapshot

DECIDED = {
    "approve": "Approve {item}", "deny": "Deny {item}…", "accept": "Accept {item}", "reject": "Reject {item}…",
    "counter": "Counter {item}…", "reopen": "Send {feature} back because of {item}…",
    "dispute": "Dispute {item}: let a fresh reader judge it…", "dismiss": "Dismiss {item}…",
}
"""What a button says for each decision."""
ASKS = {"deny": "reason", "reject": "reason", "counter": "text", "reopen": "reason", "dispute": "reason",
        "dismiss": "reason"}
"""The words that a decision needs."""


def takes(snapshot: Snapshot, order: str) -> bool:
    """Whether the mission takes an order of that name in its phase."""
    return order in ALLOWED[snapshot.mission.phase]


def button(title: str, command: str, snapshot: Snapshot, **arguments: Any) -> Invocation:
    """An order to this mission."""
    arguments["mission"] = snapshot.mission.id
    return Invocation(title, command, arguments)


def opens(title: str, document: str, snapshot: Snapshot) -> Invocation:
    """Showing a document of the mission: `contract`, `handoff:F2`, `evidence:<attempt>/E3` …"""
    return button(title, "open", snapshot, document=document)


def recheck(assertions: Iterable[str], snapshot: Snapshot) -> Invocation | None:
    """Judging again those of the assertions that have a verdict."""
    known = (snapshot.standings.get(a) for a in assertions)
    chosen = [s.assertion.id for s in known if s is not None and s.recheckable]
    if not chosen or not takes(snapshot, "recheck_assertions"):
        return None
    what = chosen[0] if len(chosen) == 1 else count(len(chosen), "assertion")
    return button(f"Judge {what} again", "recheck", snapshot, assertions=chosen)


def waive(assertion: str, snapshot: Snapshot) -> Invocation | None:
    """Letting an assertion go, with a reason."""
    standing = snapshot.standings.get(assertion)
    waivable = standing is not None and standing.word not in ("waived", "removed")
    if not waivable or not takes(snapshot, "waive_assertion"):
        return None
    return button(f"Waive {assertion}…", "waive", snapshot, assertion=assertion, ask="reason")


def ask(about: str, snapshot: Snapshot) -> Invocation | None:
    """A message to the orchestrator about something."""
    if not takes(snapshot, "steer_mission"):
        return None
    return button(f"Ask the orchestrator about {about}…", "steer", snapshot, about=about, ask="text")


def decisions(item: Item, snapshot: Snapshot) -> Iterator[Invocation]:
    """Everything the user may decide on an item; a question has a button for each of its options."""
    for decision in item_actions(item, snapshot):
        if decision == "answer":
            yield from answers(item, snapshot)
            continue
        feature = reopens(item, snapshot) if decision == "reopen" else ""
        words = {"ask": ASKS[decision]} if decision in ASKS else {}
        given = {"item": item.id, "decision": decision, **({"feature": feature} if feature else {}), **words}
        yield button(DECIDED[decision].format(item=item.id, feature=feature), "resolve", snapshot, **given)


def answers(item: Item, snapshot: Snapshot) -> Iterator[Invocation]:
    """Answering an item: one of its options, or in other words."""
    for number, option in enumerate(item.opened.options, 1):
        yield button(f"Answer {item.id}: {cut(option, 60)}", "answer", snapshot, item=item.id, text=str(number))
    other = " in other words" if item.opened.options else ""
    yield answer_in_words(f"Answer {item.id}{other}…", item, snapshot)


def answer_in_words(title: str, item: Item, snapshot: Snapshot) -> Invocation:
    """An answer that the person has yet to give. What is no question is answered as a decision on it."""
    if item.opened.type in IN_WORDS:
        return button(title, "answer", snapshot, item=item.id, ask="text")
    return button(title, "resolve", snapshot, item=item.id, decision="answer", ask="text")


def whole(snapshot: Snapshot) -> Iterator[Invocation]:
    """What can be done about the mission as a whole, as it stands."""
    mission, word = snapshot.mission, snapshot.word
    if mission.phase == "proposed":
        yield button("Approve the proposal", "approve", snapshot, expectedRevision=snapshot.number)
        yield button("Return the proposal with a comment…", "returnMission", snapshot, ask="comment")
    if mission.phase == "draft":
        yield button("Stop asking and propose now", "propose", snapshot)
    if word == "interrupted":
        yield button("Run: carry the mission on", "run", snapshot)
    if word in ("paused", "parked"):
        yield button("Resume the mission", "resume", snapshot)
    if mission.phase == "completed" and not mission.landed:
        yield button("Land the mission", "land", snapshot)
