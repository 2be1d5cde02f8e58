"""Looks at what a program wrote, wherever its cell has it: content, encoding, line ends and mode, as evidence."""

import base64
from typing import Any

from milepost.domain.errors import ToolError
from milepost.drivers import probe
from milepost.drivers.notebook import Notebook, Redact, Seen
from milepost.drivers.plain import plain
from milepost.drivers.transcript import shortened
from milepost.workspace.cell import Cell

SHOWN_CHARACTERS = 16_000
TIMEOUT_S = 30.0
_SPECIAL = {"p": "a named pipe", "s": "a socket", "c": "a device", "b": "a device"}


class Files:
    """The file driver of one attempt."""

    def __init__(self, cell: Cell, notebook: Notebook, *, redact: Redact = str) -> None:
        self._cell = cell
        self._notebook = notebook
        self._redact = redact

    async def show(self, path: str, assertion: str | None = None) -> Seen:
        """Shows a file or the names in a folder, as the program's own commands would find it; a lack is evidence too.

        Raises ToolError for what is no path.
        """
        if not path or "\0" in path:
            raise ToolError(f"{path!r} is no path; expected one such as out/report.csv")
        found = await probe.answer(
            self._cell, "_file_probe", path.encode(), what=f"{path!r} could not be looked at", timeout_s=TIMEOUT_S,
            most=4_000_000,
        )
        what, content = _told(found)
        head = self._redact(plain(f"{path}: {what}"))
        full = self._redact(plain(content))
        evidence = self._notebook.add("file", f"{head}\n\n{full}".encode(), head, assertion)
        return Seen(f"[{evidence.id}] {head}\n{shortened(full, SHOWN_CHARACTERS)}", (evidence,))


def _told(found: dict[str, Any]) -> tuple[str, str]:
    """What is there in a line, and its content."""
    if "error" in found:
        return found["error"], ""
    link = f"a link to {found['link']}, " if found["link"] is not None else ""
    mode = f"mode {found['mode']:o}"
    if "names" in found:
        left_out = found["count"] - len(found["names"])
        more = [f"[… {left_out} more]"] if left_out else []
        return f"{link}a folder of {found['count']}, {mode}", "\n".join([*found["names"], *more])
    if "special" in found:
        return f"{link}{_SPECIAL.get(found['special'], 'no file')}, {mode}", ""
    head = base64.b64decode(found["head"])
    kind, content = _content(head, whole=len(head) == found["size"])
    hashed = found["sha256"][:16] if found["read"] == found["size"] else "too large to hash"
    return f"{link}{kind}, {found['size']} bytes, {mode}, sha256 {hashed}", content


def _content(head: bytes, *, whole: bool) -> tuple[str, str]:
    """Encoding and line ends, which a person would look for in an editor, and the text."""
    if not head:
        return "empty", ""
    try:
        # A character that was cut at the end is no fault of the file.
        text = head.decode("utf-8") if whole else head.decode("utf-8", "ignore")
    except UnicodeDecodeError as error:
        return f"no UTF-8 (byte {error.start})", _dump(head)
    if "\0" in text:
        return "binary", _dump(head)
    crlf, lf = text.count("\r\n"), text.count("\n")
    ends = "no line end" if not lf else "CRLF" if crlf == lf else f"{crlf} CRLF of {lf} line ends" if crlf else "LF"
    last = "" if text.endswith("\n") or not whole else ", no line end at the end" if lf else ""
    mark = ", byte order mark" if text.startswith("\ufeff") else ""
    cut = "" if whole else f"\n[… more than the first {len(head)} bytes]"
    return f"text, {ends}{last}{mark}", text + cut


def _dump(head: bytes) -> str:
    """The first bytes as a hex dump."""
    rows = (head[at:at + 16] for at in range(0, min(len(head), 256), 16))
    return "\n".join(
        f"{16 * n:04x}  {row.hex(' '):47}  {''.join(chr(b) if 32 <= b < 127 else '.' for b in row)}"
        for n, row in enumerate(rows)
    )
