"""How a mission that is followed looks: a live picture at a terminal, plain lines or JSON lines elsewhere."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from rich.console import Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.rule import Rule
from rich.text import Text

from milepost.cli import screen, summary
from milepost.cli.lines import line_of
from milepost.cli.summary import Summary
from milepost.cli.words import clean
from milepost.domain.mission import Mission
from milepost.domain.quantities import count, length, money
from milepost.domain.record import Record

EVENTS = 6
"""How many of the last lines the live picture keeps."""
BAR = 30
MILESTONES = 12


class Face(Protocol):
    """Shows what happens."""

    def update(self, now: Summary, records: Sequence[Record]) -> None:
        """Something may have happened."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Show for as long as this lasts."""
        yield


class LineFace:
    """A line for each notable fact."""

    def update(self, now: Summary, records: Sequence[Record]) -> None:
        """Print what is new."""
        for record in records:
            if line := line_of(record, now.mission):
                screen.say(line)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Nothing to set up."""
        yield


class JsonFace:
    """A line of JSON for each notable fact."""

    def update(self, now: Summary, records: Sequence[Record]) -> None:
        """Print what is new."""
        for record in records:
            if line := line_of(record, now.mission):
                screen.show_line({"seq": record.seq, "at": record.at, "kind": record.event.kind, "text": line})

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Nothing to set up."""
        yield


class LiveFace:
    """One picture that is redrawn in its place."""

    def __init__(self) -> None:
        self.console = screen.console()
        self.lines: list[str] = []
        self.live: Live | None = None

    def update(self, now: Summary, records: Sequence[Record]) -> None:
        """Redraw."""
        found = (line_of(record, now.mission) for record in records)
        self.lines = [*self.lines, *(line for line in found if line)][-EVENTS:]
        if self.live is not None:
            self.live.update(picture(now, self.lines, time.time()), refresh=True)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Draw, and leave the last picture standing."""
        with Live(console=self.console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False) as self.live:
            yield
        self.live = None


def picture(now: Summary, lines: Sequence[str], at: float) -> RenderableType:
    """Everything at a glance."""
    mission = now.mission
    parts: list[RenderableType] = [Rule(Text(f"{mission.id}  {now.word}"), align="left"), Text(standing(now, at))]
    if mission.live:
        parts.append(ProgressBar(total=len(mission.live), completed=len(mission.settled), width=BAR))
    parts += [Text(clean(line)) for line in plan_of(mission)]
    parts += [Text(clean(line), style="cyan") for line in summary.activity_lines(now, at)]
    parts += [Text(clean(line), style="yellow") for line in summary.attention_lines(mission)]
    parts += [Text(clean(line), style="dim", no_wrap=True, overflow="ellipsis") for line in lines]
    return Group(*parts)


def standing(now: Summary, at: float) -> str:
    """Passed, money and time in a line."""
    mission = now.mission
    settled = f"{len(mission.settled)} of {count(len(mission.live), 'assertion')} settled"
    cost = money(now.dollars, mission.settings.budget.dollars)
    return f"{settled if mission.live else 'drafting'}   {cost}   {length(at - mission.created)}"


def plan_of(mission: Mission) -> list[str]:
    """The milestone at hand with its features, and how many there are beside it."""
    at_hand = mission.open_milestone
    found = summary.plan_lines(mission)
    if len(found) <= MILESTONES or at_hand is None:
        return found[:MILESTONES]
    start = next((n for n, line in enumerate(found) if line.startswith(f"{at_hand} ")), 0)
    return [*found[start : start + MILESTONES], f"… {count(len(mission.milestones), 'milestone')} in all"]
