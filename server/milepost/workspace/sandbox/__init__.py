"""Cells: with walls of bubblewrap, or, on the user's word alone, without."""

import os
from collections.abc import Sequence
from pathlib import Path

from milepost.workspace.cell import Cell, Room
from milepost.workspace.sandbox import launcher, toolchain
from milepost.workspace.sandbox.bubblewrap import Bubblewrap
from milepost.workspace.sandbox.launcher import sandbox_available
from milepost.workspace.sandbox.plain import Plain

__all__ = ["open_cell", "sandbox_available"]


async def open_cell(
    host_tree: Path,
    *,
    sandbox: bool,
    scratch: Path,
    readonly: Sequence[tuple[Path, str]] = (),
    mask: Sequence[str] = (),
    visible: Sequence[Path] = (),
    hidden: Sequence[Path] = (),
    read_only_tree: bool = False,
    python: bool = True,
) -> Cell:
    """Opens a cell on a tree; the fields of `Room` say what each word means.

    Without a sandbox nothing is hidden or masked, and `readonly` files are copies.

    Raises:
        WorkspaceError: there can be no sandbox here; it never falls back to none.
    """
    room = Room(
        host_tree=host_tree, scratch=scratch, readonly=tuple(readonly), mask=tuple(mask), visible=tuple(visible),
        hidden=tuple(hidden), read_only_tree=read_only_tree, python=python,
    )
    found = launcher.find() if sandbox else None
    room.furnish()
    tools = toolchain.find(os.environ, Path.home(), python=python)
    if found is None:
        return Plain(room, tools)
    return await Bubblewrap.open(room, found, tools)
