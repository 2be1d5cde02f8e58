"""Starting: a new mission, or a runner for one that is there."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer

from milepost.app import App, RepositoryFacts, slug_of
from milepost.cli import answers, screen
from milepost.cli.amendment import text_of
from milepost.cli.following import Proxy, follow
from milepost.cli.here import CURRENT, Folder, Here, Json, Name, existing, find, run
from milepost.cli.panels import FOLLOW, START
from milepost.cli.trust import Trust, expect_trust
from milepost.config import load
from milepost.domain.errors import Refused, WorkspaceError
from milepost.domain.quantities import count
from milepost.domain.seat import SEATS

commands = typer.Typer()
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*$")
Trusted = Annotated[bool, typer.Option("--trust", help="Trust this repository: its tests will be run.")]
Detach = Annotated[bool, typer.Option("--detach", help="Start it, and return at once.")]
GoalFile = Annotated[Path | None, typer.Option("--goal", "-F", metavar="FILE", help="Read the goal from a file.")]
InPlace = Annotated[bool, typer.Option("--in-place", help="Work in the open folder itself, as it is now.")]
NoSandbox = Annotated[bool, typer.Option("--no-sandbox", help="No walls: its commands may touch whatever you may.")]
AnswersFile = Annotated[Path | None, typer.Option(
    "--answers", metavar="FILE", help="Answers in advance: `## topic`, then text; `## *` for all others."
)]
Approve = Annotated[bool, typer.Option("--approve-as-proposed", help="Approve whatever is proposed.")]
Unattended = Annotated[bool, typer.Option("--unattended", help="Nobody is there: what cannot go on fails.")]
Budget = Annotated[float | None, typer.Option("--budget", metavar="DOLLARS", min=0, help="Never spend more than that.")]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="One model for every seat.")]
SeatModel = Annotated[list[str] | None, typer.Option(
    "--seat", metavar="SEAT=MODEL", help="A model for one seat; may be repeated."
)]
ApiBase = Annotated[str | None, typer.Option("--api-base", metavar="URL", help="Where those models answer.")]
NewName = Annotated[str | None, typer.Option("--mission", "-m", metavar="NAME", help="What to call it.")]


@commands.command(rich_help_panel=START)
def new(
    goal: Annotated[str | None, typer.Argument(help="What you want, in your own words.")] = None,
    file: GoalFile = None, in_place: InPlace = False, no_sandbox: NoSandbox = False, answers_file: AnswersFile = None,
    approve: Approve = False, unattended: Unattended = False, budget: Budget = None, trust: Trusted = False,
    model: Model = None, seat: SeatModel = None, api_base: ApiBase = None, detach: Detach = False,
    mission: NewName = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Start a mission: it asks what is unclear, proposes what *done* means, and works once you approve.

    Nothing of yours changes until you land it; it works on a private clone, in a folder of its own.

    Examples: `milepost new "Add guest accounts"`, `milepost new -F goal.md --budget 20`,
    `milepost new -F goal.md --answers answers.md --approve-as-proposed --unattended --trust`
    """
    if detach and (answers_file or approve):
        raise Refused("--answers and --approve-as-proposed need somebody who follows: leave --detach out")
    proxy = Proxy(answers.read(answers_file) if answers_file else None, approve, unattended)
    words, name = goal_of(goal, file), name_of(mission)
    given = {"unattended": True} if unattended and answers_file is None else {}
    app = App(load(flags(budget, model, seat or [], api_base) | given))
    folder = existing(repository)
    facts = run(app.bystander.inspect(folder))
    expect_trust(Trust(app.config.state_dir), facts, given=trust)
    if not no_sandbox and (problem := app.bystander.sandbox_problem()):
        raise WorkspaceError(problem)
    settings = app.config.mission_settings(app.environ, sandbox=not no_sandbox)
    made = run(app.create(words, folder, settings, mode="in_place" if in_place else "worktree", slug=name))
    tell_of_dirt(facts, in_place)
    begin(Here(app, made), proxy, detach=detach, json=json)


def goal_of(goal: str | None, file: Path | None) -> str:
    """The goal's words. Raises Refused where there are none, or two."""
    if goal is not None and file is not None:
        raise Refused("the goal is given twice: once in words and once as a file; leave one out")
    text = text_of(file) if file is not None else goal
    if text is None and screen.is_terminal():
        text = screen.read_line("What shall be built? ")
    if not (text or "").strip():
        raise Refused(f"the goal {'in ' + repr(str(file)) + ' ' if file else ''}is empty; say in words what you want")
    return str(text).strip()


def name_of(name: str | None) -> str | None:
    """The name of the mission, as a branch can have it. Raises Refused for one that no branch can have."""
    if name is not None and not SLUG.match(name):
        raise Refused(f"{name!r} cannot name a mission; expected letters, digits and dashes, such as {slug_of(name)!r}")
    return name


def flags(budget: float | None, model: str | None, seats: list[str], api_base: str | None) -> dict[str, Any]:
    """What the command line says over the user's own settings. Raises Refused for what does not fit."""
    chosen = dict.fromkeys(SEATS, model) if model else {}
    for text in seats:
        name, equals, its_model = text.partition("=")
        if name not in SEATS or not equals or not its_model:
            raise Refused(f"--seat {text!r}: expected SEAT=MODEL with one of {', '.join(SEATS)}")
        chosen[name] = its_model
    if api_base and not chosen:
        raise Refused("--api-base says where models answer: name them with --model or --seat")
    base = {"api_base": api_base} if api_base else {}
    rows = {name: {"model": its_model, **base} for name, its_model in chosen.items()}
    return {"seats": rows or None, "budget": {"dollars": budget} if budget is not None else None}


def tell_of_dirt(facts: RepositoryFacts, in_place: bool) -> None:
    """Warn of what is not committed: it is not part of the mission."""
    if facts.dirty and not in_place:
        listed = ", ".join(facts.dirty[:5]) + (" …" if len(facts.dirty) > 5 else "")
        screen.warn(
            f"{count(len(facts.dirty), 'path')} not committed ({listed}): not part of the mission, which starts from "
            "the last commit. Your files stay as they are"
        )


def begin(here: Here, proxy: Proxy, *, detach: bool, json: bool, joins: bool = False) -> None:
    """Start a runner, and follow it unless the user wants to go."""
    here.app.launch(here.folder)
    name = here.folder.mission
    if not detach:
        raise typer.Exit(follow(here, json=json, proxy=proxy, joins=joins))
    run(here.app.launched(here.folder))
    if json:
        screen.show({"mission": name, "folder": str(here.folder.root)})
    else:
        follows, looks = f"`milepost run -m {name}` follows it", f"`milepost status -m {name}` looks at it"
        screen.say(f"{name} is on its way: {follows}, {looks}")


@commands.command("run", rich_help_panel=FOLLOW)
def run_(
    trust: Trusted = False, detach: Detach = False,
    approve: Approve = False, answers_file: AnswersFile = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Carry a mission on, and follow it until it needs you or has ended. Ctrl-C leaves it running.

    Example: `milepost run`; the exit code says how it stands (0 completed, 3 needs you, 5 failed)
    """
    here = find(mission, repository)
    facts = run(here.app.bystander.inspect(existing(Path(here.read().repository))))
    expect_trust(Trust(here.app.config.state_dir), facts, given=trust)
    proxy = Proxy(answers.read(answers_file) if answers_file else None, approve)
    now = here.read()
    if not now.ended:
        begin(here, proxy, detach=detach, json=json, joins=True)
    else:
        raise typer.Exit(follow(here, json=json, joins=True))
