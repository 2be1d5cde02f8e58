"""What a server may send only to a client that said it can take it, and what of a message breaks that."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
NEEDS = {
    "client/registerCapability": "workspace.didChangeConfiguration.dynamicRegistration",
    "window/showDocument": "window.showDocument.support",
    "window/workDoneProgress/create": "window.workDoneProgress",
    "workspace/applyEdit": "workspace.applyEdit",
    "workspace/codeLens/refresh": "workspace.codeLens.refreshSupport",
    "workspace/configuration": "workspace.configuration",
    "workspace/diagnostic/refresh": "workspace.diagnostics.refreshSupport",
    "workspace/foldingRange/refresh": "workspace.foldingRange.refreshSupport",
    "workspace/inlayHint/refresh": "workspace.inlayHint.refreshSupport",
    "workspace/inlineValue/refresh": "workspace.inlineValue.refreshSupport",
    "workspace/semanticTokens/refresh": "workspace.semanticTokens.refreshSupport",
    "workspace/textDocumentContent/refresh": "workspace.textDocumentContent",
    "workspace/workspaceFolders": "workspace.workspaceFolders",
    "$/progress": "window.workDoneProgress",
}
"""Each method with the capability that it needs; only changes of configuration are registered later."""
ALWAYS = {
    "textDocument/publishDiagnostics", "window/logMessage", "window/showMessage", "window/showMessageRequest",
    "$/cancelRequest", "telemetry/event",
}
"""What any client has to take."""


def said(capabilities: Json, path: str) -> Any:
    """A capability by its dotted path; None where the client says nothing."""
    found: Any = capabilities
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def unasked(capabilities: Json, message: Json) -> Iterator[str]:
    """What in a message of the server's the client did not say that it can take."""
    method, params = message.get("method"), message.get("params")
    if method is not None and method not in ALWAYS:
        needed = NEEDS.get(method, "")
        if not (needed and said(capabilities, needed)):
            yield f"{method} needs {needed or 'a client that asks for it'}"
    if method == "textDocument/publishDiagnostics" and isinstance(params, dict):
        linked = any("relatedInformation" in row for row in params["diagnostics"])
        if linked and not said(capabilities, "textDocument.publishDiagnostics.relatedInformation"):
            yield "a diagnostic has relatedInformation"
        if any("codeDescription" in row for row in params["diagnostics"]):
            yield "a diagnostic has a codeDescription"
    if "result" in message:
        yield from in_result(capabilities, message["result"])


def in_result(capabilities: Json, result: Any) -> Iterator[str]:
    """The same in a reply."""
    if isinstance(result, dict) and isinstance(result.get("contents"), dict):
        kind = result["contents"].get("kind")
        if kind not in (said(capabilities, "textDocument.hover.contentFormat") or ["markdown", "plaintext"]):
            yield f"a hover is {kind}"
    first = result[0] if isinstance(result, list) and result else {}
    if "children" in first and not said(capabilities, "textDocument.documentSymbol.hierarchicalDocumentSymbolSupport"):
        yield "symbols hold symbols"
    if "targetUri" in first and not said(capabilities, "textDocument.definition.linkSupport"):
        yield "a place is a link"
