"""Ids of assertions: which one is free next. Ids are never used again, so those of removed assertions count."""

from milepost.ide.document import Document
from milepost.ide.snapshot import Snapshot


def used(document: Document, snapshot: Snapshot | None) -> set[str]:
    """Every id in the text and in the contract."""
    return {*document.named, *(snapshot.agreed if snapshot else ())}


def next_id(area: str, document: Document, snapshot: Snapshot | None) -> str:
    """The id after the highest of an area: `AUTH-004`."""
    numbers = [n.rpartition("-")[2] for n in used(document, snapshot) if n.rpartition("-")[0] == area]
    return f"{area}-{max((int(n) for n in numbers), default=0) + 1:03}"
