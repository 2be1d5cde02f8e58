"""Messages are appended to and never rewritten; what the log remembers is shown as it was the first time."""

from collections.abc import Sequence

from milepost.agent.context import Context
from milepost.domain.record import Event, Record
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import NudgeGiven, ToolEnded, ToolStarted, TurnEnded, TurnFailed, TurnStarted
from milepost.model.messages import Image

A, B = Call(id="a", name="look", arguments={"n": 1}), Call(id="b", name="look", arguments={"n": 2})


def records(events: Sequence[Event]) -> list[Record]:
    """Events as the log keeps them."""
    return [Record(seq=n, at=0.0, prev="", by="x", event=event) for n, event in enumerate(events, 1)]


def ended(n: int, *calls: Call, content: str = "") -> TurnEnded:
    """A reply."""
    usage = Usage(fresh=90, cached=10, out=5)
    return TurnEnded(n=n, reply=Reply(content=content, tool_calls=list(calls)), usage=usage, cost=0.0, model="m")


def result(call: Call, text: str, **more: object) -> ToolEnded:
    """What a call brought."""
    data = {"n": 1, "call": call.id, "name": call.name, "outcome": "ok", "result": text, **more}
    return ToolEnded.model_validate(data)


def image(sha: str) -> Image:
    """An image of that hash."""
    return Image("image/png", sha.encode())


def replayed(*events: Event) -> Context:
    """A context after these."""
    context = Context.opened("system", ("card", "", "assignment"))
    context.replay(records(events), image)
    return context


def test_fresh_context_is_the_system_prompt_and_one_message() -> None:
    context = Context.opened("system", ("card", "", "assignment"))
    assert [(m.role, m.content) for m in context.messages] == [("system", "system"), ("user", "card\n\nassignment")]
    assert context.bytes > len("systemcardassignment") and context.last_words == ""


def test_results_are_shown_in_the_order_of_their_calls() -> None:
    context = replayed(TurnStarted(n=1, reserved=0.0), ended(1, A, B), result(B, "two"), result(A, "one"))
    assert [m.content for m in context.messages[2:]] == ["", "one", "two"]
    assert context.open_calls == [] and (context.turn, context.prompt_tokens) == (1, 100)


def test_call_without_a_result_stays_open_and_is_known_to_have_begun() -> None:
    start = ToolStarted(n=1, call="b", name="look", arguments={})
    context = replayed(ended(1, A, B), result(A, "one"), start)
    assert [c.id for c in context.open_calls] == ["b"] and context.begun == {"b"}
    context.answered(B, "two")
    assert context.begun == set() and context.open_calls == []


def test_nudge_comes_after_the_results_it_speaks_of() -> None:
    nudge = NudgeGiven(n=1, detector="talk", text="go on")
    context = replayed(ended(1, A), result(A, "one"), nudge, ended(2, content="x"))
    assert [m.content for m in context.messages[2:]] == ["", "one", "go on", "x"]
    assert context.nudges == 1 and context.last_words == "x"


def test_unknown_results_are_counted_and_the_end_is_remembered() -> None:
    context = replayed(ended(1, A, B), result(A, "?", outcome="unknown"), result(B, "the end", ends=True))
    assert (context.unknown, context.ended) == (1, "the end")


def test_failed_turn_leaves_no_message() -> None:
    context = replayed(TurnStarted(n=1, reserved=0.0), TurnFailed(n=1, reason="cut"))
    assert len(context.messages) == 2 and context.turn == 0


def test_images_are_shown_again() -> None:
    context = replayed(ended(1, A), result(A, "a picture", images=["abc"]))
    assert context.messages[-1].images == (image("abc"),)


def test_bytes_of_the_prompt_of_a_turn_are_known_at_the_next() -> None:
    context = replayed()
    before = context.bytes
    context.replied(1, Reply(content="é" * 10), 50)
    assert context.bytes_at_turn == before and context.bytes == before + 20 + 20


def test_words_with_a_call_are_not_the_last_words() -> None:
    context = replayed(ended(1, A, content="I look."))
    assert context.last_words == ""
