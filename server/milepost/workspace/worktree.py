"""A plain folder that holds one commit of the private repository, and what an attempt made of it."""

import asyncio
import hashlib
import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.workspace import agent_git, staging, sweep
from milepost.workspace.commits import MILEPOST, CommitInfo, Trailers, compose, make_commit
from milepost.workspace.found import Found, take_found
from milepost.workspace.git import Git, object_id
from milepost.workspace.repository import Repository


class Worktree:
    """One folder over the private repository, with an index of its own; no `.git` in it is ever read or committed.

    Its state on disk is the folder, the index, and the tree and commit it stands on, so it outlives the process.
    """

    def __init__(self, repository: Repository, path: Path) -> None:
        self.repository = repository
        self.path = path.resolve()
        key = f"{path.name}-{hashlib.sha256(os.fsencode(self.path)).hexdigest()[:8]}"
        self.index = repository.git_dir / "indexes" / key
        self.index.parent.mkdir(exist_ok=True)
        self._at = self.index.with_suffix(self.index.suffix + ".at")
        self._found_file = self.index.with_suffix(self.index.suffix + ".found")
        self._found: Found | None = None
        self.git = Git.private(repository.git_dir, self.path, self.index)

    @classmethod
    async def in_place(cls, repository: Repository, folder: Path, *, at: float) -> "Worktree":
        """The user's open folder as work tree; the first time, its tree as found becomes the commit `undo` returns to.

        Repositories inside it are neither committed nor touched. Raises WorkspaceError below the top folder.
        """
        worktree = cls(repository, folder)
        if not worktree._found_file.exists():
            await worktree._take_found(at)
        worktree._found = Found.load(worktree._found_file)
        return worktree

    @property
    def head(self) -> str | None:
        """The commit it stands on; None after the checkout of a bare tree."""
        return self._standing()[1]

    @property
    def found_commit(self) -> str:
        """In place: the tree as found. Raises WorkspaceError elsewhere."""
        if self._found is None:
            raise WorkspaceError(f"{str(self.path)!r} is not worked on in place, so there is nothing to go back to")
        return self._found.commit

    async def checkout(self, commit_or_tree: str) -> None:
        """Makes the folder hold exactly that; in place, what was ignored stays, elsewhere nothing does."""
        target = object_id(commit_or_tree)
        tree = await self.repository.tree_of(target)
        self.path.mkdir(parents=True, exist_ok=True)
        try:
            await self._lay_out(tree)
        except (WorkspaceError, PermissionError):  # an agent may have taken away the right to write to its folders
            await self._open_folders()
            await self._lay_out(tree)
        self._stand(tree, target if target != tree else None)

    async def discard(self) -> None:
        """Throws away what changed since the last checkout or commit."""
        tree, commit = self._standing()
        await self.checkout(commit or tree)

    async def changes(self) -> list[str]:
        """The paths that differ from the last checkout or commit, ignored ones left out."""
        if self._found is None:
            return await staging.changed(self.git, self.path)
        listed = await staging.changed(self.git, self.path, look_inside=False)
        return [path for path in listed if not self._found.keeps(path)]

    async def write_tree(self) -> str:
        """The tree of the folder as it is, ignored files left out; changes nothing here."""
        return await self._tree_of(await self.changes())

    async def commit(
        self, message: str, trailers: Trailers, *, parent: str, at: float, paths: Collection[str] | None = None,
        approved: Collection[str] = (), author: tuple[str, str] = MILEPOST,
    ) -> CommitInfo:  # fmt: skip
        """Commits everything not ignored on top of `parent` and stands on it.

        `paths` names files of over 1 MB that are meant; `approved` control paths that the user allowed.
        Raises ToolError for other control paths and big files, and when there is nothing to commit.
        """
        text = compose(message, trailers)
        changes = await self.changes()
        staging.refuse_unfit(self.path, changes, named=paths or (), approved=approved)
        staged = self.index.with_suffix(self.index.suffix + ".next")
        tree = await self._tree_of(changes, kept_as=staged)
        if tree == await self.repository.tree_of(parent):
            staged.unlink(missing_ok=True)
            raise ToolError("there is nothing to commit: the tree is as its last commit; go on, or hand off")
        commit = await make_commit(self.git.durable(), tree, (parent,), text, at=at, author=author)
        staged.replace(self.index)
        self._stand(tree, commit)
        return await self.repository.commit_info(commit)

    async def save_attempt(self, ref: str, message: str, *, at: float) -> CommitInfo:
        """Keeps the folder as it is under a ref such as `refs/attempts/worker.F1.1`; changes nothing here."""
        parents = [commit] if (commit := self.head) else []
        tree = await self._tree_of(await self.changes())
        saved = await make_commit(self.git.durable(), tree, parents, compose(message, {}), at=at)
        await self.repository.set_ref(ref, saved)
        return await self.repository.commit_info(saved)

    async def agent_git(self, objects: Path | None = None) -> None:
        """Writes the agent's throw-away `.git` for the commit it stands on; `objects` is where the agent sees ours.

        Raises WorkspaceError in place, where the `.git` is the user's.
        """
        if self._found is not None or self._found_file.exists():
            raise WorkspaceError(f"{str(self.path)!r} has the user's own '.git': no other is written there")
        commit = self.head
        if commit is None:
            raise WorkspaceError(f"{str(self.path)!r} holds a tree without a commit: check out a commit first")
        await agent_git.write(self.repository, self.path, self.index, commit, objects)

    def forget(self) -> None:
        """Drops the index and what is noted about the folder, which itself stays; for scratch checkouts."""
        for file in (self.index, self._at):
            file.unlink(missing_ok=True)

    async def undo(self) -> list[str]:
        """In place: the folder as it was found, modes and ignored files too; returns what could not be restored."""
        commit = self.found_commit
        await self.checkout(commit)
        assert self._found is not None
        await self._open_folders()
        return await self._found.restore(self.git, self.path)

    async def _take_found(self, at: float) -> None:
        user = Git.users(self.path)
        top = Path(await user.text("rev-parse", "--show-toplevel"))
        if top != self.path:
            raise WorkspaceError(f"{str(self.path)!r} is inside {str(top)!r}: work in place needs that top folder")
        head = await user.text("rev-parse", "--verify", "HEAD^{commit}")
        with self._index_copy() as copy:
            git = self.git.having(GIT_INDEX_FILE=str(copy))
            await git.run("read-tree", "--reset", head)
            # Without a look at the files now, the first checkout would write every one of them again.
            await git.run("update-index", "-q", "--refresh", ok=(0, 1))
            copy.replace(self.index)
        tree = await self._tree_of(await staging.changed(self.git, self.path, look_inside=False), kept_as=self.index)
        commit = head
        if tree != await self.repository.tree_of(head):
            commit = await make_commit(self.git.durable(), tree, (head,), "Tree as found\n", at=at)
        await self.repository.set_ref("refs/in-place/found", commit)
        self._stand(tree, commit)
        (await take_found(self.git, self.path, commit)).save(self._found_file)

    async def _open_folders(self) -> None:
        await asyncio.to_thread(sweep.open_folders, self.path, leave_repositories=self._found is not None)

    async def _lay_out(self, tree: str) -> None:
        # What is in the way goes first: a folder swapped for a link to its copy looks unchanged to git.
        if self._found is None:
            await self.git.run("clean", "-ffdxq")
            await asyncio.to_thread(sweep.drop_git_entries, self.path)
        else:
            new = await self.git.fields("ls-files", "-z", "--others", "--exclude-standard")
            mine = [path for path in new if not path.endswith("/") and not self._found.keeps(path)]
            await asyncio.to_thread(sweep.remove, self.path, mine)
        with self._index_copy() as copy:
            await self.git.having(GIT_INDEX_FILE=str(copy)).run("read-tree", "--reset", "-u", tree)
            copy.replace(self.index)

    async def _tree_of(self, changes: list[str], kept_as: Path | None = None) -> str:
        with self._index_copy() as copy:
            git = self.git.having(GIT_INDEX_FILE=str(copy))
            tree = await staging.stage(git.durable() if kept_as else git, self.path, changes)
            if kept_as and copy.exists():
                copy.replace(kept_as)
        return tree

    @contextmanager
    def _index_copy(self) -> Iterator[Path]:
        # Only copies are ever written to: the lock of a git that was killed stands in nobody's way.
        with tempfile.TemporaryDirectory(prefix="index-", dir=self.index.parent) as folder:
            copy = Path(folder) / "index"
            if self.index.exists():
                shutil.copy2(self.index, copy)  # its time tells git which entries to read again
            yield copy

    def _standing(self) -> tuple[str, str | None]:
        try:
            tree, _, commit = self._at.read_text().strip().partition(" ")
        except FileNotFoundError as error:
            raise WorkspaceError(f"nothing was checked out in {str(self.path)!r} yet; check out a commit") from error
        return tree, commit or None

    def _stand(self, tree: str, commit: str | None) -> None:
        part = self._at.with_suffix(".part")
        part.write_text(f"{tree} {commit or ''}\n")
        part.replace(self._at)
