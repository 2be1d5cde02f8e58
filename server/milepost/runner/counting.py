"""Counts of one tree for the report: suppressions, skips, stubs, tests, duplication, findings, coverage."""

from pathlib import Path

from milepost.domain.receipt import TestRun
from milepost.domain.services import Command
from milepost.gates.measures import measure
from milepost.gates.suite import run_suite
from milepost.runner.office import Office
from milepost.runner.workshop import Bench

LARGEST = 400_000
"""Bytes of a file beyond which it is data, not source."""


async def count(office: Office, bench: Bench) -> tuple[TestRun | None, dict[str, int]]:
    """The suite's cases and every count, on a bench that nobody else uses."""
    manifest = office.mission.manifest
    if manifest is None:
        return None, measure(texts(bench.tree, await paths(office, bench)), office.kinds()).counts()
    commands = manifest.commands
    _, suite = await run_suite(bench.cell, commands.test, keep=office.blobs.put, env={})
    said = (("lint", commands.lint), ("types", commands.types), ("coverage", commands.coverage))
    printed = {name: await output(office, bench, command) for name, command in said}
    counts = measure(texts(bench.tree, await paths(office, bench)), office.kinds(), suite=suite, **printed).counts()
    return suite, counts


async def output(office: Office, bench: Bench, command: Command | None) -> str | None:
    """What a command of the manifest printed; None where there is none."""
    if command is None:
        return None
    receipt, _ = await run_suite(bench.cell, command, keep=office.blobs.put, env={})
    return office.blobs.get(receipt.output).decode("utf-8", "replace")


async def paths(office: Office, bench: Bench) -> list[str]:
    """The files of the checkout's commit."""
    return await office.workshop.repository.list_paths(bench.worktree.head or office.mission.head)


def texts(tree: Path, names: list[str]) -> dict[str, str]:
    """The files that are text and of a readable size."""
    found = {}
    for name in names:
        path = tree / name
        if path.is_symlink() or not path.is_file() or path.stat().st_size > LARGEST:
            continue
        raw = path.read_bytes()
        if b"\0" not in raw[:8000]:
            found[name] = raw.decode("utf-8", "replace")
    return found
