"""Tries the commands a mission would rely on, in a scratch checkout (`doctor --commands`)."""

import json
import os
import shutil
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.domain.mission import Mission
from milepost.domain.services import Command, Commands, Manifest
from milepost.gates.suite import run_suite, why_red
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.runner.checkup import Finding
from milepost.runner.workshop import Bench, Workshop
from milepost.workspace.preflight import RepositoryFacts
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import sandbox_available
from milepost.workspace.worktree import Worktree


async def rehearse_mission(folder: MissionFolder, mission: Mission, manifest: Manifest) -> list[Finding]:
    """The commands and services of a mission, at its newest commit."""
    return await rehearse(folder, Repository(folder.repository), mission.head, manifest, mission.settings.sandbox)


async def rehearse_guess(missions: Path, facts: RepositoryFacts) -> list[Finding]:
    """The test command that a repository without a mission seems to have; what is made for it is removed again."""
    if facts.head_commit is None:
        return []
    manifest = guess(facts.top)
    if manifest is None:
        text = "no test command was found by its usual files"
        mend = "the orchestrator looks for it in the draft; a Makefile with a `test` target is easy to find"
        return [Finding(name="commands", state="warn", text=text, mend=mend)]
    folder = MissionFolder(missions / facts.key / f".doctor-{os.getpid()}")
    try:
        repository = await Repository.clone(facts.top, folder.make().repository)
        return await rehearse(folder, repository, facts.head_commit, manifest, sandbox_available() is None)
    finally:
        shutil.rmtree(folder.root, ignore_errors=True)


def guess(tree: Path) -> Manifest | None:
    """The test command by the usual files of the usual tools."""
    package = tree / "package.json"
    if package.is_file() and "test" in scripts(package):
        return manifest_of("npm test")
    python = any((tree / name).exists() for name in ("pytest.ini", "conftest.py", "tests"))
    if python or "pytest" in text(tree / "pyproject.toml"):
        return manifest_of("python3 -m pytest --junitxml={report}", report=True)
    for name, run in (("Cargo.toml", "cargo test"), ("go.mod", "go test ./...")):
        if (tree / name).is_file():
            return manifest_of(run)
    return manifest_of("make test") if "\ntest:" in f"\n{text(tree / 'Makefile')}" else None


def manifest_of(run: str, *, report: bool = False) -> Manifest:
    """A manifest with that test command."""
    return Manifest(commands=Commands(test=Command(run=run, report="junit" if report else "none")))


def scripts(package: Path) -> dict[str, str]:
    """The scripts of a `package.json`; none where it cannot be read."""
    try:
        return dict(json.loads(text(package)).get("scripts", {}))
    except (ValueError, AttributeError, TypeError):
        return {}


def text(path: Path) -> str:
    """A file's text, empty where there is none."""
    return path.read_text(errors="replace") if path.is_file() else ""


async def rehearse(
    folder: MissionFolder, repository: Repository, commit: str, manifest: Manifest, sandbox: bool
) -> list[Finding]:
    """Run every command and service once."""
    shop = Workshop(folder, repository, Worktree(repository, folder.tree), sandbox=sandbox)
    commands = {"install": manifest.commands.install, **dict(manifest.gates()), "coverage": manifest.commands.coverage}
    blobs = Blobs(folder.blobs)
    async with shop.bench("doctor", commit, manifest) as bench:
        found = [await try_command(bench, blobs, n, c) for n, c in commands.items() if c is not None]
        return found + [await try_service(bench, s.name) for s in manifest.services]


async def try_command(bench: Bench, blobs: Blobs, name: str, command: Command) -> Finding:
    """One command."""
    receipt, suite = await run_suite(bench.cell, command, keep=blobs.put, env=bench.services.env())
    why = why_red(command, receipt, suite)
    if not why:
        return Finding(name=f"command {name}", state="ok", text=f"{command.run!r} works, {receipt.ms} ms")
    return Finding(
        name=f"command {name}", state="warn", text=f"{why}\n{receipt.tail}".strip(),
        mend=f"mend {command.run!r} so that it works from a clean checkout inside the sandbox",
    )


async def try_service(bench: Bench, name: str) -> Finding:
    """One service, started until it is ready."""
    try:
        await bench.services.start(name)
    except WorkspaceError as error:
        mend = "mend how it starts and says that it is ready"
        return Finding(name=f"service {name}", state="warn", text=str(error), mend=mend)
    await bench.services.stop(name)
    return Finding(name=f"service {name}", state="ok", text="started, was ready, was stopped")
