"""The language server, for editors; and its commands and its protocol, for people and scripts."""

import json as jsons
from pathlib import Path
from typing import Annotated

import typer

from milepost.cli import screen
from milepost.cli.here import CURRENT, Folder, existing, run
from milepost.cli.panels import CARE
from milepost.config import load
from milepost.domain.errors import Refused
from milepost.lsp import schema, shell
from milepost.lsp.commands import COMMANDS

EXAMPLE = '{"mission": "shop"}'
commands = typer.Typer()
lsp = typer.Typer(invoke_without_command=True, help="Serve an editor over standard input and output.")
commands.add_typer(lsp, name="lsp", rich_help_panel=CARE)


@lsp.callback()
def serve(
    context: typer.Context,
    stdio: Annotated[bool, typer.Option("--stdio", help="The only way there is; clients may say it.")] = False,
) -> None:
    """Serve an editor over standard input and output: the mission as diagnostics, hovers, actions and progress.

    It reads logs and writes orders; it never runs a mission itself. `doctor` and the page on editors say how to set up.
    """
    if context.invoked_subcommand is None:
        raise Refused("`milepost lsp` serves an editor and takes no other options; `milepost lsp exec` gives a command")


@lsp.command("exec")
def execute(
    command: Annotated[str, typer.Argument(help="Such as approve, steer or waive.")],
    arguments: Annotated[str, typer.Argument(help="One JSON object.")] = "{}",
    repository: Folder = CURRENT,
) -> None:
    """Give a command as an editor would, and wait for what comes of it.

    Example: `milepost lsp exec steer '{"mission": "shop", "text": "keep the old URLs"}'`
    """
    try:
        given = jsons.loads(arguments)
    except ValueError as error:
        raise Refused(f"the arguments are no JSON ({error}); expected an object such as {EXAMPLE}") from error
    if not isinstance(given, dict):
        raise Refused(f"expected one JSON object, found {arguments[:60]!r}")
    answer = run(shell.execute(load().state_dir, existing(repository), command, given))
    screen.show(answer.model_dump(mode="json", by_alias=True))


@lsp.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False) -> None:
    """List the commands that an editor can give."""
    if json:
        screen.show(schema.protocol())
    else:
        screen.tabulate(("command", "does"), [[c.name, c.title] for c in COMMANDS])


@lsp.command("protocol", hidden=True)
def protocol(page: Path, types: Path) -> None:
    """Write the page and the TypeScript of our own messages."""
    page.write_text(schema.page(), encoding="utf-8")
    types.write_text(schema.typescript(), encoding="utf-8")
