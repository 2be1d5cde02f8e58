"""Every item with what it came out of and, beside it, how it was resolved (A6)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from milepost.domain import events as e
from milepost.domain.mission import Item, Mission
from milepost.domain.record import Record
from milepost.report.shapes import ItemRow

OF_ROUNDS = frozenset({"gate", "finding", "verdict"})
OF_HANDOFFS = frozenset({"mismatch", "no_work", "gate", "undone", "issue", "proposal", "vacuous"})
VALIDATORS_OF_ROUNDS = frozenset({"tester", "reviewer", "scrutiny"})
MENDING = frozenset({"mismatch", "no_work", "gate", "undone", "vacuous", "verdict", "finding"})
"""Types of items that mean, where they block, that work has to be done again."""


@dataclass(slots=True)
class Origins:
    """Finds what each item came out of; fed with the facts in order."""

    found: dict[str, str] = field(default_factory=dict)
    _round: str = ""
    _audit: str = ""
    _handoffs: dict[str, str] = field(default_factory=dict)

    def saw(self, record: Record) -> None:
        """Take one fact into account."""
        event = record.event
        if isinstance(event, e.HandoffSubmitted):
            self._handoffs[event.feature] = f"handoff:{record.attempt or ''}"
        elif isinstance(event, e.RoundStarted):
            self._round = f"round:{event.milestone}r{event.round}"
        elif isinstance(event, e.RoundEnded):
            self._round = ""
        elif isinstance(event, e.AuditSubmitted):
            self._audit = f"audit:{record.attempt or ''}"
        elif isinstance(event, e.ItemOpened):
            self.found[event.item] = self._of(event, record.by)

    def _of(self, item: e.ItemOpened, by: str) -> str:
        disputed = item.payload.get("disputes")
        if isinstance(disputed, str):
            return self.found.get(disputed, "")
        if item.type == "audit":
            return self._audit
        judged = by.partition(".")[0] in VALIDATORS_OF_ROUNDS or (by == "engine" and item.type in OF_ROUNDS)
        if self._round and judged:
            return self._round
        if by == "engine" and item.type in OF_HANDOFFS:
            return self._handoffs.get(item.about, "")
        return ""


def rows(mission: Mission, facts: Sequence[Record]) -> list[ItemRow]:
    """Every item, oldest first."""
    origins = Origins()
    for record in facts:
        origins.saw(record)
    return [row(item, origins.found.get(item.id, "")) for item in mission.items.values()]


def row(item: Item, source: str) -> ItemRow:
    """One item as a row."""
    opened = item.opened
    file, line = opened.finding.get("file"), opened.finding.get("line")
    return ItemRow(
        id=item.id, type=opened.type, owner=opened.owner, about=opened.about, severity=opened.severity,
        text=opened.text, place=f"{file}:{line}" if file and line else str(file or ""), source=source, by=item.by,
        decision=item.decision or "", reason=item.reason, answer=item.text or "", feature=item.feature or "",
        resolved_by=item.resolved_by,
    )


def of(rows: Sequence[ItemRow], source: str) -> list[str]:
    """The ids of the items that came out of one handoff, round or audit."""
    return [row.id for row in rows if row.source == source]


def needs_mending(item: Item) -> bool:
    """Whether an item means that work had to be done again."""
    settled_otherwise = item.decision in ("dismiss", "withdrawn", "mended", "dispute")
    return item.opened.type in MENDING and item.opened.severity == "blocking" and not settled_otherwise
