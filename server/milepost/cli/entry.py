"""The whole command line: its families put together, and errors turned into a message and a code."""

import sys
from typing import Annotated

import typer
from typer.main import get_command

from milepost import __version__
from milepost.cli import (
    caring,
    crash,
    drafting,
    editor,
    finishing,
    flows,
    hidden,
    items,
    judging,
    looking,
    playing,
    screen,
    starting,
    steering,
)
from milepost.cli.exit_codes import TABLE, code_of
from milepost.domain.errors import MilepostError
from milepost.lsp.identity import identity

EPILOG = "\n\n".join([
    "**First steps**",
    "1. `milepost doctor` says whether this machine is ready.",
    "2. `milepost new \"what you want\"` asks what is unclear, and proposes.",
    "3. `milepost approve` shows contract, plan and cost; the work begins once you agree.",
    "4. `milepost run` follows it, `milepost status` looks at it, `milepost steer` tells it something.",
    "5. `milepost land` merges the result into your branch.",
    "**Exit codes**",
    "; ".join(f"{code} {text}" for code, text in TABLE.items()),
])
FAMILIES = (starting, playing, drafting, steering, items, judging, flows, finishing, looking, caring, editor, hidden)

app = typer.Typer(
    name="milepost", rich_markup_mode="markdown", no_args_is_help=True, pretty_exceptions_enable=False, epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for family in FAMILIES:
    app.add_typer(family.commands)


def version(wanted: bool) -> None:
    """Print the version and leave; with `--json`, what an editor must know before it starts the server."""
    if wanted and "--json" in sys.argv:
        typer.echo(identity())
        raise typer.Exit
    if wanted:
        typer.echo(f"milepost {__version__}")
        raise typer.Exit


@app.callback()
def milepost(
    version: Annotated[bool, typer.Option(
        "--version", callback=version, is_eager=True, help="Say which version this is."
    )] = False,
    json: Annotated[bool, typer.Option("--json", help="With --version: print JSON for programs.")] = False,
) -> None:
    """Give it a goal: it agrees with you what *done* means, builds it, and shows that it is done."""


def main() -> None:
    """Run one command; ends the process with the code that says how it went."""
    sys.excepthook = crash.hook
    try:
        # Not `app()`, which would put typer's own hook in the place of ours.
        get_command(app)(prog_name="milepost")
    except MilepostError as error:
        screen.complain(str(error))
        sys.exit(code_of(error))
