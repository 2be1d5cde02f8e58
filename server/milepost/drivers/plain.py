"""Text of an app made plain: every code in it can be read, and none does anything."""

import re

_CODES = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control codes but for tab and new line, what is invisible or turns the text around, and halves of characters."""


def plain(text: str) -> str:
    """The text with each code as the escape that a programmer would write for it: `\\x1b`, `\\u202e`.

    Nothing is lost, so that an app's own escapes stay evidence; nothing is obeyed, wherever it is printed.
    """
    return _CODES.sub(_written, text.replace("\r\n", "\n"))


def _written(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65_536 else f"\\U{code:08x}"
