"""From an envelope to a handler and back: pygls' features and types under a lifecycle and an execution of our own.

Each request gets exactly one reply: a result, or an error that says in a few words what is wrong.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Hashable
from concurrent.futures import Future
from functools import partial
from typing import Any, Protocol

from cattrs import Converter
from lsprotocol import types
from pygls.capabilities import ServerCapabilitiesBuilder
from pygls.exceptions import JsonRpcInvalidParams
from pygls.protocol import LanguageServerProtocol, lsp_method
from pygls.uris import from_fs_path

from milepost.lsp import envelope, faults
from milepost.lsp.documents import Documents
from milepost.lsp.envelope import Answer, Id, Malformed, Message, Notification, Request
from milepost.lsp.lifecycle import INITIALIZE, SHUTDOWN, Lifecycle
from milepost.lsp.performing import Handler, perform
from milepost.lsp.progress import Progress
from milepost.lsp.questions import Questions, seconds_for
from milepost.lsp.values import Model, Values

log = logging.getLogger(__name__)
Advertise = Callable[[types.ClientCapabilities, types.ServerCapabilities], object]
"""Adds to the server's capabilities what no feature of pygls stands for."""


class Line(Protocol):
    """What a conversation needs of the connection under it."""

    def send(self, body: bytes, key: Hashable = None) -> None:
        """Queue a message; with a key, in place of the one of that key that waits. From any thread."""

    def unless(self, done: Future[Any], seconds: float, what: Callable[[], object]) -> None:
        """Call it in the loop after some time, unless that is done before. From any thread."""

    def opened(self) -> None:
        """`initialize` was answered: go on with what waits."""

    def end(self) -> None:
        """Nothing more is wanted from the client."""


