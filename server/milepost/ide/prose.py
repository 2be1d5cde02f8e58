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
