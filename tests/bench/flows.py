"""Measures what compiled flows save: one flow by a tester and by its script, and a mission of five milestones.

`PYTHONPATH=server:. python -m tests.bench.flows` takes a minute on a quiet machine. What is measured, what is reckoned:

- Engine and tools are real and measured: sandbox or not as the machine has it, services, requests, a pseudo-terminal.
- Models are scripted and answer at once, so their time is reckoned: turns from the log times 5, 10 and 20 s a turn.
  The scripted testers take the fewest turns that an honest flow can take; real ones take more, so the real gain is
  larger. The last table reckons each sitting at its published length and tokens (`domain/estimate.py`) instead.
- The same mission is carried twice: with testers who name the words that show what passed, so that scripts are
  compiled, and with testers who do not, as it was before. The second judges the older milestones again only once,
  before the audit; the first judges them in every milestone.
"""

import asyncio
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from milepost.domain.estimate import CACHED, FRESH, OUT, TYPICAL
from milepost.domain.events import AttemptEnded, AttemptStarted, ScriptCompiled, ScriptPlayed
from milepost.domain.record import Record
from milepost.model.scripted import Step
from milepost.runner.scripting import show, stage_of
from milepost.scripts.script import Script
from milepost.workspace.sandbox import sandbox_available
from tests.runner import notes, quick
from tests.runner.conftest import Stage

