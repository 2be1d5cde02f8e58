"""The throw-away `.git` in a work tree: the agent's own git works in it, the engine never reads it."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from milepost.workspace.repository import Repository

BRANCH = "refs/heads/milepost"
_CONFIG = """\
[core]
\trepositoryformatversion = {version}
\tfilemode = true
\tbare = false
\tlogallrefupdates = true
[gc]
\tauto = 0
[user]
\tname = Milepost worker
\temail = worker@localhost
"""


async def write(repository: Repository, tree: Path, index: Path, commit: str, objects: Path | None) -> None:
    """Puts a fresh `.git` at the top of the tree for that commit, in place of whatever is there.

    Objects are read from `objects`, or where ours lie; refs are copies: nothing in it reaches the private repository.
    """
    tags = await repository.git.text("for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
    kind = await repository.git.text("rev-parse", "--show-object-format")
    refs = "\n".join([f"{commit} {BRANCH}", *tags.splitlines()]) + "\n"
    alternate = objects or repository.git_dir / "objects"
    await asyncio.to_thread(_build, repository.git_dir, tree, index, refs, kind, alternate)


def _build(git_dir: Path, tree: Path, index: Path, refs: str, kind: str, objects: Path) -> None:
    # Built beside the tree and renamed into it, so that no link an agent left at the path is ever followed.
    with tempfile.TemporaryDirectory(prefix=".git-", dir=tree.parent, ignore_cleanup_errors=True) as folder:
        fresh = Path(folder) / "fresh"
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (fresh / name).mkdir(parents=True)
        (fresh / "HEAD").write_text(f"ref: {BRANCH}\n")
        (fresh / "config").write_text(_config(kind))
        (fresh / "packed-refs").write_text(refs)
        (fresh / "objects/info/alternates").write_text(f"{objects}\n")
        for name in ("info/exclude", "info/attributes", "shallow"):
            if (git_dir / name).exists():
                shutil.copyfile(git_dir / name, fresh / name)
        shutil.copy2(index, fresh / "index")  # its time tells git which entries to read again
        if os.path.lexists(tree / ".git"):
            _take_away(tree / ".git", Path(folder) / "stale")
        fresh.rename(tree / ".git")


def _config(kind: str) -> str:
    if kind == "sha1":
        return _CONFIG.format(version=0)
    return _CONFIG.format(version=1) + f"[extensions]\n\tobjectformat = {kind}\n"


def _take_away(entry: Path, to: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        entry.chmod(0o700)
    entry.rename(to)
