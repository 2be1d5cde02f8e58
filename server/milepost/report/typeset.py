"""Words, numbers and tables as Markdown; what models wrote is kept from being markup."""

from collections.abc import Sequence
from datetime import UTC, datetime

NOTE = 160
"""Characters of a note in a table; the whole text is in the JSON."""


def plain(text: str) -> str:
    """A text on one line, with nothing in it that a terminal would obey."""
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


def cut(line: str, limit: int) -> str:
    """A line no longer than the limit; 0 is no limit."""
    return line[: limit - 1].rstrip() + "…" if limit and len(line) > limit else line


def prose(text: str, limit: int = 0) -> str:
    """A text on one line, harmless inside a table and in HTML; cut where it is longer than the limit."""
    return cut(plain(text), limit).replace("<", "&lt;").replace("|", "\\|")


def code(text: str, limit: int = 0) -> str:
    """A text as code; empty stays empty."""
    line = cut(plain(text).replace("`", "'"), limit).replace("|", "\\|")
    return f"`{line}`" if line else ""


def short(sha: str) -> str:
    """The beginning of a hash, as code."""
    return code(sha[:8])


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table without the columns in which nothing stands; nothing at all without rows."""
    kept = [n for n in range(len(headers)) if any(row[n] for row in rows)]
    if not kept:
        return []
    lines = [[headers[n] for n in kept], ["---"] * len(kept), *([row[n] for n in kept] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines] + [""]


def some(parts: Sequence[str], most: int = 4) -> str:
    """A list in a line; what is too much is counted."""
    more = len(parts) - most
    return "; ".join(parts[:most]) + (f"; and {more} more, below" if more > 0 else "")



def percent(part: float | None) -> str:
    """A share in percent; empty where there is none."""
    return "" if part is None else f"{part * 100:.0f} %"


def dollars(amount: float | None) -> str:
    """Dollars, to the cent or finer where it is less than one; empty where there are none."""
    if amount is None:
        return ""
    return f"${amount:.4f}" if 0 < amount < 0.01 else f"${amount:.2f}"


def tokens(number: int) -> str:
    """A number of tokens in three digits or so."""
    if number < 1_000:
        return str(number)
    return f"{number / 1_000:.1f}k" if number < 1_000_000 else f"{number / 1_000_000:.2f}M"



def moment(at: float, *, seconds: bool = False) -> str:
    """A time by the clock, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime(f"%Y-%m-%d %H:%M{':%S' if seconds else ''} UTC")
