"""Paths of the tree as tools may touch them: inside it with links followed, and opened so that none is swapped in."""

import difflib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from milepost.agent.tools.matcher import open_beneath
from milepost.domain.errors import ToolError
from milepost.workspace.paths import is_git_entry

MOUNT = "/tree"
"""Where a sandbox shows the tree; a model that saw it there may write it so."""


@dataclass(frozen=True, slots=True)
class Place:
    """A path inside the tree, links followed."""

    root: Path
    path: str
    """Relative to the root, `.` for the root itself."""

    @property
    def parts(self) -> tuple[str, ...]:
        """The names from the root down."""
        return () if self.path == "." else tuple(self.path.split("/"))


def locate(root: Path, path: str) -> Place:
    """The place a model names.

    Raises ToolError for what lies outside, for `.git`, and for names that are no text.
    """
    named = path.removeprefix(MOUNT).lstrip("/") or "." if path == MOUNT or path.startswith(f"{MOUNT}/") else path
    try:
        named.encode()
    except UnicodeEncodeError as error:
        raise ToolError(f"{path!r} is no path: expected text in UTF-8") from error
    if named.startswith("/") or "\0" in named:
        raise ToolError(f"{path!r} is not inside the tree; expected a path from its root")
    with explained(path):
        real = Path(os.path.realpath(root))
        target = Path(os.path.realpath(real / named))
    if not target.is_relative_to(real):
        raise ToolError(f"{path!r} leads out of the tree; only what lies inside can be read or written")
    inside = target.relative_to(real).as_posix()
    if is_git_entry(inside) or is_git_entry(os.path.normpath(named)):
        raise ToolError(f"{path!r} belongs to git, no part of the tree; show_diff and commit speak of history")
    return Place(real, inside)


@contextmanager
def explained(path: str) -> Iterator[None]:
    """Turns what the file system says into what a model can use."""
    try:
        yield
    except IsADirectoryError as error:
        raise ToolError(f"{path!r} is a folder; expected a file (list_files shows what is in it)") from error
    except OSError as error:
        raise ToolError(f"{path!r} cannot be used: {error.strerror or error}") from error


def read(place: Place, limit: int) -> tuple[bytes, int]:
    """Up to `limit` bytes of a file, and its size.

    Raises ToolError for a missing file (naming near ones), a folder, or what is no plain file.
    """
    with explained(place.path):
        try:
            descriptor = open_beneath(str(place.root), place.parts, os.O_RDONLY)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise ToolError(f"there is no file {place.path!r}{near(place)}") from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISDIR(status.st_mode):
                raise IsADirectoryError
            if not stat.S_ISREG(status.st_mode):
                raise ToolError(f"{place.path!r} is a device or a pipe; expected a file")
            return file.read(limit), status.st_size


def near(place: Place) -> str:
    """A hint at files of a similar name in the same folder."""
    folder = place.root.joinpath(*place.parts[:-1])
    names = [e.name for e in os.scandir(folder)] if folder.is_dir() else []
    close = difflib.get_close_matches(place.parts[-1] if place.parts else "", names, n=3)
    prefix = "/".join(place.parts[:-1])
    return f"; near it: {', '.join(f'{prefix}/{n}'.lstrip('/') for n in close)}" if close else ""


def write(place: Place, data: bytes) -> None:
    """Puts a file in place whole, with the folders it needs; a file that was there keeps its mode."""
    with explained(place.path):
        folder = made_folder(place)
        try:
            put(folder, place.parts[-1], data)
        finally:
            os.close(folder)


def made_folder(place: Place) -> int:
    """A descriptor of the folder a file is to lie in, made where it is missing."""
    if not place.parts:
        raise IsADirectoryError
    folder = open_beneath(str(place.root), (), os.O_RDONLY | os.O_DIRECTORY)
    for part in place.parts[:-1]:
        with suppress(FileExistsError):
            os.mkdir(part, dir_fd=folder)
        try:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def put(folder: int, name: str, data: bytes) -> None:
    """Writes beside the file and renames over it: a crash leaves the old one or the new one, never half of it."""
    mode = None
    with suppress(FileNotFoundError):
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            raise IsADirectoryError
        mode = stat.S_IMODE(status.st_mode)
    # The same name each time: a call repeated after a crash sweeps up what the first one left.
    part = f".{name[:200]}.part"
    with suppress(FileNotFoundError):
        os.unlink(part, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(part, flags, 0o666, dir_fd=folder)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        if mode is not None:
            os.fchmod(file.fileno(), mode)
    os.rename(part, name, src_dir_fd=folder, dst_dir_fd=folder)
