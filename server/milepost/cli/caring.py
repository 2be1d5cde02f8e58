"""Care: whether machine, repository and record are as they should be; trust; and throwing away what is over."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from milepost.app import App, Finding, MissionFolder
from milepost.cli import screen
from milepost.cli.exit_codes import FAULT, NEEDS_USER
from milepost.cli.flows import tell
from milepost.cli.here import CURRENT, Folder, Json, Name, existing, find, find_to_act, run
from milepost.cli.panels import CARE
from milepost.cli.trust import Trust
from milepost.cli.words import moment
from milepost.config import Config, load
from milepost.domain.contract import Contract
from milepost.domain.errors import ConfigError, Refused
from milepost.domain.lint import lint_seats
from milepost.domain.mission import Mission
from milepost.domain.quantities import count
from milepost.seats import known_keys

commands = typer.Typer()
MARKS = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow"), "fail": ("FAIL", "bold red")}


@commands.command(rich_help_panel=CARE)
def verify(
    replay_flows: Annotated[bool, typer.Option(
        "--replay-flows", help="Instead, show again what testers showed: play every script, without a model."
    )] = False,
    at: Annotated[str | None, typer.Option(
        "--at", metavar="COMMIT", help="With --replay-flows: a commit of the mission; without it the newest."
    )] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Prove that a mission's record is whole: every event, what its commits remember of the log, every blob.

    Names the first event that was tampered with or is missing. Exit code 1 where something is wrong;
    with --replay-flows, 5 where a script does not see again what a tester showed.

    Examples: `milepost verify`, `milepost verify --replay-flows`
    """
    if replay_flows:
        acting = find_to_act(mission, repository)
        tell(run(acting.app.bystander.replay_flows(acting.folder, at)), json=json)
    here = find(mission, repository)
    proof = run(here.app.bystander.prove(here.folder))
    if json:
        screen.show(proof.model_dump() | {"sound": proof.sound})
    elif proof.sound:
        looked = [count(proof.events, "event"), count(proof.anchors, "commit"), count(proof.blobs, "blob")]
        screen.say(f"{proof.mission}: the record is whole ({', '.join(looked)})")
    else:
        for problem in proof.problems:
            screen.complain(f"{proof.mission}: {problem}")
    raise typer.Exit(0 if proof.sound else FAULT)


