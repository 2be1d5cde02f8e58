"""What git does not keep of a folder worked on in place: modes, empty folders, ignored files; noted and restored."""

import asyncio
import hashlib
import json
import os
import stat
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

from milepost.workspace.git import Git

KEPT_BYTES = 1_000_000
KEPT_IN_ALL = 64_000_000


@dataclass(frozen=True)
class Seen:
    """A file or folder as it was found; `blob` holds the content of an ignored file, `link` where a link leads."""

    mode: int
    size: int
    mtime_ns: int
    blob: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Found:
    """A folder as it was found, beside the commit that holds its files; repositories inside it are left alone."""

    commit: str
    files: dict[str, Seen]
    folders: dict[str, int]
    ignored: list[str]

    @classmethod
    def load(cls, file: Path) -> "Found":
        """Reads what `save` wrote."""
        data = json.loads(file.read_text())
        files = {path: Seen(**seen) for path, seen in data["files"].items()}
        return cls(data["commit"], files, data["folders"], data["ignored"])

    def save(self, file: Path) -> None:
        """Writes itself, whole or not at all."""
        part = file.with_suffix(".part")
        part.write_text(json.dumps(asdict(self)))
        part.replace(file)

    def keeps(self, path: str) -> bool:
        """Whether the path was ignored when found: then it stays out of commits, and is never cleaned away."""
        parents = (f"{parent}/" for parent in Path(path).parents)
        return path in self._ignored or any(parent in self._ignored for parent in parents)

    async def restore(self, git: Git, root: Path) -> list[str]:
        """Brings back what a checkout of the commit does not; returns the paths that could not be restored."""
        left = await asyncio.to_thread(self._clear, root)
        damaged = await asyncio.to_thread(self._damaged, root)
        for path in damaged:
            seen = self.files[path]
            if seen.blob:
                (root / path).write_bytes((await git.run("cat-file", "blob", seen.blob)).out)
            elif seen.link is not None:
                (root / path).symlink_to(seen.link)
        await asyncio.to_thread(self._set_modes, root)
        return sorted([*left, *(path for path in damaged if not _is_kept(self.files[path]))])

    @cached_property
    def _ignored(self) -> frozenset[str]:
        return frozenset(self.ignored)

    def _clear(self, root: Path) -> list[str]:
        """Takes away what was not there; new repositories stay, and are returned."""
        files, folders, nested = look(root)
        for path in files.keys() - self.files.keys():
            (root / path).unlink()
        for path in sorted(folders.keys() - self.folders.keys(), reverse=True):
            if not any((root / path).iterdir()):
                (root / path).rmdir()
        for path in sorted(self.folders):
            (root / path).mkdir(parents=True, exist_ok=True)
        return [path for path in nested if path not in self._ignored]

    def _damaged(self, root: Path) -> list[str]:
        """The ignored files that are not as found, out of the way where they can be written again."""
        noted = (path for path in self.ignored if path in self.files)
        paths = [path for path in noted if not self._is_same(root / path, self.files[path])]
        for path in paths:
            if _is_kept(self.files[path]):
                (root / path).unlink(missing_ok=True)
        return paths

    def _is_same(self, file: Path, seen: Seen) -> bool:
        if not os.path.lexists(file) or stat.S_IFMT(file.lstat().st_mode) != stat.S_IFMT(seen.mode):
            return False
        if seen.link is not None:
            return str(file.readlink()) == seen.link
        if seen.blob:
            return blob_id(file.read_bytes(), seen.blob) == seen.blob
        return (file.lstat().st_size, file.lstat().st_mtime_ns) == (seen.size, seen.mtime_ns)

    def _set_modes(self, root: Path) -> None:
        files, folders, _ = look(root)
        # Only where it differs: every chmod makes git look into the file again.
        for path in self.files.keys() & files.keys():
            if files[path].mode != self.files[path].mode and not stat.S_ISLNK(files[path].mode):
                (root / path).chmod(stat.S_IMODE(self.files[path].mode))
        for path in sorted(self.folders.keys() & folders.keys(), reverse=True):
            if folders[path] != self.folders[path]:
                (root / path).chmod(stat.S_IMODE(self.folders[path]))


async def take_found(git: Git, root: Path, commit: str) -> Found:
    """Notes the folder, and keeps the content of small ignored files in the repository of `git`."""
    files, folders, nested = await asyncio.to_thread(look, root)
    ignored = await git.fields("ls-files", "-z", "--others", "--ignored", "--exclude-standard")
    kept, room = dict(files), KEPT_IN_ALL
    # The nearest to the top first: settings and secrets lie there, caches and dependencies below.
    for path in sorted((path for path in ignored if path in files), key=lambda path: path.count("/")):
        seen = files[path]
        if stat.S_ISLNK(seen.mode):
            kept[path] = Seen(seen.mode, seen.size, seen.mtime_ns, link=str((root / path).readlink()))
        elif stat.S_ISREG(seen.mode) and seen.size <= min(KEPT_BYTES, room):
            room -= seen.size
            content = await asyncio.to_thread((root / path).read_bytes)
            blob = await git.text("hash-object", "-w", "--stdin", stdin=content)
            kept[path] = Seen(seen.mode, seen.size, seen.mtime_ns, blob=blob)
    return Found(commit, kept, folders, sorted({*ignored, *nested}))


def look(root: Path) -> tuple[dict[str, Seen], dict[str, int], list[str]]:
    """Every file and folder below, and as `folder/` the repositories, which are not looked into."""
    files: dict[str, Seen] = {}
    folders: dict[str, int] = {}
    nested: list[str] = []
    for where, names, others in os.walk(root):
        for name in list(names):
            path = Path(where, name)
            relative = str(path.relative_to(root))
            if path.is_symlink():
                others.append(name)
            elif os.path.lexists(path / ".git"):
                nested.append(f"{relative}/")
            elif relative != ".git":
                folders[relative] = path.lstat().st_mode
                continue
            names.remove(name)
        for name in others:
            status = Path(where, name).lstat()
            files[str(Path(where, name).relative_to(root))] = Seen(status.st_mode, status.st_size, status.st_mtime_ns)
    files.pop(".git", None)
    return files, folders, nested


def blob_id(content: bytes, like: str) -> str:
    """The id git gives that content, in the kind of hash of another id."""
    digest = hashlib.sha1(usedforsecurity=False) if len(like) == 40 else hashlib.sha256()
    digest.update(b"blob %d\0" % len(content) + content)
    return digest.hexdigest()


def _is_kept(seen: Seen) -> bool:
    return seen.blob is not None or seen.link is not None
