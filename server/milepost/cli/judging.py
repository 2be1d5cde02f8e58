"""The user's own judgement: waive, recheck, amend, revert."""

from pathlib import Path
from typing import Annotated

import typer

from milepost.cli import amendment, screen
from milepost.cli.here import CURRENT, Folder, Here, Json, Name, done, find_to_act, give, run
from milepost.cli.panels import JUDGE
from milepost.domain.contract_format import format_contract
from milepost.domain.errors import Refused
from milepost.domain.hashes import text_hash
from milepost.domain.mission import Mission

commands = typer.Typer()


@commands.command(rich_help_panel=JUDGE)
def waive(
    assertion: Annotated[str, typer.Argument(help="Such as AUTH-003.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it need not hold; it stays visible.")],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Let an assertion go unproven. Only you can; it counts as settled and is shown as waived, with your reason.

    Example: `milepost waive AUTH-003 --reason "no mail server on this machine"`
    """
    name = assertion.upper()
    here = find_to_act(mission, repository)
    give(here, "waive_assertion", f"{name} is waived", json=json, assertion=name, reason=reason)


@commands.command(rich_help_panel=JUDGE)
def recheck(
    assertions: Annotated[list[str] | None, typer.Argument(help="Without any, all that were judged.")] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Have assertions judged again: their verdicts go stale, and the next round judges them anew.

    Example: `milepost recheck AUTH-001 AUTH-002`
    """
    names = [name.upper() for name in assertions or []]
    said = f"{', '.join(names) or 'all that was judged'} will be judged again"
    give(find_to_act(mission, repository), "recheck_assertions", said, json=json, assertions=names)


@commands.command(rich_help_panel=JUDGE)
def amend(
    file: Annotated[Path, typer.Argument(help="Markdown with assertions, as the contract has them.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the record.")] = "amended by the user",
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Add, change or remove assertions: those in the file, the others stay. `- removed: why` removes one.

    In the draft the contract is simply rewritten; afterwards it is an amendment, and what changed is judged anew.

    Example: `milepost amend more.md --reason "guests may read"`
    """
    here = find_to_act(mission, repository)
    now = here.read()
    read = amendment.read(file)
    changes = amendment.changes(now.contract, read)
    if not changes:
        raise Refused(f"{str(file)!r} says nothing that the contract does not say already")
    said = "amended: " + ", ".join(f"{change.op} {change.assertion}" for change in changes)
    if now.phase in ("draft", "proposed"):
        rewrite(here, now, format_contract(amendment.amended(now.contract, read)), said, json=json)
        return
    given = [change.model_dump() for change in changes]
    give(here, "amend_contract", said, json=json, changes=given, reason=reason)


def rewrite(here: Here, now: Mission, text: str, said: str, *, json: bool) -> None:
    """Replace the contract of a draft whole."""
    give(
        here, "write_document", said, json=json, document="contract", name="contract", text=text, hash=text_hash(text),
        base_hash=now.documents.get("contract"),
    )


def make_room(here: Here) -> None:
    """Have the runner of a paused mission leave. Raises Refused where the mission is at work."""
    if not here.running:
        return
    now = here.read()
    if not now.ended and "paused" not in now.holds:
        raise Refused(f"{now.id} is at work: `milepost pause` first, and try again when the turn at hand has ended")
    run(here.app.bystander.send_away(here.folder))


@commands.command(rich_help_panel=JUDGE)
def revert(
    feature: Annotated[str, typer.Argument(help="Such as F3.")],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Take one feature back: its commits are undone by one commit, later features stay, and it is to be built anew.

    The mission must be paused, or have ended.

    Example: `milepost pause`, then `milepost revert F3`, then `milepost resume`
    """
    here, name = find_to_act(mission, repository), feature.upper()
    make_room(here)
    commit = run(here.app.take_back(here.folder, name))
    if json:
        started = here.go_on()
        screen.show({"mission": here.folder.mission, "feature": name, "commit": commit, "started": started})
        return
    done(here, [], f"{name} was taken back by {commit[:10]}", json=False)
