"""What the git tests share: plain git as the user runs it, and a folder byte for byte."""

import hashlib
import stat
import subprocess
from pathlib import Path

from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree

AT = 1_800_000_000.0


def git(folder: Path, *words: str) -> str:
    """Git as the user would run it there."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout.rstrip("\n")


def write(folder: Path, files: dict[str, str]) -> None:
    """Writes files, making their folders."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def commit_all(folder: Path, files: dict[str, str], message: str = "change") -> str:
    """Commits files in the user's repository; the id of the commit."""
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return git(folder, "rev-parse", "HEAD")


def every_byte(folder: Path) -> dict[str, tuple[int, str]]:
    """Mode and content of every file, folder and link, `.git` included."""
    found = {}
    for path in sorted(folder.rglob("*")):
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            content = str(path.readlink())
        else:
            content = hashlib.sha256(path.read_bytes()).hexdigest() if stat.S_ISREG(mode) else ""
        found[str(path.relative_to(folder))] = (mode, content)
    return found


async def mission(user: Path, folder: Path) -> tuple[Repository, Worktree, str]:
    """A private repository and a work tree that stands on the user's commit."""
    private = await Repository.clone(user, folder / "mission" / "repo.git")
    start = git(user, "rev-parse", "HEAD")
    tree = Worktree(private, folder / "mission" / "tree")
    await tree.checkout(start)
    return private, tree, start


async def commit_files(tree: Worktree, files: dict[str, str | None], message: str = "work") -> str:
    """Commits files from the work tree, None for one that goes; the id of the commit."""
    write(tree.path, {name: text for name, text in files.items() if text is not None})
    for name in (name for name, text in files.items() if text is None):
        (tree.path / name).unlink()
    assert tree.head
    return (await tree.commit(message, {}, parent=tree.head, at=AT)).commit
