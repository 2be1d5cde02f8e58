"""Puts what does the work together, once it is loaded: missions, commands, and a handler for each feature."""

import asyncio
from contextlib import suppress
from typing import Any

from lsprotocol import types as lsp

from milepost.config import load
from milepost.lsp.clones import Clones
from milepost.lsp.handlers import documents, own, reading, showing, writing
from milepost.lsp.loading import Workshop
from milepost.lsp.missions import Missions
from milepost.lsp.orders import Sender
from milepost.lsp.publisher import Publisher
from milepost.lsp.switchboard import Switchboard
from milepost.lsp.uris import is_file, path_of
from milepost.lsp.window import Window


def build(workshop: Workshop, opened: lsp.InitializeParams | None) -> None:
    """A handler for everything that `features` names. Raises ConfigError where the user's settings are wrong."""
    server, config = workshop.server, load()
    state_dir = config.state_dir
    missions = Missions(state_dir)
    window, clones = Window(server, missions), Clones(missions)
    publisher = Publisher(window, resume=config.resume_on_start == "always")
    missions.listener, missions.looked = publisher.changed, publisher.looked

    async def complain(text: str) -> None:
        window.say(text, lsp.MessageType.Error)

    async def inform(text: str) -> None:
        if not window.gated:
            window.say(text)

    board = Switchboard(missions, Sender(state_dir), complain, inform)
    publisher.announcer.board = board
    reading.register(workshop, window, clones)
    writing.register(workshop, window)
    showing.register(workshop, window, clones)
    documents.register(workshop, window, publisher, board)
    own.register(workshop, window, board, clones)
    follow(workshop, window, publisher)
    workshop.ready = missions.ready
    if opened is not None:
        options: Any = opened.initialization_options
        board.trusted = isinstance(options, dict) and options.get("trusted") is True
        named = [folder.uri for folder in opened.workspace_folders or []] or [opened.root_uri or ""]
        missions.open([path_of(uri) for uri in named if uri and is_file(uri)])


def follow(workshop: Workshop, window: Window, publisher: Publisher) -> None:
    """Read the missions of the open folders from `initialized` to `shutdown`."""
    missions = window.missions
    following: list[asyncio.Task[None]] = []

    @workshop.feature(lsp.INITIALIZED)
    def initialized(params: lsp.InitializedParams) -> None:
        loop = asyncio.get_running_loop()
        following.extend(loop.create_task(work) for work in (missions.follow(), window.preferences.follow()))

    @workshop.feature(lsp.WORKSPACE_DID_CHANGE_CONFIGURATION)
    async def changed(params: lsp.DidChangeConfigurationParams) -> None:
        await window.preferences.told(params.settings)

    @workshop.feature(lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def moved(params: lsp.DidChangeWorkspaceFoldersParams) -> None:
        missions.close([path_of(folder.uri) for folder in params.event.removed if is_file(folder.uri)])
        missions.open([path_of(folder.uri) for folder in params.event.added if is_file(folder.uri)])

    @workshop.feature(lsp.SHUTDOWN)
    async def shutdown(params: None) -> None:
        publisher.stop()
        for task in following:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await missions.stop()
