"""Running the calls of one reply: read-only ones together, the others in order, each recorded before and after."""

import asyncio
import json
from collections.abc import Coroutine, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, Literal, TypeVar

from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool, parse
from milepost.agent.watch import MALFORMED, Watch
from milepost.domain.errors import Refused, ToolError, WorkspaceError
from milepost.domain.record import Event
from milepost.domain.turn import Call
from milepost.domain.turns import ToolEnded, ToolStarted
from milepost.model.messages import Image, ToolSchema

T = TypeVar("T")
Outcome = Literal["ok", "error", "unknown"]
UNKNOWN = (
    "unknown: the engine stopped while this call was running, so it may have taken effect, in part or not at all. "
    "It was not run again. Look at the tree or the program before you go on."
)
NOT_RUN = "not run: a call before it in this turn ended the attempt"


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """What each of them brings, in order; where some raise, the first error, once none is at work any more."""
    found = await asyncio.gather(*work, return_exceptions=True)
    errors = [one for one in found if isinstance(one, BaseException)]
    if errors:
        raise errors[0]
    return [one for one in found if not isinstance(one, BaseException)]


class CallRunner:
    """The tools of one attempt."""

    def __init__(self, desk: Desk, tools: Mapping[str, Tool], schemas: Sequence[ToolSchema], watch: Watch) -> None:
        self.desk = desk
        self.tools = tools
        self.watch = watch
        self.schema_bytes = sum(len(json.dumps(s.parameters)) + len(s.description) for s in schemas)

    async def answer(self, context: Context, pending: list[Event]) -> Shown | None:
        """Answer every open call of the last reply; what ended the attempt, or None."""
        ended: Shown | None = None
        for reads_only, group in groupby(list(context.open_calls), key=self.reads_only):
            calls = list(group)
            if ended is None and reads_only:
                await self.at_once(context, pending, calls)
                continue
            for call in calls:
                if ended is not None:
                    self.keep(context, pending, call, "error", Shown(NOT_RUN))
                else:
                    ended = await self.one(context, pending, call)
        return ended

    async def at_once(self, context: Context, pending: list[Event], calls: list[Call]) -> None:
        """Run calls that change nothing at once; their results are kept in the order they were asked for."""
        # The reply goes into the log first: a reader may sit for minutes, and must not be asked for twice.
        await self.record(pending)
        shown = await together(self.run(call) for call in calls)
        for call, (outcome, result) in zip(calls, shown, strict=True):
            self.keep(context, pending, call, outcome, result)

    async def one(self, context: Context, pending: list[Event], call: Call) -> Shown | None:
        """Run a call that may change something, unless that may have happened already; what ended the attempt."""
        if call.id in context.begun and not self.repeatable(call):
            context.unknown += 1
            self.keep(context, pending, call, "unknown", Shown(UNKNOWN))
            return None
        pending.append(ToolStarted(n=context.turn, call=call.id, name=call.name, arguments=call.arguments))
        await self.record(pending)
        outcome, shown = await self.run(call)
        self.keep(context, pending, call, outcome, shown)
        return shown if shown.ends else None

    async def record(self, pending: list[Event]) -> None:
        """Put what is pending into the log, in one transaction."""
        if pending:
            events = list(pending)
            pending.clear()
            await self.desk.log.record(*events, by=self.desk.attempt, attempt=self.desk.attempt)

    def reads_only(self, call: Call) -> bool:
        """Whether a call changes nothing."""
        tool = self.tools.get(call.name)
        return tool is None or tool.reads_only

    def repeatable(self, call: Call) -> bool:
        """Whether a call that may have run can be run once more."""
        tool = self.tools.get(call.name)
        return tool is None or tool.repeatable

    async def run(self, call: Call) -> tuple[Outcome, Shown]:
        """Run one call; the model's mistakes come back as text."""
        tool = self.tools.get(call.name)
        if tool is None:
            known = ", ".join(sorted(self.tools))
            return "error", Shown(f"{MALFORMED}there is no tool {call.name!r}; you have {known}")
        try:
            arguments = parse(tool, call.arguments)
        except ToolError as error:
            return "error", Shown(f"{MALFORMED}{error}")
        try:
            return "ok", await tool.run(self.desk, arguments)
        except (ToolError, Refused, WorkspaceError) as error:
            return "error", Shown(f"error: {error}")

    def keep(self, context: Context, pending: list[Event], call: Call, outcome: Outcome, shown: Shown) -> None:
        """Record a result and show it to the model."""
        receipt_id = next((i for i, r in reversed(self.desk.receipts) if r is shown.receipt), None)
        pending.append(
            ToolEnded(
                n=context.turn, call=call.id, name=call.name, outcome=outcome, result=shown.text,
                receipt=shown.receipt, receipt_id=receipt_id, evidence=list(shown.evidence),
                images=list(shown.images), ends=shown.ends,
            )
        )
        self.watch.saw(call, outcome, shown.text)
        context.answered(call, shown.text, tuple(self.image(i) for i in shown.images))

    def image(self, sha: str) -> Image:
        """An image as the model is shown it."""
        return Image("image/png", self.desk.blobs.get(sha))
