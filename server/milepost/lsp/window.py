"""One window of an editor: its documents, the missions behind them, and what its client can show."""

from collections.abc import Sequence
from pathlib import Path

from lsprotocol import types as lsp

from milepost.domain.errors import Refused
from milepost.ide.document import Document
from milepost.ide.snapshot import Snapshot
from milepost.lsp.convert import Columns
from milepost.lsp.gate import asks
from milepost.lsp.missions import Missions
from milepost.lsp.preferences import Preferences
from milepost.lsp.server import Server
from milepost.lsp.uris import is_file, path_of

LARGEST_FILE = 4 * 2**20
"""Bytes of a file that is read for a mention; longer ones are no code a person reads."""


class Window:
    """What handlers ask: the text of a document, its mission, and where a client counts what."""

    def __init__(self, server: Server, missions: Missions) -> None:
        self.server = server
        self.missions = missions
        self.preferences = Preferences(server)
        self._texts: dict[str, Document] = {}
        """By path: the newest text of it that somebody asked about."""
        self._stamps: dict[str, tuple[int, int]] = {}

    # --- documents ---

    def document(self, uri: str) -> Document | None:
        """The text behind a URI: as it stands in the editor, otherwise on disk; None for what is no file."""
        if not is_file(uri):
            return None
        path = str(path_of(uri))
        opened = self.server.document(uri)
        if opened is None:
            return self.on_disk(path)
        known, source = self._texts.get(path), opened.source
        if known is None or known.text is not source:
            self._stamps.pop(path, None)
            self._texts[path] = known = known.edited(source) if known else Document(path, source)
        return known

    def on_disk(self, path: str) -> Document | None:
        """A file's text; None where there is none, it is too long, or it cannot be read."""
        try:
            found = Path(path).stat()
            stamp = (found.st_mtime_ns, found.st_size)
            if self._stamps.get(path) == stamp:
                return self._texts[path]
            if found.st_size > LARGEST_FILE:
                return None
            text = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        self._stamps[path] = stamp
        self._texts[path] = Document(path, text)
        return self._texts[path]

    def forget(self, uri: str) -> None:
        """A document was closed."""
        if is_file(uri):
            path = str(path_of(uri))
            self._texts.pop(path, None)
            self._stamps.pop(path, None)

    def columns(self, document: Document) -> Columns:
        """Columns of a document, as the client counts them."""
        documents = self.server.protocol.documents
        assert documents is not None, "no document is asked about before initialize"
        return Columns(document.lines, documents.codec)

    def place(self, path: str) -> Columns:
        """Columns of the file at a path."""
        return self.columns(self.on_disk(path) or Document(path, ""))

    # --- missions ---

    def snapshot_of(self, document: Document) -> Snapshot | None:
        """The mission of one of its own documents."""
        follower = self.missions.of_document(Path(document.path))
        return follower.snapshot if follower else None

    def snapshots_around(self, path: str) -> Sequence[tuple[Snapshot, str]]:
        """The missions whose tree or repository a file lies in, newest first, each with the path inside it."""
        found: list[tuple[Snapshot, str]] = []
        for snapshot in self.missions.snapshots:
            for root in dict.fromkeys((snapshot.paths.tree, snapshot.paths.repository)):
                if path.startswith(f"{root}/"):
                    found.append((snapshot, path[len(root) + 1:]))
                    break
        return found

    # --- the client ---

    def say(self, text: str, level: lsp.MessageType = lsp.MessageType.Info) -> None:
        """Tell the person something that they asked for or must know."""
        self.server.notify(lsp.WINDOW_SHOW_MESSAGE, lsp.ShowMessageParams(level, text))

    @property
    def can(self) -> lsp.ClientCapabilities:
        """What the client says it can."""
        return self.server.protocol.client_capabilities

    @property
    def gated(self) -> bool:
        """Whether the client speaks our own messages."""
        return asks(self.can.experimental)

    def expect_gate(self) -> None:
        """Raise Refused for a client that did not say that it speaks our messages."""
        if not self.gated:
            raise Refused("this client did not ask for milepost's own messages in initialize: see PROTOCOL.md")
