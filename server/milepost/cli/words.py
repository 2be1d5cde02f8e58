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


def span(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = max(0, int(seconds))
    for size, unit, below, part in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit} {rest} {part}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def money(dollars: float, limit: float | None = None) -> str:
    """What was spent, and of how much."""
    return f"${dollars:.2f}" if limit is None else f"${dollars:.2f} of ${limit:.2f}"


def count(number: int, thing: str) -> str:
    """A number of things: `1 feature`, `2 features`, `2 mismatches`."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"
