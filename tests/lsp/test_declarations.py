"""What is declared once is the same everywhere: features, commands, schema, the page and the TypeScript."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lsprotocol import types as lsp
from pydantic import BaseModel

from milepost.lsp import commands, features, gate, methods, schema, wire
from milepost.lsp.building import build
from milepost.lsp.gate import asks
from milepost.lsp.loading import Workshop
from milepost.lsp.server import Server

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def workshop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Workshop:
    """Everything that does the work."""
    monkeypatch.setenv("MILEPOST_STATE_DIR", str(tmp_path))
    made = Workshop(Server("milepost", "0"))
    build(made, None)
    return made


def test_everything_that_is_promised_at_the_start_is_there_once_it_is_loaded(workshop: Workshop) -> None:
    assert set(workshop.features) == set(features.FEATURES)
    assert set(workshop.own) == set(features.OWN)
    assert list(workshop.commands) == list(features.COMMANDS)


def test_every_method_of_ours_is_declared(workshop: Workshop) -> None:
    declared = {m.name: m.params for m in methods.METHODS if m.direction == "client to server"}
    assert {f"milepost/{name}": shape for name, (shape, _) in workshop.own.items()} == declared
    assert [c.name for c in commands.COMMANDS] + ["open"] == list(features.COMMANDS)


@pytest.mark.parametrize(
    ("path", "text"),
    [("server/PROTOCOL.md", schema.page), ("client-vscode/src/protocol.ts", schema.typescript)],
)
def test_page_and_types_are_those_of_the_declarations(path: str, text: object) -> None:
    assert callable(text)
    assert (ROOT / path).read_text() == text(), "`make protocol` writes them anew; review the difference"


def test_every_field_that_is_sent_is_required_and_none_that_is_read_may_be_unknown() -> None:
    for shape in schema.shapes():
        body = schema.definitions()[shape.__name__]
        assert body.get("additionalProperties") is False or not body.get("properties"), shape
        if not issubclass(shape, wire.Params):
            assert set(body.get("required", [])) == set(body["properties"]), shape


def test_names_on_the_wire_are_camel_case() -> None:
    for name, body in schema.definitions().items():
        assert all(re.fullmatch(r"[a-z][A-Za-z0-9]*", key) for key in body.get("properties", {})), name


def test_types_of_typescript_follow_the_schema() -> None:
    assert schema.typed({"anyOf": [{"type": "string"}, {"type": "null"}]}) == "string | null"
    assert schema.typed({"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}) == (
        "(number | null)[]"
    )
    assert schema.typed({"type": "object", "additionalProperties": {"type": "number"}}) == "Record<string, number>"
    assert schema.typed({}) == "unknown"
    assert schema.interface("Side", {"enum": ["left", "right"], "type": "string"}) == (
        'export type Side = "left" | "right";'
    )


@pytest.mark.parametrize(
    ("experimental", "expected"),
    [
        (None, False), ({}, False), ({"milepost": {}}, False), ({"milepost": {"protocolVersion": 2}}, False),
        ({"milepost": {"protocolVersion": 1}}, True), ({"milepost": True}, False),
    ],
)
def test_gate_opens_only_to_a_version_that_both_speak(experimental: object, expected: bool) -> None:
    assert asks(experimental) is expected


def test_editors_process_loads_neither_runner_nor_agents_nor_models() -> None:
    """A server that loads them starts in seconds and takes four times the memory."""
    script = (
        "import sys, milepost.lsp.ready, milepost.lsp.building; "
        "print(sorted(m for m in sys.modules if m.startswith(('litellm', 'milepost.runner', 'milepost.agent', "
        "'milepost.model', 'milepost.app', 'milepost.workspace', 'milepost.cli'))))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_who_it_is_is_said_without_loading_the_command_line() -> None:
    """An editor asks each program it finds, and gives up on a slow one: seconds on a busy machine."""
    script = (
        "import runpy, sys; sys.argv = ['milepost', '--version', '--json']\n"
        "try: runpy.run_module('milepost', run_name='__main__')\n"
        "except SystemExit as end: print([end.code, 'typer' in sys.modules, 'pydantic' in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    *told, last = done.stdout.strip().splitlines()
    assert last == "[0, False, False]"
    assert json.loads("\n".join(told))["protocolVersions"] == list(gate.PROTOCOL_VERSIONS)
    slow = subprocess.run(
        [sys.executable, "-m", "milepost", "--json", "--version"], capture_output=True, text=True, check=True
    )
    assert slow.stdout.strip() == "\n".join(told)


def test_commands_can_be_listed_and_every_one_has_a_title() -> None:
    told = json.loads(json.dumps(schema.protocol()))
    assert len(told["commands"]) == len(features.COMMANDS)
    assert all(c.title and not c.title.endswith(".") for c in commands.COMMANDS)
    assert all(issubclass(c.params, BaseModel) for c in commands.COMMANDS)


def test_what_initialize_says_is_known_before_anything_is_loaded() -> None:
    assert lsp.TEXT_DOCUMENT_HOVER in features.FEATURES
    script = "import sys, milepost.lsp.ready; print('milepost.domain.events' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
