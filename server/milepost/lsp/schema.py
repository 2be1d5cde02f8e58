"""What a client is written against, made of the declarations: JSON Schema, TypeScript, and a page that explains it."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from milepost.lsp import wire
from milepost.lsp.commands import COMMANDS
from milepost.lsp.gate import PREFIX, PROTOCOL_VERSIONS
from milepost.lsp.methods import METHODS

Schema = Mapping[str, Any]
NAMES = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}


def shapes() -> list[type[BaseModel]]:
    """Every shape that a message of ours has at its top."""
    found = [m.params for m in METHODS] + [m.result for m in METHODS if m.result] + [c.params for c in COMMANDS]
    return list(dict.fromkeys([*found, wire.Open, wire.Accepted]))


def definitions() -> dict[str, Any]:
    """JSON Schema of every shape, by its name: as the server sends it, or as it reads it."""
    modes = [(s, "validation" if issubclass(s, wire.Params) else "serialization") for s in shapes()]
    _, schema = models_json_schema(modes, by_alias=True, ref_template="#/$defs/{model}")  # type: ignore[arg-type]
    found: dict[str, Any] = schema.get("$defs", {})
    return {name: plain(body) for name, body in sorted(found.items())}


def plain(schema: Any) -> Any:
    """A schema without the titles that pydantic writes on every property: each would become a name of its own."""
    if isinstance(schema, list):
        return [plain(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "properties" in schema:
        properties = {name: plain(body) for name, body in schema["properties"].items()}
        rest = {k: plain(v) for k, v in schema.items() if k not in ("properties", "title")}
        return {**rest, "properties": properties}
    return {k: plain(v) for k, v in schema.items() if k != "title"}


def protocol() -> dict[str, Any]:
    """The whole protocol as one JSON document."""
    return {
        "protocolVersions": list(PROTOCOL_VERSIONS),
        "methods": [
            {"name": m.name, "kind": m.kind, "direction": m.direction, "params": m.params.__name__,
             "result": m.result.__name__ if m.result else None}
            for m in METHODS
        ],
        "commands": [
            *({"name": PREFIX + c.name, "params": c.params.__name__, "result": "Accepted"} for c in COMMANDS),
            {"name": PREFIX + "open", "params": "Open", "result": "Accepted"},
        ],
        "$defs": definitions(),
    }


def schema_hash() -> str:
    """The hash of the protocol: another one where anything in it changed."""
    return hashlib.sha256(json.dumps(protocol(), sort_keys=True).encode()).hexdigest()[:16]


# --- TypeScript ---

def typescript() -> str:
    """`protocol.ts`: an interface for each shape, and the names of methods and commands."""
    blocks = [
        "// Generated from the server's declarations by `make protocol`; do not edit.",
        f"export const PROTOCOL_VERSION = {max(PROTOCOL_VERSIONS)};",
        f'export const SCHEMA_HASH = "{schema_hash()}";',
        constants("METHODS", {m.name.partition("/")[2]: m.name for m in METHODS}),
        constants("COMMANDS", {**{c.name: PREFIX + c.name for c in COMMANDS}, "open": PREFIX + "open"}),
        accepted(),
        *(interface(name, body) for name, body in definitions().items()),
    ]
    return "\n\n".join(blocks) + "\n"


def constants(name: str, values: Mapping[str, str]) -> str:
    """A frozen table of names."""
    rows = "\n".join(f'  {key}: "{value}",' for key, value in values.items())
    return f"export const {name} = {{\n{rows}\n}} as const;"


def accepted() -> str:
    """What each command takes, by its name: a client that gives it something else does not compile."""
    rows = [f"  {name}: {shape};" for name, shape in ((c.name, c.params.__name__) for c in COMMANDS)]
    return "\n".join(["/** What each command takes. */\nexport interface Commands {", *rows, "  open: Open;", "}"])


def interface(name: str, body: Schema) -> str:
    """One shape."""
    if "enum" in body or ("properties" not in body and body.get("type") != "object"):
        return f"{comment(body, '')}export type {name} = {typed(body)};"
    required = set(body.get("required", ()))
    rows = [
        f"{comment(prop, '  ')}  {key}{'' if key in required else '?'}: {typed(prop)};"
        for key, prop in body.get("properties", {}).items()
    ]
    return "\n".join([f"{comment(body, '')}export interface {name} {{", *rows, "}"])


def comment(schema: Schema, indent: str) -> str:
    """What a shape or field is, above it."""
    text = " ".join(str(schema.get("description", "")).split())
    return f"{indent}/** {text} */\n" if text else ""


def typed(schema: Schema) -> str:
    """A schema as a type."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(typed(part) for part in schema["anyOf"]))
    if schema.get("type") == "array":
        inner = typed(schema.get("items", {}))
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    if schema.get("type") == "object":
        values = schema.get("additionalProperties")
        return f"Record<string, {typed(values)}>" if isinstance(values, dict) else "Record<string, unknown>"
    return NAMES.get(str(schema.get("type")), "unknown")


