"""Documents come, change and go; a saved contract or answer is an order of the person's (D21)."""

from pathlib import Path

from lsprotocol import types as lsp

from milepost.domain.errors import Refused
from milepost.log.lease import Lease
from milepost.lsp.follower import Follower
from milepost.lsp.loading import Workshop
from milepost.lsp.publisher import Publisher
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.uris import is_file, path_of
from milepost.lsp.window import Window


def register(workshop: Workshop, window: Window, publisher: Publisher, board: Switchboard) -> None:
    """Follow the client's documents."""

    @workshop.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: lsp.DidOpenTextDocumentParams) -> None:
        uri = params.text_document.uri
        if is_file(uri):
            # Neovim opens a mission's document in a workspace of its own: the document names the mission.
            window.missions.open([path_of(uri).parent])
        publisher.edited(uri)

    @workshop.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: lsp.DidChangeTextDocumentParams) -> None:
        publisher.typed(params.text_document.uri)

    @workshop.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: lsp.DidCloseTextDocumentParams) -> None:
        window.forget(params.text_document.uri)
        publisher.closed(params.text_document.uri)

    @workshop.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
    async def saved(params: lsp.DidSaveTextDocumentParams) -> None:
        document = window.document(params.text_document.uri)
        if document is None or not (document.is_contract or document.is_questions):
            return
        follower = window.missions.of_document(Path(document.path))
        if follower is not None:
            await take(follower, window, board)


async def take(follower: Follower, window: Window, board: Switchboard) -> None:
    """Have what was saved read: by the runner, which looks by itself, or by a clerk."""
    if Lease(follower.folder.root).held_by_other():
        return
    try:
        board.allow(follower)
        await board.sender.run("_clerk", str(follower.folder.root), "--go-on")
    except Refused as error:
        window.say(f"What you saved was not taken: {error}", lsp.MessageType.Warning)
