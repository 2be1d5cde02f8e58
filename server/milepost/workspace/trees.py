"""Trees made without a checkout: entries of one, parts of one put into another, and the merge of two."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from milepost.workspace.commits import make_commit
from milepost.workspace.git import Git, joined


@dataclass(frozen=True)
class Entry:
    """A file in a tree: its mode as git writes it, and its blob."""

    mode: str
    blob: str


@dataclass(frozen=True)
class Merged:
    """The tree of a merge, and the paths on which the two sides disagree."""

    tree: str
    conflicts: list[str]


async def entries(git: Git, tree: str) -> dict[str, Entry]:
    """Every file of a commit or tree, by path."""
    found: dict[str, Entry] = {}
    for row in await git.fields("ls-tree", "-r", "-z", "--full-tree", tree):
        head, path = row.split("\t", 1)
        mode, _, blob = head.split(" ")
        found[path] = Entry(mode, blob)
    return found


async def changed_paths(git: Git, a: str, b: str) -> list[str]:
    """The paths in which two commits or trees differ; a renamed file is two of them."""
    return await git.fields("diff-tree", "-r", "-z", "--no-renames", "--name-only", a, b)


async def hash_without(git: Git, tree: str, left_out: Callable[[str], bool]) -> str:
    """A SHA-256 of modes, contents and names of every file but those left out."""
    digest = hashlib.sha256()
    for path, entry in sorted((await entries(git, tree)).items()):
        if not left_out(path):
            name = path.encode(errors="surrogateescape")
            digest.update(f"{entry.mode} {entry.blob} {len(name)}:".encode() + name)
    return digest.hexdigest()


async def with_paths_of(git: Git, base: str, other: str, paths: Iterable[str]) -> str:
    """The tree of `base` with those paths as they are in `other`: changed, brought back, or gone."""
    wanted = await entries(git, other)
    with tempfile.TemporaryDirectory(prefix="index-", dir=git.cwd) as folder:
        staged = git.having(GIT_INDEX_FILE=str(Path(folder) / "index"))
        await staged.run("read-tree", base)
        await put_entries(staged, {path: wanted.get(path) for path in paths})
        return await staged.text("write-tree")


async def put_entries(git: Git, wanted: dict[str, Entry | None]) -> None:
    """Writes entries into the index as they are given; None takes one out."""
    nothing = "0" * (40 if await git.text("rev-parse", "--show-object-format") == "sha1" else 64)
    # Removals first: a file may come where a folder goes.
    rows = [f"0 {nothing}\t{path}" for path, entry in wanted.items() if entry is None]
    rows += [f"{entry.mode} {entry.blob}\t{path}" for path, entry in wanted.items() if entry]
    await git.run("update-index", "--replace", "-z", "--index-info", stdin=joined(rows))


async def merge(git: Git, ours: str, theirs: str) -> Merged:
    """The three-way merge of two commits."""
    reply = await git.run("merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs, ok=(0, 1))
    tree, *conflicts = reply.fields
    return Merged(tree, sorted(set(conflicts)))


async def merge_over(git: Git, base: str, ours: str, theirs: str) -> Merged:
    """The three-way merge of two trees over a base that is not their ancestor."""
    # `merge-tree --merge-base` needs git 2.40; three commits that nobody keeps say the same to 2.38.
    root = await make_commit(git, f"{base}^{{tree}}", (), "base\n", at=0)
    left = await make_commit(git, f"{ours}^{{tree}}", (root,), "ours\n", at=0)
    right = await make_commit(git, f"{theirs}^{{tree}}", (root,), "theirs\n", at=0)
    return await merge(git, left, right)
