"""Plain shapes to LSP and back; columns are counted as the client counts them."""

from collections.abc import Callable, Iterable, Sequence

from lsprotocol import types as lsp

from milepost.ide import shapes as s
from milepost.lsp.documents import Codec
from milepost.lsp.uris import uri_of_text

LEVELS = {
    "error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning,
    "information": lsp.DiagnosticSeverity.Information, "hint": lsp.DiagnosticSeverity.Hint,
}
KINDS = {
    "area": lsp.SymbolKind.Namespace, "assertion": lsp.SymbolKind.Method, "feature": lsp.SymbolKind.Class,
    "milestone": lsp.SymbolKind.Module, "handoff": lsp.SymbolKind.File,
}
ACTION_KINDS = {
    "quickfix": lsp.CodeActionKind.QuickFix, "refactor": lsp.CodeActionKind.Refactor,
    "source": lsp.CodeActionKind.Source,
}
SOURCE = "milepost"
PREFIX = "milepost."


class Columns:
    """Columns of one text, for one client."""

    def __init__(self, lines: Sequence[str], codec: Codec) -> None:
        self.lines = lines
        self.codec = codec

    def position(self, spot: s.Spot) -> lsp.Position:
        """A spot as the client counts it."""
        return self.codec.place(self.lines, spot)

    def spot(self, position: lsp.Position) -> s.Spot:
        """A client's position."""
        return self.codec.spot(self.lines, position)

    def range(self, span: s.Span) -> lsp.Range:
        """A span as the client counts it."""
        return self.codec.stretch(self.lines, span)

    def span(self, range: lsp.Range) -> s.Span:
        """A client's range."""
        return s.Span(self.spot(range.start), self.spot(range.end))


Place = Callable[[str], Columns]
"""The columns of the file at a path."""


def location(link: s.Link, place: Place) -> lsp.Location:
    """A place in a file."""
    return lsp.Location(uri_of_text(link.path), place(link.path).range(link.span))


def diagnostic(found: s.Diagnosis, at: Columns, place: Place) -> lsp.Diagnostic:
    """Something that is wrong at a place."""
    related = [lsp.DiagnosticRelatedInformation(location(link, place), link.title) for link in found.related]
    return lsp.Diagnostic(
        range=at.range(found.span), severity=LEVELS[found.level], code=found.code, source=SOURCE,
        message=found.message, related_information=related or None, data=dict(found.data) if found.data else None,
    )


def command(button: s.Invocation) -> lsp.Command:
    """A button."""
    return lsp.Command(title=button.title, command=PREFIX + button.command, arguments=[dict(button.arguments)])


def lens(found: s.Lens, at: Columns) -> lsp.CodeLens:
    """A line above a line."""
    return lsp.CodeLens(range=at.range(found.span), command=command(found.button))


def hint(found: s.Hint, at: Columns) -> lsp.InlayHint:
    """Words at the end of a line."""
    return lsp.InlayHint(
        position=at.position(found.spot), label=found.text, tooltip=found.tooltip or None, padding_left=True
    )


def hover(found: s.Hover, at: Columns, *, markdown: bool) -> lsp.Hover:
    """What stands at a place; plain for a client that shows no Markdown."""
    kind = lsp.MarkupKind.Markdown if markdown else lsp.MarkupKind.PlainText
    return lsp.Hover(contents=lsp.MarkupContent(kind=kind, value=found.markdown), range=at.range(found.span))


def symbol(found: s.Symbol, at: Columns) -> lsp.DocumentSymbol:
    """An entry of an outline, with those below it."""
    return lsp.DocumentSymbol(
        name=found.name, detail=found.detail or None, kind=KINDS[found.kind], range=at.range(found.span),
        selection_range=at.range(found.name_span), children=[symbol(c, at) for c in found.children] or None,
    )


def flat(found: Iterable[s.Symbol], uri: str, at: Columns, above: str = "") -> list[lsp.SymbolInformation]:
    """An outline for a client that has no hierarchy."""
    rows: list[lsp.SymbolInformation] = []
    for one in found:
        rows.append(lsp.SymbolInformation(
            name=one.name, kind=KINDS[one.kind], location=lsp.Location(uri, at.range(one.span)),
            container_name=above or None,
        ))
        rows += flat(one.children, uri, at, one.name)
    return rows


def named(found: s.Named, place: Place) -> lsp.WorkspaceSymbol:
    """An entry of a search."""
    return lsp.WorkspaceSymbol(
        name=found.name, kind=KINDS[found.kind], location=location(found.link, place),
        container_name=found.link.title or None,
    )


def completion(offer: s.Offer, at: Columns) -> lsp.CompletionItem:
    """One completion."""
    documentation = lsp.MarkupContent(lsp.MarkupKind.Markdown, offer.documentation) if offer.documentation else None
    return lsp.CompletionItem(
        label=offer.label, detail=offer.detail or None, documentation=documentation,
        text_edit=lsp.TextEdit(at.range(offer.span), offer.text), kind=lsp.CompletionItemKind.Keyword,
    )


def edits(found: Iterable[s.Edit], at: Columns) -> list[lsp.TextEdit]:
    """Replacements of text."""
    return [lsp.TextEdit(at.range(edit.span), edit.text) for edit in found]


def action(found: s.Action, uri: str, at: Columns, place: Place) -> lsp.CodeAction:
    """Something a person can choose to do."""
    changes = lsp.WorkspaceEdit(changes={uri: edits(found.edits, at)}) if found.edits else None
    return lsp.CodeAction(
        title=found.title, kind=ACTION_KINDS[found.kind], command=command(found.button) if found.button else None,
        edit=changes, is_preferred=found.preferred or None,
        diagnostics=[diagnostic(found.diagnosis, at, place)] if found.diagnosis else None,
    )


def fold(found: s.Fold) -> lsp.FoldingRange:
    """Lines that can be folded away."""
    return lsp.FoldingRange(start_line=found.first, end_line=found.last, kind=lsp.FoldingRangeKind.Region)
