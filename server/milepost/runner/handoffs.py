"""What follows a handoff: the audit against receipts and git, the manifest's commands on the commit, and vacuity."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from milepost.domain import events as e
from milepost.domain.handoff import Handoff, Issue
from milepost.domain.mission import Mission
from milepost.domain.next import Prove, next_step
from milepost.domain.receipt import TestRun
from milepost.domain.services import Command, Manifest
from milepost.gates.audit import NO_WORK, audit
from milepost.gates.suite import is_green, run_suite, why_red
from milepost.gates.vacuity import Vacuity, product_paths, prove
from milepost.runner.office import Office
from milepost.runner.opening import typed
from milepost.runner.receipts import seen
from milepost.runner.workshop import Bench
from milepost.workspace.cell import Cell

SHORT = 4
"""A suite that took less than one part in so many of its limit may share the machine."""


async def follow_handoff(office: Office, feature: str) -> None:
    """The audit, and vacuity beside it where that can do no harm: each has a checkout and a network of its own."""
    proof = asyncio.ensure_future(look_back(office, feature)) if may_share(office) else None
    try:
        await audit_handoff(office, feature)
        # What the audit found comes first: then the proof is made anew once it is due.
        if proof is not None and next_step(office.mission) == Prove(feature):
            await record_proof(office, feature, await proof)
    finally:
        if proof is not None:
            proof.cancel()
            await asyncio.gather(proof, return_exceptions=True)


def may_share(office: Office) -> bool:
    """Whether two runs of the suite at once take neither a port nor its time from each other."""
    mission = office.mission
    last = mission.handoff_gates.get("test")
    if not office.workshop.sandbox or mission.manifest is None or last is None or last.receipt is None:
        return False
    return SHORT * last.receipt.ms < 1000 * mission.manifest.commands.test.timeout_s


async def audit_handoff(office: Office, feature: str) -> None:
    """Hold a handoff against what the engine saw; every mismatch, red gate and open end becomes an item."""
    mission = office.mission
    state = mission.features[feature]
    handoff, manifest = state.handoff, mission.manifest
    assert handoff is not None and manifest is not None
    gates: list[e.GateFinished] = []
    tree = await office.workshop.repository.tree_of(mission.head)
    async with office.workshop.bench(f"handoff-{feature}", mission.head, manifest) as bench:
        for name, command in manifest.gates():
            gate = await run_gate(office, bench, name, command, tree=tree)
            gates.append(gate.model_copy(update={"feature": feature}))
    await office.log.record(*gates)
    suite = next((g.suite for g in gates if g.gate == "test"), None)
    mismatches = [] if built_by_engine(mission, feature) else await compare(office, feature, handoff, manifest, suite)
    audited = e.HandoffAudited(feature=feature, end=mission.head, mismatches=mismatches)
    items = items_of(mission, feature, handoff, mismatches, gates)
    # Numbered on the newest state: an order may have opened an item while the gates ran.
    await office.log.decide(lambda now: [audited, *numbered(now, items)], by="engine")


def built_by_engine(mission: Mission, feature: str) -> bool:
    """Whether the engine wrote this handoff itself, from an attempt that ended without one."""
    attempt = mission.attempts.get(mission.features[feature].handoff_attempt)
    return attempt is not None and attempt.outcome not in (None, "submitted")


async def run_gate(office: Office, bench: Bench, name: str, command: Command, *, tree: str = "") -> e.GateFinished:
    """One command of the manifest as a gate."""
    receipt, suite = await run_suite(
        bench.cell, command, keep=office.blobs.put, env=bench.services.env(), tree=tree
    )
    green = is_green(command, receipt, suite)
    why = "" if green else f"{why_red(command, receipt, suite)}\n{receipt.tail}".strip()
    return e.GateFinished(
        gate=name, outcome="green" if green else "red", receipt=receipt, text=why,
        suite=suite if command.report == "junit" else None,
    )


async def compare(
    office: Office, feature: str, handoff: Handoff, manifest: Manifest, suite: TestRun | None
) -> list[str]:
    """What the handoff says that is not so."""
    mission, repository = office.mission, office.workshop.repository
    attempt = mission.features[feature].handoff_attempt
    start = mission.attempts[attempt].started.start
    receipts, edits = await seen(office, attempt)
    return audit(
        handoff, receipts, manifest=as_typed(manifest), changed=await repository.changed_paths(start, mission.head),
        paths=await repository.list_paths(mission.head), start_tree=await repository.tree_of(start),
        end_tree=await repository.tree_of(mission.head), edits=edits, collected=suite,
    )


def as_typed(manifest: Manifest) -> Manifest:
    """The manifest with its commands as the card shows them to be typed."""
    commands = manifest.commands
    changed = {n: c.model_copy(update={"run": typed(c.run)}) for n, c in manifest.gates()}
    return manifest.model_copy(update={"commands": commands.model_copy(update=changed)})


def items_of(
    mission: Mission, feature: str, handoff: Handoff, mismatches: list[str], gates: list[e.GateFinished]
) -> list[e.ItemOpened]:
    """Everything a handoff leaves open."""

    def item(kind: str, text: str, severity: str = "blocking", **more: object) -> e.ItemOpened:
        return e.ItemOpened.model_validate(
            {"item": "I0", "type": kind, "about": feature, "text": text[:4000], "severity": severity, **more}
        )

    found = [item("no_work" if m.startswith(NO_WORK) else "mismatch", f"{feature}: {m}") for m in mismatches]
    found += [item("gate", f"after {feature} the gate {g.gate} is red: {g.text}") for g in gates if g.outcome == "red"]
    if handoff.outcome == "cannot":
        found.append(item("undone", f"{feature} cannot be done as asked: {handoff.summary}"))
    found += [item("undone", f"{feature} left undone: {u.what} ({u.why})") for u in handoff.undone]
    found += [
        item("issue", f"{feature}: {i.description}{suggested(i)}", i.severity)
        for i in handoff.issues if i.severity != "suggestion"
    ]
    found += [
        item(
            "proposal", f"{p.about}: {p.text} (gain: {p.gain})",
            payload={"affects": p.affects, "blocking": p.blocking},
        )
        for p in handoff.proposals
    ]
    return found


def suggested(issue: Issue) -> str:
    """What a worker thinks should be done about it."""
    return f" (suggestion: {issue.suggestion})" if issue.suggestion else ""


def numbered(mission: Mission, items: list[e.ItemOpened]) -> list[e.ItemOpened]:
    """The items with the next free ids."""
    return [i.model_copy(update={"item": mission.next_item(n)}) for n, i in enumerate(items)]


async def prove_feature(office: Office, feature: str) -> None:
    """Take the feature's product change back in a scratch tree: what stays green never tested it (D11)."""
    await record_proof(office, feature, await look_back(office, feature))


