"""What commands print, made fit for a model or a person to read: no control codes, no floods. Pure text."""

import re

_SEQUENCES = re.compile(
    r"""
    (?: \x1b\[ | \x9b ) [0-?]* [\ -/]* [@-~]?                     # colours, cursor, modes
    | (?: \x1b\] | \x9d ) [^\x07\x1b\x9c\n]* (?: \x07 | \x1b\\ | \x9c )?      # titles, links, clipboard
    | (?: \x1b[PX^_] | [\x90\x98\x9e\x9f] ) [^\x1b\x9c\n]* (?: \x1b\\ | \x9c )?  # strings for devices
    | \x1b [\ -/]* [0-~]?                                          # everything shorter
    """,
    re.VERBOSE,
)
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"
    "\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]"
)
"""Control characters but for tab and new line, and what is invisible or turns the text around."""
_SURROGATES = re.compile("[\ud800-\udfff]")


def decode(data: bytes) -> str:
    """Text from any bytes; what is no UTF-8 becomes a replacement character."""
    return data.decode("utf-8", "replace")


def strip(text: str) -> str:
    """The text without codes, each line as it was last drawn."""
    text = _SEQUENCES.sub("", text).replace("\r\n", "\n")
    if "\r" in text or "\b" in text:
        text = "\n".join(_last_drawn(line) for line in text.split("\n"))
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def cap(text: str | bytes, limit: int, keep: str | None = None) -> str:
    """At most about `limit` characters: the head, a line saying what is left out, the tail.

    `keep` names the record that holds the whole, such as `R3`. Head and tail end at lines where they can.
    """
    text = decode(text) if isinstance(text, bytes) else text
    if len(text) <= limit:
        return text
    half = limit // 2
    head, tail = text[:half], text[len(text) - (limit - half) :]
    head = head[: head.rfind("\n") + 1] or head
    tail = tail[tail.find("\n") + 1 :] or tail
    left_out = text[len(head) : len(text) - len(tail)]
    lines = len(left_out.splitlines())
    where = f"; all of it: {keep}" if keep else ""
    note = f"[... {len(left_out)} characters in {lines} line{'s' * (lines != 1)} left out{where} ...]"
    return "".join([head, "\n" if head and not head.endswith("\n") else "", note, "\n", tail])


def _last_drawn(line: str) -> str:
    """The last of what was drawn at the place of one line, such as the end of a progress bar."""
    parts = [part for part in line.split("\r") if part]
    kept: list[str] = []
    for character in parts[-1] if parts else "":
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)
