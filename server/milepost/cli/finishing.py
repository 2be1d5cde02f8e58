"""Finishing: publish the branch, land it, and tell what was done."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from milepost.app import LandPlan, MissionFolder
from milepost.cli import screen
from milepost.cli.here import CURRENT, Folder, Here, Json, Name, find, find_to_act, run
from milepost.cli.judging import make_room
from milepost.cli.panels import FINISH, LOOK
from milepost.domain.errors import Refused
from milepost.domain.quantities import count
from milepost.report import html
from milepost.report.data import collect
from milepost.report.markdown import render

commands = typer.Typer()


@commands.command(rich_help_panel=FINISH)
def publish(mission: Name = None, repository: Folder = CURRENT, json: Json = False) -> None:
    """Lay the mission's branch into your repository as it is now: that ref and nothing else.

    Example: `milepost publish`, then `git log milepost/NAME`
    """
    here = find_to_act(mission, repository)
    done = run(here.app.bystander.publish(here.folder))
    if json:
        screen.show({"mission": done.id, "branch": done.branch, "commit": done.head})
    else:
        screen.say(f"{done.branch} is at {done.head[:10]}; `git diff {done.base[:10]}..{done.branch}` shows the work")


@commands.command(rich_help_panel=FINISH)
def land(
    push: Annotated[str | None, typer.Option(
        "--push", metavar="REMOTE", help="Do not merge; push the branch there and word a pull request."
    )] = None,
    unfinished: Annotated[bool, typer.Option("--unfinished", help="Also one that failed or was cancelled.")] = False,
    no_gates: Annotated[bool, typer.Option("--no-gates", help="Do not judge the merged tree first.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Merge the mission into the branch you are on, if the merged tree passes its gates and checks.

    Uncommitted changes of yours that are not in the way stay byte for byte; those in the way refuse it.

    Examples: `milepost land`, `milepost land --push origin`
    """
    here = find_to_act(mission, repository)
    if push is not None:
        make_room(here)
        text = run(here.app.push(here.folder, push, unfinished=unfinished))
        said = {"mission": here.folder.mission, "pushed": push, "pull_request": text}
        screen.show(said) if json else screen.say(text)
        return
    plan = run(here.app.bystander.plan_landing(here.folder, unfinished=unfinished))
    if not json:
        show_plan(plan)
        if not yes and screen.is_terminal() and not screen.confirm("Land it?"):
            raise Refused("nothing was landed")
    merge(here, unfinished=unfinished, gates=not no_gates, json=json)


def show_plan(plan: LandPlan) -> None:
    """Say what landing would do."""
    how = "moves forward" if plan.fast_forward else "gets a merge"
    screen.say(f"{plan.branch} {how} to {plan.commit[:10]}, {count(len(plan.paths), 'path')}:")
    for path in plan.paths[:20]:
        screen.say(f"  {path}")
    if len(plan.paths) > 20:
        screen.say(f"  … and {len(plan.paths) - 20} more")


def merge(here: Here, *, unfinished: bool, gates: bool, json: bool) -> None:
    """Judge the merged tree and move the branch."""
    make_room(here)
    if gates and not json:
        screen.say("Judging the merged tree …")
    plan = run(here.app.land(here.folder, unfinished=unfinished, gates=gates))
    if json:
        screen.show({"mission": here.folder.mission, "branch": plan.branch, "commit": plan.commit, "paths": plan.paths})
    else:
        screen.say(f"Landed: {plan.branch} is at {plan.commit[:10]}.")


class Format(StrEnum):
    """What a report is written in."""

    MD = "md"
    HTML = "html"
    JSON = "json"


@commands.command(rich_help_panel=LOOK)
def report(
    form: Annotated[Format, typer.Option("--format", help="For people, or for programs.")] = Format.MD,
    output: Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there.")] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Tell a whole mission: contract and verdicts, features and handoffs, rounds, items, money, what was waived.

    As HTML it is one page with the pictures and records of testers, and what they did step by step.

    Examples: `milepost report -o mission.md`, `milepost report --format html -o mission.html`
    """
    here = find(mission, repository)
    text = run(written(here.folder, Format.JSON if json else form))
    if output is None:
        typer.echo(text)
        return
    try:
        output.write_text(text if text.endswith("\n") else f"{text}\n", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{str(output)!r} cannot be written: {error}") from error
    screen.say(f"wrote {output}")


async def written(folder: MissionFolder, form: Format) -> str:
    """The report as text."""
    found = await collect(folder)
    if form is Format.JSON:
        return found.model_dump_json(indent=2)
    return html.page(found, folder) if form is Format.HTML else render(found)
