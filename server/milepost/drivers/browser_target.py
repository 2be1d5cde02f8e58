"""What a model points at: an element by the name a snapshot gave it, or by what a person would call it."""

import json
import re
from dataclasses import dataclass
from typing import Literal

from milepost.domain.errors import ToolError

EXPECTED = "an element of the last snapshot such as `e12`, or what a person calls it such as `button \"Save\"`"
Kind = Literal["ref", "role", "text", "label", "placeholder", "testid"]
_OTHER_KINDS: dict[str, Kind] = {"text": "text", "label": "label", "placeholder": "placeholder", "testid": "testid"}
_REF = re.compile(r"e\d+")
_NAMED = re.compile(r"([a-z]+)(?:\s+(\"(?:[^\"\\]|\\.)*\"|'[^']*'))?(?:\s+#(\d+))?")


@dataclass(frozen=True, slots=True)
class Target:
    """A pointer, read: of several that fit, `nth` counts from 1."""

    kind: Kind
    word: str
    """The name of a ref, or the role."""
    name: str | None = None
    nth: int | None = None


def read(text: str) -> Target:
    """The pointer that a model wrote.

    Raises:
        ToolError: it is none.
    """
    if _REF.fullmatch(text.strip()):
        return Target("ref", text.strip())
    parts = _NAMED.fullmatch(text.strip())
    if parts is None:
        raise ToolError(f"{text!r} points at nothing; expected {EXPECTED}")
    name = None if parts[2] is None else _unquoted(parts[2])
    kind = _OTHER_KINDS.get(parts[1], "role")
    if kind != "role" and name is None:
        raise ToolError(f"{text!r} does not say which {parts[1]}; expected it in quotes, such as {parts[1]} \"Save\"")
    return Target(kind, parts[1], name, int(parts[3]) if parts[3] else None)


def _unquoted(quoted: str) -> str:
    if quoted.startswith("'"):
        return quoted[1:-1]
    try:
        return str(json.loads(quoted, strict=False))
    except ValueError:
        return quoted[1:-1]
