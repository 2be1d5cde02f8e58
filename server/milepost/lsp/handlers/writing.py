"""Help with writing a contract, and what a person can choose to do at a place."""

from collections.abc import Sequence

from lsprotocol import types as lsp

from milepost.domain.errors import Refused
from milepost.ide import actions, completion, folding, formatting, rename
from milepost.ide.diagnostics import contract_diagnoses, findings
from milepost.ide.document import Document
from milepost.ide.shapes import Action, Span
from milepost.ide.snapshot import Snapshot
from milepost.lsp import convert
from milepost.lsp.loading import Workshop
from milepost.lsp.window import Window

MARKDOWN = (".md", ".markdown")


def register(workshop: Workshop, window: Window) -> None:
    """Complete, format, rename, fold, act."""

    @workshop.feature(lsp.TEXT_DOCUMENT_COMPLETION)
    def complete(params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            return []
        at = window.columns(document)
        offers = completion.completion(document, at.spot(params.position), window.snapshot_of(document))
        return [convert.completion(offer, at, markdown=documents_markdown(window)) for offer in offers]

    @workshop.feature(lsp.TEXT_DOCUMENT_FORMATTING)
    def format_(params: lsp.DocumentFormattingParams) -> list[lsp.TextEdit]:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            return []
        return convert.edits(formatting.formatted(document), window.columns(document))

    @workshop.feature(lsp.TEXT_DOCUMENT_FOLDING_RANGE)
    def fold(params: lsp.FoldingRangeParams) -> list[lsp.FoldingRange]:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            return []
        return [convert.fold(one) for one in folding.folds(document)]

    @workshop.feature(lsp.TEXT_DOCUMENT_PREPARE_RENAME)
    def prepare(params: lsp.PrepareRenameParams) -> lsp.Range | None:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            return None
        at = window.columns(document)
        return at.range(rename.prepare(document, at.spot(params.position), owned(window, document)).span)

    @workshop.feature(lsp.TEXT_DOCUMENT_RENAME)
    def rename_(params: lsp.RenameParams) -> lsp.WorkspaceEdit:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            raise Refused("only ids in a contract are renamed")
        at = window.columns(document)
        found = rename.edits(document, at.spot(params.position), params.new_name, owned(window, document))
        return lsp.WorkspaceEdit(changes={params.text_document.uri: convert.edits(found, at)})

    @workshop.feature(lsp.TEXT_DOCUMENT_CODE_ACTION)
    def code_action(params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
        document = window.document(params.text_document.uri)
        if document is None:
            return []
        at, place = window.columns(document), convert.linking(window.can, window.place)
        found = [
            convert.action(action, params.text_document.uri, at, place)
            for action in possible(window, document, at.span(params.range))
        ]
        only = params.context.only
        return [a for a in found if only is None or any(covers(str(kind), str(a.kind)) for kind in only)]


def documents_markdown(window: Window) -> bool:
    """Whether the client shows Markdown beside a completion."""
    text = window.can.text_document
    item = text.completion.completion_item if text is not None and text.completion is not None else None
    return item is not None and lsp.MarkupKind.Markdown in (item.documentation_format or ())


def owned(window: Window, document: Document) -> Snapshot:
    """The mission of a contract. Raises Refused where it has none."""
    snapshot = window.snapshot_of(document)
    if snapshot is None:
        raise Refused("this contract belongs to no mission that can be read: nothing is renamed")
    return snapshot


def possible(window: Window, document: Document, span: Span) -> Sequence[Action]:
    """Everything that can be chosen at a place."""
    own = window.snapshot_of(document)
    if document.is_contract:
        return actions.contract_actions(document, span, contract_diagnoses(document, own), own)
    if document.is_questions and own is not None:
        return actions.question_actions(document, span, own)
    found = [
        action for snapshot, path in window.snapshots_around(document.path)
        for action in actions.finding_actions(span, findings(snapshot).get(path, ()), snapshot)
    ]
    return [*found, *(actions.goal_actions(document) if document.path.endswith(MARKDOWN) else [])]


def covers(wanted: str, kind: str) -> bool:
    """Whether a kind of action is one that was asked for: `source` asks for `source.x` too."""
    return kind == wanted or kind.startswith(f"{wanted}.")