async def record_proof(office: Office, feature: str, shown: Vacuity) -> None:
    """The gate, and an item where something stayed green."""
    text = f"still green without the change: {', '.join(shown.vacuous)}" if shown.vacuous else ""
    done = e.GateFinished(
        gate="vacuity", outcome="red" if shown.vacuous else "green", feature=feature, text=text,
        receipt=shown.receipts[-1] if shown.receipts else None, provable=shown.provable,
    )
    why = f"{feature}: with its product change taken back these still pass: {', '.join(shown.vacuous)}"
    found = [e.ItemOpened(item="I0", type="vacuous", about=feature, text=why)] if shown.vacuous else []
    await office.log.decide(lambda now: [done, *numbered(now, found)], by="engine")


async def look_back(office: Office, feature: str) -> Vacuity:
    """What does not turn red once the product change of a feature is taken back."""
    mission, shop = office.mission, office.workshop
    planned, state = mission.feature(feature), mission.features[feature]
    assert planned is not None and mission.manifest is not None
    back = product_paths(await changed(office, feature), office.kinds())
    if not back:
        return Vacuity((), provable=False, receipts=())
    checks = [a for i in planned.fulfills if (a := mission.contract.get(i)) is not None]
    tree = await shop.repository.tree_with(state.end if state.audited else mission.head, state.start, back)

    @asynccontextmanager
    async def lay() -> AsyncIterator[Cell]:
        async with shop.bench(f"vacuity-{feature}", tree, mission.manifest) as bench:
            yield bench.cell

    return await prove(
        lay, assertions=checks, tests=state.handoff.tests if state.handoff else [],
        command=mission.manifest.commands.test, keep=office.blobs.put, tree=tree,
    )


async def changed(office: Office, feature: str) -> list[str]:
    """The paths the feature's own commits changed, other features' commits in between left out."""
    repository = office.workshop.repository
    found: set[str] = set()
    for commit in office.mission.features[feature].commits:
        found.update((await repository.commit_info(commit)).paths)
    return sorted(found)
