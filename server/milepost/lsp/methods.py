"""Our methods beyond LSP, each declared once: name, direction, shapes, and what a client without it has instead."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from milepost.lsp import wire

Kind = Literal["request", "notification"]
Direction = Literal["client to server", "server to client"]


@dataclass(frozen=True, slots=True)
class Method:
    """One method of ours."""

    name: str
    kind: Kind
    direction: Direction
    params: type[BaseModel]
    result: type[BaseModel] | None
    says: str
    without: str
    """What a client that does not speak it has instead."""


METHODS = (
    Method(
        "milepost/snapshot", "request", "client to server", wire.SnapshotParams, wire.Snapshot,
        "Everything that a tree or a board shows of one mission, or of all.",
        "documents, diagnostics, symbols and hovers",
    ),
    Method(
        "milepost/document", "request", "client to server", wire.DocumentParams, wire.Document,
        "A document of a mission, by its kind: where it lies, and its text.",
        "the same files, by the command `milepost.open`",
    ),
    Method(
        "milepost/diff", "request", "client to server", wire.DiffParams, wire.Diff,
        "What a feature or a milestone changed: each file before and after.",
        "`milepost why`, and the commits of the mission's branch",
    ),
    Method(
        "milepost/doctor", "request", "client to server", wire.Nothing, wire.Doctor,
        "Whether this machine and the open folder can carry a mission, and what to do where not.",
        "`milepost doctor`",
    ),
    Method(
        "milepost/ping", "request", "client to server", wire.Nothing, wire.Pong,
        "Answers at once: a client that gets nothing restarts the server.",
        "a time limit on any request",
    ),
    Method(
        "milepost/keys", "request", "client to server", wire.KeysParams, wire.Keys,
        "API keys out of the editor's secret store, for the runners that are started from now on; kept in memory.",
        "keys in the environment that the editor was started with",
    ),
    Method(
        "milepost/trust", "notification", "client to server", wire.TrustParams, None,
        "Whether the user trusts the open folders now.",
        "the command `milepost.trustFolder`, or `milepost trust`",
    ),
    Method(
        "milepost/editorState", "notification", "client to server", wire.EditorStateParams, None,
        "Which documents hold changes that are not saved: landing warns of them.",
        "what the client opens, changes and saves",
    ),
    Method(
        "milepost/status", "notification", "server to client", wire.StatusParams, None,
        "Every mission in a line: the whole small state, at most four times a second.",
        "`$/progress`, and diagnostics on the contract",
    ),
    Method(
        "milepost/changed", "notification", "server to client", wire.ChangedParams, None,
        "What of a mission became another thing: pull the snapshot where you show it.",
        "refresh requests of LSP",
    ),
)
