"""Playing recordings: the demonstration, and any mission once more."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any

import typer

from milepost.app import App, MissionFolder
from milepost.cli import screen, summary
from milepost.cli.faces import Face, LineFace, LiveFace
from milepost.cli.here import CURRENT, Folder, Json, Name, existing, find, run
from milepost.cli.lines import line_of
from milepost.cli.panels import CARE, START
from milepost.cli.summary import Summary
from milepost.cli.trust import Trust
from milepost.config import load
from milepost.demo import Demo, free_folder, serving
from milepost.domain.contract_format import format_contract
from milepost.domain.mission import Mission
from milepost.domain.quantities import length
from milepost.domain.record import Record
from milepost.recording import Recording
from milepost.replay import Played, base_repository, play, recording_of
from milepost.report.data import collect
from milepost.report.markdown import render

commands = typer.Typer()
DIFFERENT = 5
"""Exit code where a replay came to something else."""
Target = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="Where the new repository goes.")]
Steps = Annotated[bool, typer.Option("--step", help="Wait for Enter after each thing that happens.")]


class StepFace(LineFace):
    """Plain lines, one at a time: everything waits while a person reads."""

    def update(self, now: Summary, records: Sequence[Record]) -> None:
        """Print what is new, and wait after each line."""
        for record in records:
            if line := line_of(record, now.mission):
                screen.say(line)
                screen.read_line("  Enter goes on ")


@commands.command(rich_help_panel=START)
def demo(step: Steps = False, directory: Target = None) -> None:
    """Watch a whole recorded mission, without a key, a model or a network.

    Only the models' words and the user's are recorded: repository, commits, tests, servers and requests are real.

    Example: `milepost demo`, then `milepost report -C milepost-demo`
    """
    shipped = Demo.shipped()
    target = (directory or free_folder(Path.cwd())).absolute()
    app = App(load())
    repository = shipped.lay_out(target)
    facts = run(app.bystander.inspect(repository))
    Trust(app.config.state_dir).add(facts)
    walls = app.bystander.sandbox_problem() is None
    if not walls:
        screen.say("There is no bubblewrap here: the demonstration, whose commands are pinned, runs without walls.")
    screen.say(f"The goal:\n\n{shipped.recording.goal}\n", style="bold")
    face = StepFace() if step else LiveFace() if screen.is_terminal() else LineFace()
    began = time.monotonic()
    played = run(followed(app, face, lambda created: play(
        app, shipped.recording, shipped.cassette, repository, sandbox=walls, created=created
    )))
    tell(app, played, repository, time.monotonic() - began)


Begin = Callable[[Callable[[MissionFolder], None]], Coroutine[Any, Any, Played]]


async def followed(app: App, face: Face, begin: Begin) -> Played:
    """Play, and show it as it happens."""
    made: asyncio.Future[MissionFolder] = asyncio.get_running_loop().create_future()
    playing = asyncio.create_task(begin(made.set_result))
    playing.add_done_callback(lambda _: made.done() or made.cancel())
    await asyncio.wait([made])
    if made.cancelled():
        return await playing
    with face.watching():
        await show(app, made.result(), face, playing)
    return await playing


async def show(app: App, folder: MissionFolder, face: Face, playing: asyncio.Task[Played]) -> None:
    """Show what happens until the playing is over, its last events included."""
    seen = 0
    async with await app.bystander.views(folder) as views, aclosing(app.follow(folder)) as looks:
        async for log in looks:
            over = playing.done()
            records = await log.events.records(seen)
            seen = records[-1].seq if records else seen
            assert log.mission is not None
            dollars, activity = await summary.dollars_of(views), await views.activity()
            face.update(Summary(folder, log.mission, not over, dollars, activity), records)
            if over:
                return


def tell(app: App, played: Played, repository: Path, seconds: float) -> None:
    """What came of it, and where to look."""
    mission = played.mission
    where = f"-C {repository}"
    report = played.folder.docs / "report.md"
    report.write_text(render(run(collect(played.folder))))
    failed = [r for r in mission.rounds if r.outcome == "failed"]
    screen.say()
    passed = f"{len(mission.settled)} of {len(mission.live)} assertions passed"
    screen.say(f"{mission.word} in {length(seconds)}: {passed}.", "bold")
    for round in failed:
        screen.say(f"Round {round.number} of {round.milestone} failed: {round.reason[:300]}")
    if played.difference:
        screen.complain(f"it did not go as recorded: {played.difference}")
        raise typer.Exit(DIFFERENT)
    screen.say()
    for what, place in (
        ("the repository", str(repository)),
        ("the branch", mission.branch),
        ("the report", str(report)),
        ("the contract", str(played.folder.docs / f"{mission.slug}.contract.md")),
    ):
        screen.say(f"  {what:<15} {place}")
    for what, words in (
        ("proof of the log", "verify"), ("why a thing is so", f"why {mission.live[0]}"), ("play it again", "replay"),
        ("take the work", "land"),
    ):
        screen.say(f"  {what:<15} milepost {words} {where}")
    running(mission, played, repository)


def running(mission: Mission, played: Played, repository: Path) -> None:
    """The running program: started while a person sits there, named otherwise."""
    services = mission.manifest.services if mission.manifest else []
    if not services:
        return
    if not screen.is_terminal():
        start = services[0].start.replace(f"$PORT_{services[0].name.upper()}", "8000")
        screen.say(f"  {'the program':<15} cd {played.folder.tree} && {start}")
        return
    with serving(played.folder.tree, services[0]) as url:
        screen.say(f"  {'the program':<15} {url} (until you press Enter)")
        screen.read_line("")


@commands.command(rich_help_panel=CARE)
def replay(
    recording: Annotated[Path | None, typer.Argument(metavar="[FOLDER]", help="A recorded mission's folder.")] = None,
    mission: Name = None, repository: Folder = CURRENT, json: Json = False,
) -> None:
    """Play a mission again without a model, and compare: same trees, verdicts, rounds and seals.

    Tools, gates and services run for real, in folders of their own that are removed afterwards; yours stay as they are.
    Ends with 0 where everything came to the same, and with 5 at the first difference.

    Examples: `milepost replay`, `milepost replay -m guest-accounts`
    """
    with tempfile.TemporaryDirectory(prefix="milepost-replay-") as name:
        played = run(replayed(find(mission, repository).app, Path(name), recording, mission, existing(repository)))
    found = {"same": not played.difference, "difference": played.difference, "phase": played.mission.phase}
    if json:
        screen.show(found)
    else:
        other = f"It did not go as recorded: {played.difference}"
        screen.say(other if played.difference else "Everything came to the same.")
    raise typer.Exit(DIFFERENT if played.difference else 0)


async def replayed(
    app: App, scratch: Path, folder: Path | None, mission: str | None, repository: Path
) -> Played:
    """Play a mission of this user again, in a state folder that is thrown away."""
    source = await app.find(mission, repository)
    told = Recording.load(folder) if folder else await recording_of(app, source)
    now = await app.read(source)
    told.save(scratch / "tape")
    target = base_repository(source, now.base, scratch / Path(now.repository).name)
    other = App(app.config.model_copy(update={"state_dir": scratch / "state"}), app.environ)
    return await play(other, told, scratch / "tape" / "cassette.jsonl", target, sandbox=now.settings.sandbox)


@commands.command("record", hidden=True)
def record(folder: Path, mission: Name = None, repository: Folder = CURRENT) -> None:
    """Write a mission down as a recording: what models and user said, and what it came to."""
    here = find(mission, repository)
    run(recording_of(here.app, here.folder)).save(folder)
    contract = format_contract(here.read().contract)
    screen.say(f"recorded {here.folder.mission} in {folder}: {contract.count('### ')} assertions")
