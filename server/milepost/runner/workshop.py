"""Where a mission's work happens: its tree, scratch checkouts of single commits, and cells on them."""

import shutil
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.services import Manifest
from milepost.drivers import browser_program
from milepost.log.folder import MissionFolder
from milepost.runner.dependencies import Dependencies
from milepost.workspace.cell import Cell
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import open_cell
from milepost.workspace.services import Services
from milepost.workspace.worktree import Worktree

REPORT_FOLDER = ".milepost"
"""Ignored folder in every checkout; workers write the report of the test command there."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A checkout, a cell on it, and the services of the manifest, none of them started."""

    worktree: Worktree
    cell: Cell
    services: Services

    @property
    def tree(self) -> Path:
        """The host's path of the checkout."""
        return self.worktree.path


class Workshop:
    """Makes benches for one mission."""

    def __init__(
        self, folder: MissionFolder, repository: Repository, worktree: Worktree, *, sandbox: bool,
        granted: Callable[[], Mapping[str, bool]] = dict, browser: Path | None = None,
    ) -> None:
        self.folder = folder
        self.repository = repository
        self.worktree = worktree
        self.sandbox = sandbox
        self.browser = browser
        """The program that the user's settings name."""
        self.hidden = (folder.root.parents[2],)
        self.dependencies = Dependencies(
            folder.root / "env", repository, sandbox=sandbox, hidden=self.hidden, granted=granted
        )

    def check_files(self) -> list[str]:
        """Tree-relative paths of the mission's check files."""
        root = self.folder.checks
        return sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())

    def lay_checks(self, tree: Path, *, checks: bool = True) -> None:
        """Copy the check files over a checkout; they are ignored there and never committed."""
        paths = self.check_files() if checks else []
        ignore(self.repository.git_dir, [f"/{REPORT_FOLDER}/", *(f"/{p}" for p in paths)])
        for path in paths:
            target = tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.is_symlink() or target.exists():
                target.unlink()
            shutil.copyfile(self.folder.checks / path, target)
            target.chmod(0o444)
        (tree / REPORT_FOLDER).mkdir(exist_ok=True)

    @asynccontextmanager
    async def scratch(self, name: str, commit_or_tree: str, *, checks: bool = True) -> AsyncIterator[Worktree]:
        """A checkout of that commit or tree with the checks laid over it; what happens there is thrown away."""
        worktree = Worktree(self.repository, self.folder.scratch / name)
        await worktree.checkout(commit_or_tree)
        self.lay_checks(worktree.path, checks=checks)
        try:
            yield worktree
        finally:
            shutil.rmtree(worktree.path, ignore_errors=True)
            worktree.forget()

    @asynccontextmanager
    async def cell(
        self, worktree: Worktree, name: str, *, read_only: bool = False, over: Sequence[tuple[Path, str]] = ()
    ) -> AsyncIterator[Cell]:
        """A cell on a checkout, with these laid over it; everything in it dies with it."""
        home = self.folder.scratch / f"{name}.home"
        home.mkdir(parents=True, exist_ok=True)
        cell = await open_cell(
            worktree.path, sandbox=self.sandbox, readonly=over if self.sandbox else (), scratch=home,
            read_only_tree=read_only, hidden=self.hidden,
            visible=(self.repository.git_dir / "objects", *browser_program.folders(self.browser)),
            mask=self.masked(worktree),
        )
        try:
            yield cell
        finally:
            await cell.close()
            shutil.rmtree(home, ignore_errors=True)

    def masked(self, worktree: Worktree) -> tuple[str, ...]:
        """In place the `.git` is the user's: commands may read it, and nothing more."""
        return (".git",) if worktree is self.worktree and worktree.path != self.folder.tree.resolve() else ()

    @asynccontextmanager
    async def bench(
        self, name: str, commit_or_tree: str, manifest: Manifest | None, *, checks: bool = True
    ) -> AsyncIterator[Bench]:
        """A scratch checkout with a cell and services; without `checks` nothing tells what was agreed."""
        async with (
            self.scratch(name, commit_or_tree, checks=checks) as worktree,
            self.on(worktree, name, manifest, checks=checks) as bench,
        ):
            yield bench

    @asynccontextmanager
    async def on(
        self, worktree: Worktree, name: str, manifest: Manifest | None, *, read_only: bool = False, checks: bool = True
    ) -> AsyncIterator[Bench]:
        """A cell and services on a checkout that is there already, with checks and dependencies laid over it."""
        logs = self.folder.logs / name
        logs.mkdir(parents=True, exist_ok=True)
        over = [(self.folder.checks / p, p) for p in self.check_files()] if checks else []
        # Who only reads runs nothing, and must be able to sit where dependencies cannot be prepared.
        if manifest is not None and manifest.env is not None and not read_only:
            ignore(self.repository.git_dir, [f"/{output}" for output in manifest.env.outputs])
            over += await self.dependencies.lay(manifest.env, worktree)
        async with self.cell(worktree, name, read_only=read_only, over=over) as cell:
            services = Services(cell, manifest or EMPTY, logs)
            try:
                yield Bench(worktree, cell, services)
            finally:
                await services.stop_all()


EMPTY = Manifest.model_validate({"commands": {"test": {"run": "false"}}})
"""Stands in before there is a manifest: it has no services."""


def ignore(git_dir: Path, patterns: Sequence[str]) -> None:
    """Have the private repository ignore these patterns, beside what the user's own lists ignore."""
    path = git_dir / "info" / "exclude"
    text = path.read_text() if path.exists() else ""
    missing = [p for p in patterns if p not in text.splitlines()]
    if missing:
        path.write_text(text.rstrip("\n") + "\n" * bool(text) + "\n".join(missing) + "\n")
