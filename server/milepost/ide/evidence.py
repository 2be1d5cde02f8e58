"""What a verdict points at, with titles, and where a copy to read lies."""

from dataclasses import dataclass

from milepost.domain.events import VerdictGiven
from milepost.domain.receipt import Receipt
from milepost.ide.snapshot import Snapshot, evidence_path


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence."""

    id: str
    """`<attempt>/E3`; of a check's receipt, the hash of its output."""
    kind: str
    title: str
    blob: str
    path: str
    """Of a copy to read; empty for a check's receipt, which is kept in the log only."""


def pieces(given: VerdictGiven, snapshot: Snapshot) -> list[Piece]:
    """What a verdict points at."""
    return [piece(name, given, snapshot) for name in given.evidence]


def piece(name: str, given: VerdictGiven, snapshot: Snapshot) -> Piece:
    """One piece of it: a tester's by its id, a check's receipt by the hash of its output."""
    seen = snapshot.story.evidence.get(name)
    if seen is None:
        return Piece(name, "receipt", check_title(given, snapshot), name, "")
    attempt, _, number = name.partition("/")
    path = evidence_path(snapshot.paths, attempt, number, seen.kind)
    return Piece(name, seen.kind, seen.title, seen.blob, path)


def check_title(given: VerdictGiven, snapshot: Snapshot) -> str:
    """The command of a verdict's check and how it ended."""
    receipt = check_receipt(given, snapshot)
    if receipt is None:
        return ""
    ended = "did not end" if receipt.exit_code is None else f"exit {receipt.exit_code}"
    return f"{receipt.command} → {ended}"


def check_receipt(given: VerdictGiven, snapshot: Snapshot) -> Receipt | None:
    """What the engine saw of an assertion's check in the round that gave a verdict."""
    judged = snapshot.rounds.get((given.milestone or "", given.round or 0))
    gate = judged.gates.get(f"check:{given.assertion}") if judged else None
    return gate.receipt if gate else None
