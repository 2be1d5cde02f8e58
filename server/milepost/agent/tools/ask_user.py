"""`ask_user`: questions that wait in the user's attention list, and their answers."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool
from milepost.agent.tools.seated import ORCHESTRATOR
from milepost.domain.errors import ToolError
from milepost.domain.events import HoldPlaced, ItemOpened, ItemResolved
from milepost.domain.mission import Item, Mission
from milepost.domain.record import Fact
from milepost.domain.shape import FeatureId, Shape, Text

NOBODY = "Nobody is there to ask: decide yourself and write the assumption into the brief."


class Question(Shape):
    topic: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    question: Text
    options: list[Text] = []
    """The one you recommend first."""
    multiple: bool = False
    blocks: Literal["mission"] | list[FeatureId] = "mission"


class AskUser(Shape):
    """Arguments of ask_user."""

    questions: Annotated[list[Question], Field(min_length=1, max_length=4)]


async def run(desk: Desk, args: AskUser) -> Shown:
    """Ask, and sleep until every question is answered; later work goes on where only features wait for it."""
    refuse_unknown(desk.mission, args.questions)
    await desk.log.decide(lambda m: opened(m, desk.attempt, args.questions), by=desk.attempt, attempt=desk.attempt)
    items = [i for q in args.questions if (i := asked(desk.mission, desk.attempt, q)) is not None]
    if desk.mission.settings.unattended:
        await desk.log.decide(lambda m: unanswered(m, items), by="engine", attempt=desk.attempt)
    elif desk.mission.phase == "running" and all(i.opened.blocks != "mission" for i in items):
        names = ", ".join(i.id for i in items)
        return Shown(f"asked as {names}; the answers come with a later seating: go on with what does not need them")
    await desk.log.wait(lambda m: all(not m.items[i.id].is_open for i in items))
    return Shown("\n".join(answer(desk.mission.items[i.id]) for i in items))


def refuse_unknown(mission: Mission, questions: Sequence[Question]) -> None:
    """Raise ToolError where a question blocks features that do not exist."""
    for question in questions:
        unknown = [f for f in question.blocks if f not in mission.features] if question.blocks != "mission" else []
        if unknown:
            raise ToolError(f"{question.topic!r} blocks {', '.join(unknown)}, which the plan does not have")


def asked(mission: Mission, attempt: str, question: Question) -> Item | None:
    """The item of a question that this attempt asked."""
    text = wording(question)
    mine = (i for i in mission.items.values() if i.by == attempt and i.opened.type == "question")
    return next((i for i in mine if i.opened.text == text), None)


def wording(question: Question) -> str:
    """A question as the user reads it."""
    return f"{question.topic}: {question.question}"


def opened(mission: Mission, attempt: str, questions: Sequence[Question]) -> list[Fact]:
    """An item for each question that was not asked yet, and the hold while the mission waits for one."""
    fresh = [q for q in questions if asked(mission, attempt, q) is None]
    items = [
        ItemOpened(
            item=mission.next_item(n), type="question", owner="user", blocks=q.blocks, text=wording(q),
            options=list(q.options), payload={"topic": q.topic, "multiple": q.multiple},
        )
        for n, q in enumerate(fresh)
    ]
    waiting = [i for i in items if i.blocks == "mission"]
    if not waiting or mission.settings.unattended:
        return [*items]
    before = mission.holds.get("blocked")
    ids = [*(before.items if before else []), *(i.item for i in waiting)]
    return [*items, HoldPlaced(hold="blocked", reason="; ".join(i.text for i in waiting)[:2000], items=ids)]


def unanswered(mission: Mission, items: Sequence[Item]) -> list[Fact]:
    """With nobody there, each question is the orchestrator's own."""
    return [ItemResolved(item=i.id, decision="answer", text=NOBODY) for i in items if mission.items[i.id].is_open]


def answer(item: Item) -> str:
    """What came back for a question."""
    return f"{item.id} {item.opened.text}\n→ {item.text or item.reason or item.decision}"


ASK_USER = Tool("ask_user", AskUser, run, seats=ORCHESTRATOR, repeatable=True)
