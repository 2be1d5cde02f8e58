"""How a terminal shows text, times and money; nothing that a model wrote can steer the terminal (S38)."""

import time
import unicodedata

HIDDEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Classes of characters that move the cursor, turn the text around, or cannot be seen."""
JOINER = "\u200d"


def clean(text: str) -> str:
    """The text with every control and turning character spelled out, line ends and tabs left."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if seen(c) else c.encode("unicode_escape", "backslashreplace").decode() for c in text)


def seen(character: str) -> bool:
    """Whether a character may reach the terminal as it is."""
    return character in ("\n", "\t", JOINER) or unicodedata.category(character) not in HIDDEN


def short(text: str, width: int = 160) -> str:
    """The first line, cut where it is long."""
    first, _, rest = clean(text).strip().partition("\n")
    cut = first[: width - 2].rstrip() if len(first) > width else first
    return f"{cut} …" if rest or cut != first else first


def clock(at: float) -> str:
    """The time of day of a POSIX time, here."""
    return time.strftime("%H:%M:%S", time.localtime(at))


def moment(at: float) -> str:
    """Day and time of a POSIX time, here."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
