"""A seat at a table: a real loop over a real desk, with a model that says what a script tells it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from milepost.agent.calls import CallRunner
from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.loop import Sitting
from milepost.agent.purse import Purse
from milepost.agent.tool import schema
from milepost.agent.tools import for_seat
from milepost.agent.watch import Watch
from milepost.domain.budget import Budget, Spent
from milepost.domain.record import Event
from milepost.domain.seat import Price, Seat
from milepost.domain.turns import ToolEnded
from milepost.model.messages import Completion, Image, Message, Request, ToolSchema
from milepost.model.scripted import ScriptedModel, Step

SYSTEM, FIRST = "You are a reader.", ("The card.", "The assignment.")
SEAT = Seat(model="scripted:x", price=Price(fresh=1.0, out=1.0), context=100_000, max_output=1000)


def words(detector: str, **values: object) -> str:
    """A nudge."""
    return f"nudge {detector} {values}"


@dataclass
class Ears:
    """A scripted model that remembers what it was asked."""

    steps: Sequence[Step]
    heard: list[list[Message]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.model = ScriptedModel({"*": self.steps})

    async def complete(self, request: Request) -> Completion:
        self.heard.append(list(request.messages))
        return await self.model.complete(request)

    async def warm(self) -> None: ...

    async def close(self) -> None: ...


@dataclass
class Table:
    """What a sitting is made of, so that a second one can take up what the first left."""

    desk: Desk
    ears: Ears
    seat: Seat = SEAT
    budget: Budget = field(default_factory=Budget)
    prices: Callable[[Seat], Price | None] = lambda seat: seat.price
    clock: Callable[[], float] = lambda: 0.0
    nudges: int = 2
    ends_by_words: bool = False
    malformed: int = 3

    def __post_init__(self) -> None:
        self.purse = Purse(lambda: self.budget, Spent())

    async def sit(self) -> Sitting:
        """A sitting of the attempt, with what the log remembers of it."""
        tools = {t.name: t for t in for_seat(self.desk.seat)}
        schemas = [ToolSchema(t.name, t.name, schema(t)) for t in tools.values()]
        watch = Watch(
            self.seat, self.nudges, words, self.clock, ends_by_words=self.ends_by_words,
            malformed_allowed=self.malformed, started=0.0,
        )
        context = Context.opened(SYSTEM, FIRST)
        past = await self.desk.log.turns(self.desk.attempt)
        watch.remember(past)
        context.replay(past, lambda sha: Image("image/png", self.desk.blobs.get(sha)))
        return Sitting(
            desk=self.desk, seat=self.seat, model=lambda seat: self.ears, context=context, schemas=schemas,
            calls=CallRunner(self.desk, tools, schemas, watch), purse=self.purse, price=self.prices, watch=watch,
        )

    async def events(self, *kinds: str) -> list[Event]:
        """What the log remembers of the attempt, of these kinds."""
        records = await self.desk.log.turns(self.desk.attempt)
        return [r.event for r in records if not kinds or r.event.kind in kinds]

    async def results(self) -> list[str]:
        """What its tools answered."""
        return [event.result for event in await self.events("tool_ended") if isinstance(event, ToolEnded)]


def table(desk: Desk, *steps: Step, **more: Any) -> Table:
    """A table with a model that says this; fields of the seat are taken out of `more`."""
    fields = {k: more.pop(k) for k in list(more) if k in Seat.model_fields}
    fitted = SEAT.model_copy(update=fields)
    return replace(Table(desk, Ears(steps)), seat=fitted, **more)
