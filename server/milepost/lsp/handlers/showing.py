"""What stands between and behind the lines: code lenses and inlay hints."""

from lsprotocol import types as lsp

from milepost.ide import hints, lenses
from milepost.ide.document import Document
from milepost.ide.snapshot import Snapshot
from milepost.lsp import convert
from milepost.lsp.clones import Clones
from milepost.lsp.convert import Columns
from milepost.lsp.encoded import Encoded, Fragments, encode
from milepost.lsp.loading import Workshop
from milepost.lsp.window import Window


def register(workshop: Workshop, window: Window, clones: Clones) -> None:
    """Show the state of assertions, and what code serves."""
    areas, assertions = Fragments(), Fragments()

    def contract_lenses(document: Document, snapshot: Snapshot, at: Columns) -> Encoded:
        def rows(found: lenses.Lenses) -> str:
            return encode([convert.lens_row(lens, at) for lens in found])[1:-1]

        found = lenses.lenses_by_area(document, snapshot)
        return Encoded(f"[{areas.of(found, lambda area: assertions.of(area, rows))}]")

    @workshop.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: lsp.CodeLensParams) -> Encoded:
        document = window.document(params.text_document.uri) if window.preferences.lenses else None
        if document is None:
            return Encoded("[]")
        at, own = window.columns(document), window.snapshot_of(document)
        if document.is_contract:
            return contract_lenses(document, own, at) if own else Encoded("[]")
        for snapshot, path in window.snapshots_around(document.path):
            blame = await clones.blame(snapshot, path, document.text)
            if blame:
                return Encoded(encode([convert.lens_row(lens, at) for lens in lenses.code_lenses(blame, snapshot)]))
        return Encoded("[]")

    @workshop.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def inlay_hint(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = window.document(params.text_document.uri) if window.preferences.hints else None
        snapshot = window.snapshot_of(document) if document is not None and document.is_contract else None
        if document is None or snapshot is None:
            return []
        at = window.columns(document)
        return [convert.hint(hint, at) for hint in hints.hints(document, snapshot, at.span(params.range))]
