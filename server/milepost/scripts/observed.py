"""What a move came to: how it ended, and what was seen, read from the evidence that drivers record."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from milepost.domain.receipt import Evidence
from milepost.scripts.lines import NO_JSON, answer_lines, parsed, rows

Piece = tuple[Evidence, bytes]
"""A piece of evidence with its bytes."""
_STATUS = re.compile(r"^< (\d{3})\b", re.MULTILINE)
_TOOK = re.compile(r"\n\(\d+ ms\)\s*$")
_RECEIPT_END = re.compile(r"\[(exit code -?\d+|exit code None|stopped after [\d.]+ s), \d+ ms\]\n")
_LABEL = re.compile(r"^\[E\d+\][^\n]*\n?", re.MULTILINE)
_ERROR = re.compile(r"\b(?:error|uncaught|unhandled)\b", re.IGNORECASE)
_STATE = re.compile(r"^\[(\d+x\d+, [^\n]*)\]\n", re.MULTILINE)
_POINTED = re.compile(r"^e\d+ is [^\n]*\n", re.MULTILINE)
"""What a browser says of an element that was pointed at by its number."""
CLEAN = "a clean console"


@dataclass(frozen=True, slots=True)
class Observation:
    """One move in one run."""

    outcome: str
    """A status, an exit code, `running`, `ok`; `error` where the tool could not do it."""
    text: str = ""
    """What was seen, as the program said it; what the tester sent is no part of it."""
    lines: tuple[str, ...] = ()
    """The same, line by line; of JSON one leaf a line."""
    headers: tuple[tuple[str, str], ...] = ()
    json: Any = NO_JSON
    kinds: tuple[str, ...] = ()
    at: float = 0.0
    """When, in POSIX seconds."""


def observe(outcome: str, result: str, pieces: Sequence[Piece], at: float, sent: str = "") -> Observation:
    """What a call came to, by its evidence; by what the model was shown where that has no words.

    `sent` is the command, which records begin with: a tester's own words show nothing.
    """
    kinds = tuple(piece.kind for piece, _ in pieces)
    if outcome != "ok":
        return Observation("error", result, tuple(result.splitlines()), kinds=kinds, at=at)
    read = [seen for piece, data in pieces if (seen := _read(piece, data, sent)) is not None]
    if pieces and not any(seen.lines for seen in read if seen.outcome != CLEAN):
        shown = _LABEL.sub("", result).strip()
        read.append(Observation("", shown, rows(shown)))
    ended = [seen.outcome for seen in read if seen.outcome]
    whole = Observation(
        "; ".join(ended) or "ok", "\n".join(seen.text for seen in read), tuple(x for seen in read for x in seen.lines),
        kinds=kinds, at=at,
    )
    # Places in headers and bodies are those of the one answer of a request.
    first = next((seen for seen in read if seen.headers or seen.json is not NO_JSON), None)
    return whole if first is None else replace(whole, headers=first.headers, json=first.json)


def _read(piece: Evidence, data: bytes, sent: str) -> Observation | None:
    """One piece; None where it is no text."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    match piece.kind:
        case "screenshot":
            return None
        case "request":
            return _request(text)
        case "receipt":
            return _receipt(_after(text, sent))
        case "screen":
            return _screen(_after(text, sent))
        case "console":
            wrong = [line for line in text.splitlines() if _ERROR.search(line)]
            return Observation("errors in the console" if wrong else CLEAN, text, rows(text))
        case "transcript":
            return _transcript(piece.title, text)
        case _:
            return Observation("", text, rows(text))


def _after(text: str, sent: str) -> str:
    """A record without the command that it begins with."""
    head = f"$ {sent}\n"
    if text.startswith(head):
        return text.removeprefix(head)
    return text.partition("\n")[2] if text.startswith("$ ") else text


def _request(text: str) -> Observation:
    """An answer: its status, the headers that say something, and its body."""
    status = _STATUS.search(text)
    if status is None:
        said = text[text.find("\n< ") + 1:] if "\n< " in text else text
        return Observation("no answer", said, ("no answer",))
    answer = _TOOK.sub("", text[status.start():])
    head, _, body = answer.partition("\n\n")
    named = [line[2:].partition(": ") for line in head.splitlines()[1:]]
    headers = tuple((name.lower(), value) for name, _, value in named)
    return Observation(f"status {status[1]}", answer, answer_lines(headers, body), headers, parsed(body))


def _receipt(text: str) -> Observation:
    """A command's output, how it ended, and the files it touched."""
    ends = list(_RECEIPT_END.finditer(text))
    if not ends:
        return Observation("", text, rows(text))
    seen = f"{text[:ends[-1].start()].strip(chr(10))}\n{text[ends[-1].end():].strip()}"
    return Observation(ends[-1][1], f"{seen}\n[{ends[-1][1]}]", rows(seen))


def _transcript(title: str, text: str) -> Observation:
    """What a page became, or what was heard; its first line says what was done to it, in the tester's words."""
    first, _, rest = text.partition("\n")
    said = " ".join(first.split())
    if not title or not said.startswith(title.rstrip("…")):
        return Observation("", text, rows(text))
    rest = _POINTED.sub("", rest)
    code = re.search(r" → (.+)$", said)
    return Observation(f"status {code[1]}" if code else "", rest, rows(rest))


def _screen(text: str) -> Observation:
    """The text of a screen and its colours, and whether its program runs."""
    head = _STATE.search(text)
    shown = text[head.end():] if head else text
    parts = [part.strip() for part in head[1].split(",")] if head else []
    ended = next((part for part in parts if part == "running" or part.startswith("ended")), "")
    missing = next((f"; {part}" for part in parts if "did not appear" in part), "")
    return Observation(f"{ended}{missing}", shown, rows(shown))
