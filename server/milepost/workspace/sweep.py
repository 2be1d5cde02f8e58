"""Clears a folder of what must not stay in it; follows no link."""

import os
import shutil
from pathlib import Path


def remove(root: Path, paths: list[str]) -> None:
    """Deletes files, and the folders that are empty without them."""
    for path in paths:
        (root / path).unlink(missing_ok=True)
        for folder in (root / path).parents:
            if folder == root or not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()


def open_folders(root: Path, *, leave_repositories: bool = False) -> None:
    """Gives us back the right to write to every folder; where told so, not in a `.git` or a repository inside."""
    _open(root)
    for where, folders, _ in os.walk(root):
        folders[:] = [name for name in folders if not Path(where, name).is_symlink()]
        for name in folders:
            if not (leave_repositories and name == ".git"):
                _open(Path(where, name))
        if leave_repositories:
            folders[:] = [name for name in folders if name != ".git" and not os.path.lexists(Path(where, name, ".git"))]


def _open(folder: Path) -> None:
    mode = folder.stat().st_mode
    if mode & 0o700 != 0o700:
        folder.chmod(mode | 0o700)


def drop_git_entries(root: Path) -> None:
    """Deletes every `.git`, at any depth, whatever it is."""
    for where, folders, files in os.walk(root):
        if ".git" in folders:
            folders.remove(".git")
            _drop(Path(where, ".git"))
        elif ".git" in files:
            _drop(Path(where, ".git"))


def _drop(entry: Path) -> None:
    if entry.is_symlink() or entry.is_file():
        entry.unlink()
    else:
        shutil.rmtree(entry)
