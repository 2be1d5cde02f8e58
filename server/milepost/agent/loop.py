"""One attempt: ask the model, run what it calls, record, until a tool ends it or a limit does."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from milepost.agent.calls import CallRunner
from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.purse import Purse
from milepost.agent.watch import Watch
from milepost.domain.budget import bound
from milepost.domain.errors import ConfigError, ModelError
from milepost.domain.mission import Mission
from milepost.domain.record import Event
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Usage
from milepost.domain.turns import NudgeGiven, TurnEnded, TurnFailed, TurnStarted
from milepost.model.messages import Completion, Model, Request, ToolSchema
from milepost.model.retry import first_that_answers, with_retries

CHARGED = frozenset({"cut", "silent", "unknown"})
"""Reasons of failed calls for which a provider may want money all the same."""
FREE = Price(fresh=0, out=0)


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended, or why it is left open for now."""

    outcome: Literal["submitted", "limit", "stuck", "error", "left", "parked", "blocked"]
    reason: str = ""
    until: float | None = None
    summary: str = ""


class Halted(Exception):
    """Leaves a turn from inside a call to its model or to a reader, with how the attempt ends or is left."""

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending.reason)
        self.ending = ending


@dataclass(slots=True)
class Sitting:
    """Everything one attempt needs to go from turn to turn."""

    desk: Desk
    seat: Seat
    model: Callable[[Seat], Model]
    context: Context
    schemas: Sequence[ToolSchema]
    calls: CallRunner
    purse: Purse
    price: Callable[[Seat], Price | None]
    """What a seat's model costs; fallbacks have prices of their own."""
    watch: Watch
    pending: list[Event] = field(default_factory=list)
    """Events that go into the log with the next ones, before the next effect."""

    async def run(self) -> Ending:
        """Turn after turn until something ends it."""
        ending = None
        while ending is None:
            try:
                ending = await self.finish_calls() or self.limit() or await self.turn()
            except Halted as halted:
                ending = halted.ending
        await self.calls.record(self.pending)
        return ending

    async def finish_calls(self) -> Ending | None:
        """Answer the calls of the last reply; whatever was begun and not recorded is unknown."""
        if self.watch.ends_by_words and (answer := self.context.last_words):
            return Ending("submitted", summary=answer)
        if self.context.ended is not None:
            return Ending("submitted", summary=self.context.ended)
        shown = await self.calls.answer(self.context, self.pending)
        if shown is not None:
            return Ending("submitted", summary=shown.text)
        nudge = self.watch.look(self.context)
        if nudge is None:
            return None
        if nudge.stop:
            return Ending("stuck", nudge.text)
        self.pending.append(NudgeGiven(n=self.context.turn, detector=nudge.detector, text=nudge.text))
        self.context.nudged(nudge.text)
        return None

    def limit(self) -> Ending | None:
        """The end of an attempt whose turns, time or window are used up."""
        reason = self.watch.limit(self.context)
        return Ending("limit", reason) if reason else None

    async def turn(self) -> Ending | None:
        """One reply, by the seat's model or one of its fallbacks; how the attempt ends where there is none."""
        if left := self.watch.left(self.desk):
            return Ending("left", left)
        n = self.context.turn + 1
        try:
            completion = await first_that_answers(self.seat, lambda seat: self.ask(n, seat))
        except ModelError as error:
            return gave_up(error)
        # In the log before its calls run, or any of them would be asked for twice after a crash.
        self.context.replied(n, completion.reply, completion.usage.fresh + completion.usage.cached)
        self.watch.said(completion.reply.content.strip())
        return None

    async def ask(self, n: int, seat: Seat) -> Completion:
        """One question, asked again as the one retry layer sees fit."""
        return await with_retries(lambda: self.call(n, seat), wait=self.rest, clock=self.desk.clock)

    async def call(self, n: int, seat: Seat) -> Completion:
        """One call, its money reserved before and settled after it: each of several tries on its own.

        Raises ModelError, or Halted where it must not be made.
        """
        model, reserved = self.connect(seat), self.reserve(seat)
        # A call without an answer costs what was reserved, also one that is cancelled.
        cost, usage = reserved, Usage()
        self.pending.append(
            TurnStarted(n=n, reserved=reserved, bytes=self.context.bytes, shared=self.context.bytes_at_turn)
        )
        try:
            await self.calls.record(self.pending)
            completion = await model.complete(self.request(n, seat))
            cost, usage = completion.cost or 0.0, completion.usage
            self.pending.append(ended(n, completion))
            return completion
        except ModelError as error:
            cost = reserved if error.reason in CHARGED else 0.0
            self.pending.append(
                TurnFailed(n=n, reason=error.reason, text=str(error)[:2000], retry_at=error.retry_at, cost=cost)
            )
            await self.calls.record(self.pending)
            raise
        finally:
            self.purse.settle(reserved, usage, cost)

    def connect(self, seat: Seat) -> Model:
        """The seat's model. Raises Halted where it is a recording or a script that is not there."""
        try:
            return self.model(seat)
        except ConfigError as error:
            raise Halted(Ending("blocked", f"model: {error}")) from error

    def reserve(self, seat: Seat) -> float:
        """Set aside dollars that the next call cannot exceed. Raises Halted where the budget does not have them."""
        price = self.price(seat)
        if price is None and self.purse.budget().dollars is not None:
            why = f"model: no price is known for {seat.model!r}, so no budget holds it"
            raise Halted(Ending("blocked", f"{why}; `milepost set seat.{self.desk.seat}.price` names one"))
        reserved = bound(
            price or FREE, last_prompt=self.context.prompt_tokens,
            bytes_added=self.context.bytes - self.context.bytes_at_turn + self.calls.schema_bytes,
            images=self.context.images, max_output=seat.max_output,
        )
        if reason := self.purse.refusal(reserved):
            raise Halted(Ending("blocked", f"budget: {reason}"))
        return reserved

    def request(self, n: int, seat: Seat) -> Request:
        """The request of turn `n`."""
        return Request(
            attempt=self.desk.attempt, turn=n, seat=seat, messages=self.context.messages, tools=self.schemas,
            unknowns=self.context.unknown,
        )

    async def rest(self, seconds: float) -> None:
        """Wait before asking again. Raises Halted as soon as the attempt is to be left."""

        def leaves(mission: Mission) -> bool:
            return self.watch.left(self.desk) is not None

        leaving = asyncio.ensure_future(self.desk.log.wait(leaves))
        try:
            await asyncio.wait({leaving}, timeout=seconds)
        finally:
            leaving.cancel()
            await asyncio.gather(leaving, return_exceptions=True)
        if reason := self.watch.left(self.desk):
            raise Halted(Ending("left", reason))


def ended(n: int, completion: Completion) -> TurnEnded:
    """What the log keeps of a reply."""
    return TurnEnded(
        n=n, reply=completion.reply, usage=completion.usage, cost=completion.cost or 0.0, model=completion.model,
        fingerprint=completion.fingerprint, ms=completion.ms,
    )


def gave_up(error: ModelError) -> Ending:
    """What follows when no model answered."""
    if error.remedy == "park":
        return Ending("parked", str(error), until=error.retry_at)
    if error.remedy == "context":
        return Ending("limit", f"the context window is full: {error}")
    kind = "credential" if error.reason == "auth" else "model"
    return Ending("blocked", f"{kind}: {error}")
