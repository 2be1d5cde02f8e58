"""Which browser is driven: the user's own Chromium, found where systems put it, or the one that a setting names."""

import os
from collections.abc import Sequence
from pathlib import Path

from milepost.domain.errors import WorkspaceError

PLACES = (
    "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome-stable", "/usr/bin/google-chrome",
    "/opt/google/chrome/chrome", "/usr/bin/brave-browser", "/opt/brave.com/brave/brave", "/usr/bin/microsoft-edge",
    "/opt/microsoft/msedge/msedge", "/usr/lib64/chromium-browser/chromium-browser",
    "/run/current-system/sw/bin/chromium",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
MEND = (
    "sudo apt-get install -y chromium, or install Chrome, Brave or Edge, "
    "or name the program in the setting `browser` (MILEPOST_BROWSER)"
)
_SCRIPT_BYTES = 20_000


def find(named: Path | None = None, places: Sequence[str] = PLACES) -> Path:
    """The program.

    Raises:
        WorkspaceError: there is none, or the named one cannot be run; the message says how to come by one.
    """
    if named is not None:
        if not _runs(named):
            raise WorkspaceError(f"the browser {str(named)!r} of your settings is no program that can be run: {MEND}")
        return named
    found = [Path(place) for place in places if _runs(Path(place))]
    usable = [place for place in found if not in_snap(place)]
    if usable:
        return usable[0]
    if found:
        raise WorkspaceError(f"{str(found[0])!r} comes from a snap, which cannot be run in the sandbox: {MEND}")
    raise WorkspaceError(f"no browser was found: {MEND}")


def in_snap(program: Path) -> bool:
    """Whether it only leads into a snap: those need a daemon of the system, which the sandbox does not have."""
    if "/snap/" in str(program.resolve()) or program.resolve().name == "snap":
        return True
    with program.open("rb") as file:
        start = file.read(_SCRIPT_BYTES)
    return start.startswith(b"#!") and b"/snap/bin" in start


def _runs(program: Path) -> bool:
    return program.is_file() and os.access(program, os.X_OK)


def folders(named: Path | None) -> tuple[Path, ...]:
    """What a cell must show for a named program to run there: its folder, for it comes with files beside it."""
    return () if named is None or not named.exists() else (named.resolve().parent,)
