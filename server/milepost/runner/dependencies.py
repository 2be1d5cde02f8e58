"""The prepared dependencies of a mission: built once for each content of the key files, laid over every checkout (D8).

They are built in a scratch checkout by the manifest's `prepare`, in a cell like any other. The sandbox of a cell has
no network. A `prepare` that needs one is therefore refused until the user grants `network`; with a sandbox it would
have to run outside of it, so the user must also grant that very preparation, named by its hash: what is run then, and
from which files, is what they read.
"""

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.domain.services import Environment
from milepost.workspace.output import decode, strip
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import open_cell
from milepost.workspace.worktree import Worktree

PATIENCE_S = 3600.0
TAIL = 2_000
"""Characters of what `prepare` printed that an error shows."""
NOTE = ".milepost/dependencies"
"""Where a checkout says which copies it holds, and of what preparation."""


class Dependencies:
    """Builds what a manifest's `env` names, and lays it over checkouts."""

    def __init__(
        self, root: Path, repository: Repository, *, sandbox: bool, hidden: Sequence[Path],
        granted: Callable[[], Mapping[str, bool]],
    ) -> None:
        self.root = root
        self.repository = repository
        self.sandbox = sandbox
        self.hidden = tuple(hidden)
        self.granted = granted
        self.turn = asyncio.Lock()

    async def lay(self, env: Environment, worktree: Worktree) -> list[tuple[Path, str]]:
        """What to mount over a checkout, as its key files are now; without a sandbox they are copied into it instead.

        Raises WorkspaceError where they cannot be prepared.
        """
        made = await self.made(env, await worktree.write_tree())
        if self.sandbox:
            return [(made / output, output) for output in env.outputs]
        await asyncio.to_thread(copy, made, env.outputs, worktree.path)
        return []

    async def made(self, env: Environment, tree: str) -> Path:
        """The folder that holds them for the key files of a tree. Raises WorkspaceError where they cannot be made."""
        name = await self.name(env, tree)
        async with self.turn:
            if not self.ready(name).exists():
                await self.build(env, name, tree)
        return self.root / name

    async def name(self, env: Environment, tree: str) -> str:
        """The hash of how they are prepared and of the key files in a tree."""
        digest = hashlib.sha256()
        for part in (env.prepare, *sorted(env.outputs)):
            digest.update(f"{len(part.encode())}:{part}".encode())
        for path in sorted(env.key_files):
            content = await self.repository.read(tree, path)
            held = "none" if content is None else hashlib.sha256(content).hexdigest()
            digest.update(f"{path}={held}\n".encode())
        return digest.hexdigest()[:16]

    def ready(self, name: str) -> Path:
        """The file that says they are whole."""
        return self.root / f"{name}.ready"

    async def build(self, env: Environment, name: str, tree: str) -> None:
        """Run `prepare` in a checkout of that tree, and keep its outputs where it made them."""
        walls = self.walls(env, name)
        place = self.root / name
        shutil.rmtree(place, ignore_errors=True)
        worktree = Worktree(self.repository, place)
        await worktree.checkout(tree)
        home = self.root / f"{name}.home"
        home.mkdir(parents=True, exist_ok=True)
        try:
            await self.prepare(env, place, home, walls)
            keep_only(place, env.outputs)
            self.ready(name).touch()
        finally:
            worktree.forget()
            shutil.rmtree(home, ignore_errors=True)
            if not self.ready(name).exists():
                shutil.rmtree(place, ignore_errors=True)

    def walls(self, env: Environment, name: str) -> bool:
        """Whether `prepare` runs in the sandbox. Raises WorkspaceError where the user has to allow it first."""
        if not env.network:
            return self.sandbox
        needed = ["network"] if not self.sandbox else ["network", f"prepare-{name}"]
        missing = [grant for grant in needed if not self.granted().get(grant)]
        if missing:
            where = " outside of the sandbox, with all that you may do," if self.sandbox else ""
            orders = " and ".join(f"`milepost set grant.{grant} true`" for grant in missing)
            raise WorkspaceError(
                f"the dependencies need the network, which this mission was not granted: {env.prepare!r} would run"
                f"{where} on {', '.join(map(repr, env.key_files)) or 'no key file'}; {orders} allows it, then resume"
            )
        return False

    async def prepare(self, env: Environment, place: Path, home: Path, walls: bool) -> None:
        """Run the command. Raises WorkspaceError where it fails, or an output is missing afterwards."""
        cell = await open_cell(place, sandbox=walls, scratch=home, hidden=self.hidden)
        try:
            finished = await cell.run(env.prepare, timeout_s=PATIENCE_S)
            said = strip(decode(finished.output)).strip()[-TAIL:]
        finally:
            await cell.close()
        if finished.exit_code != 0:
            how = "ran out of time" if finished.timed_out else f"ended with exit code {finished.exit_code}"
            raise WorkspaceError(f"the dependencies cannot be prepared: {env.prepare!r} {how}; it printed:\n{said}")
        missing = [output for output in env.outputs if not (place / output).exists()]
        if missing:
            named = ", ".join(map(repr, missing))
            raise WorkspaceError(f"{env.prepare!r} ended with 0 but made no {named}; name what it makes in `outputs`")


def keep_only(place: Path, outputs: Sequence[str]) -> None:
    """Remove everything from a folder but the outputs, which stay where programs in them remember to be."""
    aside = place.with_name(f"{place.name}.outputs")
    shutil.rmtree(aside, ignore_errors=True)
    for output in outputs:
        target = aside / output
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            (place / output).rename(target)
    shutil.rmtree(place, ignore_errors=True)
    aside.rename(place)


def copy(source: Path, outputs: Sequence[str], tree: Path) -> None:
    """Lay copies into a tree, in the place of those of another preparation; what is not ours stays as it is."""
    note = tree / NOTE
    held = note.read_text().splitlines() if note.is_file() else [""]
    if held[0] == source.name:
        return
    for output in held[1:]:
        remove(tree / output)
    laid = [output for output in outputs if not (tree / output).exists()]
    for output in laid:
        target = tree / output
        target.parent.mkdir(parents=True, exist_ok=True)
        if (source / output).is_dir():
            shutil.copytree(source / output, target, symlinks=True)
        else:
            shutil.copy2(source / output, target)
    note.parent.mkdir(exist_ok=True)
    note.write_text("\n".join([source.name, *laid]))


def remove(place: Path) -> None:
    """Remove a copy."""
    if place.is_dir() and not place.is_symlink():
        shutil.rmtree(place)
    else:
        place.unlink(missing_ok=True)
