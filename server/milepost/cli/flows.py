"""Compiled flows: exported as tests of the repository's own, and played from such a file."""

from pathlib import Path
from typing import Annotated

import typer

from milepost.app import App, Replays
from milepost.cli import screen
from milepost.cli.exit_codes import DONE, FAILED
from milepost.cli.here import CURRENT, Folder, Json, Name, existing, find, run
from milepost.cli.panels import JUDGE
from milepost.cli.trust import Trust, expect_trust
from milepost.config import load
from milepost.domain.quantities import count

commands = typer.Typer()
flows = typer.Typer(no_args_is_help=True, help="What testers showed, as scripts: export them as tests, or play one.")
commands.add_typer(flows, name="flows", rich_help_panel=JUDGE)


@flows.command()
def export(
    directory: Annotated[Path, typer.Argument(help="Where to: a folder for tests, made where there is none.")],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Write the scripts of a mission as pytest files that a person can read.

    Commands and requests need nothing but Python and pytest, pages Playwright, terminal programs Milepost.

    Example: `milepost flows export tests/flows`
    """
    here = find(mission, repository)
    written = run(here.app.bystander.export_flows(here.folder, directory))
    if json:
        screen.show({"mission": here.folder.mission, "files": [str(path) for path in written]})
        return
    for path in written:
        screen.say(str(path))
    screen.say(f"{count(len(written), 'file')}; `python -m pytest {directory}` runs them")


@flows.command()
def play(
    file: Annotated[Path, typer.Argument(help="A `.flow.json` that was exported.")],
    trust: Annotated[bool, typer.Option("--trust", help="Trust this repository: its program will be run.")] = False,
    repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Play one exported flow on the repository as it lies there, without a mission and without a model.

    Example: `milepost flows play tests/flows/menu.flow.json`
    """
    app = App(load())
    facts = run(app.bystander.inspect(existing(repository)))
    expect_trust(Trust(app.config.state_dir), facts, given=trust)
    tell(run(app.bystander.play_flow(file, facts)), json=json)


def tell(replays: Replays, *, json: bool) -> None:
    """A line for each assertion, and the exit code that says whether all held."""
    if json:
        screen.show(replays.model_dump() | {"holds": replays.holds})
    else:
        for row in replays.rows:
            mark, style = {"passed": ("✓", "green"), "failed": ("✗", "bold red")}.get(row.outcome, ("○", ""))
            said = f": move {row.move}, {row.why}" if row.move else "" if row.flow else ": no script; a tester shows it"
            screen.say(f"{mark} {row.assertion} {row.title}{said}", style=style)
        shown = [row for row in replays.rows if row.outcome != "none"]
        held = sum(row.outcome == "passed" for row in shown)
        screen.say(
            f"{held} of {len(shown)} held at {replays.commit[:10]}, in {replays.ms / 1000:.1f} s and without a model"
        )
    raise typer.Exit(DONE if replays.holds else FAILED)
