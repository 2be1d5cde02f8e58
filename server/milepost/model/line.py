"""One thread with one HTTP client: a call at a time, and a way to hang up on it from outside."""

import asyncio
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from milepost.model.faults import Contact

T = TypeVar("T")
_OPENED = (".connect_tcp.complete", ".start_tls.complete")


class Silence(Exception):
    """Nothing came for too long."""


class Line:
    """A way to a provider. It keeps its connection for the next call; once hung up on it is of no more use."""

    def __init__(self, handler: Any) -> None:
        """Take LiteLLM's HTTP handler, whose client is this line's alone."""
        self.handler = handler
        self.contact = Contact()
        self._sockets: list[socket.socket] = []
        self._heard = 0.0
        self._hung_up = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        client = handler.client
        client.follow_redirects = False
        client.event_hooks = {"request": [self._watch], "response": [self._note]}

    async def carry(self, work: Callable[[], T], silence_s: float) -> asyncio.Future[T]:
        """Do work in the thread; its finished future. Hangs up when it is silent for so long, or on cancellation.

        Raises Silence.
        """
        self.contact = Contact()
        self.hear()
        future = asyncio.wrap_future(self._thread.submit(work))
        try:
            while not future.done():
                left = self._heard + silence_s - time.monotonic()
                if left <= 0:
                    raise Silence
                await asyncio.wait({future}, timeout=left)
        finally:
            if not future.done():
                future.cancel()
                self.hang_up()
        return future

    def hear(self) -> None:
        """Something came."""
        self._heard = time.monotonic()

    def hang_up(self) -> None:
        """Close the connection under whoever reads from it, and let the thread end."""
        if self._hung_up:
            return
        self._hung_up = True
        for opened in self._sockets:
            _shut(opened)
        self._thread.submit(self.handler.client.close)
        self._thread.shutdown(wait=False)

    def _watch(self, request: Any) -> None:
        request.extensions["trace"] = self._trace

    def _trace(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith(_OPENED):
            opened = info["return_value"].get_extra_info("socket")
            self._sockets = [*(s for s in self._sockets if s.fileno() >= 0), opened]
            if self._hung_up:
                _shut(opened)

    def _note(self, response: Any) -> None:
        self.contact = Contact(response.status_code, dict(response.headers))
        self.hear()


def _shut(opened: socket.socket) -> None:
    # Closing a socket does not wake a thread that reads from it; shutting it down does.
    try:
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
    except OSError:
        return
