"""Runs a command as a tester does: what it printed, how it ended, and which files it touched."""

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.receipt import Receipt
from milepost.drivers.notebook import Keep, Notebook, Redact, Seen
from milepost.workspace.cell import Cell
from milepost.workspace.output import cap, decode, strip

TIMEOUT_S = 120.0
SHOWN_CHARACTERS = 16_000
SHOWN_FILES = 50
_TAIL_LINES = 20
_LEFT_OUT = frozenset({".git", "node_modules", ".venv", "__pycache__"})

Listing = dict[str, tuple[int, int]]
"""Path to size and time of change."""


@dataclass(frozen=True, slots=True)
class Touched:
    """Files that came, changed or went while a command ran."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __str__(self) -> str:
        named = (("added", self.added), ("changed", self.changed), ("removed", self.removed))
        lines = [f"{what}: {', '.join(paths[:SHOWN_FILES])}{_more(paths)}" for what, paths in named if paths]
        return "\n".join(lines) or "no file was touched"


class Commands:
    """The command driver of one attempt."""

    def __init__(
        self, cell: Cell, notebook: Notebook, keep: Keep, *, env: Mapping[str, str] | None = None, redact: Redact = str
    ) -> None:
        self._cell = cell
        self._notebook = notebook
        self._keep = keep
        self._env = dict(env or {})
        self._redact = redact

    async def run(
        self, command: str, *, timeout_s: float = TIMEOUT_S, stdin: str | None = None, assertion: str | None = None
    ) -> Seen:
        """Runs a shell command at the root of the tree, with the services' variables and nothing of ours."""
        before = await asyncio.to_thread(listing, self._cell.host_tree)
        finished = await self._cell.run(
            command, timeout_s=timeout_s, env=self._env, stdin=None if stdin is None else stdin.encode()
        )
        touched = compare(before, await asyncio.to_thread(listing, self._cell.host_tree))
        output = self._redact(strip(decode(finished.output)))
        receipt = Receipt(
            command=command, exit_code=finished.exit_code, timed_out=finished.timed_out, ms=finished.ms,
            output=self._keep(output.encode()), tail="\n".join(output.rstrip().splitlines()[-_TAIL_LINES:]),
            tree=self._notebook.tree,
        )
        how = f"stopped after {timeout_s:g} s" if finished.timed_out else f"exit code {finished.exit_code}"
        head, foot = f"$ {self._redact(command)}", f"[{how}, {finished.ms} ms]\n{touched}\n"
        record = f"{head}\n{output}\n{foot}"
        evidence = self._notebook.add("receipt", record.encode(), self._redact(f"{command} → {how}"), assertion)
        shown = cap(output, SHOWN_CHARACTERS).rstrip()
        # Who asked knows the command: its first line is enough to tell which of several this was.
        first, more, _ = head.partition("\n")
        return Seen(f"[{evidence.id}] {first}{' …' if more else ''}\n{shown}\n{foot}", (evidence,), receipt)


def listing(root: Path) -> Listing:
    """Every file below a folder with its size and time, folders of dependencies and caches left out."""
    found: Listing = {}
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _LEFT_OUT]
        for name in files:
            path = Path(folder, name)
            try:
                seen = path.lstat()
            except FileNotFoundError:
                # Gone between the listing and the look at it: it is not there.
                continue
            found[path.relative_to(root).as_posix()] = (seen.st_size, seen.st_mtime_ns)
    return found


def compare(before: Listing, after: Listing) -> Touched:
    """What is different between two listings."""
    return Touched(
        added=tuple(sorted(after.keys() - before.keys())),
        changed=tuple(sorted(path for path in after.keys() & before.keys() if after[path] != before[path])),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


def _more(paths: tuple[str, ...]) -> str:
    return f" and {len(paths) - SHOWN_FILES} more" if len(paths) > SHOWN_FILES else ""
