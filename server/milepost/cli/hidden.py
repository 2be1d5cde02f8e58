"""Commands that only our own processes start: the keeper, the runner, the clerk."""

import asyncio
import signal
from pathlib import Path
from typing import Annotated

import typer

from milepost.app import App, MissionFolder
from milepost.cli.here import Here, run
from milepost.config import load

commands = typer.Typer()
Root = Annotated[Path, typer.Argument(help="The mission's folder.")]


@commands.command("_keep", hidden=True)
def keep(folder: Root) -> None:
    """Keep a runner alive until the mission has ended; hold it where that leads nowhere."""
    raise typer.Exit(run(App(load()).keep(MissionFolder(folder))))


@commands.command("_run", hidden=True)
def run_here(folder: Root) -> None:
    """Carry a mission in this process; a polite signal lets it leave at a safe point."""
    app, mission = App(load()), MissionFolder(folder)
    if app.is_running(mission):
        typer.echo(f"another runner carries {mission.mission}")
        return
    run(carry(app, mission))


async def carry(app: App, mission: MissionFolder) -> None:
    """Run until the mission ended, or somebody stops us."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await app.carry(mission, stop=stop)


@commands.command("_clerk", hidden=True)
def clerk(
    folder: Root, go_on: Annotated[bool, typer.Option("--go-on", help="Let a runner carry on what can go on.")] = False,
) -> None:
    """Decide on the orders that wait, and leave."""
    app, mission = App(load()), MissionFolder(folder)
    run(app.clerk(mission))
    if go_on:
        Here(app, mission).go_on()
