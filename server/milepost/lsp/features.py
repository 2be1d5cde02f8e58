"""What the server can do, as `initialize` tells it: known before anything that does it is imported.

Importing events, views and commands takes longer than answering; `loading` does it behind the answer.
"""

from lsprotocol import types as lsp

TRIGGERS = ["-", " ", ":", "#"]
ACTIONS = [lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor, lsp.CodeActionKind.Source]

FEATURES: dict[str, object] = {
    lsp.INITIALIZED: None,
    lsp.SHUTDOWN: None,
    lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: None,
    lsp.WORKSPACE_DID_CHANGE_CONFIGURATION: None,
    lsp.TEXT_DOCUMENT_DID_OPEN: None,
    lsp.TEXT_DOCUMENT_DID_CHANGE: None,
    lsp.TEXT_DOCUMENT_DID_CLOSE: None,
    lsp.TEXT_DOCUMENT_DID_SAVE: lsp.SaveOptions(include_text=False),
    lsp.TEXT_DOCUMENT_HOVER: None,
    lsp.TEXT_DOCUMENT_DEFINITION: None,
    lsp.TEXT_DOCUMENT_REFERENCES: None,
    lsp.TEXT_DOCUMENT_DOCUMENT_SYMBOL: None,
    lsp.WORKSPACE_SYMBOL: None,
    lsp.TEXT_DOCUMENT_CODE_LENS: lsp.CodeLensOptions(resolve_provider=False),
    lsp.TEXT_DOCUMENT_INLAY_HINT: None,
    lsp.TEXT_DOCUMENT_COMPLETION: lsp.CompletionOptions(trigger_characters=TRIGGERS),
    lsp.TEXT_DOCUMENT_FORMATTING: None,
    lsp.TEXT_DOCUMENT_FOLDING_RANGE: None,
    lsp.TEXT_DOCUMENT_PREPARE_RENAME: None,
    lsp.TEXT_DOCUMENT_RENAME: lsp.RenameOptions(prepare_provider=True),
    lsp.TEXT_DOCUMENT_CODE_ACTION: lsp.CodeActionOptions(code_action_kinds=ACTIONS),
}
"""Methods of LSP, each with what is said of it."""

OWN = ("snapshot", "document", "diff", "doctor", "ping", "keys", "trust", "editorState")
"""Methods of ours that a client sends, without `milepost/`."""

COMMANDS = (
    "newMission", "demo", "answer", "propose", "approve", "returnMission", "run", "pause", "interrupt", "resume",
    "steer", "cancel", "waive", "recheck", "resolve", "amend", "revert", "set", "reopen", "land", "publish",
    "trustFolder", "open",
)
"""Commands, without `milepost.`."""
