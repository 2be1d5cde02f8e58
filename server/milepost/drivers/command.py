"""Runs a command as a tester does: what it printed, how it ended, and which files it touched."""

import asyncio
from collections.abc import Mapping

from milepost.domain.receipt import Receipt
from milepost.drivers.notebook import Keep, Notebook, Redact, Seen
from milepost.drivers.touched import compare, listing
from milepost.workspace.cell import Cell
from milepost.workspace.output import cap, decode, strip

TIMEOUT_S = 120.0
SHOWN_CHARACTERS = 16_000
_TAIL_LINES = 20


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
        self, command: str, *, timeout_s: float = TIMEOUT_S, stdin: str | None = None, assertion: str | None = None,
        called: str = "",
    ) -> Seen:
        """Runs a shell command at the root of the tree, with the services' variables and nothing of ours.

        Where it is only how something else is done, `called` is what people are told of in its place.
        """
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
        name = self._redact(called or command)
        head, foot = f"$ {name}", f"[{how}, {finished.ms} ms]\n{self._redact(str(touched))}\n"
        record = f"{head}\n{output}\n{foot}"
        evidence = self._notebook.add("receipt", record.encode(), f"{name} → {how}", assertion)
        shown = cap(output, SHOWN_CHARACTERS).rstrip()
        # Who asked knows the command: its first line is enough to tell which of several this was.
        first, more, _ = head.partition("\n")
        return Seen(f"[{evidence.id}] {first}{' …' if more else ''}\n{shown}\n{foot}", (evidence,), receipt)
