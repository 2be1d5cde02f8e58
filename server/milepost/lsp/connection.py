"""The loop and the threads of one client, from the first byte to the exit code."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from milepost.lsp.alarm import LONG, TimedSelector
from milepost.lsp.arrivals import Arrivals
from milepost.lsp.deadline import Deadline
from milepost.lsp.framing import LARGEST, Frames
from milepost.lsp.lifecycle import Phase
from milepost.lsp.listener import Listener
from milepost.lsp.protocol import Conversation
from milepost.lsp.seizure import Pipes
from milepost.lsp.watchdog import Watchdog
from milepost.lsp.writer import LARGEST_BACKLOG, Writer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much, and how long."""

    message: int = LARGEST
    """Bytes of the largest message that is read."""
    unread: int = LARGEST_BACKLOG
    """Bytes that may wait for a client that does not read."""
    patience: float = 120.0
    """Seconds after which a client that reads nothing is lost."""
    goodbye: float = 2.0
    """Seconds from the end of the conversation to the end of the process."""


DEFAULTS = Limits()


class Connection:
    """Runs one conversation; the `line` under it."""

    def __init__(self, conversation: Conversation, pipes: Pipes, limits: Limits) -> None:
        self._conversation = conversation
        self._limits = limits
        self._loop = asyncio.SelectorEventLoop(TimedSelector(self._turned))
        self._loop.set_exception_handler(_unhandled)
        self._deadline = Deadline(lambda: conversation.lifecycle.exit_code, limits.goodbye)
        self._writer = Writer(pipes.write, self._lost, limits.unread)
        self._arrivals = Arrivals(lambda: self._soon(self._drain))
        self._listener = Listener(pipes.read, Frames(limits.message), self._arrivals, self._deadline.arm)
        self._closing: asyncio.Task[None] | None = None

    def run(self) -> int:
        """Talk until one side ends it; the exit code."""
        asyncio.set_event_loop(self._loop)
        self._conversation.line = self
        self._writer.start()
        self._listener.start()
        self._loop.call_later(self._limits.patience / 4, self._look_at_client)
        try:
            self._loop.run_forever()
        except SystemExit:
            log.exception("a handler ended the server")
        self._deadline.arm()
        self._writer.close(self._limits.goodbye / 4)
        self._conversation.dismiss_workers()
        if not _still(self._limits.goodbye / 8):
            log.warning("ends by force: a worker is still busy")
            os._exit(self._conversation.lifecycle.exit_code)
        self._loop.close()
        self._deadline.lift()
        return self._conversation.lifecycle.exit_code

    # --- what the conversation needs

    def send(self, body: bytes, key: Hashable = None) -> None:
        self._writer.send(body, key)

    def unless(self, done: Future[Any], seconds: float, what: Callable[[], object]) -> None:

        def begin() -> None:
            timer = self._loop.call_later(seconds, what)
            done.add_done_callback(lambda _: self._soon(timer.cancel))

        self._soon(begin)

    def opened(self) -> None:
        self._soon(self._drain)
        process = self._conversation.client_process
        if process is not None and self._conversation.lifecycle.phase is Phase.OPEN:
            Watchdog(process, self._lost).start()

    def end(self) -> None:
        """Stop what runs, say what is left to say, leave; from the loop's thread."""
        self._deadline.arm()
        if self._closing is None:
            self._closing = self._loop.create_task(self._close())

    # --- the loop's own

    def _drain(self) -> None:
        """One message for each turn of the loop, so that what else is due comes in between."""
        if self._closing is not None or self._conversation.lifecycle.phase is Phase.OPENING:
            return
        taken = self._arrivals.take()
        if taken is None:
            if self._arrivals.over:
                self.end()
            return
        try:
            self._conversation.receive(*taken)
        finally:
            # After what was begun just now: a message is begun before the next one is looked at.
            self._loop.call_soon(self._drain)

    async def _close(self) -> None:
        await self._conversation.finish(self._limits.goodbye / 4)
        if others := asyncio.all_tasks() - {asyncio.current_task()}:
            for task in others:
                task.cancel()
            await asyncio.wait(others, timeout=self._limits.goodbye / 8)
        self._loop.stop()

    def _lost(self) -> None:
        """The client is gone; from any thread."""
        self._deadline.arm()
        self._soon(self.end)

    def _look_at_client(self) -> None:
        if self._writer.stalled() > self._limits.patience:
            log.warning("the client has read nothing for %.0f s", self._limits.patience)
            self._lost()
        else:
            self._loop.call_later(self._limits.patience / 4, self._look_at_client)

    def _soon(self, what: Callable[[], object]) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(what)

    def _turned(self, seconds: float) -> None:
        if seconds > LONG:
            doing = self._conversation.doing or "nothing that the client asked"
            log.warning("a turn of the loop took %.0f ms, last with %s", seconds * 1000, doing)
        self._conversation.doing = ""


def _unhandled(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    log.error("in the loop: %s", context.get("message"), exc_info=context.get("exception"))


def _still(seconds: float) -> bool:
    """Whether nothing but the main thread keeps the process alive, or soon will."""
    until = time.monotonic() + seconds
    others = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
    for thread in others:
        thread.join(max(0.0, until - time.monotonic()))
    return not any(thread.is_alive() for thread in others)
