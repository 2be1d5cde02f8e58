"""Plain shapes to LSP and back; columns are counted as the client counts them."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

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
Json = dict[str, Any]
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


def linking(can: lsp.ClientCapabilities, place: Place) -> Place | None:
    """The columns of what a diagnostic links to; None for a client that takes no links in one."""
    text = can.text_document
    takes = text is not None and text.publish_diagnostics is not None and text.publish_diagnostics.related_information
    return place if takes else None


def diagnostic(found: s.Diagnosis, at: Columns, place: Place | None) -> lsp.Diagnostic:
    """Something that is wrong at a place, with its links where there is a place for them."""
    related = [] if place is None else [
        lsp.DiagnosticRelatedInformation(location(link, place), link.title) for link in found.related
    ]
    return lsp.Diagnostic(
        range=at.range(found.span), severity=LEVELS[found.level], code=found.code, source=SOURCE,
        message=found.message, related_information=related or None, data=dict(found.data) if found.data else None,
    )


def command(button: s.Invocation) -> lsp.Command:
    """A button."""
    return lsp.Command(title=button.title, command=PREFIX + button.command, arguments=[dict(button.arguments)])


def lens_row(found: s.Lens, at: Columns) -> Json:
    """A line above a line, as JSON: there are thousands."""
    button = found.button
    command = {"title": button.title, "command": PREFIX + button.command, "arguments": [dict(button.arguments)]}
    return {"range": range_row(found.span, at), "command": command}


def hint(found: s.Hint, at: Columns) -> lsp.InlayHint:
    """Words at the end of a line."""
    return lsp.InlayHint(
        position=at.position(found.spot), label=found.text, tooltip=found.tooltip or None, padding_left=True
    )


def hover(found: s.Hover, at: Columns, *, markdown: bool) -> lsp.Hover:
    """What stands at a place; plain for a client that shows no Markdown."""
    kind = lsp.MarkupKind.Markdown if markdown else lsp.MarkupKind.PlainText
    return lsp.Hover(contents=lsp.MarkupContent(kind=kind, value=found.markdown), range=at.range(found.span))


def symbol_row(found: s.Symbol, at: Columns) -> Json:
    """An entry of an outline without those below it, as JSON: there are thousands."""
    row: Json = {
        "name": found.name, "kind": KINDS[found.kind].value, "range": range_row(found.span, at),
        "selectionRange": range_row(found.name_span, at),
    }
    if found.detail:
        row["detail"] = found.detail
    return row


def diagnostic_row(found: s.Diagnosis, at: Columns, place: Place | None) -> Json:
    """Something that is wrong at a place, as JSON: a contract may have hundreds. Without a place it has no links."""
    row: Json = {
        "range": range_row(found.span, at), "severity": LEVELS[found.level].value, "code": found.code,
        "source": SOURCE, "message": found.message,
    }
    if found.related and place is not None:
        row["relatedInformation"] = [
            {
                "location": {"uri": uri_of_text(link.path), "range": range_row(link.span, place(link.path))},
                "message": link.title,
            }
            for link in found.related
        ]
    if found.data:
        row["data"] = dict(found.data)
    return row


def range_row(span: s.Span, at: Columns) -> Json:
    """A span as the client counts it, as JSON."""
    return {
        "start": {"line": span.start.line, "character": at.codec.column(at.lines, span.start)},
        "end": {"line": span.end.line, "character": at.codec.column(at.lines, span.end)},
    }


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


def completion(offer: s.Offer, at: Columns, *, markdown: bool) -> lsp.CompletionItem:
    """One completion; its documentation is plain for a client that does not say that it shows Markdown there."""
    written = offer.documentation or None
    return lsp.CompletionItem(
        label=offer.label, detail=offer.detail or None,
        documentation=lsp.MarkupContent(lsp.MarkupKind.Markdown, written) if written and markdown else written,
        text_edit=lsp.TextEdit(at.range(offer.span), offer.text), kind=lsp.CompletionItemKind.Keyword,
    )


def edits(found: Iterable[s.Edit], at: Columns) -> list[lsp.TextEdit]:
    """Replacements of text."""
    return [lsp.TextEdit(at.range(edit.span), edit.text) for edit in found]


def action(found: s.Action, uri: str, at: Columns, place: Place | None) -> lsp.CodeAction:
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
