"""What commands in the sandbox see of the file system: folders of the system, the toolchain, the tree; no more."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from pathlib import Path

from milepost.workspace.cell import Room
from milepost.workspace.sandbox.toolchain import SYSTEM, Toolchain
from milepost.workspace.sandbox.walls import UID

_PASSWD = f"root:x:0:0:root:/:/bin/sh\nagent:x:{UID}:{UID}:agent:/home/agent:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
_GROUP = f"root:x:0:\nagent:x:{UID}:\nnogroup:x:65534:\n"
_WITH_SECRETS, _DEPTH = ("/etc", "/opt", "/usr/local/etc"), 3
_HARMLESS = ("/etc/.pwd.lock",)
_NOTHING = ("--ro-bind", "/dev/null")


def arguments(room: Room, toolchain: Toolchain, laid: Sequence[tuple[Path, str]]) -> list[str]:
    """Bubblewrap's words for all of it, in the order in which they must be done."""
    identity(room)
    words = [*_system(), *_secrets(), *_people(room), *_empty(), *_own(room)]
    for root in toolchain.roots:
        words += ["--ro-bind", str(root), str(root)]
    seen = (*map(Path, SYSTEM), *toolchain.roots)
    hidden = [str(path) for path in room.hidden if path.is_dir() and _is_seen(path, seen)]
    for folder in hidden:
        words += ["--tmpfs", folder]
    for path in room.visible:
        words += ["--ro-bind", str(path), str(path)]
    words += ["--ro-bind" if room.read_only_tree else "--bind", str(room.host_tree), "/tree"]
    for source, at in laid:
        words += ["--ro-bind", str(source), f"/tree/{at}"]
    for folder in ("/", *hidden):
        words += ["--remount-ro", folder]
    return words


def identity(room: Room) -> None:
    """Writes the files that say who is who inside, without the names of the host's users."""
    (room.scratch / "passwd").write_text(_PASSWD)
    (room.scratch / "group").write_text(_GROUP)


def _system() -> Iterator[str]:
    for folder in SYSTEM:
        path = Path(folder)
        if path.is_symlink():
            yield from ("--symlink", str(path.readlink()), folder)
        elif path.is_dir():
            yield from ("--ro-bind", folder, folder)
    yield from ("--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu")


def _secrets() -> Iterator[str]:
    for top in _WITH_SECRETS:
        for path in closed(Path(top), _DEPTH):
            yield from ("--tmpfs", str(path), "--remount-ro", str(path)) if path.is_dir() else (*_NOTHING, str(path))


def closed(folder: Path, depth: int) -> Iterator[Path]:
    """Files and folders that this user may read and others may not, the outermost of each."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=attrgetter("name")):
            is_folder = entry.is_dir(follow_symlinks=False)
            needed = 0o005 if is_folder else 0o004
            if entry.is_symlink() or entry.path in _HARMLESS:
                continue
            if entry.stat(follow_symlinks=False).st_mode & needed == needed:
                if is_folder and depth > 1:
                    yield from closed(Path(entry.path), depth - 1)
            elif os.access(entry.path, os.R_OK):
                yield Path(entry.path)


def _people(room: Room) -> Iterator[str]:
    for name in ("passwd", "group"):
        yield from ("--ro-bind", str(room.scratch / name), f"/etc/{name}")


def _empty() -> Iterator[str]:
    """What programs expect to be there, with nothing of the host's in it."""
    # The host's /proc is never seen: each command mounts its own over it, which the kernel allows only where one is.
    yield from ("--bind", "/proc", "/proc", "--dev", "/dev", "--dir", "/run", "--dir", "/root", "--dir", "/var")
    yield from ("--symlink", "../tmp", "/var/tmp", "--symlink", "../run", "/var/run")


def _own(room: Room) -> Iterator[str]:
    yield from ("--bind", str(room.temporary), "/tmp", "--bind", str(room.home), "/home/agent")


def _is_seen(folder: Path, roots: Sequence[Path]) -> bool:
    return any(folder.is_relative_to(root) for root in roots)