SECONDS = (5, 10, 20)
"""How long a model's turn takes, at the quick, the middling and the slow end."""
PLAYS = 3
USUAL = 30
"""Turns of a validator's sitting in the median, as published (`domain/estimate.py`)."""
WORDS = ("HELLO", "BYE", "THANKS", "SORRY")
PRICES = {"fresh": 3.0, "cached": 0.3, "out": 15.0}
"""Dollars for a million tokens, as a middling model of 2026 costs."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """One attempt: how often its model was asked, and how long engine and tools took."""

    name: str
    seat: str
    place: str
    """Readers and testers of one round sit at once."""
    turns: int
    seconds: float


def word_flow(word: str, *, shows: bool) -> list[Step]:
    """A tester of one greeting."""
    said = {"E1": quick.WORDS[word]} if shows else {}
    asked = quick.tester(word)[0]
    return [asked, notes.submits(notes.verdict(f"{word}-001", ["E1"], said))]


def script(plan: dict[str, Any], *, shows: bool) -> dict[str, Sequence[Step]]:
    """Honest seats for five milestones; testers of the last round sit only where no script can."""
    made: dict[str, Sequence[Step]] = {}
    for number, word in enumerate(WORDS, 2):
        made[f"tester.M{number}r1.*"] = word_flow(word, shows=shows)
    flows = {"CMD": notes.command_flow(shows=shows), "MENU": notes.menu_flow(shows=shows),
             "NOTE": notes.notes_flow(shows=shows), **{w: word_flow(w, shows=shows) for w in WORDS[:-1]}}
    for number, area in enumerate(sorted(flows), 1):
        made[f"tester.auditr1.flow-{number}.*"] = flows[area]
    return {**made, **notes.script(plan, shows=shows)}


async def carried(root: Path, *, shows: bool) -> tuple[Stage, list[Record], list[Sitting]]:
    """A whole mission, its log, and who sat in it."""
    plan = notes.plan(*(quick.feature(n, word, f"M{n}") for n, word in enumerate(WORDS, 2)))
    stage = Stage(
        root, script(plan, shows=shows), repository=quick.make_repository, goal=notes.GOAL,
        sandbox=sandbox_available() is None,
    )
    await notes.agree(stage.app, await stage.create(), plan, checked=False)
    mission = await stage.app.carry(stage.place, stop_when=lambda m: bool(m.holds))
    assert mission.phase == "completed", mission.holds
    records = await stage.records()
    return stage, records, list(sittings(records))


def sittings(records: Sequence[Record]) -> Iterable[Sitting]:
    """Every attempt of a log."""
    started = {r.event.attempt: r for r in records if isinstance(r.event, AttemptStarted)}
    turns = Counter(r.attempt for r in records if r.event.kind == "turn_ended")
    for record in records:
        if isinstance(record.event, AttemptEnded):
            name = record.event.attempt
            begun = started[name]
            assert isinstance(begun.event, AttemptStarted)
            place = f"{begun.event.milestone}r{begun.event.round}" if begun.event.round else name
            yield Sitting(name, begun.event.seat, f"{begun.event.seat} {place}", turns[name], record.at - begun.at)


def model_seconds(sat: Iterable[Sitting], seconds: float) -> float:
    """Model time on the way from beginning to end: of those who sat at once, the longest counts."""
    longest: dict[str, int] = {}
    for one in sat:
        longest[one.place] = max(longest.get(one.place, 0), one.turns)
    return sum(longest.values()) * seconds


def typical(sat: Iterable[Sitting]) -> tuple[float, float]:
    """Minutes and dollars, every sitting at its published length and tokens; of those at once, one counts in time."""
    minutes: dict[str, float] = {}
    dollars = 0.0
    price = FRESH * PRICES["fresh"] + CACHED * PRICES["cached"] + OUT * PRICES["out"]
    for one in sat:
        usual = TYPICAL.get(one.seat, TYPICAL["scrutiny"])
        minutes[one.place] = usual.minutes
        dollars += usual.tokens / 1e6 * price
    return sum(minutes.values()), dollars


def wall(records: Sequence[Record]) -> float:
    """Seconds that engine and tools took from approval to end, scripts included."""
    begun = next(r.at for r in records if r.event.kind == "mission_approved")
    return records[-1].at - begun


async def alone(stage: Stage, blob: str) -> float:
    """Seconds of one script, played by itself: the median of a few."""
    walls = []
    async with stage.app.office(stage.place) as office:
        script = Script.model_validate_json(office.blobs.get(blob))
        wanted = [p.assertion for p in script.promises]
        for number in range(PLAYS):
            began = time.monotonic()
            shown = await show(stage_of(office), script, wanted, f"bench.{number}", office.mission.head)
            assert all(r.outcome == "passed" for r in shown.results), shown.results
            walls.append(time.monotonic() - began)
    return statistics.median(walls)


async def one_flow(stage: Stage, records: Sequence[Record], sat: Sequence[Sitting]) -> None:
    """Each flow of the first milestone, by its tester and by its script."""
    by_name = {one.name: one for one in sat}
    print("\nOne flow: its tester (turns, seconds of engine and tools), its script, and how many times faster that is")
    heads = "".join(f"{f'{s} s a turn':>13}" for s in SECONDS)
    print(f"{'flow':<20}{'turns':>6}{'tester s':>10}{'script s':>10}{heads}{f'{USUAL} turns, 10 s':>17}")
    for event in (r.event for r in records):
        if isinstance(event, ScriptCompiled) and event.milestone == "M1":
            tester, script_s = by_name[event.attempt], await alone(stage, event.script)
            cells = "".join(f"{(tester.seconds + tester.turns * s) / script_s:>13.0f}" for s in SECONDS)
            usual = (tester.seconds + USUAL * 10) / script_s
            names = "+".join(event.assertions)
            print(f"{names:<20}{tester.turns:>6}{tester.seconds:>10.2f}{script_s:>10.2f}{cells}{usual:>17.0f}")


def whole(found: Mapping[str, tuple[list[Record], list[Sitting]]]) -> None:
    """Five milestones, without scripts and with them."""
    print("\nFive milestones, eight assertions that need a tester; with scripts all are shown again in every milestone")
    print(f"{'':<34}{'without':>12}{'with':>12}{'saved':>9}")
    row("testers seated", *(sum(s.seat == "tester" for s in sat) for _, sat in found.values()))
    row("model turns of testers", *(sum(s.turns for s in sat if s.seat == "tester") for _, sat in found.values()))
    row("engine and tools, s (measured)", *(wall(records) for records, _ in found.values()))
    for seconds in SECONDS:
        row(f"wall, s, {seconds} s a turn", *(wall(r) + model_seconds(sat, seconds) for r, sat in found.values()))
    reckoned = [typical(sat) for _, sat in found.values()]
    row("wall, min, sittings as published", *(wall(r) / 60 + m for (r, _), (m, _) in zip(found.values(), reckoned,
                                                                                        strict=True)))
    row("dollars, sittings as published", *(dollars for _, dollars in reckoned))
    others = [s for s in found["without"][1] if s.seat != "tester"]
    extra = [Sitting("", "tester", "", 0, 0)] * sum(3 + n for n in range(len(WORDS) + 1))
    row("the same regression by testers, $", typical([*others, *extra])[1], reckoned[1][1])
    records = found["with"][0]
    compiling = sum(r.event.ms * r.event.runs for r in records if isinstance(r.event, ScriptCompiled)) / 1000
    playing = [r.event.ms for r in records if isinstance(r.event, ScriptPlayed)]
    print(f"scripts: {compiling:.1f} s to compile (side by side), {len(playing)} plays, {sum(playing) / 1000:.1f} s")
    again = sum(len(r.event.results) for r in records if isinstance(r.event, ScriptPlayed))
    print(f"assertions shown again: {again} with scripts, in every milestone; without, 7 once, before the audit")


def row(name: str, without: float, with_: float) -> None:
    """One line of the table."""
    print(f"{name:<34}{without:>12.1f}{with_:>12.1f}{1 - with_ / without:>9.0%}")


async def main() -> None:
    """Carry both and print."""
    problem = sandbox_available()
    load = f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    print(f"sandbox: {'on' if problem is None else 'off'}; load: {load}")
    found = {}
    for name, shows in (("without", False), ("with", True)):
        with tempfile.TemporaryDirectory(prefix=f"milepost-flows-{name}-") as root:
            stage, records, sat = await carried(Path(root), shows=shows)
            found[name] = (records, sat)
            if shows:
                await one_flow(stage, *found[name])
    whole(found)


if __name__ == "__main__":
    asyncio.run(main())
