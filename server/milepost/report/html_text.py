"""Our own Markdown as HTML: the headings, lists, tables, code and bold words that the report is written in."""

import html
import re
from collections.abc import Iterable, Iterator
from itertools import groupby

_CODE = re.compile(r"`([^`]*)`")
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CELLS = re.compile(r"(?<!\\)\|")
_STEP = re.compile(r"\d+\. ")


def rendered(lines: Iterable[str]) -> str:
    """These lines as HTML; nothing in them becomes markup that is not ours."""
    return "\n".join(_blocks(lines))


def inline(text: str) -> str:
    """One line: code and bold, everything else as it reads."""
    # Markdown that was made harmless is read back first, so that nothing is escaped twice.
    plain = text.replace("&lt;", "<").replace("\\|", "|")
    parts = _CODE.split(plain)
    return "".join(f"<code>{escape(p)}</code>" if n % 2 else _bold(p) for n, p in enumerate(parts))


def escape(text: str) -> str:
    """A text that is no markup anywhere in a page."""
    return html.escape("".join(c for c in text if c.isprintable() or c in "\n\t"), quote=True)


def _bold(text: str) -> str:
    parts = _BOLD.split(text)
    return "".join(f"<strong>{escape(p)}</strong>" if n % 2 else escape(p) for n, p in enumerate(parts))


def _blocks(lines: Iterable[str]) -> Iterator[str]:
    for kind, group in groupby(lines, key=_kind):
        block = list(group)
        match kind:
            case "table":
                yield _table(block)
            case "list":
                yield f"<ul>{''.join(_item(line) for line in block)}</ul>"
            case "steps":
                items = "".join(f"<li>{inline(_STEP.sub('', line, count=1))}</li>" for line in block)
                yield f"<ol>{items}</ol>"
            case "heading":
                yield from (f"<h{_level(line)}>{inline(line.lstrip('# '))}</h{_level(line)}>" for line in block)
            case "text":
                yield f"<p>{inline(' '.join(block))}</p>"
            case _:
                pass


def _kind(line: str) -> str:
    if not line.strip():
        return ""
    if line.startswith("|"):
        return "table"
    if line.startswith("#"):
        return "heading"
    if line.lstrip().startswith("- "):
        return "list"
    return "steps" if _STEP.match(line) else "text"


def _level(line: str) -> int:
    return len(line) - len(line.lstrip("#"))


def _item(line: str) -> str:
    inner = ' class="inner"' if line.startswith(" ") else ""
    return f"<li{inner}>{inline(line.lstrip().removeprefix('- '))}</li>"


def _table(lines: list[str]) -> str:
    head, _, *rows = [[cell.strip() for cell in _CELLS.split(line)[1:-1]] for line in lines]
    top = "".join(f"<th>{inline(cell)}</th>" for cell in head)
    body = "".join(f"<tr>{''.join(f'<td>{inline(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f'<div class="wide"><table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>'
