"""The draft: answering what the orchestrator asks, having it propose, and approving what it proposes."""

import re
from typing import Annotated

import typer

from milepost.cli import proposal, screen
from milepost.cli.here import CURRENT, Folder, Here, Json, Name, done, find_to_act, give
from milepost.cli.items import how_to
from milepost.cli.panels import FOLLOW
from milepost.cli.questions import ask
from milepost.domain.answering import Answer, understood
from milepost.domain.errors import Refused
from milepost.domain.mission import Item, Mission

commands = typer.Typer()
ITEM = re.compile(r"[Ii]\d+$")


@commands.command(rich_help_panel=FOLLOW)
def answer(
    item: Annotated[str | None, typer.Argument(help="Such as I3; needless where one question is open.")] = None,
    text: Annotated[str | None, typer.Argument(help="The answer: words, the number of an option, yes or no.")] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Answer a question, or approve what waits for your yes. Without arguments, asks you one after the other.

    Examples: `milepost answer`, `milepost answer I3 2`, `milepost answer "SQLite, one file"`
    """
    here = find_to_act(mission, repository)
    waiting = here.read().attention
    if item is None:
        answer_all(here, waiting, json=json)
        return
    name, words = (item.upper(), text) if ITEM.match(item) else (None, " ".join(w for w in (item, text) if w))
    found = named(waiting, name, here.read())
    if words is None:
        given = ask(found) if screen.is_terminal() else None
        if given is None:
            raise Refused(f"{found.id} needs an answer in words: {how_to(found)}")
    else:
        given = understood(found, words)
    tell(here, found, given, json=json)


def named(waiting: list[Item], name: str | None, mission: Mission) -> Item:
    """The item that is meant. Raises Refused where none is open, or several are."""
    if name is None and len(waiting) == 1:
        return waiting[0]
    listed = ", ".join(i.id for i in waiting) or "nothing"
    if name is None:
        raise Refused(f"say which item you answer; waiting for you: {listed}")
    item = mission.items.get(name)
    if item is None:
        raise Refused(f"there is no item {name!r}; waiting for you: {listed}")
    return item


def answer_all(here: Here, waiting: list[Item], *, json: bool) -> None:
    """Go through what waits, at a terminal. Raises Refused elsewhere."""
    if not waiting:
        raise Refused(f"{here.folder.mission} asks nothing now; `milepost status` says where it stands")
    if not screen.is_terminal():
        listed = "\n".join(f"{i.id} {i.opened.text}\n  {how_to(i)}" for i in waiting)
        raise Refused(f"nobody can be asked here; waiting for an answer:\n{listed}")
    for item in waiting:
        if (given := ask(item)) is not None:
            tell(here, item, given, json=json)


def tell(here: Here, item: Item, given: Answer, *, json: bool) -> None:
    """Give the answer."""
    give(
        here, "resolve_item", f"{item.id}: {given.text or given.decision}", json=json, item=item.id,
        decision=given.decision, text=given.text, reason=given.reason,
    )


@commands.command(rich_help_panel=FOLLOW)
def propose(mission: Name = None, repository: Folder = CURRENT, json: Json = False) -> None:
    """Have the orchestrator stop asking: it decides what is open itself and proposes now.

    Example: `milepost propose`
    """
    here = find_to_act(mission, repository)
    give(here, "request_proposal", "the orchestrator decides what is open itself, and proposes", json=json)


@commands.command(rich_help_panel=FOLLOW)
def approve(
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; approve what stands there now.")] = False,
    comment: Annotated[str | None, typer.Option(
        "--return", metavar="COMMENT", help="Do not approve; say what to change."
    )] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Show what is proposed (brief, contract, plan, estimate, warnings) and approve it; the work then begins.

    Examples: `milepost approve`, `milepost approve --yes`, `milepost approve --return "no new dependencies"`
    """
    here = find_to_act(mission, repository)
    found = here.read()
    if comment is not None:
        give(here, "return_mission", "returned to the orchestrator", json=json, comment=comment)
        return
    if found.phase == "proposed" and not yes:
        if not screen.is_terminal():
            raise Refused("nobody is asked here: `milepost status --proposal` shows it, then `milepost approve --yes`")
        proposal.show(here, found)
        if not screen.confirm("Approve?"):
            screen.say("Nothing was approved. `milepost approve --return COMMENT` says what to change.")
            return
    records = here.send("approve_mission", seen=found.documents)
    done(here, records, "approved; the work begins", json=json)
