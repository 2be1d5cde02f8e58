"""The programs a user works with, wherever they are installed: what must be visible for them to run, no more.

Toolchains live in home folders, next to secrets. A whole home folder is never made visible.
"""

import os
import pwd
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt", "/nix", "/gnu")
"""Folders that belong to the system and are visible whole, but for the secrets in them."""
_FALLBACK = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
_HOMES = {
    "PYENV_ROOT": ".pyenv", "RUSTUP_HOME": ".rustup", "VOLTA_HOME": ".volta", "ASDF_DATA_DIR": ".asdf",
    "MISE_DATA_DIR": ".local/share/mise", "SDKMAN_DIR": ".sdkman", "JAVA_HOME": "", "GOROOT": "", "NVM_DIR": ".nvm",
}
"""Variables that say where a toolchain lives, and the folder below home it has without them."""
_SHARED = (".local", ".cargo", ".config", ".cache", "go", ".gem", ".npm")
"""Folders that hold tools beside other things, secrets among them: only the tools themselves are made visible."""
_SIGNS = ("lib", "lib64", "libexec", "pyvenv.cfg", "shims", "versions", "toolchains")
_MOST_LINKS = 100


@dataclass(frozen=True, slots=True)
class Toolchain:
    """What a cell shows of the host's programs beside the system's own."""

    path: str
    variables: Mapping[str, str]
    roots: tuple[Path, ...]
    """Files and folders to make visible at their own path; none lies in another, or in the system's."""


def find(environ: Mapping[str, str], home: Path, *, python: bool) -> Toolchain:
    """The toolchain of a user with that environment and home."""
    homes = [home, Path(pwd.getpwuid(os.getuid()).pw_dir)]
    folders = _path(environ)
    variables = _variables(environ, homes)
    roots = [Path(folder) for folder in variables.values()]
    if python:
        roots += [Path(sys.prefix), Path(sys.base_prefix)]
        folders = list(dict.fromkeys([*folders, f"{sys.prefix}/bin"]))
    for folder in folders:
        roots += _behind(Path(folder), homes)
    shown = [root for root in roots if not holds(root, homes) and os.access(root, os.R_OK)]
    return Toolchain(":".join(folders), variables, outermost(shown))


def holds(folder: Path, homes: Sequence[Path]) -> bool:
    """Whether one of the home folders is this folder or lies in it."""
    return any(home.is_relative_to(folder) or home.resolve().is_relative_to(folder.resolve()) for home in homes)


def outermost(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Each path that lies in none of the others and in no folder of the system."""
    kept: list[Path] = []
    for path in sorted(set(paths), key=lambda path: len(path.parts)):
        if not _in_system(path) and not any(path.is_relative_to(root) for root in kept):
            kept.append(path)
    return tuple(kept)


def _path(environ: Mapping[str, str]) -> list[str]:
    """The folders of the user's path that are there and can be named from anywhere."""
    folders = dict.fromkeys((environ.get("PATH", "") or _FALLBACK).split(":"))
    usable = [os.path.normpath(folder) for folder in folders if folder.startswith("/") and _is_folder(folder)]
    missing = [folder for folder in _FALLBACK.split(":") if folder not in usable and _is_folder(folder)]
    return usable + missing


def _variables(environ: Mapping[str, str], homes: Sequence[Path]) -> dict[str, str]:
    found = {}
    for name, below in _HOMES.items():
        folder = Path(environ[name]) if environ.get(name) else homes[0] / below
        if folder.is_absolute() and _is_folder(folder) and not holds(folder, homes):
            found[name] = str(folder)
    return found


def _behind(folder: Path, homes: Sequence[Path]) -> Iterator[Path]:
    """A folder of programs as the prefix it belongs to, and what the links in it lead to."""
    if _in_system(folder):
        return
    prefix = _prefix(folder, homes)
    yield prefix
    with suppress(OSError):
        links = [entry for entry in sorted(folder.iterdir()) if entry.is_symlink()]
        for target in {link.resolve() for link in links[:_MOST_LINKS]}:
            if os.access(target, os.R_OK) and not target.is_relative_to(prefix) and not _in_system(target):
                yield _prefix_of_program(target, homes)


def _prefix_of_program(program: Path, homes: Sequence[Path]) -> Path:
    prefix = _prefix(program.parent, homes)
    # Only what is clearly a toolchain is shown whole: a link may lead into anybody's project.
    return program if prefix == program.parent else prefix


def _prefix(folder: Path, homes: Sequence[Path]) -> Path:
    parent = folder.parent
    named = folder.name in ("bin", "sbin", "shims")
    if named and parent.name not in _SHARED and not holds(parent, homes) and _is_toolchain(parent):
        return parent
    return folder


def _is_toolchain(folder: Path) -> bool:
    return any((folder / sign).exists() for sign in _SIGNS)


def _is_folder(path: Path | str) -> bool:
    """Whether it is a folder this user may look into; others are as good as missing."""
    return os.access(path, os.R_OK | os.X_OK) and Path(path).is_dir()


def _in_system(path: Path) -> bool:
    return any(path.is_relative_to(root) for root in SYSTEM)
