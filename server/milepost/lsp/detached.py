"""Starting a process that outlives the editor: closing a window stops nothing that was begun in it (D19)."""

import asyncio
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from milepost.domain.errors import LogUnavailable


async def outliving(words: Sequence[str], cwd: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Run a program in a session of its own to its end: exit code, output, complaint.

    It goes on where nobody waits any more. Raises LogUnavailable where there is no room for what it will say.
    """
    try:
        # Files without a name: a pipe would break with the editor, and with it whoever prints into it.
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = begin(words, cwd, environment, out, err)
            return await ended(process), said(out), said(err)
    except OSError as error:
        raise LogUnavailable(f"it could not be started ({error.strerror}): nothing was done") from error


def begin(
    words: Sequence[str], cwd: Path, environment: Mapping[str, str], out: IO[Any], err: IO[Any],
) -> subprocess.Popen[bytes]:
    """Start it; it has no terminal, and no signal of the editor's reaches it."""
    return subprocess.Popen(
        words, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=cwd, env=environment, start_new_session=True,
    )


async def ended(process: subprocess.Popen[bytes]) -> int:
    """Its exit code, once there is one."""
    loop = asyncio.get_running_loop()
    code: asyncio.Future[int] = loop.create_future()

    def settle(found: int) -> None:
        if not code.done():
            code.set_result(found)

    def wait() -> None:
        found = process.wait()
        with suppress(RuntimeError):  # the loop is closed: the editor is gone
            loop.call_soon_threadsafe(settle, found)

    # asyncio kills a child of its own whose transport goes, and a worker of its pool would be waited for.
    threading.Thread(target=wait, name="milepost-errand", daemon=True).start()
    return await code


def said(printed: IO[Any]) -> str:
    """Everything that was printed into a file."""
    printed.seek(0)
    return str(printed.read().decode("utf-8", "replace"))
