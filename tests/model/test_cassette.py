"""Recordings: by attempt and turn, whatever the prompt, and once more after an unknown result."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from milepost.domain.errors import ConfigError, ModelError
from milepost.domain.seat import Price, Seat
from milepost.domain.turn import Call, Usage
from milepost.model.cassette import CassetteModel, RecordingModel, request_sha
from milepost.model.messages import Image, Message, Request, ToolSchema
from milepost.model.scripted import ScriptedModel, call, calls, say

SEAT = Seat(model="cassette:demo.jsonl")
TOOL = ToolSchema("read_file", "Reads.", {"type": "object"})


def request(
    turn: int, *, attempt: str = "worker.F1.1", unknowns: int = 0, messages: Sequence[Message] = (), seat: Seat = SEAT
) -> Request:
    return Request(attempt, turn, seat, messages, (TOOL,), unknowns)


def line(turn: int, content: str, attempt: str = "worker.F1.1", **more: object) -> str:
    reply = {"content": content, "tool_calls": [{"name": "read_file", "arguments": {"path": content}}]}
    return json.dumps({"attempt": attempt, "turn": turn, "reply": reply, **more})


LINES = [line(n, f"reply {n}") for n in (1, 2, 3, 4)]


async def said(model: CassetteModel, turn: int, unknowns: int = 0) -> str:
    return (await model.complete(request(turn, unknowns=unknowns))).reply.content


async def test_replies_come_by_attempt_and_turn() -> None:
    model = CassetteModel([*LINES, line(1, "another", "reviewer.F1.M1r1.1"), ""])
    assert [await said(model, n) for n in (2, 1, 3)] == ["reply 2", "reply 1", "reply 3"]
    other = await model.complete(request(1, attempt="reviewer.F1.M1r1.1"))
    assert other.reply.content == "another"
    assert other.reply.tool_calls == [Call(id="call_1_1", name="read_file", arguments={"path": "another"})]


async def test_usage_and_cost_are_the_recorded_ones() -> None:
    model = CassetteModel([line(1, "x", usage={"fresh": 100, "cached": 10, "out": 5})])
    priced = SEAT.model_copy(update={"price": Price(fresh=1, cached=1, out=1)})
    completion = await model.complete(request(1, seat=priced))
    assert completion.usage == Usage(fresh=100, cached=10, out=5)
    assert completion.cost == pytest.approx(115e-6)
    assert (await model.complete(request(1))).cost == 0.0


async def test_after_an_unknown_result_the_same_reply_comes_once_more() -> None:
    model = CassetteModel(LINES)
    assert await said(model, 2) == "reply 2"
    assert await said(model, 3, unknowns=1) == "reply 2"
    assert await said(model, 4, unknowns=1) == "reply 3"
    assert await said(model, 5, unknowns=2) == "reply 3"
    assert await said(model, 6, unknowns=2) == "reply 4"


async def test_F17_the_repeat_survives_a_restart() -> None:
    assert await said(CassetteModel(LINES), 3, unknowns=1) == "reply 2"
    assert await said(CassetteModel(LINES), 4, unknowns=1) == "reply 3"


async def test_a_repeated_call_has_an_id_of_its_own() -> None:
    model = CassetteModel(LINES)
    first, again = await model.complete(request(2)), await model.complete(request(3, unknowns=1))
    assert first.reply.tool_calls[0].id != again.reply.tool_calls[0].id


async def test_a_missing_line_stops_and_is_named() -> None:
    with pytest.raises(ModelError, match=r"no line for turn 9 of attempt 'worker\.F1\.1'") as caught:
        await CassetteModel(LINES).complete(request(9))
    assert (caught.value.remedy, caught.value.reason) == ("stop", "cassette")


async def test_the_later_of_two_lines_counts() -> None:
    assert await said(CassetteModel([line(1, "lost"), line(1, "kept")]), 1) == "kept"


async def test_differing_requests_are_counted_and_answered() -> None:
    sha = request_sha(request(1))
    model = CassetteModel([line(1, "a", request_sha256=sha), line(2, "b", request_sha256=sha), line(3, "c")])
    assert [await said(model, 1), model.differing] == ["a", 0]
    await model.complete(request(2, messages=[Message("user", "something else")]))
    assert model.differing == 1
    assert [await said(model, 3), model.differing] == ["c", 1]


def test_the_hash_is_of_what_the_model_is_shown() -> None:
    shown = Message("assistant", "x", calls=(Call(id="toolu_1", name="t", arguments={"a": 1}),), thinking=({"t": 1},))
    base = request_sha(request(1, messages=[shown]))
    same = Message("assistant", "x", calls=(Call(id="call_1_1", name="t", arguments={"a": 1}),))
    assert request_sha(request(7, messages=[same], attempt="b", unknowns=1)) == base
    picture = Message("user", "x", images=(Image("image/png", b"1"),))
    others = [
        [Message("user", "x")], [Message("assistant", "y")], [picture], [same, same],
        [Message("assistant", "x", calls=(Call(id="toolu_1", name="t", arguments={"a": 2}),))],
    ]
    hashes = {request_sha(request(1, messages=messages)) for messages in others}
    assert len(hashes) == len(others)
    assert base not in hashes


def test_the_hash_stays_the_same_from_one_version_to_the_next() -> None:
    messages = [Message("system", "s"), Message("tool", "r", call_id="c1", name="read_file")]
    assert request_sha(request(1, messages=messages)) == (
        "bf5ac43ea7f18dab0a12ec58c3db176945a25a3b3d49827a21ab1e2655cfcd8a"
    )


async def test_a_recording_plays_again(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    inner = ScriptedModel({"*": [
        calls(("read_file", {"path": "a"}), ("look", {}), content="both"), call("run", command="ls"), say("done"),
    ]})
    recorder = RecordingModel(inner, path)
    await recorder.warm()
    first = [await recorder.complete(request(1))]
    assert len(path.read_text().splitlines()) == 1
    first += [await recorder.complete(request(n)) for n in (2, 3)]
    await recorder.close()
    player = CassetteModel(path)
    await player.warm()
    assert [(await player.complete(request(n))).reply for n in (1, 2, 3)] == [c.reply for c in first]
    assert [(await player.complete(request(n))).usage for n in (1, 2, 3)] == [c.usage for c in first]
    assert player.differing == 0
    await player.close()


async def test_a_failed_call_is_not_recorded(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    with pytest.raises(ModelError):
        await RecordingModel(ScriptedModel({}), path).complete(request(1))
    assert not path.exists()


def test_a_line_of_something_else_is_named(tmp_path: Path) -> None:
    path = tmp_path / "demo.jsonl"
    path.write_text(LINES[0] + "\n" + '{"attempt": "worker.F1.1", "turn": 2, "reply": {"content": 3}}\n')
    with pytest.raises(ConfigError, match=r"demo\.jsonl', line 2: reply\.content: Input should be a valid string"):
        CassetteModel(path)
    with pytest.raises(ConfigError, match="'lines', line 1: the line: Invalid JSON"):
        CassetteModel(["nonsense"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl' cannot be read: No such file"):
        CassetteModel(tmp_path / "nowhere.jsonl")
