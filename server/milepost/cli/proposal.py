"""What is proposed, shown whole before anyone approves it; and the contract opened in the user's editor."""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from milepost.cli import screen
from milepost.cli.here import Here
from milepost.domain.contract import Contract
from milepost.domain.contract_format import format_contract
from milepost.domain.errors import Refused
from milepost.domain.hashes import text_hash
from milepost.domain.mission import Mission
from milepost.domain.quantities import count
from milepost.domain.seat import family


def show(here: Here, mission: Mission) -> None:
    """Print it all."""
    for title, text in parts(here, mission):
        if text.strip():
            screen.say()
            screen.say(title, style="bold")
            screen.say(text.rstrip())


def parts(here: Here, mission: Mission) -> Iterator[tuple[str, str]]:
    """Heading and text, in the order in which a person decides."""
    yield "Summary", mission.summary
    yield "Brief", mission.brief
    yield "Contract", contract(mission.contract)
    yield "Plan", plan(mission)
    yield "Seats", "\n".join(f"- {n}: {s.model} ({family(s)})" for n, s in mission.settings.seats.items())
    yield "Estimate", estimate(mission.estimate)
    yield "Warnings", "\n".join(f"- {w}" for w in mission.warnings)
    yield "Documents", f"{here.folder.docs}"


def contract(agreed: Contract) -> str:
    """The contract as it is written."""
    return format_contract(agreed)


def plan(mission: Mission) -> str:
    """Milestones with their features and what each owns."""
    if mission.plan is None:
        return ""
    lines = []
    for milestone in mission.plan.milestones:
        lines.append(f"{milestone.id} {milestone.title}: {milestone.outcome}")
        for feature in mission.plan.features:
            if feature.milestone == milestone.id:
                lines.append(f"  {feature.id} {feature.title} ({', '.join([*feature.fulfills, *feature.fixes])})")
    return "\n".join(lines)


def estimate(found: Mapping[str, float]) -> str:
    """What it may take, as a range."""
    if not found:
        return ""
    attempts = count(int(found.get("attempts", 0)), "attempt")
    dollars = f"${found.get('dollars_low', 0):.2f} to ${found.get('dollars_high', 0):.2f}"
    return f"{attempts}, {dollars}, {found.get('hours_low', 0):g} to {found.get('hours_high', 0):g} hours"


def edit(here: Here, mission: Mission, environ: Mapping[str, str] = os.environ) -> bool:
    """Open the contract in the user's editor; whether a changed one was written back.

    Raises Refused where there is no editor, or the text does not parse; the text is then kept.
    """
    editor = environ.get("VISUAL") or environ.get("EDITOR")
    if not editor:
        raise Refused("no editor is set: set $EDITOR, or use `milepost amend FILE`")
    before = format_contract(mission.contract)
    ending = f"-{mission.slug}.contract.md"
    with tempfile.NamedTemporaryFile("w", suffix=ending, delete=False, encoding="utf-8") as file:
        file.write(before)
    path = Path(file.name)
    subprocess.run([*shlex.split(editor), str(path)], check=False)
    text = path.read_text(encoding="utf-8")
    if text != before:
        write_back(here, mission, text, path)
    path.unlink()
    return text != before


def write_back(here: Here, mission: Mission, text: str, path: Path) -> None:
    """Give the edited contract back. Raises Refused, which names the file that keeps it."""
    try:
        here.send(
            "write_document", document="contract", name="contract", text=text, hash=text_hash(text),
            base_hash=mission.documents.get("contract"),
        )
    except Refused as error:
        kept = f"Your text is kept in {str(path)!r}; mend it there and `milepost amend {path}`"
        raise Refused(f"{error}\n{kept}") from error
