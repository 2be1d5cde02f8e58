"""What is open and waits for somebody: listing items, and resolving one."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from milepost.cli import screen
from milepost.cli.here import CURRENT, Folder, Json, Name, find, find_to_act, give
from milepost.cli.panels import JUDGE
from milepost.cli.words import short
from milepost.domain.mission import Item

commands = typer.Typer()


class Decided(StrEnum):
    """What may be decided on an item."""

    FEATURE = "feature"
    FOLD = "fold"
    REOPEN = "reopen"
    DISMISS = "dismiss"
    DISPUTE = "dispute"
    ACCEPT = "accept"
    REJECT = "reject"
    COUNTER = "counter"
    ANSWER = "answer"
    APPROVE = "approve"
    DENY = "deny"


@commands.command(rich_help_panel=JUDGE)
def items(
    everything: Annotated[bool, typer.Option("--all", help="Resolved ones too, with what was decided.")] = False,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """List what is open: questions and approvals that wait for you, and what the orchestrator has to resolve.

    Example: `milepost items`, then `milepost answer I3 "SQLite"`
    """
    found = find(mission, repository).read()
    chosen = list(found.items.values()) if everything else found.open_items
    if json:
        screen.show([as_data(i) for i in chosen])
    elif not chosen:
        screen.say("Nothing is open.")
    else:
        screen.tabulate(("item", "type", "for", "about", "what", "decided"), [row(i) for i in chosen])


@commands.command(rich_help_panel=JUDGE)
def resolve(
    item: Annotated[str, typer.Argument(help="Such as I3.")],
    decision: Annotated[Decided, typer.Argument(help="What is to become of it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; it stays in the record.")] = "",
    feature: Annotated[str | None, typer.Option("--feature", help="What takes it on, or is reopened.")] = None,
    text: Annotated[str | None, typer.Option("--text", help="The answer, or the counter-proposal.")] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Decide on an item yourself, also on one that is the orchestrator's.

    Example: `milepost resolve I7 dismiss --reason "this page goes away next week"`
    """
    given = {"item": item.upper(), "decision": decision.value, "reason": reason, "feature": feature, "text": text}
    here = find_to_act(mission, repository)
    give(here, "resolve_item", f"{item.upper()} is resolved: {decision.value}", json=json, **given)


def as_data(item: Item) -> dict[str, Any]:
    """An item for programs."""
    said = {"decision": item.decision, "reason": item.reason, "answer": item.text, "feature": item.feature}
    return item.opened.model_dump(mode="json", exclude={"kind"}) | said


def row(item: Item) -> list[str]:
    """An item as a row of a table."""
    o = item.opened
    options = f" ({' / '.join(o.options)})" if o.options else ""
    decided = f"{item.decision}: {short(item.text or item.reason, 60)}" if item.decision else "open"
    return [o.item, o.type, "you" if o.owner == "user" else o.owner, o.about, short(o.text, 300) + options, decided]


def how_to(item: Item) -> str:
    """The command that answers an item of the user's."""
    match item.opened.type:
        case "approval" | "grant":
            return f"milepost answer {item.id} yes"
        case "stuck":
            return f'milepost answer {item.id} "what to do", or milepost resolve {item.id} dismiss --reason "once more"'
        case _:
            return f'milepost answer {item.id} "your answer"'