@commands.command(rich_help_panel=CARE)
def doctor(
    try_commands: Annotated[bool, typer.Option("--commands", help="Run a mission's commands, too.")] = False,
    repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Look at machine, settings and repository, and say what is missing and how to mend it.

    Examples: `milepost doctor`, `milepost doctor --commands`
    """
    app = App(load())
    cwd = existing(repository)
    found = [*run(app.bystander.checkup(cwd, app.config.browser)), *settings(app)]
    if try_commands:
        if not Trust(app.config.state_dir).holds(run(app.bystander.inspect(cwd))):
            raise Refused(f"{str(cwd)!r} is not trusted, so none of its commands is run: `milepost trust` first")
        found += run(rehearse(app, cwd))
    if json:
        screen.show([finding.model_dump() for finding in found])
    else:
        show(found)
    raise typer.Exit(NEEDS_USER if any(finding.state == "fail" for finding in found) else 0)


async def rehearse(app: App, cwd: Path) -> list[Finding]:
    """Try the commands of the repository's newest mission that has some, or those it seems to have."""
    for folder in await app.missions_of(cwd):
        if (found := await app.bystander.rehearse(folder)) is not None:
            return found
    return await app.bystander.rehearse_guess(cwd)


def show(found: Sequence[Finding]) -> None:
    """A line for each, and below it what to do."""
    for finding in found:
        mark, style = MARKS[finding.state]
        screen.say(f"{mark}  {finding.name}: {finding.text}", style=style if finding.state != "ok" else "")
        if finding.mend:
            screen.say(f"      → {finding.mend}")


def settings(app: App) -> list[Finding]:
    """The user's own settings, keys, seats and prices."""
    file = app.config.config_dir / "config.toml"
    there = f"{str(file)!r} is fine" if file.exists() else f"none at {str(file)!r}; the defaults hold"
    keys = [key for key in known_keys() if app.environ.get(key)]
    return [Finding(name="settings", state="ok", text=there), keys_found(keys, app.config), *seats_found(app)]


def keys_found(keys: Sequence[str], config: Config) -> Finding:
    """Keys of providers in the environment."""
    if keys or config.seats:
        return Finding(name="keys", state="ok", text=", ".join(keys) or "none, but your settings name models")
    mend = f"set one of {', '.join(known_keys())}, or seats.worker.model in your settings"
    return Finding(name="keys", state="fail", text="none is in the environment", mend=mend)


def seats_found(app: App) -> list[Finding]:
    """Who would sit where, and what is to be said about it."""
    try:
        chosen = app.config.mission_settings(app.environ)
    except ConfigError as error:
        return [Finding(name="seats", state="fail", text=str(error))]
    priced = [s.model for s in chosen.seats.values() if app.price(s) is not None]
    text = ", ".join(f"{name} {seat.model}" for name, seat in chosen.seats.items())
    found = [Finding(name="seats", state="ok", text=text)]
    for lint in lint_seats(chosen, Contract(), priced):
        said = f"{lint.code} {lint.subject}: {lint.message}"
        found.append(Finding(name="seats", state="fail" if lint.severity == "error" else "warn", text=said))
    return found


@commands.command(rich_help_panel=CARE)
def trust(
    listed: Annotated[bool, typer.Option("--list", help="Show what you trust.")] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help="Trust this one no more.")] = False,
    repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Trust a repository: its code may be read, and its tests run, by missions of yours.

    Examples: `milepost trust`, `milepost trust --list`, `milepost trust --revoke`
    """
    app = App(load())
    known = Trust(app.config.state_dir)
    if listed:
        show_trusted(known, json=json)
        return
    facts = run(app.bystander.inspect(existing(repository)))
    path = known.revoke(facts) if revoke else known.add(facts)
    if json:
        screen.show({"repository": path, "trusted": not revoke})
    else:
        screen.say(f"{path} is {'no longer ' if revoke else ''}trusted")


def show_trusted(known: Trust, *, json: bool) -> None:
    """The list."""
    rows = known.read()
    if json:
        screen.show([{"repository": path, **row} for path, row in rows.items()])
    elif not rows:
        screen.say("No repository is trusted yet; `milepost trust` trusts the one you are in.")
    else:
        screen.tabulate(("repository", "since"), [(path, moment(row["at"])) for path, row in rows.items()])


@commands.command(rich_help_panel=CARE)
def prune(
    missions: Annotated[list[str] | None, typer.Argument(
        help="Which; without any, every ended one of this repository.", metavar="[MISSION]..."
    )] = None,
    keep: Annotated[int, typer.Option("--keep", metavar="N", min=0, help="Keep the newest N of them.")] = 0,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Delete missions that have ended: log, evidence and private clone. Branches in your repository stay.

    Examples: `milepost prune --keep 3`, `milepost prune discount`
    """
    app = App(load())
    chosen = run(to_prune(app, missions or [], keep, existing(repository)))
    if not chosen:
        screen.show([]) if json else screen.say("No mission has ended; there is nothing to prune.")
        return
    if not yes:
        ask_to_prune([mission for _, mission in chosen])
    for folder, _ in chosen:
        app.bystander.remove(folder)
    if json:
        screen.show([folder.mission for folder, _ in chosen])
    else:
        screen.say(f"deleted {', '.join(folder.mission for folder, _ in chosen)}")


async def to_prune(app: App, names: Sequence[str], keep: int, cwd: Path) -> list[tuple[MissionFolder, Mission]]:
    """The ended missions to delete, newest first. Raises Refused for a named one that has not ended."""
    folders = [await app.find(name, cwd) for name in names] if names else await app.missions_of(cwd)
    found = [(folder, await app.read(folder)) for folder in folders]
    alive = [mission for _, mission in found if not mission.ended]
    if names and alive:
        raise Refused(f"{alive[0].id} is {alive[0].word}, not over; `milepost cancel -m {alive[0].id}` ends it first")
    return [(folder, mission) for folder, mission in found if mission.ended][keep:]


def ask_to_prune(missions: Sequence[Mission]) -> None:
    """Have the user say yes. Raises Refused where they do not, or nobody is there."""
    for mission in missions:
        landed = "landed" if mission.landed else f"NOT landed, its branch is {mission.branch}"
        screen.say(f"{mission.id}: {mission.phase}, {landed}, begun {moment(mission.created or time.time())}")
    if not screen.is_terminal():
        raise Refused("nobody can be asked here: say --yes to delete them")
    if not screen.confirm(f"Delete {count(len(missions), 'mission')} for good?"):
        raise Refused("nothing was deleted")


