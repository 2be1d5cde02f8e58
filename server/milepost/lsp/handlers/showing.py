"""What stands between and behind the lines: code lenses and inlay hints."""

from lsprotocol import types as lsp

from milepost.ide import hints, lenses
from milepost.lsp import convert
from milepost.lsp.clones import Clones
from milepost.lsp.loading import Workshop
from milepost.lsp.window import Window


def register(workshop: Workshop, window: Window, clones: Clones) -> None:
    """Show the state of assertions, and what code serves."""

    @workshop.feature(lsp.TEXT_DOCUMENT_CODE_LENS)
    async def code_lens(params: lsp.CodeLensParams) -> list[lsp.CodeLens]:
        document = window.document(params.text_document.uri)
        if document is None:
            return []
        at, own = window.columns(document), window.snapshot_of(document)
        if document.is_contract:
            return [convert.lens(lens, at) for lens in lenses.contract_lenses(document, own)] if own else []
        for snapshot, path in window.snapshots_around(document.path):
            blame = await clones.blame(snapshot, path, document.text)
            if blame:
                return [convert.lens(lens, at) for lens in lenses.code_lenses(blame, snapshot)]
        return []

    @workshop.feature(lsp.TEXT_DOCUMENT_INLAY_HINT)
    def inlay_hint(params: lsp.InlayHintParams) -> list[lsp.InlayHint]:
        document = window.document(params.text_document.uri)
        snapshot = window.snapshot_of(document) if document is not None and document.is_contract else None
        if document is None or snapshot is None:
            return []
        at = window.columns(document)
        return [convert.hint(hint, at) for hint in hints.hints(document, snapshot, at.span(params.range))]
