"""Words and numbers for people; what agents wrote can neither be markup nor steer what shows it (S38)."""

import re

MARKUP = re.compile(r"[\\`*_\[\]~|!#$]")
HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
LINKS = re.compile(r":(?=//)|(?<=www)\.|(?<=\S)@(?=\S)", re.IGNORECASE)
"""What makes a bare address a link, which no backslash prevents: `https://…`, `www.…`, `a@b.c`."""
LEADING = re.compile(r"(?:[-+=:]|\d+[.)])(?=\s|$|-|=)")
"""What would begin a list, a heading or a table at the start of a line."""


def plain(text: str) -> str:
    """A text on one line, with nothing in it that cannot be seen: no control, no turning of direction."""
    line = " ".join(text.split())
    return line if line.isprintable() else "".join(c for c in line if c.isprintable())


def cut(text: str, limit: int) -> str:
    """A text on one line, no longer than the limit."""
    line = plain(text)
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def escaped(text: str, limit: int = 0) -> str:
    """A text on one line that Markdown shows as it reads: no link, image, HTML or emphasis comes of it.

    Code between single backticks stays code, in which nothing is markup.
    """
    line = cut(text, limit) if limit else plain(text)
    parts = line.split("`")
    if len(parts) % 2 == 0 or "" in parts[1:-1]:
        return inert(line)
    return "".join(f"`{part}`" if n % 2 else inert(part) for n, part in enumerate(parts))


def inert(line: str) -> str:
    """A stretch of text without markup."""
    shown = "".join(HTML.get(c, c) for c in line)
    shown = LINKS.sub(lambda found: f"&#{ord(found.group())};", MARKUP.sub(r"\\\g<0>", shown))
    start = LEADING.match(shown)
    if start is None:
        return shown
    # A backslash before the last character of it: before a digit it would be shown.
    return f"{shown[:start.end() - 1]}\\{shown[start.end() - 1:]}"


def code(text: str, limit: int = 0) -> str:
    """A text as code; empty stays empty."""
    line = (cut(text, limit) if limit else plain(text)).replace("`", "'")
    return f"`{line}`" if line else ""


def link(title: str, target: str) -> str:
    """A link of ours; its title may be an agent's."""
    return f"[{escaped(title)}]({target})"


def title_of(text: str, limit: int = 80) -> str:
    """The first line with something in it, without the marks of a heading."""
    first = next((line for line in text.splitlines() if line.strip(" #\t")), "")
    return cut(first.lstrip("# \t"), limit)


def money(dollars: float, limit: float | None = None) -> str:
    """What was spent, and of how much; finer than a cent where it is less than one."""
    spent = f"${dollars:.4f}" if 0 < dollars < 0.01 else f"${dollars:.2f}"
    return spent if limit is None else f"{spent} of ${limit:.2f}"


def count(number: int, thing: str) -> str:
    """A number of things: `1 feature`, `2 features`, `2 mismatches`."""
    plural = f"{thing}es" if thing.endswith("ch") else f"{thing}s"
    return f"{number} {thing if number == 1 else plural}"


def length(seconds: float) -> str:
    """A length of time in its two largest units."""
    whole = max(0, int(seconds))
    for size, unit, below, part in ((86_400, "d", 3_600, "h"), (3_600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {unit} {rest} {part}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"
