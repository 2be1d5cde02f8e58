"""Results by the thousand, as JSON already: what an edit and an event left as it was is not written again."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Params or a result that is JSON already; `envelope` puts it into a message as it is."""

    text: str


def encode(value: Any) -> str:
    """JSON in ASCII, as short as it can be."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


class Fragments:
    """The JSON of what answers are made of, by identity; of each answer that is kept which the next one uses again."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[object, str]] = {}

    def of(self, parts: Iterable[T], text: Callable[[T], str]) -> str:
        """The texts of the parts, with commas; a part has the same text as long as it is the same object."""
        now: dict[int, tuple[object, str]] = {}
        for part in parts:
            now[id(part)] = self._kept.get(id(part)) or (part, text(part))
        self._kept = now
        return ",".join(text for _, text in now.values() if text)
