"""A mission as one long-lived progress: a title, a line, and a percentage."""

from dataclasses import dataclass

from milepost.domain.quantities import count, money
from milepost.ide.prose import cut, title_of
from milepost.ide.snapshot import Snapshot
from milepost.ide.status import at_work, attention, message

LONGEST = 120


@dataclass(frozen=True, slots=True)
class Progress:
    """What an editor shows while a mission goes on."""

    title: str
    message: str
    percentage: int
    going: bool
    """Whether it is to be shown at all: somebody carries the mission and it is not held."""


def progress(snapshot: Snapshot) -> Progress:
    """Where a mission is, in a line such as `M1: worker on F2, run_command · 3 of 8 · $1.20 of $5.00`."""
    mission = snapshot.mission
    settled, live = len(mission.settled), len(mission.live)
    parts = [doing(snapshot), f"{settled} of {count(live, 'assertion')}" if live else ""]
    parts += [money(snapshot.dollars, mission.settings.budget.dollars)]
    waiting = attention(mission)
    parts += [f"{count(waiting, 'item')} for you" if waiting else ""]
    going = snapshot.running and not mission.holds and mission.phase in ("draft", "running")
    return Progress(
        title=f"Milepost: {title_of(mission.goal, 60)}", message=" · ".join(p for p in parts if p),
        percentage=int(100 * settled / live) if live else 0, going=going,
    )


def doing(snapshot: Snapshot) -> str:
    """Who is at work on what, or why nobody is."""
    seat, tool, subject = at_work(snapshot)
    if not tool:
        why = message(snapshot)
        return cut(f"{snapshot.word}: {why}" if why else snapshot.word, LONGEST)
    place = f"{snapshot.milestone}: " if snapshot.milestone not in ("", subject) else ""
    if not seat:
        return f"{place}{tool} {subject}".rstrip()
    return f"{place}{seat}{f' on {subject}' if subject else ''}, {tool}"
