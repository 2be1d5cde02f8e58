"""Looks at one path inside a cell: the path on stdin, what is there in JSON on stdout; standard library only.

It runs by itself, with `python -I -S`. A link leads where the program's own would lead, never out of the cell.
"""

import base64
import hashlib
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any

SHOWN_BYTES = 1_000_000
HASHED_BYTES = 200_000_000
MOST_NAMES = 1_000


def main() -> None:
    """Prints what is at the path."""
    path = sys.stdin.read()
    try:
        found = look(path)
    except (OSError, ValueError) as error:
        found = {"error": f"{type(error).__name__}: {getattr(error, 'strerror', None) or error}"}
    json.dump(found, sys.stdout)


def look(path: str) -> dict[str, Any]:
    """Kind, size and mode; the names in a folder, or the first bytes of a file and the hash of all."""
    link = str(Path(path).readlink()) if Path(path).is_symlink() else None
    seen = Path(path).stat()
    found: dict[str, Any] = {"link": link, "mode": stat.S_IMODE(seen.st_mode), "size": seen.st_size}
    if stat.S_ISDIR(seen.st_mode):
        with os.scandir(path) as entries:
            names = sorted(each.name + ("/" if each.is_dir(follow_symlinks=False) else "") for each in entries)
        return {**found, "names": names[:MOST_NAMES], "count": len(names)}
    if not stat.S_ISREG(seen.st_mode):
        # To open a pipe or a device would wait, or do something.
        return {**found, "special": stat.filemode(seen.st_mode)[0]}
    digest, head, read = hashlib.sha256(), b"", 0
    with Path(path).open("rb") as stream:
        while read < HASHED_BYTES and (part := stream.read(1 << 20)):
            digest.update(part)
            head += part[:SHOWN_BYTES - len(head)]
            read += len(part)
    return {**found, "read": read, "sha256": digest.hexdigest(), "head": base64.b64encode(head).decode()}


if __name__ == "__main__":
    main()
