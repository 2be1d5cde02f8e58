"""Loads what does the work behind the answer to `initialize`, and hands each request to it."""

import asyncio
import gc
import importlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any

from lsprotocol import types as lsp
from pygls.exceptions import JsonRpcException

from milepost.lsp.envelope import METHOD_NOT_FOUND
from milepost.lsp.features import COMMANDS, FEATURES, OWN
from milepost.lsp.gate import PREFIX
from milepost.lsp.server import Server
from milepost.lsp.values import Model

WORK = "milepost.lsp.building"
UNASKED = frozenset({
    lsp.INITIALIZED, lsp.SHUTDOWN, lsp.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, lsp.WORKSPACE_DID_CHANGE_CONFIGURATION,
    lsp.TEXT_DOCUMENT_DID_OPEN, lsp.TEXT_DOCUMENT_DID_CHANGE, lsp.TEXT_DOCUMENT_DID_CLOSE,
})
"""What is done at once: no answer of it depends on a mission that may not have been read yet."""
Handler = Callable[[Any], Any]
log = logging.getLogger(__name__)


class Workshop:
    """Where the handlers are put once they are loaded; has the decorators of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.features: dict[str, Handler] = {}
        self.own: dict[str, tuple[type[Model], Handler]] = {}
        self.commands: dict[str, tuple[type[Model] | None, Handler]] = {}
        self.ready: Callable[[], Awaitable[None]] | None = None
        """Waits until there is something to answer from."""

    def feature(self, method: str) -> Callable[[Handler], Handler]:
        """A decorator: this handles a method of LSP."""

        def keep(handler: Handler) -> Handler:
            self.features[method] = handler
            return handler

        return keep

    def register(self, name: str, params: type[Model], handler: Handler) -> None:
        """This handles a method of ours."""
        self.own[name] = (params, handler)

    def register_command(self, name: str, params: type[Model] | None, handler: Handler) -> None:
        """This carries out a command; without a type it gets what was given as it is."""
        self.commands[name] = (params, handler)


class Loader:
    """Registers everything at once, and imports what is behind it when the client has its answer."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.opened: lsp.InitializeParams | None = None
        self._loading: asyncio.Task[Workshop] | None = None

    def register(self) -> None:
        """Have the server know every feature; none of them is loaded by that."""

        @self.server.feature(lsp.INITIALIZE)
        def opened(params: lsp.InitializeParams) -> None:
            self.opened = params

        for method, options in FEATURES.items():
            self.server.feature(method, options)(self._feature(method))
        for name in OWN:
            self.server.feature(f"milepost/{name}")(self._own(name))
        for name in COMMANDS:
            self.server.register_command(PREFIX + name, None, self._command(name))

    async def _loaded(self, *, answers: bool = True) -> Workshop:
        if self._loading is None:
            self._loading = asyncio.get_running_loop().create_task(self._load())
        workshop = await asyncio.shield(self._loading)
        if answers and workshop.ready is not None:
            await workshop.ready()
        return workshop

    async def _load(self) -> Workshop:
        loop = asyncio.get_running_loop()
        work: ModuleType = await loop.run_in_executor(self.server.thread_pool, imported, WORK)
        workshop = Workshop(self.server)
        work.build(workshop, self.opened)
        return workshop

    def _feature(self, method: str) -> Handler:
        async def handle(params: Any = None) -> Any:
            workshop = await self._loaded(answers=method not in UNASKED)
            return await done(workshop.features[method], params)

        return handle

    def _own(self, name: str) -> Handler:
        async def handle(params: Any = None) -> Any:
            known = (await self._loaded()).own.get(name)
            if known is None:
                raise JsonRpcException(f"no such method: milepost/{name}", code=METHOD_NOT_FOUND)
            return await done(known[1], self.server.protocol.values.model(known[0], params))

        return handle

    def _command(self, name: str) -> Handler:
        async def handle(given: dict[str, Any]) -> Any:
            shape, handler = (await self._loaded()).commands[name]
            return await done(handler, given if shape is None else self.server.protocol.values.model(shape, given))

        return handle


def imported(name: str) -> ModuleType:
    """A module, put where the garbage of the start lay; what is there by now is never looked through again."""
    gc.collect()
    try:
        return importlib.import_module(name)
    finally:
        gc.freeze()
        gc.enable()


async def done(handler: Handler, params: Any) -> Any:
    """What a handler answers, whether it waits or not."""
    result = handler(params)
    return await result if inspect.isawaitable(result) else result
