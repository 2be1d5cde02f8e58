"""A shell that waits behind the walls for its command: what walls cost is paid while nobody waits for it."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.workspace.process import Finished, follow, spawn_with_pipe

LONGEST = 8_000
"""Bytes of a command that is told: bash reads it byte by byte, so that a long one is quicker from the start."""
_WAIT = 'IFS= read -r -d "" command && exec "$0" -c "$command" </dev/null'
"""Where nobody tells it a command, the end of its input is its own."""


class Standby:
    """One shell, for one command."""

    def __init__(self, shell: str, *, walls: Sequence[str], cwd: Path, env: Mapping[str, str]) -> None:
        """Start it. Raises WorkspaceError where it cannot be started."""
        self._walls = list(walls)
        told, self.teller = os.pipe()
        try:
            self.child, self._output = spawn_with_pipe([shell, "-c", _WAIT, shell], cwd, env, told, walls)
        except WorkspaceError:
            os.close(self.teller)
            raise
        finally:
            os.close(told)

    @staticmethod
    def can_take(shell: str, command: str, env: Mapping[str, str]) -> bool:
        """Whether a command runs in a shell that waited just as in one that did not."""
        # Other shells cannot read up to a NUL, and what bash does at its start must not be done twice.
        plain = shell.endswith("/bash") and not any(name.startswith("BASH") for name in env)
        return plain and len(command.encode("utf-8", "replace")) <= LONGEST

    def fits(self, walls: Sequence[str]) -> bool:
        """Whether it waits, in just this place."""
        return self._walls == walls and self.child.exit_code is None

    async def run(self, command: str, *, timeout_s: float, max_output: int) -> Finished | None:
        """Tell it the command and wait for its end, as `finish` does; None where it is gone and nothing ran."""
        began = time.monotonic()
        try:
            os.write(self.teller, os.fsencode(command) + b"\0")
        except (BrokenPipeError, UnicodeEncodeError):
            await self.dismiss()
            return None
        os.close(self.teller)
        return await follow(self.child, self._output, began=began, timeout_s=timeout_s, max_output=max_output)

    async def dismiss(self) -> None:
        """End it; nothing ran in it."""
        os.close(self.teller)
        await self.child.stop(0)
        os.close(self._output)
