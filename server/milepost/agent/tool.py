"""A tool: a name, an argument shape, who may use it, and what it does; and what it shows afterwards."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from milepost.agent.desk import Desk
from milepost.domain.errors import ToolError
from milepost.domain.receipt import Evidence, Receipt
from milepost.domain.shape import Shape


@dataclass(frozen=True, slots=True)
class Shown:
    """What a tool shows the model, and what the log keeps of it."""

    text: str
    receipt: Receipt | None = None
    evidence: tuple[Evidence, ...] = ()
    images: tuple[str, ...] = ()
    """Blobs of images, for seats that can see."""
    ends: bool = False
    """Whether the attempt ends with this call."""

    def __post_init__(self) -> None:
        # The log trims what it keeps: a resumed attempt must read the same bytes.
        object.__setattr__(self, "text", self.text.strip())


@dataclass(frozen=True, slots=True)
class Tool:
    """One thing a seat can do. Its description is `prompts/tools/<name>.md`."""

    name: str
    shape: type[Shape]
    run: Callable[[Desk, Any], Awaitable[Shown]]
    seats: frozenset[str]
    reads_only: bool = False
    """Read-only calls of one turn run in parallel and leave no `tool_started`."""
    repeatable: bool = False
    """Whether it can be run again after a crash because its effect is settled by hash, tree or log (D22b)."""


def parse(tool: Tool, arguments: dict[str, Any] | str) -> Shape:
    """The arguments as the tool's shape.

    Raises ToolError naming path, expected and found.
    """
    if isinstance(arguments, str):
        raise ToolError(f"the arguments of {tool.name} are not a JSON object: {arguments[:200]!r}")
    try:
        return tool.shape.model_validate(arguments)
    except ValidationError as error:
        raise ToolError(f"the arguments of {tool.name} do not fit:\n{explain(error)}") from error


def explain(error: ValidationError) -> str:
    """Each mistake on a line: path, what was expected, what was found."""
    lines = []
    for mistake in error.errors(include_url=False)[:12]:
        path = ".".join(str(p) for p in mistake["loc"]) or "(root)"
        found = "" if mistake["type"] == "missing" else f"; found {str(mistake['input'])[:120]!r}"
        lines.append(f"- {path}: {mistake['msg']}{found}")
    return "\n".join(lines)


def schema(tool: Tool) -> dict[str, Any]:
    """The JSON Schema of the arguments, without titles and with definitions in place, so that it is short."""
    raw = tool.shape.model_json_schema()
    definitions = raw.pop("$defs", {})
    resolved = inline(raw, definitions)
    assert isinstance(resolved, dict)
    resolved.pop("description", None)
    return resolved


def inline(node: Any, definitions: dict[str, Any]) -> Any:
    """A schema node with references replaced; titles, defaults and what goes without saying are dropped."""
    if isinstance(node, list):
        return [inline(n, definitions) for n in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        shape = inline(definitions[node["$ref"].rpartition("/")[2]], definitions)
        # What a field says of itself is worth more to a model than what its shape is called.
        return {k: v for k, v in shape.items() if k != "description"} | without_title(node, definitions)
    optional = node.get("anyOf")
    if isinstance(optional, list) and {"type": "null"} in optional and len(optional) == 2:
        rest = next(o for o in optional if o != {"type": "null"})
        return inline(rest, definitions) | {k: v for k, v in node.items() if k == "description"}
    return without_title(node, definitions)


def without_title(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The parts of a node that a model needs to call the tool."""
    return {
        k: {n: inline(s, definitions) for n, s in v.items()} if k == "properties" else inline(v, definitions)
        for k, v in node.items() if k not in ("title", "default", "$ref") and (k, v) != ("minLength", 1)
    }
