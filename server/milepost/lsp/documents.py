"""Open documents: lines as LSP counts them, positions in the client's units, edits of a stretch or of the whole.

pygls splits lines where Python does (U+2028, form feed and others end one), moves positions behind a line to its last
character, and changes the positions it is given (defect 17); so the three methods that count are ours.
"""

import re
from collections.abc import Sequence
from urllib.parse import unquote

from lsprotocol import types
from pygls.workspace import PositionCodec, TextDocument, Workspace
from pygls.workspace.position_codec import ServerTextPosition

from milepost.ide.shapes import Span, Spot

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text with their ends, which are `\\n`, `\\r\\n` or `\\r`."""
    if "\r" in text:
        return tuple(_LINE.findall(text))
    *lines, last = text.split("\n")
    return (*(line + "\n" for line in lines), *([last] if last else []))


class Codec(PositionCodec):
    """Between the client's units and code points."""

    def spot(self, lines: Sequence[str], position: types.Position) -> Spot:
        """A client's position; behind the end of its line it is the end of that line."""
        if position.line >= len(lines):
            return Spot(position.line, 0)
        line = lines[position.line].rstrip("\r\n")
        if line.isascii():
            return Spot(position.line, min(position.character, len(line)))
        units = column = 0
        for column, character in enumerate(line):
            units += self.impl.code_units_for_char(character)
            if units > position.character:
                return Spot(position.line, column)
        return Spot(position.line, column + 1)

    def column(self, lines: Sequence[str], spot: Spot) -> int:
        """The column of a spot, as the client counts."""
        line = lines[spot.line][:spot.column] if spot.line < len(lines) else ""
        return spot.column if line.isascii() else self.impl.num_units(line)

    def place(self, lines: Sequence[str], spot: Spot) -> types.Position:
        """The position of a spot, as the client counts."""
        return types.Position(spot.line, self.column(lines, spot))

    def stretch(self, lines: Sequence[str], span: Span) -> types.Range:
        """The range of a span, as the client counts."""
        return types.Range(self.place(lines, span.start), self.place(lines, span.end))

    def position_from_client_units(self, lines: Sequence[str], position: types.Position) -> ServerTextPosition:
        """For pygls' own methods."""
        spot = self.spot(lines, position)
        return ServerTextPosition(spot.line, spot.column)


class Document(TextDocument):
    """One open document."""

    _split: tuple[str, tuple[str, ...]] = ("", ())

    @property
    def lines(self) -> tuple[str, ...]:
        """Split once for each version."""
        text = self.source
        if self._split[0] is not text:
            self._split = (text, lines_of(text))
        return self._split[1]

    @property
    def codec(self) -> Codec:
        codec = self.position_codec
        assert isinstance(codec, Codec)
        return codec

    def spot(self, position: types.Position) -> Spot:
        """Where a client's position is."""
        return self.codec.spot(self.lines, position)

    def place(self, spot: Spot) -> types.Position:
        """The client's position of a spot."""
        return self.codec.place(self.lines, spot)

    def stretch(self, span: Span) -> types.Range:
        """The client's range of a span."""
        return self.codec.stretch(self.lines, span)

    def apply_change(self, change: types.TextDocumentContentChangeEvent) -> None:
        """Replace a stretch, or everything; only the lines that are touched are split again."""
        if not isinstance(change, types.TextDocumentContentChangePartial):
            self._source = change.text
            return
        lines = self.lines
        start, end = (self.spot(each) for each in (change.range.start, change.range.end))
        end = max(start, end)
        before = list(lines[:start.line])
        head, tail = lines[start.line:start.line + 1], lines[end.line:end.line + 1]
        text = "".join(part[:start.column] for part in head) + change.text + "".join(t[end.column:] for t in tail)
        if before and not before[-1].endswith("\n"):
            # What follows goes on with that line, or makes `\r\n` of its `\r`.
            text = before.pop() + text
        found = (*before, *lines_of(text), *lines[end.line + 1:])
        self._source = "".join(found)
        self._split = (self._source, found)


class Documents(Workspace):
    """pygls' workspace with documents of our own."""

    def __init__(
        self, root_uri: str | None, sync_kind: types.TextDocumentSyncKind,
        workspace_folders: Sequence[types.WorkspaceFolder], encoding: types.PositionEncodingKind | str,
    ) -> None:
        super().__init__(root_uri, sync_kind, workspace_folders, encoding)
        self.codec = Codec(encoding)
        self._position_codec = self.codec

    def opened(self, uri: str) -> Document | None:
        """The document, where the client has it open."""
        found = self._text_documents.get(unquote(uri))
        return found if isinstance(found, Document) else None

    def update_text_document(
        self, text_doc: types.VersionedTextDocumentIdentifier, change: types.TextDocumentContentChangeEvent,
    ) -> None:
        """A change of a document that is not open changes nothing."""
        if self.opened(text_doc.uri) is not None:
            super().update_text_document(text_doc, change)

    def _create_text_document(
        self, doc_uri: str, source: str | None = None, version: int | None = None, language_id: str | None = None,
    ) -> TextDocument:
        return Document(
            doc_uri, source=source, version=version, language_id=language_id, sync_kind=self._sync_kind,
            position_codec=self._position_codec,
        )
