"""Where commands print: text and tables for people, JSON for programs, complaints on the other stream."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from milepost.cli.words import clean

WIDE = 200
"""Columns where nobody looks: tables in files and pipes are not cut."""


def console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal, or wide enough for a pipe."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else WIDE)


def say(text: str = "", style: str = "") -> None:
    """Print text for a person; nothing in it is read as markup."""
    console().print(Text(clean(text), style=style), soft_wrap=True)


def warn(text: str) -> None:
    """Print a warning on standard error."""
    console(stderr=True).print(Text(clean(text), style="yellow"), soft_wrap=True)


def complain(text: str) -> None:
    """Print an error on standard error."""
    console(stderr=True).print(Text.assemble(("milepost: ", "bold red"), clean(text)), soft_wrap=True)


def show(data: Any) -> None:
    """Print data as JSON."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False))


def show_line(data: Any) -> None:
    """Print data as one line of JSON."""
    typer.echo(json.dumps(data, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Table:
    """A table without lines down its sides."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(clean(cell)) for cell in row))
    return made


def tabulate(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table."""
    console().print(table(columns, rows))


def is_terminal() -> bool:
    """Whether a person sits there: both what we print and what we read is a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def read_line(prompt: str) -> str | None:
    """What the person types; None where they close the input."""
    try:
        return input(prompt).strip()
    except EOFError:
        return None


def confirm(question: str) -> bool:
    """Ask yes or no; anything but yes is no."""
    return (read_line(f"{clean(question)} [y/N] ") or "").lower() in ("y", "yes")
