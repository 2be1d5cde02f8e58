"""Lines of what was seen: of an answer its telling headers and its body, of JSON one leaf a line, of text every row."""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

NO_JSON = object()
"""Stands where a body is none."""
QUIET = frozenset({
    "age", "connection", "content-length", "date", "etag", "expires", "keep-alive", "last-modified", "server",
    "set-cookie", "transfer-encoding", "via", "x-request-id", "x-runtime",
})
"""Headers that say nothing of what the program does."""
REF = re.compile(r" \[e\d+\]")
"""The name of an element in a browser's snapshot: it tells one run's elements apart, and nothing of the page."""


def rows(text: str) -> tuple[str, ...]:
    """The lines that are not empty."""
    return tuple(REF.sub("", line).rstrip() for line in text.splitlines() if line.strip())


def parsed(body: str) -> Any:
    """A body's JSON value; NO_JSON where it is none."""
    try:
        return json.loads(body)
    except ValueError:
        return NO_JSON


def answer_lines(headers: Sequence[tuple[str, str]], body: str) -> tuple[str, ...]:
    """The lines of an answer over HTTP; names of headers are in lower case."""
    value = parsed(body)
    of_body = rows(body) if value is NO_JSON else tuple(f"{dotted(p)} = {json.dumps(v)}" for p, v in leaves(value))
    return (*sorted(f"{name}: {said}" for name, said in headers if name not in QUIET), *of_body)


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every leaf of a JSON value with its path; an empty list or object is one too."""
    if isinstance(value, dict) and value:
        for key, below in sorted(value.items()):
            yield from leaves(below, (*path, key))
    elif isinstance(value, list) and value:
        for number, below in enumerate(value):
            yield from leaves(below, (*path, number))
    else:
        yield path, value


def dotted(path: Sequence[str | int]) -> str:
    """A path as people write it."""
    return ".".join(map(str, path)) or "(all)"
