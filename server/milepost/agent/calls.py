"""Running the calls of one reply: read-only ones together, the others in order, each recorded before and after."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from itertools import groupby

from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.tool import Shown, Tool, parse
from milepost.agent.watch import Watch
from milepost.domain.errors import Refused, ToolError, WorkspaceError
from milepost.domain.record import Event
from milepost.domain.turn import Call
from milepost.domain.turns import ToolEnded, ToolStarted
from milepost.model.messages import Image, ToolSchema

UNKNOWN = (
    "unknown: the engine stopped while this call was running, so it may have taken effect, in part or not at all. "
    "It was not run again. Look at the tree or the program before you go on."
)
NOT_RUN = "not run: a call before it in this turn ended the attempt"


class CallRunner:
    """The tools of one attempt."""

    def __init__(self, desk: Desk, tools: Mapping[str, Tool], schemas: Sequence[ToolSchema], watch: Watch) -> None:
        self.desk = desk
        self.tools = tools
        self.watch = watch
        self.schema_bytes = sum(len(json.dumps(s.parameters)) + len(s.description) for s in schemas)

    async def answer(self, context: Context, pending: list[Event]) -> Shown | None:
        """Answer every open call of the last reply; what ended the attempt, or None."""
        n = context.turn
        ended: Shown | None = None
        for reads_only, group in groupby(list(context.open_calls), key=self.reads_only):
            calls = list(group)
            if ended is not None:
                for call in calls:
                    self.keep(context, pending, call, NOT_RUN, "error", Shown(NOT_RUN))
            elif reads_only:
                shown = await asyncio.gather(*(self.run(call) for call in calls))
                for call, (outcome, result) in zip(calls, shown, strict=True):
                    self.keep(context, pending, call, result.text, outcome, result)
            else:
                ended = await self.in_order(n, context, pending, calls)
        return ended

    async def in_order(self, n: int, context: Context, pending: list[Event], calls: list[Call]) -> Shown | None:
        """Run calls that may change something, one after the other."""
        ended: Shown | None = None
        for call in calls:
            if ended is not None:
                self.keep(context, pending, call, NOT_RUN, "error", Shown(NOT_RUN))
                continue
            if call.id in context.begun and not self.repeatable(call):
                context.unknown += 1
                self.keep(context, pending, call, UNKNOWN, "unknown", Shown(UNKNOWN))
                continue
            pending.append(ToolStarted(n=n, call=call.id, name=call.name, arguments=call.arguments))
            events = list(pending)
            pending.clear()
            await self.desk.log.record(*events, by=self.desk.attempt, attempt=self.desk.attempt)
            outcome, shown = await self.run(call)
            self.keep(context, pending, call, shown.text, outcome, shown)
            ended = shown if shown.ends else None
        return ended

    def reads_only(self, call: Call) -> bool:
        """Whether a call changes nothing."""
        tool = self.tools.get(call.name)
        return tool is None or tool.reads_only

    def repeatable(self, call: Call) -> bool:
        """Whether a call that may have run can be run once more."""
        tool = self.tools.get(call.name)
        return tool is None or tool.repeatable

    async def run(self, call: Call) -> tuple[str, Shown]:
        """Run one call; the model's mistakes come back as text."""
        tool = self.tools.get(call.name)
        try:
            if tool is None:
                raise ToolError(f"there is no tool {call.name!r}; you have {', '.join(sorted(self.tools))}")
            arguments = parse(tool, call.arguments)
        except ToolError as error:
            self.watch.malformed()
            return "error", Shown(f"error: {error}")
        self.watch.well_formed()
        try:
            return "ok", await tool.run(self.desk, arguments)
        except (ToolError, Refused, WorkspaceError) as error:
            return "error", Shown(f"error: {error}")

    def keep(
        self, context: Context, pending: list[Event], call: Call, text: str, outcome: str, shown: Shown
    ) -> None:
        """Record a result and show it to the model."""
        receipt_id = next((i for i, r in reversed(self.desk.receipts) if r is shown.receipt), None)
        pending.append(
            ToolEnded(
                n=context.turn, call=call.id, name=call.name, outcome=outcome, result=text, receipt=shown.receipt,
                receipt_id=receipt_id, evidence=list(shown.evidence), images=list(shown.images),
                ends=shown.ends,
            )
        )
        self.watch.saw(call, outcome, text)
        context.answered(call, text, tuple(self.image(i) for i in shown.images))

    def image(self, sha: str) -> Image:
        """An image as the model is shown it."""
        return Image("image/png", self.desk.blobs.get(sha))
