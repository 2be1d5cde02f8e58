"""Scripts in a round: flows that passed are compiled, and what was compiled is played before a tester is seated."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from milepost.agent.witnessed import calls_of
from milepost.domain import events as e
from milepost.domain.mission import Round
from milepost.domain.plays import SCRIPT
from milepost.domain.receipt import Evidence
from milepost.domain.replays import playable
from milepost.runner.office import Office
from milepost.runner.player import Again, First, Stage, desk_for, is_move, play
from milepost.runner.side_by_side import asking, side_by_side
from milepost.runner.testers import limits_of
from milepost.scripts.draft import draft
from milepost.scripts.holding import Playing
from milepost.scripts.script import Script
from milepost.scripts.settling import settle

RUNS = 2
"""How often a draft is played before anything is demanded of the program: what differs once differs."""


def stage_of(office: Office) -> Stage:
    """Where this mission's scripts are played."""
    return Stage(office.workshop, office.mission, office.blobs, office.clock)


# --- playing ---

async def play_scripts(office: Office, scripts: Sequence[str]) -> None:
    """Play these at the round's commit; each is recorded as it ends."""
    round = office.mission.round
    assert round is not None
    wanted = playable(office.mission, round)

    async def one(script: str) -> None:
        await office.log.record(await played(stage_of(office), round, script, wanted[script]))

    flows = [asking(office.mission, script, wanted[script][0]) for script in scripts]
    await side_by_side(flows, limits_of(office.mission), one)


async def played(stage: Stage, round: Round, blob: str, wanted: Sequence[str]) -> e.ScriptPlayed:
    """What one script sees of some assertions at the commit of a round."""
    script = Script.model_validate_json(stage.blobs.get(blob))
    name = f"{SCRIPT}.{round.milestone}r{round.number}.{wanted[0]}"
    began = time.monotonic()
    shown = await show(stage, script, wanted, name, round.commit)
    return e.ScriptPlayed(
        script=blob, attempt=name, milestone=round.milestone, round=round.number, tree=round.tree,
        results=list(shown.results), evidence=list(shown.evidence), ms=since(began),
    )


@dataclass(frozen=True, slots=True)
class ShownAgain:
    """What one play came to."""

    results: tuple[e.Replayed, ...]
    evidence: tuple[Evidence, ...]


async def show(stage: Stage, script: Script, wanted: Sequence[str], name: str, commit: str) -> ShownAgain:
    """Play a script as far as some assertions need it."""
    playing = Playing(script, wanted)
    async with desk_for(stage, name, commit) as desk:
        recorded = await play(desk, playing.moves, playing)
        evidence = tuple(desk.evidence)
    results = []
    for one in playing.held():
        cited = [ids for move, ids in zip(playing.moves, recorded, strict=False) if one.assertion in move.cites]
        results.append(
            e.Replayed(
                assertion=one.assertion, outcome="passed" if one.passed else "failed", move=one.move, why=one.why,
                evidence=[piece for ids in cited for piece in ids],
            )
        )
    return ShownAgain(tuple(results), evidence)


def since(began: float) -> int:
    """Milliseconds since then, by the clock that only grows."""
    return round((time.monotonic() - began) * 1000)


# --- compiling ---

async def compile_flows(office: Office, attempts: Sequence[str]) -> None:
    """Compile the flows of these testers; each is recorded as it ends, whatever came of it."""
    current = office.mission.round
    assert current is not None

    async def one(attempt: str) -> None:
        await office.log.record(await compiled(office, current, attempt))

    firsts = {s.attempt: s.verdicts[0].assertion for s in current.flows.values()}
    flows = [asking(office.mission, attempt, firsts[attempt]) for attempt in attempts]
    await side_by_side(flows, limits_of(office.mission), one)


async def compiled(office: Office, current: Round, attempt: str) -> e.ScriptCompiled:
    """What comes of one flow: a script that demands what every run showed, or why there is none."""
    submitted = next(s for s in current.flows.values() if s.attempt == attempt)
    came = e.ScriptCompiled(
        attempt=attempt, milestone=current.milestone, round=current.number, tree=current.tree
    )
    turns = await office.log.turns(attempt)
    calls = [c for c in calls_of(turns, office.blobs) if is_move(c.tool, c.arguments, recorded=bool(c.evidence))]
    script = draft(attempt, current.tree, calls, submitted.verdicts, office.mission.contract)
    if script is None:
        why = "what shows it was not recorded by a call that can be made again"
        return came.model_copy(update={"dropped": {v.assertion: why for v in submitted.verdicts if v.shows}})
    runs = [[call.seen for call in calls[:len(script.moves)]]]
    began = time.monotonic()
    for number in range(RUNS):
        run = First(script, runs[0]) if number == 0 else Again(script)
        async with desk_for(stage_of(office), f"compile.{attempt}.{number + 1}", current.commit) as desk:
            await play(desk, script.moves, run)
        runs.append(run.seen)
        script = run.binder.bound() if isinstance(run, First) else script
    settled = settle(script, runs)
    came = came.model_copy(update={
        "runs": RUNS, "ms": since(began) // RUNS, "flaky": list(settled.flaky), "dropped": settled.dropped
    })
    if settled.script is None:
        return came
    return came.model_copy(update={
        "script": office.blobs.put(settled.script.model_dump_json()), "moves": len(settled.script.moves),
        "assertions": {p.assertion: p.text_hash for p in settled.script.promises},
    })
