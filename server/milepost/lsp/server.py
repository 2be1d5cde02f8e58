"""The server as features see it: pygls' decorators, methods of ours with pydantic types, and words to the client."""

from collections.abc import Hashable
from typing import Any

from lsprotocol import types
from pygls.feature_manager import wrap_with_server
from pygls.lsp.server import LanguageServer

from milepost.lsp import faults
from milepost.lsp.documents import Document
from milepost.lsp.performing import Handler
from milepost.lsp.protocol import Advertise, Conversation
from milepost.lsp.values import Model

WORKERS = 4


class Server(LanguageServer):
    """Features are registered before it serves.

    A plain handler runs in the loop and may only read what is prepared; what waits is a coroutine; what computes for
    long belongs into a process of its own.
    """

    protocol: Conversation

    def __init__(
        self, name: str, version: str,
        sync: types.TextDocumentSyncKind = types.TextDocumentSyncKind.Incremental,
    ) -> None:
        super().__init__(
            name, version, text_document_sync_kind=sync, protocol_cls=Conversation, max_workers=WORKERS,
        )

    def register(self, method: str, params: type[Model], handler: Handler) -> None:
        """A method of ours; what does not fit `params` is answered with -32602, and a model is a fine result."""
        self.protocol.values.declare(method, params)
        self.feature(method)(handler)

    def register_command(self, name: str, params: type[Model] | None, handler: Handler) -> None:
        """A command for `workspace/executeCommand` with one object as its argument: plain, where there is no type."""
        self.protocol.commands[name] = (params, wrap_with_server(handler, self))  # type: ignore[no-untyped-call]

    def advertise(self, add: Advertise) -> None:
        """Let a function add to the capabilities that `initialize` answers; it sees the client's, too."""
        self.protocol.advertisers.append(add)

    def notify(self, method: str, params: Any = None, key: Hashable = None) -> None:
        """Tell the client, from any thread; with a key, in place of the one of that key that was not read yet."""
        self.protocol.notify(method, params, key)

    async def ask(self, method: str, params: Any = None, seconds: float | None = None) -> Any:
        """Ask the client; raises JsonRpcException where it says no, Unanswered where it says nothing."""
        return await self.protocol.send_request_async(method, params, seconds=seconds)

    def document(self, uri: str) -> Document | None:
        """The document, where the client has it open."""
        return None if self.protocol.documents is None else self.protocol.documents.opened(uri)

    def report_server_error(self, error: Exception, source: Any) -> None:
        """Into the log, never into the user's face (defect 13)."""
        faults.note(error, str(source))

    def shutdown(self) -> None:
        """End the conversation; from the loop's thread."""
        if self.protocol.line is not None:
            self.protocol.line.end()
