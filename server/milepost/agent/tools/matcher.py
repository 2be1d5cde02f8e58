"""Searches files for a regular expression in a process of its own, so that a pattern that never ends can be ended.

Started by path with the standard library alone; `search_text` writes its order to stdin and reads its hits from stdout.
"""

import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from typing import Any, TextIO

LINE_CHARACTERS = 300
FILE_BYTES = 20_000_000


def open_beneath(root: str, parts: Sequence[str], flags: int, mode: int = 0o666) -> int:
    """A descriptor of a path below `root`, reached folder by folder without following any link."""
    folder = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            os.close(folder)
            folder = inner
        last = parts[-1] if parts else "."
        # Without O_NONBLOCK, a named pipe in the tree would keep us waiting for its writer.
        return os.open(last, flags | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, mode, dir_fd=folder)
    finally:
        os.close(folder)


def read_beneath(root: str, parts: Sequence[str], limit: int) -> bytes | None:
    """Up to `limit` bytes of a plain file below `root`; None for anything else."""
    with os.fdopen(open_beneath(root, parts, os.O_RDONLY), "rb") as file:
        return file.read(limit) if stat.S_ISREG(os.fstat(file.fileno()).st_mode) else None


def is_binary(data: bytes) -> bool:
    """Whether it is no text: it has a zero byte near its start."""
    return b"\0" in data[:8192]


def search(order: dict[str, Any]) -> Iterator[tuple[str, int, str]]:
    """Path, line number and line of every hit, in the order of the paths."""
    pattern = re.compile(order["pattern"])
    for path in order["paths"]:
        try:
            data = read_beneath(order["root"], path.split("/"), FILE_BYTES)
        except OSError:
            # Gone or swapped since it was listed: it has nothing to find.
            continue
        if data is None or is_binary(data):
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), start=1):
            if pattern.search(line):
                yield path, number, line.strip()[:LINE_CHARACTERS]


def main(orders: TextIO, answers: TextIO) -> None:
    """Answer the order with hits, and whether there are more of them."""
    order = json.load(orders)
    hits: list[tuple[str, int, str]] = []
    try:
        for hit in search(order):
            if len(hits) == order["most"]:
                json.dump({"hits": hits, "more": True}, answers)
                return
            hits.append(hit)
        json.dump({"hits": hits, "more": False}, answers)
    except (re.error, OverflowError, RecursionError) as error:
        json.dump({"error": str(error)}, answers)


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
