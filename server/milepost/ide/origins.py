"""What each item came out of: a handoff, a round or an audit, so that it is shown beside what it holds against."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from milepost.domain import events as e
from milepost.domain.record import Record

OF_ROUNDS = frozenset({"gate", "finding", "verdict"})
OF_HANDOFFS = frozenset({"mismatch", "no_work", "gate", "undone", "issue", "proposal", "vacuous"})
VALIDATORS_OF_ROUNDS = frozenset({"tester", "reviewer", "scrutiny"})


@dataclass(frozen=True, slots=True)
class Origins:
    """The source of every item so far; `see` gives the next one."""

    found: Mapping[str, str] = field(default_factory=dict)
    """Item to `handoff:<attempt>`, `round:M1r2`, `audit:<attempt>`, or nothing."""
    round: str = ""
    audit: str = ""
    handoffs: Mapping[str, str] = field(default_factory=dict)

    def see(self, record: Record) -> "Origins":
        """The origins after one more fact."""
        match record.event:
            case e.HandoffSubmitted() as left:
                return replace(self, handoffs={**self.handoffs, left.feature: f"handoff:{record.attempt or ''}"})
            case e.RoundStarted() as begun:
                return replace(self, round=f"round:{begun.milestone}r{begun.round}")
            case e.RoundEnded():
                return replace(self, round="")
            case e.AuditSubmitted():
                return replace(self, audit=f"audit:{record.attempt or ''}")
            case e.ItemOpened() as opened:
                return replace(self, found={**self.found, opened.item: self.of(opened, record.by)})
            case _:
                return self

    def of(self, item: e.ItemOpened, by: str) -> str:
        """What a new item comes out of."""
        disputed = item.payload.get("disputes")
        if isinstance(disputed, str):
            return self.found.get(disputed, "")
        if item.type == "audit":
            return self.audit
        judged = by.partition(".")[0] in VALIDATORS_OF_ROUNDS or (by == "engine" and item.type in OF_ROUNDS)
        if self.round and judged:
            return self.round
        if by == "engine" and item.type in OF_HANDOFFS:
            return self.handoffs.get(item.about, "")
        return ""
