"""What every command shares: its options, the application, and the mission it speaks of."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from milepost.app import App, MissionFolder
from milepost.cli import screen
from milepost.cli.trust import Trust, expect_key
from milepost.config import load
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.next import next_step
from milepost.domain.record import Record

T = TypeVar("T")

Name = Annotated[str | None, typer.Option(
    "--mission", "-m", metavar="NAME", help="The mission, or part of its name; without it the newest of the repository."
)]
Folder = Annotated[Path, typer.Option(
    "--repository", "-C", metavar="DIR", help="A folder inside the repository.", show_default="the current folder"
)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
CURRENT = Path()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Do something that waits."""
    return asyncio.run(work)


@dataclass(frozen=True, slots=True)
class Here:
    """A mission, and the application that reaches it."""

    app: App
    folder: MissionFolder

    @property
    def running(self) -> bool:
        """Whether a runner carries it."""
        return self.app.is_running(self.folder)

    def read(self) -> Mission:
        """The mission as it stands."""
        return run(self.app.read(self.folder))

    def send(self, order: str, *, seen: Mapping[str, str] | None = None, **arguments: Any) -> list[Record]:
        """Give an order and wait for its answer. Raises Refused."""
        return run(self.app.send(self.folder, order, seen=seen, **arguments))

    def go_on(self) -> bool:
        """Start a runner where the mission can go on and nobody carries it; whether one was started."""
        return can_go_on(self.read()) and self.app.launch(self.folder) is not None


def can_go_on(mission: Mission) -> bool:
    """Whether a runner would find something to do."""
    return mission.phase in ("draft", "running") and not mission.holds and next_step(mission) is not None


def existing(folder: Path) -> Path:
    """The folder's whole path. Raises Refused where there is none."""
    if not folder.is_dir():
        raise Refused(f"{str(folder)!r} is no folder; expected one inside a git repository")
    return folder.resolve()


def find(name: str | None, repository: Path) -> Here:
    """The mission to look at. Raises Refused where there is none, or more than one."""
    app = App(load())
    return Here(app, run(app.find(name, existing(repository))))


def find_to_act(name: str | None, repository: Path) -> Here:
    """The mission to act on. Raises Refused also where its repository is not trusted."""
    here = find(name, repository)
    expect_key(Trust(here.app.config.state_dir), here.folder.root.parent.name)
    return here


def word_of(mission: Mission, *, running: bool) -> str:
    """The one word shown: `interrupted` where it should go on and nobody carries it."""
    idle = mission.phase in ("draft", "running") and not mission.holds and not running
    return "interrupted" if idle else mission.word


def give(here: Here, order: str, said: str, *, json: bool, **arguments: Any) -> None:
    """Give an order, let the mission go on where it can, and say what came of it."""
    done(here, here.send(order, **arguments), said, json=json)


def done(here: Here, records: list[Record], said: str, *, json: bool) -> None:
    """Let the mission go on where it can, and say what was done."""
    started = here.go_on()
    mission = here.read()
    word = word_of(mission, running=here.running or started)
    if json:
        kinds = [record.event.kind for record in records]
        screen.show({"mission": mission.id, "state": word, "phase": mission.phase, "recorded": kinds})
        return
    screen.say(f"{mission.id}: {said}")
    if started:
        screen.say("A runner carries it on; `milepost run` follows it.")
