"""The server's log: one file in the state folder, shared by all servers of the user, begun anew when it grows long."""

import logging
import os
from io import TextIOWrapper
from pathlib import Path

NAME = "lsp.log"
LARGEST = 4 * 2**20
"""Bytes after which the file becomes the old one; there is one old one."""


class Journal(logging.FileHandler):
    """Appends; begins a new file where this one is long, and follows another server that did so."""

    def __init__(self, path: Path, largest: int = LARGEST) -> None:
        super().__init__(path, encoding="utf-8", errors="backslashreplace", delay=True)
        self._path = path
        self._largest = largest
        self.setFormatter(logging.Formatter("%(asctime)s %(process)d %(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._turn()
            super().emit(record)
        except OSError:
            self.handleError(record)

    def handleError(self, record: logging.LogRecord) -> None:
        """A full disk must not end the server, and there is nobody to tell."""

    def _turn(self) -> None:
        if not isinstance(self.stream, TextIOWrapper):
            return
        ours = os.fstat(self.stream.fileno())
        if self._path.exists() and os.path.samestat(ours, self._path.stat()):
            if ours.st_size <= self._largest:
                return
            self._path.replace(self._path.with_suffix(".old.log"))
        self.stream.close()
        self.stream = self._open()


def open_journal(folder: Path) -> Path:
    """Send everything that is logged to the file in a folder; where it is."""
    path = folder / NAME
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        # Without a handler of its own, logging writes warnings to standard error.
        root.warning("no log can be written: %s", error)
    else:
        root.addHandler(Journal(path))
    # pygls writes every message whole into its log (defect 14).
    logging.getLogger("pygls").setLevel(logging.WARNING)
    logging.getLogger("milepost").setLevel(logging.INFO)
    return path
