"""The calls of one reply: readers at once, the others in order, each recorded before and after, none run twice."""

import asyncio
from typing import Any

import pytest

from milepost.agent.calls import NOT_RUN, UNKNOWN, CallRunner, together
from milepost.agent.context import Context
from milepost.agent.desk import Desk
from milepost.agent.loop import Ending, Halted
from milepost.agent.tool import Shown, Tool
from milepost.agent.watch import MALFORMED, Watch
from milepost.domain.errors import Refused, ToolError, WorkspaceError
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.record import Event
from milepost.domain.shape import Shape
from milepost.domain.turn import Call, Reply
from milepost.domain.turns import ToolEnded
from milepost.model.messages import ToolSchema
from tests.agent.scene import Scene
from tests.agent.table import SEAT, words


class Word(Shape):
    """Arguments of every tool here."""

    word: str = ""


class Kit:
    """Tools that note what they are called with."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.here = asyncio.Event()

    async def note(self, desk: Desk, args: Word) -> Shown:
        self.ran.append(args.word)
        return Shown(f"noted {args.word}")

    async def first(self, desk: Desk, args: Word) -> Shown:
        """Ends only after `second` began: both must be at work at once."""
        await asyncio.wait_for(self.here.wait(), 10)
        return Shown("first")

    async def second(self, desk: Desk, args: Word) -> Shown:
        self.here.set()
        return Shown("second")

    async def ends(self, desk: Desk, args: Word) -> Shown:
        return Shown("the end", ends=True)

    async def fails(self, desk: Desk, args: Word) -> Shown:
        raise {"tool": ToolError, "no": Refused, "work": WorkspaceError}[args.word]("it is so")

    async def sees(self, desk: Desk, args: Word) -> Shown:
        receipt = Receipt(command="x", exit_code=0, output=desk.blobs.put(b"out"))
        desk.receipts.append(("R1", receipt))
        image = desk.blobs.put(b"PNG")
        evidence = Evidence(id="E1", kind="screen", blob=image, tree="t")
        return Shown("  seen\n", receipt=receipt, evidence=(evidence,), images=(image,))

    async def leaves(self, desk: Desk, args: Word) -> Shown:
        raise Halted(Ending("left", "the mission is paused"))

    def tools(self) -> dict[str, Tool]:
        made = {
            "note": {}, "again": {"repeatable": True}, "first": {"reads_only": True}, "second": {"reads_only": True},
            "ends": {}, "fails": {"reads_only": True}, "sees": {}, "leaves": {"reads_only": True},
        }
        return {n: Tool(n, Word, getattr(self, {"again": "note"}.get(n, n)), frozenset(), **f) for n, f in made.items()}


class Reading:
    """A call runner with a context whose last reply asked for these calls."""

    def __init__(self, desk: Desk, *names: str, arguments: Any = None) -> None:
        self.kit = Kit()
        self.watch = Watch(SEAT, 2, words, lambda: 0.0)
        tools = self.kit.tools()
        self.runner = CallRunner(desk, tools, [ToolSchema(n, n, {}) for n in tools], self.watch)
        self.context = Context.opened("s", ("m",))
        parts = [n.partition(":") for n in names]
        asked = [
            Call(id=f"c{n}", name=name, arguments={"word": word} if arguments is None else arguments)
            for n, (name, _, word) in enumerate(parts)
        ]
        self.context.replied(1, Reply(tool_calls=asked), 10)
        self.watch.said("")
        self.pending: list[Event] = []

    async def answer(self) -> list[ToolEnded]:
        """Answer every call; what would be recorded of the results."""
        self.ended = await self.runner.answer(self.context, self.pending)
        return [event for event in self.pending if isinstance(event, ToolEnded)]


@pytest.fixture
async def desk(running: Scene) -> Desk:
    """A desk."""
    return await running.desk("orchestrator")


async def test_readers_run_at_once_and_answer_in_the_order_they_were_asked(desk: Desk) -> None:
    reading = Reading(desk, "first", "second")
    assert [e.result for e in await reading.answer()] == ["first", "second"]
    assert [m.content for m in reading.context.messages[-2:]] == ["first", "second"]


async def test_reader_leaves_no_trace_of_its_start(desk: Desk) -> None:
    reading = Reading(desk, "second")
    await reading.answer()
    assert [e.kind for e in reading.pending] == ["tool_ended"] and await desk.log.turns(desk.attempt) == []


async def test_call_that_may_change_something_is_in_the_log_before_it_runs(desk: Desk) -> None:
    reading = Reading(desk, "note:a", "note:b")
    await reading.answer()
    kinds = [r.event.kind for r in await desk.log.turns(desk.attempt)]
    # The result of the first goes with the start of the second, in one transaction.
    assert kinds == ["tool_started", "tool_ended", "tool_started"] and reading.kit.ran == ["a", "b"]


async def test_call_after_the_end_is_not_run(desk: Desk) -> None:
    reading = Reading(desk, "note:a", "ends", "note:b", "second")
    ended = await reading.answer()
    assert reading.ended is not None and reading.ended.text == "the end" and reading.kit.ran == ["a"]
    assert [e.result for e in ended if e.n][-2:] == [NOT_RUN, NOT_RUN]


async def test_call_that_was_begun_is_unknown_and_not_run_again(desk: Desk) -> None:
    reading = Reading(desk, "note:a", "note:b")
    reading.context.begun = {"c0"}
    ended = await reading.answer()
    assert reading.kit.ran == ["b"] and reading.context.unknown == 1
    records = await desk.log.turns(desk.attempt)
    unknown = next(r.event for r in records if isinstance(r.event, ToolEnded))
    assert (unknown.outcome, unknown.result) == ("unknown", UNKNOWN) and ended[-1].outcome == "ok"


async def test_call_that_is_settled_by_its_effect_is_run_again(desk: Desk) -> None:
    reading = Reading(desk, "again:a")
    reading.context.begun = {"c0"}
    await reading.answer()
    assert reading.kit.ran == ["a"] and reading.context.unknown == 0


@pytest.mark.parametrize("kind", ["tool", "no", "work"])
async def test_error_of_a_tool_goes_back_to_the_model(desk: Desk, kind: str) -> None:
    (ended,) = await Reading(desk, f"fails:{kind}").answer()
    assert (ended.outcome, ended.result) == ("error", "error: it is so")


async def test_unknown_tool_is_named_with_those_there_are(desk: Desk) -> None:
    (ended,) = await Reading(desk, "nothing").answer()
    assert ended.outcome == "error"
    assert ended.result.startswith(f"{MALFORMED}there is no tool 'nothing'; you have again, ends, fails")


@pytest.mark.parametrize("arguments", [{"word": 7}, {"other": "x"}, "{not json"])
async def test_malformed_call_is_explained_and_counted(desk: Desk, arguments: Any) -> None:
    reading = Reading(desk, "note", arguments=arguments)
    (ended,) = await reading.answer()
    assert ended.result.startswith(f"{MALFORMED}the arguments of note ") and reading.kit.ran == []
    assert reading.watch.move is not None and reading.watch.move.results[0][0] == "malformed"


async def test_receipt_evidence_and_image_are_kept_with_the_result(desk: Desk) -> None:
    reading = Reading(desk, "sees")
    (ended,) = await reading.answer()
    assert (ended.receipt_id, ended.result, ended.evidence[0].id) == ("R1", "seen", "E1")
    shown = reading.context.messages[-1]
    assert shown.content == "seen" and shown.images[0].data == b"PNG" and ended.images == [desk.blobs.put(b"PNG")]


async def test_reader_that_is_left_leaves_the_whole_reply_open(desk: Desk) -> None:
    reading = Reading(desk, "leaves", "second")
    with pytest.raises(Halted):
        await reading.answer()
    assert [c.id for c in reading.context.open_calls] == ["c0", "c1"] and reading.pending == []


async def test_error_of_one_is_raised_once_all_are_done() -> None:
    done: list[str] = []

    async def fails() -> str:
        raise ToolError("no")

    async def works() -> str:
        await asyncio.sleep(0)
        done.append("works")
        return "yes"

    with pytest.raises(ToolError, match="no"):
        await together(work() for work in (fails, works))
    assert done == ["works"] and await together([works(), works()]) == ["yes", "yes"]
