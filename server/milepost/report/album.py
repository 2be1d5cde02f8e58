"""Pictures and texts of a page that is a single file: each picture is in it once, however often it is shown."""

import base64
import struct
from collections.abc import Callable

from milepost.domain.errors import LogCorrupt
from milepost.report.html_text import escape
from milepost.report.shown import EvidenceRow
from milepost.report.typeset import moment

LARGEST = 20_000
"""Characters of a text that the page shows; the whole is kept by its hash."""
PNG = b"\x89PNG\r\n\x1a\n"
Read = Callable[[str], bytes]
"""The bytes of a blob; raises LogCorrupt where it is gone or was changed."""


class Album:
    """What was shown so far."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._sizes: dict[str, tuple[int, int]] = {}
        self._data: dict[str, bytes] = {}

    def piece(self, row: EvidenceRow) -> str:
        """One piece of evidence: a picture as it is, anything else folded."""
        data = self.data(row.blob)
        if data is None:
            return f'<p class="gone">{self.label(row)}: gone, or changed since</p>'
        if data.startswith(PNG):
            return self.picture(row)
        if b"\0" in data[:8000]:
            return f'<p class="binary">{self.label(row)}: {len(data)} bytes that are no text</p>'
        return f"<details><summary>{self.label(row)}</summary><pre>{escape(cut(data))}</pre></details>"

    def picture(self, row: EvidenceRow, caption: str = "") -> str:
        """A picture that opens to its full size."""
        if self.data(row.blob) is None or not self._data[row.blob].startswith(PNG):
            return self.piece(row)
        width, height = self.size(row.blob)
        drawn = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(row.title)}">' \
                f'<use href="#p-{row.blob[:16]}"/></svg>'
        shape = f"--w:{width}px;--ratio:{width / height:.3f}"
        return (
            f'<figure><details class="zoom" style="{shape}"><summary title="Full size">{drawn}</summary></details>'
            f"<figcaption>{caption or self.label(row)}</figcaption></figure>"
        )

    def label(self, row: EvidenceRow) -> str:
        """What a piece of evidence is, where it comes from, and when."""
        name = row.id.rpartition("/")[2]
        kind = "" if row.title.startswith(row.kind) else escape(row.kind)
        parts = [f"<b>{escape(name)}</b>" if name else "", kind, escape(row.title)]
        said = " ".join(part for part in parts if part)
        origin = [f"tree {escape(row.tree[:8])}" if row.tree else "", escape(row.service)]
        origin += [moment(row.at, seconds=True) if row.at else "", f"sha256 {escape(row.blob[:8])}"]
        return f'{said} <span class="origin">{" · ".join(part for part in origin if part)}</span>'

    def data(self, blob: str) -> bytes | None:
        """The bytes, read once."""
        if blob not in self._data:
            try:
                self._data[blob] = self._read(blob)
            except LogCorrupt:
                return None
        return self._data[blob]

    def size(self, blob: str) -> tuple[int, int]:
        """Width and height of a picture, which is in the page from now on."""
        if blob not in self._sizes:
            header = self._data[blob][16:24]
            width, height = struct.unpack(">II", header) if len(header) == 8 else (1, 1)
            self._sizes[blob] = max(1, width), max(1, height)
        return self._sizes[blob]

    def sheet(self) -> str:
        """Every picture that is shown, each once."""
        images = []
        for blob, (width, height) in self._sizes.items():
            source = base64.b64encode(self._data[blob]).decode()
            images.append(
                f'<image id="p-{blob[:16]}" width="{width}" height="{height}" href="data:image/png;base64,{source}"/>'
            )
        return f'<svg class="sheet" aria-hidden="true"><defs>{"".join(images)}</defs></svg>'


def cut(data: bytes) -> str:
    """A text, of a long one the beginning and the end."""
    text = data.decode("utf-8", "replace")
    half = LARGEST // 2
    return text if len(text) <= LARGEST else f"{text[:half]}\n[… {len(text) - LARGEST} characters …]\n{text[-half:]}"
