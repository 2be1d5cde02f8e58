"""A round: it starts at one commit, its gates run in a clean checkout, and it ends in verdicts and items."""

import asyncio
import json
import os

from milepost.domain import events as e
from milepost.domain.judge import TREE_GATES, conclude, done_features
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

LANES = min(4, os.cpu_count() or 1)
"""Checks of a round that run at once."""
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
    """Run the gates that have not finished: commands and the tree one by one, then the checks side by side."""
    mission, round = office.mission, office.mission.round
    assert round is not None and mission.manifest is not None
    commands = dict(mission.manifest.gates())
    checks = [g for g in step.gates if g not in commands and g not in TREE_GATES]
    await run_commands(office, round, [g for g in step.gates if g in commands])
    for gate in step.gates:
        if gate in TREE_GATES:
            await office.log.record(await tree_gate(office, office.mission, gate))
    if checks:
        await office.log.record(*await run_checks(office, round, checks))


async def run_commands(office: Office, round: Round, gates: list[str]) -> None:
    """The manifest's commands, each recorded as it ends; what the last handoff showed green here is not run again."""
    mission = office.mission
    assert mission.manifest is not None
    commands = dict(mission.manifest.gates())
    known = [seen for g in gates if (seen := seen_at_handoff(mission, round, g, commands[g].run)) is not None]
    await office.log.record(*known)
    due = [g for g in gates if g not in {gate.gate for gate in known}]
    if due:
        async with office.workshop.bench(bench_name(round), round.commit, mission.manifest) as bench:
            for gate in due:
                done = await run_gate(office, bench, gate, commands[gate], tree=round.tree)
                await office.log.record(in_round(done, round))


def seen_at_handoff(mission: Mission, round: Round, gate: str, command: str) -> e.GateFinished | None:
    """A command as it ran green on the last handoff, at this very tree; what is judged at the end is run anew."""
    found = mission.handoff_gates.get(gate)
    if round.milestone == FINAL_ROUND or found is None or found.outcome != "green" or found.receipt is None:
        return None
    if found.receipt.tree != round.tree or found.receipt.command != command:
        return None
    seen = f"seen after {found.feature}, at this tree"
    return in_round(found.model_copy(update={"feature": None, "text": seen}), round)


def bench_name(round: Round, lane: int = 0) -> str:
    """What the checkout of a round's gates is called."""
    return f"gates-{round.milestone}r{round.number}" + (f"-{lane}" if lane else "")


async def run_checks(office: Office, round: Round, gates: list[str]) -> list[e.GateFinished]:
    """The checks, in the order they were asked for; each lane has a checkout and a network of its own."""
    known = {g: seen for g in gates if (seen := seen_before(office.mission, round, g)) is not None}
    due = [g for g in gates if g not in known]
    lanes = [due[n :: LANES] for n in range(LANES)]
    found = await asyncio.gather(*(run_lane(office, round, n + 1, lane) for n, lane in enumerate(lanes) if lane))
    done = known | {gate.gate: gate for lane in found for gate in lane}
    return [done[g] for g in gates]


async def run_lane(office: Office, round: Round, number: int, gates: list[str]) -> list[e.GateFinished]:
    """Some of the checks, one after the other."""
    async with office.workshop.bench(bench_name(round, number), round.commit, office.mission.manifest) as bench:
        return [await check_gate(office, bench, gate, round) for gate in gates]


def seen_before(mission: Mission, round: Round, gate: str) -> e.GateFinished | None:
    """The receipt of a check that an earlier round saw green at this very tree, where its verdict stands unasked."""
    assertion = mission.contract.get(gate.partition(":")[2])
    if assertion is None or assertion.id in round.scope:
        return None
    for past in reversed(mission.rounds[:-1]):
        found = past.gates.get(gate)
        if past.tree == round.tree and found is not None and found.outcome == "green" and found.receipt is not None:
            same = found.receipt.command == assertion.check
            return in_round(found, round) if same else None
    return None


def in_round(gate: e.GateFinished, round: Round) -> e.GateFinished:
    """A gate as one of this round's."""
    return gate.model_copy(update={"milestone": round.milestone, "round": round.number})


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
        look = weakened if gate == "tamper" else stubbed
        lines, blocking = look(office, before, after)
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
    done = done_features(mission)
    handoffs = [s.handoff for f, s in mission.features.items() if s.handoff is not None and f in done]
    cases = [case for handoff in handoffs for case in named(handoff.tests)]
    renamed = [renamed for handoff in handoffs for renamed in handoff.renamed]
    return missing(expected(last_suite(mission, round), cases, renamed), suite)


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


def stubbed(office: Office, before: dict[str, str], after: dict[str, str]) -> tuple[list[str], bool]:
    """New lines of the product that pretend; fakes that tests bring are theirs."""
    kinds = office.kinds()
    product = {path: text for path, text in after.items() if kinds.kind(path) == "product"}
    fresh = {path: stubs.fresh_lines(before.get(path, ""), text) for path, text in product.items()}
    found = stubs.scan(product, fresh)
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
