"""A round: it starts at one commit, its gates run in a clean checkout, and it ends in verdicts and items."""

import json

from milepost.domain import events as e
from milepost.domain.judge import TREE_GATES, conclude
from milepost.domain.mission import FINAL_ROUND, Mission, Round
from milepost.domain.next import RunGates, StartRound
from milepost.domain.receipt import TestRun
from milepost.gates import stubs, tamper
from milepost.gates.cases import expected, missing, named
from milepost.gates.red import examine
from milepost.runner import counting
from milepost.runner.handoffs import run_gate
from milepost.runner.office import Office
from milepost.runner.workshop import Bench

LISTED = 40
"""How many changes a gate names; the rest is counted."""


async def start_round(office: Office, step: StartRound) -> None:
    """Begin to judge at the newest commit."""
    commit = office.mission.head
    tree = await office.workshop.repository.tree_of(commit)
    await office.log.record(
        e.RoundStarted(
            milestone=step.milestone, round=step.number, commit=commit, tree=tree, scope=list(step.scope)
        )
    )


async def run_gates(office: Office, step: RunGates) -> None:
    """Run the gates that have not finished, in order, each recorded as it ends."""
    mission, round = office.mission, office.mission.round
    assert round is not None and mission.manifest is not None
    commands = dict(mission.manifest.gates())
    async with office.workshop.bench(f"gates-{round.milestone}r{round.number}", round.commit, mission.manifest) as bench:
        for gate in step.gates:
            if gate in commands:
                done = await run_gate(
                    office, bench, gate, commands[gate], milestone=round.milestone, round=round.number
                )
            elif gate in TREE_GATES:
                done = await tree_gate(office, office.mission, gate)
            else:
                done = await check_gate(office, bench, gate, round)
            await office.log.record(done)


async def check_gate(office: Office, bench: Bench, gate: str, round: Round) -> e.GateFinished:
    """An assertion's own check."""
    assertion = office.mission.contract.get(gate.partition(":")[2])
    assert assertion is not None
    result, receipt = await examine(
        bench.cell, assertion, keep=office.blobs.put, env=bench.services.env(), tree=round.tree
    )
    text = "" if result == "green" else f"{result}: {receipt.tail}"
    return e.GateFinished(
        gate=gate, outcome="green" if result == "green" else "red", receipt=receipt, milestone=round.milestone,
        round=round.number, text=text,
    )


async def tree_gate(office: Office, mission: Mission, gate: str) -> e.GateFinished:
    """A gate over the whole tree against the base: expected tests, tampering, stubs."""
    round = mission.round
    assert round is not None
    if gate == "tests":
        found = tests_gone(mission, round)
        outcome, text = ("red" if found else "green"), listed([f"did not pass: {t}" for t in found])
    else:
        before, after = await changed_texts(office, mission.base, round.commit)
        lines, blocking = weakened(office, before, after) if gate == "tamper" else stubbed(before, after)
        excused = text_was_allowed(mission, gate, listed(lines))
        outcome = "red" if blocking and not excused else "noted" if lines else "green"
        text = listed(lines)
    return e.GateFinished(
        gate=gate, outcome=outcome, milestone=round.milestone, round=round.number, text=text
    )


def tests_gone(mission: Mission, round: Round) -> list[str]:
    """Cases that had to pass and did not: those of the last seal or the base, and those that handoffs name (D18d)."""
    suite = round.gates["test"].suite if "test" in round.gates else None
    if suite is None or not suite.report:
        return []
    handoffs = [s.handoff for s in mission.features.values() if s.handoff is not None and s.status in ("built", "accepted")]
    wanted = expected(
        last_suite(mission, round), [c for h in handoffs for c in named(h.tests)], [r for h in handoffs for r in h.renamed]
    )
    return missing(wanted, suite)


def last_suite(mission: Mission, round: Round) -> TestRun | None:
    """The suite at the last sealed commit, or at the base."""
    passed = [
        r.gates["test"].suite for r in mission.rounds
        if r.outcome == "passed" and r is not round and "test" in r.gates and r.gates["test"].suite is not None
    ]
    return passed[-1] if passed else mission.base_suite


async def changed_texts(office: Office, base: str, commit: str) -> tuple[dict[str, str], dict[str, str]]:
    """The files that differ, before and after; what is no text is left out."""
    repository = office.workshop.repository
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    for path in await repository.changed_paths(base, commit):
        for texts, where in ((before, base), (after, commit)):
            raw = await repository.read(where, path)
            if raw is not None and b"\0" not in raw[:8000] and len(raw) < counting.LARGEST:
                texts[path] = raw.decode("utf-8", "replace")
    return before, after


def weakened(office: Office, before: dict[str, str], after: dict[str, str]) -> tuple[list[str], bool]:
    """Tests, thresholds and suppressions that are weaker than at the base."""
    renamed = [r for s in office.mission.features.values() if s.handoff is not None for r in s.handoff.renamed]
    changes = tamper.compare(before, after, office.kinds(), renamed=renamed)
    lines = [f"{c.severity} {c.path}:{c.line} {c.kind}: {c.what}" for c in changes]
    return lines, any(c.severity == "blocking" for c in changes)


def stubbed(before: dict[str, str], after: dict[str, str]) -> tuple[list[str], bool]:
    """New lines that pretend."""
    fresh = {path: stubs.fresh_lines(before.get(path, ""), text) for path, text in after.items()}
    found = stubs.scan(after, fresh)
    lines = [f"{f.severity} {f.file}:{f.line} {f.problem}" for f in found]
    return lines, any(f.severity == "blocking" for f in found)


def text_was_allowed(mission: Mission, gate: str, text: str) -> bool:
    """Whether the user dismissed exactly this before: only they may (D14)."""
    return any(
        i.decision == "dismiss" and i.resolved_by == "user" and i.opened.about == gate and text in i.opened.text
        for i in mission.items.values()
    )


def listed(lines: list[str]) -> str:
    """The first lines, and how many more there are."""
    more = len(lines) - LISTED
    return "\n".join(lines[:LISTED]) + (f"\nand {more} more" if more > 0 else "")


async def end_round(office: Office) -> None:
    """Turn what the round brought into verdicts and items."""
    round = office.mission.round
    assert round is not None
    product = await office.product(round.commit)
    await office.log.decide(lambda mission: conclude(mission, round, product), by="engine")


async def final_measures(office: Office) -> e.GateFinished:
    """The counts at the end, beside those of the base."""
    mission = office.mission
    async with office.workshop.bench("measures", mission.head, mission.manifest) as bench:
        _, counts = await counting.count(office, bench)
    return e.GateFinished(gate="measures", outcome="noted", milestone=FINAL_ROUND, text=json.dumps(counts))
