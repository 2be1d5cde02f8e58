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
from milepost.domain.budget import Spent, bound
from milepost.domain.errors import ModelError
from milepost.domain.record import Event
from milepost.domain.seat import Price, Seat
from milepost.domain.turns import NudgeGiven, TurnEnded, TurnFailed, TurnStarted
from milepost.model.messages import Completion, Model, Request, ToolSchema
from milepost.model.retry import first_that_answers, with_retries


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ended, or why it is left open for now."""

    outcome: Literal["submitted", "limit", "stuck", "error", "left", "parked", "blocked"]
    reason: str = ""
    until: float | None = None
    summary: str = ""


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
    price: Price
    watch: Watch
    pending: list[Event] = field(default_factory=list)
    """Events that go into the log with the next ones, before the next effect."""
    spent: Spent = field(default_factory=Spent)

    async def run(self) -> Ending:
        """Turn after turn until something ends it."""
        while True:
            ending = await self.finish_calls() or self.limit() or await self.turn()
            if ending is not None:
                await self.flush()
                return ending

    async def finish_calls(self) -> Ending | None:
        """Answer the calls of the last reply; whatever was begun and not recorded is unknown."""
        if self.watch.ends_by_words and self.context.turn and not self.context.open_calls:
            return Ending("submitted", summary=self.context.messages[-1].content)
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
        self.nudge(nudge.detector, nudge.text)
        return None

    def limit(self) -> Ending | None:
        """The end of an attempt whose turns, time or window are used up."""
        reason = self.watch.limit(self.context)
        return Ending("limit", reason) if reason else None

    def nudge(self, detector: str, text: str) -> None:
        """Tell the model something the engine noticed."""
        self.pending.append(NudgeGiven(n=self.context.turn, detector=detector, text=text))
        self.context.nudged(text)

    async def turn(self) -> Ending | None:
        """One model call, reserved before and settled after."""
        if left := self.watch.left(self.desk):
            return Ending("left", left)
        n = self.context.turn + 1
        reserved = self.reservation()
        if reason := self.purse.refusal(reserved):
            return Ending("blocked", f"budget: {reason}")
        shared = self.context.bytes_at_turn
        self.pending.append(TurnStarted(n=n, reserved=reserved, bytes=self.context.bytes, shared=shared))
        await self.flush()
        try:
            completion = await first_that_answers(self.seat, lambda seat: self.ask(n, seat))
        except ModelError as error:
            return self.failed(n, error, reserved)
        self.ended(n, completion, reserved)
        return None

    async def ask(self, n: int, seat: Seat) -> Completion:
        """One question, asked again as the one retry layer sees fit."""
        request = self.request(n, seat)
        return await with_retries(lambda: self.model(seat).complete(request), wait=asyncio.sleep)

    def request(self, n: int, seat: Seat) -> Request:
        """The request of turn `n`."""
        return Request(
            attempt=self.desk.attempt, turn=n, seat=seat, messages=self.context.messages, tools=self.schemas,
            unknowns=self.context.unknown,
        )

    def reservation(self) -> float:
        """Dollars the next call cannot exceed."""
        added = self.context.bytes - self.context.bytes_at_turn
        images = sum(len(m.images) for m in self.context.messages)
        return bound(
            self.price, last_prompt=self.context.prompt_tokens, bytes_added=added + self.calls.schema_bytes,
            images=images, max_output=self.seat.max_output,
        )

    def ended(self, n: int, completion: Completion, reserved: float) -> None:
        """Take the reply into context and books; it is in the log before its calls run."""
        cost = completion.cost or 0.0
        self.spent = self.spent.plus(self.purse.settle(reserved, completion.usage, cost))
        self.pending.append(
            TurnEnded(
                n=n, reply=completion.reply, usage=completion.usage, cost=cost, model=completion.model,
                fingerprint=completion.fingerprint, ms=completion.ms,
            )
        )
        usage = completion.usage
        self.context.replied(n, completion.reply, usage.fresh + usage.cached)
        self.watch.said(completion.reply.content.strip())

    def failed(self, n: int, error: ModelError, reserved: float) -> Ending:
        """What follows a call that brought no reply."""
        cost = reserved if error.reason in ("cut", "silent") else 0.0
        self.spent = self.spent.plus(self.purse.settle(reserved, None, cost))
        self.pending.append(
            TurnFailed(n=n, reason=error.reason, text=str(error)[:2000], retry_at=error.retry_at, cost=cost)
        )
        if error.remedy == "park":
            return Ending("parked", str(error), until=error.retry_at)
        if error.remedy == "context":
            return Ending("limit", f"the context window is full: {error}")
        kind = "credential" if error.reason == "auth" else "model"
        return Ending("blocked", f"{kind}: {error}")

    async def flush(self) -> None:
        """Put what is pending into the log, in one transaction."""
        if self.pending:
            events, self.pending = self.pending, []
            await self.desk.log.record(*events, by=self.desk.attempt, attempt=self.desk.attempt)

