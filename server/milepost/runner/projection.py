"""The documents that people read beside the log: brief, contract, plan, questions, handoffs.

Only the engine writes them; what a person saves in contract or questions is read by `saved` before it is written over.
"""

import os
from collections.abc import Callable
from pathlib import Path

from milepost.domain.contract import Contract
from milepost.domain.contract_format import format_contract
from milepost.domain.contract_text import parse
from milepost.domain.events import ScriptPlayed, VerdictsSubmitted
from milepost.domain.mission import Mission, Round
from milepost.domain.questions_text import format_questions
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.runner import pages

WRITTEN = ".written"
"""Folder of what was last written of the documents that a person may edit."""


def project(mission: Mission, folder: MissionFolder) -> None:
    """Write every document that changed; one that a person saved something in stays until that was read."""
    documents = {"brief.md": mission.brief, "plan.md": pages.plan(mission)}
    documents |= {f"handoffs/{f}.md": pages.handoff(mission, f) for f in mission.features}
    documents |= {f"milestones/{m}.md": pages.milestone(mission, m) for m in mission.milestones}
    for name, text in documents.items():
        write(folder.docs / name, text)
    lay_out_evidence(mission, folder)
    contract = format_contract(mission.contract)
    write_editable(folder, contract_name(mission), contract, lambda saved: says(saved, mission.contract))
    write_editable(folder, questions_name(mission), format_questions(mission.attention))


def lay_out_evidence(mission: Mission, folder: MissionFolder) -> None:
    """Copy what testers and scripts recorded to files that any program can open, each once."""
    for submitted in (seen for round in mission.rounds for seen in recorders(round)):
        for one in submitted.evidence:
            target = folder.docs / pages.evidence_name(submitted.attempt, one)
            if not target.exists():
                target.parent.mkdir(exist_ok=True)
                part = target.with_name(f".{target.name}")
                part.write_bytes(Blobs(folder.blobs).get(one.blob))
                part.replace(target)


def recorders(judged: Round) -> list[VerdictsSubmitted | ScriptPlayed]:
    """Whoever recorded something in a round."""
    return [*judged.flows.values(), *judged.plays.values()]


def contract_name(mission: Mission) -> str:
    """The file name of the contract."""
    return f"{mission.slug}.contract.md"


def questions_name(mission: Mission) -> str:
    """The file name of the open questions."""
    return f"{mission.slug}.questions.md"


def says(text: str, contract: Contract) -> bool:
    """Whether a text is this contract, however it is laid out."""
    found = parse(text)
    return found.contract == contract and not any(p.severity == "error" for p in found.problems)


def write_editable(
    folder: MissionFolder, name: str, text: str, known: Callable[[str], bool] = lambda saved: False
) -> None:
    """Write a document that a person may edit, unless they saved something in it that is not `known` yet."""
    saved = saved_in(folder, name)
    if saved is None or known(saved):
        replace_editable(folder, name, text)


def replace_editable(folder: MissionFolder, name: str, text: str, *, known: str | None = None) -> None:
    """Write a document that a person may edit; `known` is what a later edit is compared with, the text by default."""
    # The copy first: a crash in between shows the old text as an edit that says what the mission knows already.
    write(folder.docs / WRITTEN / name, text if known is None else known)
    write(folder.docs / name, text)


def saved_in(folder: MissionFolder, name: str) -> str | None:
    """What a person saved in a document since it was written; None where they saved nothing."""
    text = read(folder.docs / name)
    return text if text is not None and text != read(folder.docs / WRITTEN / name) else None


def read(path: Path) -> str | None:
    """A file's text; None where there is none, or where it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write(path: Path, text: str) -> None:
    """Replace a file whole, where its text is another."""
    if not text or read(path) == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
