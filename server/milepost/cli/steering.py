"""Steering a mission: pause, interrupt, resume, steer, cancel, set. Each order is durable and applied once."""

import json as jsons
from typing import Annotated, Any

import typer

from milepost.cli.here import CURRENT, Folder, Json, Name, find_to_act, give
from milepost.cli.panels import STEER

commands = typer.Typer()


@commands.command(rich_help_panel=STEER)
def pause(mission: Name = None, repository: Folder = CURRENT, json: Json = False) -> None:
    """Pause at the next safe point: after the turn at hand. Nothing is lost.

    Example: `milepost pause`, and later `milepost resume`
    """
    here = find_to_act(mission, repository)
    give(here, "pause_mission", "paused after the turn at hand; `milepost resume` lets it go on", json=json)


@commands.command(rich_help_panel=STEER)
def interrupt(
    reason: Annotated[str, typer.Argument(help="Why; the orchestrator reads it.")] = "interrupted by the user",
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Stop what is being done now, its commands too, and pause.

    After `milepost resume` the orchestrator says whether the feature goes on.

    Example: `milepost interrupt "that is the wrong database"`
    """
    here = find_to_act(mission, repository)
    give(here, "interrupt_mission", "interrupted; `milepost resume` lets it go on", json=json, reason=reason)


@commands.command(rich_help_panel=STEER)
def resume(mission: Name = None, repository: Folder = CURRENT, json: Json = False) -> None:
    """Let a paused, parked or blocked mission go on, once what held it is gone.

    Example: `milepost resume`
    """
    give(find_to_act(mission, repository), "resume_mission", "goes on", json=json)


@commands.command(rich_help_panel=STEER)
def steer(
    text: Annotated[str, typer.Argument(help="What the orchestrator should know or do.")],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Tell the orchestrator something. It reads it between two attempts, also when nobody runs the mission now.

    Example: `milepost steer "keep the old URLs working"`
    """
    here = find_to_act(mission, repository)
    give(here, "steer_mission", "the orchestrator reads this before the next attempt", json=json, text=text)


@commands.command(rich_help_panel=STEER)
def cancel(
    reason: Annotated[str, typer.Argument(help="Why; it stays in the record.")] = "",
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """End a mission for good. Its branch and its record stay; `milepost land --unfinished` takes what is there.

    Example: `milepost cancel "we bought one instead"`
    """
    give(find_to_act(mission, repository), "cancel_mission", "cancelled", json=json, reason=reason)


@commands.command("set", rich_help_panel=STEER)
def set_(
    key: Annotated[str, typer.Argument(help="seat.NAME.FIELD, budget.FIELD, caps.FIELD, grant.NAME, publish.")],
    value: Annotated[str, typer.Argument(help="As JSON, or else as text.")],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Change a setting of one mission, while it runs too: another model, more money, a grant.

    Examples: `milepost set budget.dollars 20`, `milepost set seat.worker.model gpt-5.6-terra`,
    `milepost set grant.network true`
    """
    read = value_of(value)
    here = find_to_act(mission, repository)
    give(here, "change_setting", f"{key} is now {jsons.dumps(read)}", json=json, key=key, value=read)


def value_of(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return jsons.loads(text)
    except ValueError:
        return text
