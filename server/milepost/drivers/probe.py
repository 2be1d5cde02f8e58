"""Programs of ours that run inside a cell, by themselves: a service there can be reached from nowhere else."""

import json
import shlex
import sys
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from milepost.domain.errors import WorkspaceError
from milepost.workspace.cell import Cell

_PREPARED = """
import sys, types
# Nothing in a cell speaks TLS, and to load it is a fifth of what a request costs.
sys.modules["ssl"] = None
for name, source in {parts!r}:
    sys.modules[name] = module = types.ModuleType(name)
    exec(compile(source, name, "exec"), module.__dict__)
module.main()
"""
"""Each part finds those before it by their full name, although nothing of this package is there."""


@cache
def command(*names: str) -> str:
    """The shell command that runs the last of these modules of this folder, which may import those before it.

    It runs on our own interpreter where the cell shows it, and on `python3` of the cell's path where it does not;
    standard library is all that it needs.
    """
    folder = resources.files("milepost.drivers")
    parts = [(f"milepost.drivers.{name}", folder.joinpath(f"{name}.py").read_text("utf-8")) for name in names]
    ours = shlex.quote(str(Path(sys.executable).resolve()))
    source = shlex.quote(_PREPARED.format(parts=parts))
    return f"p={ours}; [ -x \"$p\" ] || p=python3; exec \"$p\" -I -S -c {source}"


async def answer(cell: Cell, name: str, asked: bytes, *, what: str, timeout_s: float, most: int) -> dict[str, Any]:
    """What one of these modules says in JSON to what it is asked on its input; `most` bytes of it are read.

    Raises WorkspaceError, which begins with `what` was to be done, where it says nothing of the kind.
    """
    finished = await cell.run(command(name), timeout_s=timeout_s, stdin=asked, max_output=most)
    try:
        said: dict[str, Any] = json.loads(finished.output)
    except ValueError as error:
        raise WorkspaceError(
            f"{what} inside the cell: exit code {finished.exit_code}, "
            f"{finished.output[-300:].decode('utf-8', 'replace')!r}; is there a Python in it?"
        ) from error
    return said
