"""Scripts: steps by attempt, failures that are no turns, and the same rule as recordings after an unknown result."""

import pytest

from milepost.domain.errors import ModelError
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Call, Reply, Usage
from milepost.model.messages import Message, Request
from milepost.model.scripted import Script, ScriptedModel, call, calls, say

SEAT = Seat(model="scripted:demo")
BUSY = ModelError("busy", remedy="retry", reason="server")


def request(turn: int, attempt: str = "worker.F1.1", unknowns: int = 0, *messages: Message) -> Request:
    return Request(attempt, turn, SEAT, messages, (), unknowns)


async def said(model: ScriptedModel, turn: int, attempt: str = "worker.F1.1", unknowns: int = 0) -> str:
    return (await model.complete(request(turn, attempt, unknowns))).reply.content


def test_steps_are_easily_written() -> None:
    assert say("hi") == Reply(content="hi")
    assert call("run", command="ls").tool_calls == [Call(id="", name="run", arguments={"command": "ls"})]
    both = calls(("run", {"command": "ls"}), ("look", {}), content="two")
    assert ([c.name for c in both.tool_calls], both.content) == (["run", "look"], "two")


async def test_the_first_glob_that_matches_counts() -> None:
    model = ScriptedModel({"worker.F1.*": [say("one")], "worker.*": [say("any")], "*": [say("other")]})
    await model.warm()
    assert await said(model, 1, "worker.F1.2") == "one"
    assert await said(model, 1, "worker.F2.1") == "any"
    assert await said(model, 1, "auditor.1") == "other"
    await model.close()


async def test_a_step_can_look_at_the_request() -> None:
    model = ScriptedModel({"*": [lambda asked: say(f"{asked.attempt} {asked.messages[-1].content}")]})
    completion = await model.complete(request(1, "worker.F1.1", 0, Message("user", "go")))
    assert completion.reply.content == "worker.F1.1 go"


async def test_calls_get_ids() -> None:
    model = ScriptedModel({"*": [say(""), calls(("a", {}), ("b", {}))]})
    assert [c.id for c in (await model.complete(request(2))).reply.tool_calls] == ["call_2_1", "call_2_2"]


async def test_an_id_of_the_script_stays() -> None:
    reply = Reply(tool_calls=[Call(id="mine", name="a", arguments="broken")])
    assert (await ScriptedModel({"*": [reply]}).complete(request(1))).reply == reply


async def test_a_failure_is_raised_once_and_is_no_turn() -> None:
    model = ScriptedModel({"*": [say("one"), BUSY, BUSY, say("two"), say("three")]})
    assert await said(model, 1) == "one"
    for _ in range(2):
        with pytest.raises(ModelError, match="busy"):
            await said(model, 2)
    assert [await said(model, 2), await said(model, 3)] == ["two", "three"]


async def test_attempts_fail_apart() -> None:
    model = ScriptedModel({"*": [BUSY, say("one")]})
    for attempt in ("worker.F1.1", "worker.F2.1"):
        with pytest.raises(ModelError, match="busy"):
            await said(model, 1, attempt)
        assert await said(model, 1, attempt) == "one"


async def test_after_an_unknown_result_the_same_reply_comes_once_more() -> None:
    model = ScriptedModel({"*": [say("one"), say("two"), say("three")]})
    assert [await said(model, 2), await said(model, 3, unknowns=1), await said(model, 4, unknowns=1)] == [
        "two", "two", "three",
    ]


@pytest.mark.parametrize(("script", "turn", "count"), [({}, 1, 0), ({"*": [say("one")]}, 2, 1)])
async def test_a_script_that_has_ended_stops(script: Script, turn: int, count: int) -> None:
    with pytest.raises(ModelError, match=rf"has {count} replies for attempt 'worker\.F1\.1'") as caught:
        await said(ScriptedModel(script), turn)
    assert (caught.value.remedy, caught.value.reason) == ("stop", "scripted")


async def test_usage_is_a_quarter_of_the_bytes() -> None:
    model = ScriptedModel({"*": [say("x" * 40)]})
    priced = SEAT.model_copy(update={"price": Price(fresh=1, out=2)})
    completion = await model.complete(Request("worker.F1.1", 1, priced, (Message("user", "y" * 400),), ()))
    assert completion.usage == Usage(fresh=100, out=10)
    assert completion.cost == pytest.approx(120e-6)
