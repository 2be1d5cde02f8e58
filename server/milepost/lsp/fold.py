"""Everything a snapshot is made of, taken in record by record."""

from dataclasses import dataclass, field

from milepost.domain.budget import Spent
from milepost.domain.evolve import evolve
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.domain.turns import NudgeGiven, ToolEnded, ToolStarted, TurnEnded, TurnFailed, TurnStarted
from milepost.ide.snapshot import Account, Doing
from milepost.ide.story import History


@dataclass(slots=True)
class Fold:
    """A mission with its story, money and activity, up to one event."""

    seq: int = 0
    mission: Mission | None = None
    story: History = field(default_factory=History)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    """By attempt and model."""
    activity: dict[str, Doing] = field(default_factory=dict)
    """By open attempt."""
    written: int = 0
    """Number of the last event that wrote a document."""

    def see(self, record: Record) -> None:
        """Take in one more record."""
        event, attempt = record.event, record.attempt or ""
        self.seq = max(self.seq, record.seq)
        match event:
            case TurnStarted():
                self.activity[attempt] = Doing(attempt, record.at, "", event.n)
            case ToolStarted():
                self.activity[attempt] = Doing(attempt, record.at, event.name, event.n)
            case TurnEnded():
                usage = event.usage
                self.spend(attempt, event.model, Spent(
                    dollars=event.cost, fresh=usage.fresh, cached=usage.cached, out=usage.out, turns=1
                ))
            case TurnFailed():
                self.spend(attempt, "", Spent(dollars=event.cost))
            case ToolEnded() | NudgeGiven():
                pass
            case _:
                self.mission = evolve(self.mission, record)
                self.story = self.story.see(record, self.mission)
                if event.kind == "attempt_ended":
                    self.activity.pop(event.attempt, None)
                elif event.kind == "document_written":
                    self.written = record.seq

    def spend(self, attempt: str, model: str, spent: Spent) -> None:
        """Put what a call cost to its attempt and model."""
        known = self.accounts.get((attempt, model))
        self.accounts[attempt, model] = Account(attempt, model, known.spent.plus(spent) if known else spent)

    @property
    def dollars(self) -> float:
        """Spent so far."""
        return sum(account.spent.dollars for account in self.accounts.values())
