"""Putting answers together from pieces that only some providers send."""

from types import SimpleNamespace
from typing import Any

from milepost.model.answer import Answer


def event(finish: str | None = None, **delta: Any) -> SimpleNamespace:
    return SimpleNamespace(model="m", choices=[SimpleNamespace(delta=SimpleNamespace(**delta), finish_reason=finish)])


def taken(*events: SimpleNamespace) -> Answer:
    answer = Answer()
    for one in events:
        answer.take(one)
    return answer


def test_sealed_thinking_is_kept_and_unsigned_thinking_is_not() -> None:
    sealed = {"type": "redacted_thinking", "data": "xyz"}
    answer = taken(
        event(thinking_blocks=[sealed]), event(thinking_blocks=[{"type": "thinking", "thinking": "aloud"}]),
        event("stop", content="done"),
    )
    assert answer.reply(1).thinking == [sealed]


def test_a_signature_that_comes_alone_signs_what_came_before() -> None:
    answer = taken(
        event(thinking_blocks=[{"type": "thinking", "thinking": "a "}]),
        event(thinking_blocks=[{"type": "thinking", "thinking": "b"}]),
        event(thinking_blocks=[{"type": "thinking", "thinking": "", "signature": "s1"}]),
        event(thinking_blocks=[{"type": "thinking", "thinking": "c", "signature": "s2"}]),
    )
    assert answer.thinking == [
        {"type": "thinking", "thinking": "a b", "signature": "s1"},
        {"type": "thinking", "thinking": "c", "signature": "s2"},
    ]


def test_words_that_come_after_the_reason_count() -> None:
    assert taken(event("stop", content="a"), event(content="b")).content == "ab"


def test_arguments_that_were_given_twice_are_taken_once() -> None:
    def piece(arguments: str) -> SimpleNamespace:
        function = SimpleNamespace(name="t", arguments=arguments)
        return event(tool_calls=[SimpleNamespace(index=0, id="c", function=function)])

    twice = taken(piece('{"a": 1}'), piece('{"a"'), piece(": 1}"), event("tool_calls"))
    assert [call.arguments for call in twice.reply(1).tool_calls] == [{"a": 1}]
