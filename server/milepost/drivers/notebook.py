"""What drivers write down: every record is evidence, named E1, E2 … inside its attempt and kept by its hash."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from milepost.domain.receipt import Evidence, Receipt

Keep = Callable[[bytes], str]
"""Stores a blob and returns its SHA-256."""
Redact = Callable[[str], str]
"""Takes secrets out of a text."""
EvidenceKind = Literal["receipt", "request", "screen", "screenshot", "console", "network", "file", "transcript"]

TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Seen:
    """What a driver shows the model, and what it recorded of it."""

    text: str
    evidence: tuple[Evidence, ...] = ()
    receipt: Receipt | None = None


class Notebook:
    """Counts and keeps the evidence of one attempt at one tree; a resumed attempt goes on counting after `taken`."""

    def __init__(self, keep: Keep, tree: str, *, taken: int = 0) -> None:
        self.tree = tree
        self.entries: list[Evidence] = []
        self._keep = keep
        self._taken = taken

    def add(
        self, kind: EvidenceKind, data: bytes, title: str, assertion: str | None = None, service: str | None = None
    ) -> Evidence:
        """Keeps the bytes and returns the record that points at them."""
        line = " ".join(title.split())
        short = line if len(line) <= TITLE_CHARACTERS else f"{line[:TITLE_CHARACTERS - 1]}…"
        entry = Evidence(
            id=f"E{self._taken + len(self.entries) + 1}", kind=kind, blob=self._keep(data), tree=self.tree,
            title=short, assertion=assertion, service=service,
        )
        self.entries.append(entry)
        return entry
