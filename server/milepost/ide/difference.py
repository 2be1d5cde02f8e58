"""Where the text of a contract in an editor differs from what is agreed: what saving it and amending would change."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from milepost.ide.document import Block, Document
from milepost.ide.snapshot import Snapshot

AGREED = frozenset({"running", "completed"})
"""Phases in which an edit of the contract waits for the order to amend it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One assertion that reads otherwise than agreed."""

    op: Literal["add", "change", "remove"]
    assertion: str
    block: Block | None
    """Where it stands in the text; None where it was taken out."""


@lru_cache(maxsize=8)
def differences(document: Document, snapshot: Snapshot) -> tuple[Difference, ...]:
    """What amending would change, in the order of the text, what was taken out last; nothing before approval."""
    if snapshot.mission.phase not in AGREED or not document.is_contract:
        return ()
    agreed = snapshot.agreed
    found: list[Difference] = []
    for block in document.named.values():
        new = block.assertion
        old = agreed.get(new.id)
        if old == new or (old is not None and old.removed) or not new.id:
            continue
        op: Literal["add", "change", "remove"] = "remove" if new.removed else "change" if old else "add"
        found.append(Difference(op, new.id, block))
    found.sort(key=lambda d: d.block.first if d.block else 0)
    gone = (a for a in agreed.values() if not a.removed and a.id not in document.named)
    return (*found, *(Difference("remove", a.id, None) for a in gone))