class Conversation(LanguageServerProtocol):
    """With one client; everything here runs in the loop's thread, but for `notify` and `send_request`."""

    def __init__(self, server: Any, converter: Converter) -> None:
        self.values = Values(converter)
        self.lifecycle = Lifecycle()
        self.questions = Questions()
        self.line: Line | None = None
        self.client_process: int | None = None
        self.doing = ""
        """The method that was begun last, for whoever asks why the loop is busy."""
        self.documents: Documents | None = None
        self.commands: dict[str, tuple[type[Model] | None, Handler]] = {}
        self.advertisers: list[Advertise] = []
        self._calls: dict[Id, asyncio.Task[bytes]] = {}
        self._farewell: asyncio.Task[bytes] | None = None
        """The answer to `shutdown`: a client that sends `exit` without waiting for it does not cut it off."""
        self._heard: set[asyncio.Task[None]] = set()
        super().__init__(server, converter)
        self.progress = Progress(self, self.notify)

    # --- what comes in

    def receive(self, message: Message, cancelled: bool = False) -> None:
        """Take one message, in its turn."""
        match message:
            case Request() if cancelled:
                self._refuse(message, envelope.REQUEST_CANCELLED, "cancelled before it began")
            case Request():
                self._request(message)
            case Notification(envelope.CANCEL, {"id": number}):
                self._cancel(number)
            case Notification():
                self._notification(message)
            case Answer():
                self.questions.settle(message)
            case Malformed():
                log.warning("answered %d: %s", message.code, message.message)
                self._send(envelope.failure(message.id, message.code, message.message))

    def _request(self, request: Request) -> None:
        handler = self._handler(request.method, wants_reply=True)
        if (refusal := self.lifecycle.refusal(request.method)) is not None:
            self._refuse(request, *refusal)
        elif request.id in self._calls:
            self._refuse(request, envelope.INVALID_REQUEST, "this id belongs to a request that is not answered yet")
        elif handler is None:
            self._refuse(request, envelope.METHOD_NOT_FOUND, f"no such method: {request.method[:100]}")
        else:
            self.lifecycle.asked(request.method)
            if request.method == SHUTDOWN:
                self.cancel_all()
            call = asyncio.get_running_loop().create_task(self._call(request, handler))
            if request.method == SHUTDOWN:
                self._farewell = call
            self._calls[request.id] = call
            call.add_done_callback(partial(self._called, request, time.monotonic()))

    def _notification(self, note: Notification) -> None:
        handler = self._handler(note.method, wants_reply=False)
        if handler is None or not self.lifecycle.hears(note.method):
            log.debug("ignored %s", _word(note.method))
            return
        task = asyncio.get_running_loop().create_task(self._perform(note.method, note.params, handler))
        self._heard.add(task)
        task.add_done_callback(partial(self._was_heard, note.method))

    def _handler(self, method: str, *, wants_reply: bool) -> Handler | None:
        known = types.METHOD_TO_TYPES.get(method)
        if known is not None and (known[1] is not None) is not wants_reply:
            return None
        found: Handler | None = self.fm.builtin_features.get(method) or self.fm.features.get(method)
        return found

    async def _perform(self, method: str, raw: Any, handler: Handler) -> Any:
        self.doing = method
        return await perform(handler, lambda: self._server.thread_pool, self.values.params(method, raw))

    async def _call(self, request: Request, handler: Handler) -> bytes:
        """The reply as bytes: what cannot be written is a fault of the handler's, and is answered like one."""
        self._ctx_msg_id.set(request.id)
        result = await self._perform(request.method, request.params, handler)
        return envelope.write({"id": request.id, "result": self.values.plain(result)})

    def _called(self, request: Request, began: float, call: asyncio.Task[bytes]) -> None:
        self._calls.pop(request.id, None)
        error = None if call.cancelled() else call.exception()
        if call.cancelled():
            body, outcome = envelope.failure(request.id, envelope.REQUEST_CANCELLED, "cancelled"), "cancelled"
        elif error is not None:
            code, words = faults.explain(error, request.method)
            body, outcome = envelope.failure(request.id, code, words), f"{code} {words}"
        else:
            body, outcome = call.result(), "ok"
        self._send(body)
        _record(request, time.monotonic() - began, outcome)
        if request.method == INITIALIZE and self.line is not None:
            self.lifecycle.opened(outcome == "ok")
            self.line.opened()

    def _was_heard(self, method: str, task: asyncio.Task[None]) -> None:
        self._heard.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, JsonRpcInvalidParams):
            log.warning("ignored %s: %s", method, error.message)
        elif error is not None:
            faults.note(error, method)

    def _refuse(self, request: Request, code: int, words: str) -> None:
        self._send(envelope.failure(request.id, code, words))
        _record(request, 0.0, f"{code} {words}")

    def _cancel(self, number: Any) -> None:
        if isinstance(number, int | str) and (call := self._calls.get(number)) is not None:
            call.cancel()

    def cancel_all(self) -> None:
        """Nobody waits for a reply any longer, but for that to `shutdown`."""
        for call in self._calls.values():
            if call is not self._farewell:
                call.cancel()

    async def finish(self, seconds: float) -> None:
        """Cancel the requests that run; what a notification began, such as a save, may end within some time."""
        self.cancel_all()
        self.questions.end()
        if running := [*self._calls.values(), *self._heard]:
            _, late = await asyncio.wait(running, timeout=seconds)
            for task in late:
                task.cancel()

    @property
    def kept(self) -> int:
        """How much is remembered of what was begun: none of it while nothing runs."""
        return len(self._calls) + len(self._heard) + len(self.questions) + len(self._request_futures)

    def dismiss_workers(self) -> None:
        """No worker begins anything new; those that are busy are not waited for."""
        self._server.thread_pool.shutdown(wait=False, cancel_futures=True)

    # --- what goes out

    def notify(self, method: str, params: Any | None = None, key: Hashable = None) -> None:
        """Tell the client; with a key, a newer one takes the place of one that is still waiting."""
        if not self.lifecycle.speaks:
            log.warning("not sent before initialize was answered: %s", method)
            return
        self._send(envelope.write(_message(method, self.values.plain(params))), key)

    def send_request(
        self, method: str, params: Any | None = None, callback: Callable[[Any], None] | None = None,
        msg_id: Id | None = None, seconds: float | None = None,
    ) -> Future[Any]:
        """Ask the client; the future holds the answer, or Unanswered after its time, and may be cancelled."""
        message = _message(method, self.values.plain(params))
        number, future = self.questions.add(method, self.values.answer(method))
        if callback is not None:
            future.add_done_callback(partial(_pass_on, callback))
        if not self.lifecycle.speaks or self.line is None:
            self.questions.settle(Answer(number, error="the client cannot be asked now", failed=True))
            return future
        self._send(envelope.write({"id": number, **message}))
        limit = seconds_for(method) if seconds is None else seconds
        self.line.unless(future, limit, partial(self._expire, number))
        return future

    def send_request_async(
        self, method: str, params: Any | None = None, msg_id: Id | None = None, seconds: float | None = None,
    ) -> asyncio.Future[Any]:
        """Ask the client, from a coroutine."""
        return asyncio.wrap_future(self.send_request(method, params, seconds=seconds))

    def _expire(self, number: int) -> None:
        if self.questions.expire(number):
            self._send(envelope.write(_message(envelope.CANCEL, {"id": number})))

    def _send(self, body: bytes, key: Hashable = None) -> None:
        if self.line is not None:
            self.line.send(body, key)

    # --- pygls' own features, where they fall short

    @lsp_method(types.INITIALIZE)
    def lsp_initialize(self, params: types.InitializeParams) -> Generator[Any, Any, types.InitializeResult]:
        """Open the workspace and say what the server can do."""
        self.client_capabilities = params.capabilities
        self.client_process = self._server.process_id = params.process_id
        encoding = ServerCapabilitiesBuilder.choose_position_encoding(params.capabilities)
        root = params.root_uri or (from_fs_path(params.root_path) if params.root_path else None)
        sync = self._server._text_document_sync_kind
        self._workspace = self.documents = Documents(root, sync, params.workspace_folders or [], encoding)
        if (handler := self.fm.features.get(types.INITIALIZE)) is not None:
            yield handler, (params,), None
        self.server_capabilities = ServerCapabilitiesBuilder(  # type: ignore[no-untyped-call]
            params.capabilities, {*self.fm.features, *self.fm.builtin_features}, self.fm.feature_options,
            [*self.fm.commands, *self.commands], sync, self._server._notebook_document_sync, encoding,
        ).build()
        for advertise in self.advertisers:
            advertise(params.capabilities, self.server_capabilities)
        return types.InitializeResult(capabilities=self.server_capabilities, server_info=self.server_info)

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *args: Any) -> Generator[Any, Any, None]:
        """Whatever ran was cancelled when this was read."""
        if (handler := self.fm.features.get(types.SHUTDOWN)) is not None:
            yield handler, args, None
        self._shutdown = True

    @lsp_method(types.EXIT)
    def lsp_exit(self, *args: Any) -> Generator[Any, Any, None]:
        """From here on the time is limited."""
        if self.line is not None:
            self.line.end()
        if (handler := self.fm.features.get(types.EXIT)) is not None:
            yield handler, args, None

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Generator[Any, Any, Any]:
        """Ours take one object; without one they get an empty one."""
        if (command := self.commands.get(params.command)) is None:
            params.arguments = params.arguments or []
            return (yield from super().lsp_workspace__execute_command(params))
        if len(params.arguments or []) > 1:
            raise JsonRpcInvalidParams(f"{params.command}: expected one object")
        model, handler = command
        given = (params.arguments or [{}])[0] or {}
        if not isinstance(given, dict):
            raise JsonRpcInvalidParams(f"{params.command}: expected one object")
        return (yield handler, (given if model is None else self.values.model(model, given),), None)


def _message(method: str, params: Any) -> dict[str, Any]:
    return {"method": method} if params is None else {"method": method, "params": params}


def _pass_on(callback: Callable[[Any], None], future: Future[Any]) -> None:
    """An answer to who asked; without one there is nothing to say."""
    if not future.cancelled() and (error := future.exception()) is not None:
        log.warning("%s", error)
    elif not future.cancelled():
        callback(future.result())


def _record(request: Request, seconds: float, outcome: str) -> None:
    """One line for each request."""
    log.info("%s %s %.1f ms %s", _word(request.id), _word(request.method), seconds * 1000, _word(outcome))


def _word(value: object) -> str:
    """In one line, and not too long: what a client sends does not write lines of its own into the log."""
    return str(value)[:200].encode("unicode_escape").decode()
