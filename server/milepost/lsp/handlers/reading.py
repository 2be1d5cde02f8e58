"""Looking things up: hover, definition, references, symbols."""

from collections.abc import Sequence

from lsprotocol import types as lsp

from milepost.ide import definitions, hovers, mentions, symbols
from milepost.ide.document import Document
from milepost.ide.shapes import Hover, Span, Spot, Symbol
from milepost.ide.snapshot import Snapshot, tree_path
from milepost.lsp import convert
from milepost.lsp.clones import Clones
from milepost.lsp.convert import Columns
from milepost.lsp.encoded import Encoded, Fragments, encode
from milepost.lsp.loading import Workshop
from milepost.lsp.window import Window


def register(workshop: Workshop, window: Window, clones: Clones) -> None:
    """Answer what a person asks about a place."""
    areas, assertions = Fragments(), Fragments()

    def tree(found: Sequence[Symbol], at: Columns) -> Encoded:
        def area(one: Symbol) -> str:
            below = assertions.of(one.children, lambda child: encode(convert.symbol_row(child, at)))
            return encode({**convert.symbol_row(one, at), "children": []})[:-2] + f"{below}]}}"

        return Encoded(f"[{areas.of(found, area)}]")

    @workshop.feature(lsp.TEXT_DOCUMENT_HOVER)
    async def hover(params: lsp.HoverParams) -> lsp.Hover | None:
        document = window.document(params.text_document.uri)
        if document is None:
            return None
        at = window.columns(document)
        found = await hover_at(window, clones, document, at.spot(params.position))
        return convert.hover(found, at, markdown=shows_markdown(window)) if found else None

    @workshop.feature(lsp.TEXT_DOCUMENT_DEFINITION)
    def definition(params: lsp.DefinitionParams) -> list[lsp.Location]:
        document = window.document(params.text_document.uri)
        if document is None:
            return []
        spot = window.columns(document).spot(params.position)
        found = [definitions.definition(document, spot, snapshot) for snapshot in concerned(window, document)]
        return [convert.location(link, window.place) for links in found for link in links]

    @workshop.feature(lsp.TEXT_DOCUMENT_REFERENCES)
    async def references(params: lsp.ReferenceParams) -> list[lsp.Location]:
        document = window.document(params.text_document.uri)
        if document is None:
            return []
        spot = window.columns(document).spot(params.position)
        for snapshot in concerned(window, document):
            name = named_at(document, spot, snapshot)
            if name is not None:
                places = await mentioned(clones, name, snapshot)
                links = definitions.references(name, snapshot, places)
                return [convert.location(link, window.place) for link in links]
        return []

    @workshop.feature(lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
    def outline(params: lsp.DocumentSymbolParams) -> Encoded | list[lsp.SymbolInformation]:
        document = window.document(params.text_document.uri)
        if document is None or not document.is_contract:
            return []
        found, at = symbols.outline(document, window.snapshot_of(document)), window.columns(document)
        if hierarchical(window):
            return tree(found, at)
        return convert.flat(found, params.text_document.uri, at)

    @workshop.feature(lsp.WORKSPACE_SYMBOL)
    def search(params: lsp.WorkspaceSymbolParams) -> list[lsp.WorkspaceSymbol]:
        found = symbols.search(params.query, window.missions.snapshots)
        return [convert.named(one, window.place) for one in found]


def concerned(window: Window, document: Document) -> list[Snapshot]:
    """The missions a document belongs to: its own, or those whose tree or repository it lies in."""
    own = window.snapshot_of(document)
    if own is not None and document.path.startswith(own.paths.docs):
        return [own]
    return [snapshot for snapshot, _ in window.snapshots_around(document.path)]


async def hover_at(window: Window, clones: Clones, document: Document, spot: Spot) -> Hover | None:
    """The story of what stands at a place: an id first, otherwise the line a mission wrote."""
    own = window.snapshot_of(document)
    if own is not None and document.is_contract:
        return hovers.hover_contract(document, spot, own)
    text = document.line(spot.line)
    for snapshot in concerned(window, document):
        if (found := hovers.hover_id(text, spot, snapshot)) is not None:
            return found
    for snapshot, path in window.snapshots_around(document.path):
        for line in await clones.blame(snapshot, path, document.text):
            if line.line == spot.line:
                return hovers.hover_blame(text, line, snapshot)
    return None


def named_at(document: Document, spot: Spot, snapshot: Snapshot) -> str | None:
    """The id at a place, or of the assertion around it."""
    named = mentions.at(document.line(spot.line), spot, snapshot)
    if named is not None:
        return named.id
    around = document.assertion_at(spot) if document.is_contract else None
    return around.id if around else None


async def mentioned(clones: Clones, name: str, snapshot: Snapshot) -> dict[str, list[Span]]:
    """Where an id is named in code, tests and comments, by the file's path in the tree."""
    found: dict[str, list[Span]] = {}
    for path, line, start, end in await clones.mentions(snapshot, name):
        found.setdefault(tree_path(snapshot.paths, path), []).append(Span.of_line(line, start, end))
    return found


def shows_markdown(window: Window) -> bool:
    """Whether the client shows Markdown in a hover; one that does not say so is taken to."""
    can = window.can.text_document
    formats = can.hover.content_format if can is not None and can.hover is not None else None
    return formats is None or lsp.MarkupKind.Markdown in formats


def hierarchical(window: Window) -> bool:
    """Whether the client shows symbols inside symbols."""
    can = window.can.text_document
    return bool(can and can.document_symbol and can.document_symbol.hierarchical_document_symbol_support)
