"""A mission's private clone, read with git: who wrote a line, what a feature changed, where an id is named.

No repository that an agent or a stranger can configure is asked: only the bare one that the engine made (D5).
"""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from milepost.domain.errors import Refused
from milepost.ide.blame import BlameLine
from milepost.lsp.wire import DiffFile

LARGEST = 1 * 2**20
"""Bytes of a file whose text is shown in a difference."""
FIELD, ROW = "%x1f", "%x1e"


class Clone:
    """The bare repository in a mission's folder."""

    def __init__(self, repository: Path) -> None:
        self.repository = repository
        self._blamed: dict[tuple[str, str], tuple[BlameLine, ...]] = {}
        self._written: dict[tuple[str, str], Mapping[str, tuple[str, str]]] = {}

    async def blame(self, base: str, head: str, path: str, text: str) -> tuple[BlameLine, ...]:
        """The lines of a file that features wrote; nothing where the text is another than the judged one (D21c)."""
        key = (head, path)
        if await self.text(head, path) != text:
            return ()
        if key not in self._blamed:
            wrote = await self.written(base, head)
            rows = await self.git("blame", "--porcelain", f"{base}..{head}" if base != head else head, "--", path)
            self._blamed = {key: tuple(lines_of(rows, wrote))} | dict(list(self._blamed.items())[-15:])
        return self._blamed[key]

    async def written(self, base: str, head: str) -> Mapping[str, tuple[str, str]]:
        """Mission and feature of each commit of a mission, by its id."""
        if (base, head) not in self._written:
            trailer = "%(trailers:key={},valueonly,separator=%x2C)"
            form = FIELD.join(["%H", trailer.format("Mission"), trailer.format("Feature")]) + ROW
            out = await self.git("log", f"--format={form}", f"{base}..{head}")
            rows = (row.strip().split("\x1f") for row in out.split("\x1e") if row.strip())
            self._written = {(base, head): {commit: (mission, feature) for commit, mission, feature in rows}}
        return self._written[base, head]

    async def mentions(self, head: str, pattern: str) -> list[tuple[str, int, int, int]]:
        """Path, line (from 0), and the columns of each place at which a pattern stands, in code and tests."""
        try:
            out = await self.git("grep", "-I", "-n", "--column", "-o", "-E", "-z", pattern, head, "--")
        except Refused:  # nothing found is an exit code of 1
            return []
        found = []
        for row in out.splitlines():
            place, line, column, *words = row.split("\0")
            path, word = place.partition(":")[2], "\0".join(words)
            start = int(column) - 1
            found.append((path, int(line) - 1, start, start + len(word)))
        return found

    async def difference(self, before: str, after: str) -> list[DiffFile]:
        """Every file that differs between two commits, with its text on both sides."""
        out = await self.git("diff", "--name-status", "--no-renames", "-z", before, after)
        parts = out.split("\0")
        pairs = zip(parts[::2], parts[1::2], strict=False)
        return [
            DiffFile(
                path=path, before=None if status == "A" else await self.text(before, path),
                after=None if status == "D" else await self.text(after, path),
            )
            for status, path in pairs
        ]

    async def text(self, commit: str, path: str) -> str | None:
        """A file of a commit; None where it is not there, is long, or is no text."""
        try:
            size = int(await self.git("cat-file", "-s", f"{commit}:{path}"))
            raw = await self.bytes("cat-file", "blob", f"{commit}:{path}") if size <= LARGEST else b"\0"
        except Refused:
            return None
        return None if b"\0" in raw else raw.decode("utf-8", "replace")

    async def git(self, *words: str) -> str:
        """What git prints. Raises Refused where it fails."""
        return (await self.bytes(*words)).decode("utf-8", "surrogateescape")

    async def bytes(self, *words: str) -> bytes:
        """What git prints, as it is. Raises Refused where it fails."""
        try:
            process = await asyncio.create_subprocess_exec(
                "git", f"--git-dir={self.repository}", "-c", "core.quotePath=false", "--no-pager", *words,
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                env=environment(), cwd=self.repository,
            )
        except OSError as error:
            raise Refused(f"git {words[0]} cannot run in {str(self.repository)!r}: {error.strerror}") from error
        out, err = await process.communicate()
        if process.returncode:
            raise Refused(f"git {words[0]} failed: {err.decode('utf-8', 'replace').strip()[:300]}")
        return out


def environment() -> dict[str, str]:
    """Git with no configuration but the clone's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return {**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}


def lines_of(porcelain: str, wrote: Mapping[str, tuple[str, str]]) -> list[BlameLine]:
    """The lines of a blame that commits of a mission's features wrote."""
    found = []
    for row in porcelain.split("\n"):
        words = row.split(" ")
        if len(words) >= 3 and len(words[0]) == 40 and words[0] in wrote:
            mission, feature = wrote[words[0]]
            if feature:
                found.append(BlameLine(int(words[2]) - 1, words[0], feature, mission))
    return found