# --- the page ---

def page() -> str:
    """`PROTOCOL.md`."""
    spoken = ", ".join(str(v) for v in PROTOCOL_VERSIONS)
    return PAGE.format(
        versions=spoken, version=max(PROTOCOL_VERSIONS), hash=schema_hash(), methods="\n".join(method_rows()),
        commands="\n".join(command_rows()), shapes="\n\n".join(shape_blocks(definitions())),
    )


def method_rows() -> Iterable[str]:
    """A paragraph for each method."""
    for m in METHODS:
        result = f" → [`{m.result.__name__}`](#{m.result.__name__.lower()})" if m.result else ""
        shape = m.params.__name__
        yield (
            f"### `{m.name}`\n\n{m.kind.capitalize()}, {m.direction}: [`{shape}`](#{shape.lower()}){result}\n\n"
            f"{m.says}\n"
            f"Without it: {m.without}.\n"
        )


def command_rows() -> Iterable[str]:
    """A line for each command."""
    for c in COMMANDS:
        yield f"| `{PREFIX}{c.name}` | [`{c.params.__name__}`](#{c.params.__name__.lower()}) | {c.title} |"
    yield f"| `{PREFIX}open` | [`Open`](#open) | Show a document of a mission |"


def shape_blocks(found: Mapping[str, Schema]) -> Iterable[str]:
    """A block for each shape."""
    for name, body in found.items():
        yield f"### {name}\n\n```ts\n{interface(name, body)}\n```"


PAGE = """# Protocol

What `milepost lsp` speaks beyond LSP 3.17 and the parts of 3.18 named in [ARCHITECTURE.md](ARCHITECTURE.md).
Generated by `make protocol` from `methods.py`, `commands.py` and `wire.py` in `milepost/lsp`; a test holds it.

Versions: {versions}. Hash of the shapes: `{hash}`.

## The gate

A client that wants any of it says so in `initialize`:

```json
{{"capabilities": {{"experimental": {{"milepost": {{"protocolVersion": {version}}}}}}}}}
```

The server answers with `capabilities.experimental.milepost`: `protocolVersions` and `version`.
Without that no message of ours is sent or answered, and everything else works all the same.
Commands are plain `workspace/executeCommand` and need no gate.

Rules: adding keeps the version, taking away raises it; a client ignores what it does not know.
A notification is a whole small state or says what to pull again, never a difference.
A command answers at once; what came of it arrives as a change of state, and a refusal as `window/showMessage`.
`initializationOptions`: `trusted` (the user trusts the open folders; false where it is absent), `clientName`.

## Methods

{methods}
## Commands

Each takes one object; the answer is [`Accepted`](#accepted). From a shell: `milepost lsp exec COMMAND JSON`.

| command | takes | does |
|---|---|---|
{commands}

## Shapes

{shapes}
"""
