"""Looking at missions: status, why, seats."""

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from milepost.app import Account, App, MissionFolder, Origin
from milepost.cli import proposal, screen, summary
from milepost.cli.here import CURRENT, Folder, Here, Json, Name, existing, find, run
from milepost.cli.panels import LOOK
from milepost.cli.summary import Summary
from milepost.cli.words import short
from milepost.config import load
from milepost.domain.contract import Contract
from milepost.domain.lint import lint_seats
from milepost.domain.mission import Mission
from milepost.domain.quantities import money
from milepost.domain.seat import Seat, family
from milepost.domain.settings import Settings
from milepost.report.why import Answer, render, why_assertion, why_commit, why_line

commands = typer.Typer()
ASSERTION = re.compile(r"[A-Z][A-Z0-9]{1,9}-\d{3,4}$")
LINE = re.compile(r"(?P<path>.+):(?P<line>\d+)$")


@commands.command(rich_help_panel=LOOK)
def status(
    everything: Annotated[bool, typer.Option("--all", help="Every mission of yours, as a table.")] = False,
    proposed: Annotated[bool, typer.Option("--proposal", help="Show all that is proposed, whole.")] = False,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Say where a mission stands: plan, assertions, money, who is at work, what waits for you.

    Examples: `milepost status`, `milepost status --all`, `milepost status --json`
    """
    if everything:
        show_all(App(load()), json=json)
        return
    here = find(mission, repository)
    found = summary.of(here)
    if json:
        screen.show(summary.as_data_of(found))
        return
    for line in summary.page(found, time.time()):
        screen.say(line)
    if proposed:
        proposal.show(here, found.mission)


def show_all(app: App, *, json: bool) -> None:
    """Every mission in a table."""
    found = run(all_of(app))
    if json:
        screen.show([summary.as_data_of(one) for one in found])
    elif not found:
        screen.say("There is no mission yet; `milepost new GOAL` starts one.")
    else:
        columns = ("mission", "state", "settled", "spent", "waits for you", "repository")
        screen.tabulate(columns, [row(one) for one in found])


async def all_of(app: App) -> list[Summary]:
    """A summary of each mission, newest first."""
    return [await summary.summarise(app, folder) for folder in app.missions()]


def row(one: Summary) -> Sequence[str]:
    """A mission as a row."""
    mission = one.mission
    waits = ", ".join(i.id for i in mission.attention) or ("approval" if mission.phase == "proposed" else "")
    settled, cost = f"{len(mission.settled)}/{len(mission.live)}", money(one.dollars, mission.settings.budget.dollars)
    return (mission.id, one.word, settled, cost, waits, mission.repository)


@commands.command(rich_help_panel=LOOK)
def why(
    target: Annotated[str, typer.Argument(
        help="FILE:LINE, an assertion, or a commit.", metavar="FILE:LINE|ASSERTION|COMMIT"
    )],
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Tell the story of a line, an assertion or a commit: feature, attempt, handoff, verdicts and their evidence.

    Examples: `milepost why shop/price.py:12`, `milepost why AUTH-003`, `milepost why 1a2b3c4`
    """
    here = find(mission, repository)
    found = run(answer(here, target, repository))
    if json:
        screen.show(found.model_dump(mode="json"))
    else:
        screen.say(render(found))


async def answer(here: Here, target: str, cwd: Path) -> Answer:
    """The chain behind what was asked about. Raises Refused where nothing of that name is known."""
    mission, records = await here.app.bystander.look(here.folder)
    if ASSERTION.match(target.upper()):
        return why_assertion(mission, records, target.upper())
    if asked := LINE.match(target):
        path, line = inside(asked["path"], mission, cwd), int(asked["line"])
        origin = await here.app.bystander.origin(here.folder, mission.head, path, line)
        if mission.id not in origin.trailers.get("Mission", []):
            return older(target, origin)
        return why_line(mission, records, path, line, origin.commit, origin.trailers)
    origin = await here.app.bystander.origin(here.folder, mission.head, target)
    return why_commit(mission, records, origin.commit, origin.trailers)


def older(target: str, origin: Origin) -> Answer:
    """The answer about a line that was there before the mission."""
    wrote = f"commit {origin.commit[:12]} {origin.subject!r} wrote {origin.text.strip()!r}"
    note = f"It was there before the mission: {wrote}."
    return Answer(about=target, note=note, assertions=[], features=[], items=[], dollars=0)


def inside(path: str, mission: Mission, cwd: Path) -> str:
    """A file's path as the repository has it."""
    whole, top = (cwd / path).resolve(), Path(mission.repository).resolve()
    return whole.relative_to(top).as_posix() if whole.is_relative_to(top) else path


@commands.command(rich_help_panel=LOOK)
def seats(mission: Name = None, repository: Folder = CURRENT, json: Json = False) -> None:
    """Show who sits where: model, effort, price, family; and what each spent, where a mission is named.

    Examples: `milepost seats`, `milepost seats -m discount`
    """
    if mission is None:
        app = App(load())
        existing(repository)
        show_seats(app, app.config.mission_settings(app.environ), [], json=json)
        return
    here = find(mission, repository)
    show_seats(here.app, here.read().settings, run(accounts(here.app, here.folder)), json=json)


async def accounts(app: App, folder: MissionFolder) -> list[Account]:
    """What each seat spent on each model."""
    async with await app.bystander.views(folder) as views:
        return await views.accounts()


def show_seats(app: App, settings: Settings, spent: list[Account], *, json: bool) -> None:
    """The table, and what is to be said about it."""
    priced = [s.model for s in settings.seats.values() if app.price(s) is not None]
    lints = lint_seats(settings, Contract(), priced)
    warnings = [f"{i.code} {i.subject}: {i.message}" for i in lints]
    rows = [seat_data(app, name, seat, spent) for name, seat in settings.seats.items()]
    if json:
        screen.show({"seats": rows, "warnings": warnings})
        return
    columns = ("seat", "model", "effort", "family", "$ per million in / cached / out", "spent", "turns")
    screen.tabulate(columns, [seat_row(data) for data in rows])
    for warning in warnings:
        screen.warn(warning)


def seat_data(app: App, name: str, seat: Seat, spent: list[Account]) -> dict[str, Any]:
    """A seat for programs."""
    price, mine = app.price(seat), [a.spent for a in spent if a.seat == name]
    return {
        "seat": name, "model": seat.model, "fallbacks": seat.fallbacks, "effort": seat.effort, "family": family(seat),
        "price": price.model_dump() if price else None, "spent": round(sum(s.dollars for s in mine), 6),
        "turns": sum(s.turns for s in mine), "api_base": seat.api_base,
        "models": {m: round(sum(a.spent.dollars for a in spent if (a.seat, a.model) == (name, m)), 6)
                   for m in sorted({a.model for a in spent if a.seat == name and a.model})},
    }


def seat_row(data: dict[str, Any]) -> list[str]:
    """A seat as a row of the table."""
    price = data["price"]
    cost = " / ".join(f"{price[k]:g}" for k in ("fresh", "cached", "out")) if price else "unknown"
    model = short(", then ".join([data["model"], *data["fallbacks"]]), 80)
    return [data["seat"], model, data["effort"] or "", data["family"], cost, money(data["spent"]), str(data["turns"])]
