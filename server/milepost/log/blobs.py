"""Large payloads of a mission, each kept once under the SHA-256 of its bytes."""

import hashlib
import re
from pathlib import Path

from milepost.domain.errors import LogCorrupt, Refused
from milepost.log.durable import TEMPORARY, write_durably
from milepost.log.redact import Redactor

SHA = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """A folder of blobs, usually `blobs/` of a mission; what is put is written before the event that names it."""

    def __init__(self, folder: Path, redactor: Redactor | None = None) -> None:
        self.folder = folder
        self._redactor = redactor

    def put(self, data: bytes | str) -> str:
        """Keep bytes, or text as UTF-8, secrets redacted; returns the hash of what was kept, once it is on disk."""
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        if self._redactor is not None:
            raw = self._redactor.raw(raw)
        sha = hashlib.sha256(raw).hexdigest()
        path = self.path(sha)
        # One of another size was damaged: here are the right bytes to mend it with.
        if not path.exists() or path.stat().st_size != len(raw):
            write_durably(path, raw)
        return sha

    def hide(self, text: str) -> str:
        """The text as it would be kept: without secrets. For what is kept in a form that nobody can search."""
        return text if self._redactor is None else self._redactor.text(text)

    def get(self, sha: str) -> bytes:
        """The bytes of that hash.

        Raises LogCorrupt where they are missing or are not those that were put.
        """
        path = self.path(sha)
        try:
            raw = path.read_bytes()
        except FileNotFoundError as error:
            raise LogCorrupt(
                f"blob {sha[:12]} is missing: expected it at {str(path)!r}; put it back from a copy of the "
                f"mission's folder"
            ) from error
        if hashlib.sha256(raw).hexdigest() != sha:
            raise LogCorrupt(
                f"blob {sha[:12]} at {str(path)!r} was changed after it was written; put it back from a copy of the "
                f"mission's folder"
            )
        return raw

    def path(self, sha: str) -> Path:
        """Where the blob of that hash lies, whether it is there or not.

        Raises Refused for what is not a hash.
        """
        if not SHA.fullmatch(sha):
            raise Refused(f"{sha!r} names no blob: expected 64 hexadecimal digits in lower case")
        return self.folder / sha[:2] / sha

    def verify(self) -> list[str]:
        """The hashes of blobs that no longer hold what was put, sorted; unfinished files are none."""
        found = [path for path in self.folder.glob("??/*") if not path.name.startswith(TEMPORARY)]
        return sorted(path.name for path in found if not _sound(path))


def _sound(path: Path) -> bool:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == path.name
