"""A real process under anything: exactly one reply to each request, nothing but frames, and the right exit code."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.lsp.conftest import ROOT
from tests.lsp.wire import Wire, framed

few = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
many = settings(few, max_examples=150)

floats = st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | st.integers() | floats | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
methods = st.sampled_from([
    "textDocument/hover", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose", "probe/echo",
    "probe/strict", "probe/raise", "probe/unwritable", "probe/wait", "workspace/executeCommand", "$/cancelRequest",
    "$/setTrace", "workspace/didChangeWorkspaceFolders", "notebookDocument/didOpen", "notebookDocument/didChange",
    "window/workDoneProgress/cancel", "$/progress", "probe/unknown", "$/unknown",
])
params = values | st.fixed_dictionaries({
    "textDocument": values | st.fixed_dictionaries({"uri": st.text(max_size=10) | values, "version": values}),
    "position": values | st.fixed_dictionaries({"line": values, "character": values}),
}, optional={"contentChanges": values, "command": values, "arguments": values, "value": values})


@contextmanager
def probing(folder: Path) -> Iterator[Wire]:
    with Wire([sys.executable, "-m", "tests.lsp.probe", str(folder)], folder=ROOT) as wire:
        yield wire


# --- bytes

frames_of_all_kinds = st.one_of(
    st.binary(max_size=80),
    st.builds(lambda length, body: b"Content-Length: %d\r\n\r\n%b" % (length, body), st.integers(0, 200), st.binary()),
    values.map(framed),
    st.builds(lambda n, m, p: framed({"jsonrpc": "2.0", "id": n, "method": m, "params": p}), values, methods, params),
    st.builds(lambda m, p: framed({"jsonrpc": "2.0", "method": m, "params": p}), methods, params),
    st.builds(lambda n, r: framed({"jsonrpc": "2.0", "id": n, "result": r}), values, values),
    st.builds(lambda n, e: framed({"jsonrpc": "2.0", "id": n, "error": e}), values, values),
)


@few
@given(before=st.lists(frames_of_all_kinds, max_size=4), after=st.lists(frames_of_all_kinds, max_size=12))
def test_any_bytes_are_survived(tmp_path: Path, before: list[bytes], after: list[bytes]) -> None:
    with probing(tmp_path) as wire:
        for piece in before:
            wire.raw(piece + b"\n")
        # Whatever length came last, this is longer than what it still waits for.
        wire.raw(b"\n" * 300)
        wire.result(wire.ask("initialize", {"capabilities": {}}, "the beginning"))
        for piece in after:
            wire.raw(piece)
        wire.close()
        assert wire.code() == 1
        assert wire.stray == b""
        assert "Traceback" not in wire.errors


# --- order

steps = st.lists(st.sampled_from(["initialize", "hover", "wait", "shutdown", "open", "exit"]), max_size=8)


@few
@given(steps=steps)
def test_any_order_is_answered_as_the_protocol_says(tmp_path: Path, steps: list[str]) -> None:
    hover = {"textDocument": {"uri": "file:///a"}, "position": {"line": 0, "character": 0}}
    phase, expected, code = "new", [], None
    with probing(tmp_path) as wire:
        for number, step in enumerate(steps):
            if step == "open":
                wire.notify("textDocument/didOpen", {})
            elif step == "exit":
                wire.notify("exit")
                code = code if code is not None else int(phase != "shut")
            else:
                sent = {"initialize": {"capabilities": {}}, "hover": hover}.get(step, {})
                name = {"hover": "textDocument/hover", "wait": "probe/wait"}.get(step, step)
                wire.ask(name, sent, number)
                if code is None:
                    expected.append((number, _expected(phase, step)))
                    phase = {("new", "initialize"): "open", ("open", "shutdown"): "shut"}.get((phase, step), phase)
            if code is not None:
                break
        wire.close()
        assert wire.code() == (int(phase != "shut") if code is None else code)
        assert wire.stray == b""
        for number, outcome in expected:
            replies = wire.replies(number)
            assert len(replies) == 1, number
            assert replies[0].get("error", {}).get("code") == outcome


def _expected(phase: str, step: str) -> int | None:
    if phase == "shut":
        return -32600
    if phase == "new":
        return None if step == "initialize" else -32002
    return {"initialize": -32600, "wait": -32800}.get(step)


# --- a long conversation

actions = st.lists(st.one_of(
    st.tuples(st.just("ask"), methods, params),
    st.tuples(st.just("tell"), methods.filter(lambda method: method != "probe/wait"), params),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.none()), st.tuples(st.just("answer"), values, values),
), max_size=25)


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with probing(tmp_path_factory.mktemp("state")) as wire:
        wire.initialize()
        yield wire
        assert wire.leave() == 0
        assert wire.stray == b""
        assert "Traceback" not in wire.errors


@many
@given(actions=actions)
def test_each_request_of_any_conversation_has_one_reply(talk: Wire, actions: list[tuple[str, Any, Any]]) -> None:
    asked: list[int | str] = []
    for kind, first, second in actions:
        if kind == "ask":
            asked.append(talk.ask(first, second))
        elif kind == "tell":
            talk.notify(first, second)
        elif kind == "cancel" and first < len(asked):
            talk.notify("$/cancelRequest", {"id": asked[-1 - first]})
        elif kind == "answer":
            talk.send({"jsonrpc": "2.0", "id": first, "result": second})
    for number in asked:
        talk.notify("$/cancelRequest", {"id": number})
    state = talk.request("probe/state")
    assert state["kept"] == 1
    assert state["memory"] < 200 * 2**20
    assert [len(talk.replies(number)) for number in asked] == [1] * len(asked)
    assert not talk.stray
    talk.messages.clear()
