"""What a person saved in the mission's documents: a contract becomes an order, an answer resolves its question."""

from collections.abc import Callable, Sequence
from pathlib import Path

from milepost.domain import events as e
from milepost.domain.answering import understood
from milepost.domain.contract_edit import read_saved
from milepost.domain.contract_format import format_contract
from milepost.domain.decide import decide
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.orders import Order, ResolveItem, WriteDocument
from milepost.domain.questions_text import format_questions, parse_questions
from milepost.domain.record import Fact
from milepost.log import inbox
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.runner.logbook import Logbook
from milepost.runner.projection import (
    WRITTEN,
    contract_name,
    questions_name,
    read,
    replace_editable,
    saved_in,
)

Stamp = tuple[int, int] | None


class Saved:
    """Watches the documents that a person may edit; `take` reads what they saved, each save once."""

    def __init__(self, folder: MissionFolder, project: Callable[[Mission], None]) -> None:
        self.folder = folder
        self.project = project
        self.stamps: dict[str, Stamp] = {}

    async def take(self, log: Logbook) -> bool:
        """Read what was saved since the last look; whether there was anything."""
        mission = log.mission
        contract, questions = contract_name(mission), questions_name(mission)
        edited = self.edit_of(contract)
        if edited is not None:
            await self.take_contract(log, contract, edited)
        answered = self.edit_of(questions)
        if answered is not None:
            await self.take_answers(log, questions, answered)
        for name in (contract, questions):
            self.stamps[name] = stamp(self.folder.docs / name)
        return edited is not None or answered is not None

    def edit_of(self, name: str) -> str | None:
        """What a person saved in a document that changed since the last look."""
        now = stamp(self.folder.docs / name)
        return None if now is None or now == self.stamps.get(name) else saved_in(self.folder, name)

    async def take_contract(self, log: Logbook, name: str, text: str) -> None:
        """A draft takes it; where it was agreed, or cannot be read, the person's text stays as it is."""
        mission = log.mission
        if mission.phase not in ("draft", "proposed"):
            return
        saved = read_saved(mission.contract, read(self.folder.docs / WRITTEN / name) or "", text)
        if saved.problems:
            return
        if saved.marked:
            replace_editable(self.folder, name, saved.marked, known=format_contract(mission.contract))
            return
        if saved.text:
            sha = Blobs(self.folder.blobs).put(saved.text)
            order = WriteDocument(document="contract", name="contract", text=saved.text, hash=sha)
            await log.decide(ruled(order), by="user", order=inbox.new_id())
        replace_editable(self.folder, name, format_contract(log.mission.contract))
        self.project(log.mission)

    async def take_answers(self, log: Logbook, name: str, text: str) -> None:
        """Each answer resolves its item; one that does not fit is refused in the log, and can be given again."""
        for item, words in parse_questions(text).items():
            await log.decide(answered(item, words), by="user", order=inbox.new_id())
        replace_editable(self.folder, name, format_questions(log.mission.attention))


Rule = Callable[[Mission], Sequence[Fact]]


def ruled(order: Order) -> Rule:
    """What an order leads to; refused in the log where it leads to nothing."""

    def rule(mission: Mission) -> Sequence[Fact]:
        try:
            return decide(mission, order, by="user")
        except Refused as error:
            return [e.OrderRefused(reason=str(error))]

    return rule


def answered(name: str, words: str) -> Rule:
    """What an answer leads to: nothing where its question is no longer open."""

    def rule(mission: Mission) -> Sequence[Fact]:
        item = mission.items.get(name)
        if item is None or not item.is_open:
            return []
        try:
            given = understood(item, words)
        except Refused as error:
            return [e.OrderRefused(reason=str(error))]
        order = ResolveItem(item=name, decision=given.decision, text=given.text, reason=given.reason)
        return ruled(order)(mission)

    return rule


def stamp(path: Path) -> Stamp:
    """When a file was written, and how long it is; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
