"""Does something soon, or at rest, and not more often than it should be done: what is asked meanwhile becomes one."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)


class Throttle:
    """One action; the first time at once, then at most once in `pause_s`, and never twice at the same time."""

    def __init__(self, action: Callable[[], Awaitable[None]], pause_s: float) -> None:
        self._action = action
        self._pause_s = pause_s
        self._wanted = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have it done."""
        self._wanted = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._go())

    async def _go(self) -> None:
        while self._wanted:
            self._wanted = False
            await self._action()
            await asyncio.sleep(self._pause_s)

    def stop(self) -> None:
        """Do nothing more."""
        self._wanted = False
        if self._task is not None:
            self._task.cancel()


class Lull:
    """One action, once nobody has asked for it for a while; while they go on asking, after the longest wait."""

    def __init__(self, action: Callable[[], object], quiet_s: float, longest_s: float) -> None:
        self._action = action
        self._quiet_s = quiet_s
        self._longest_s = longest_s
        self._latest = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Have it done, and wait for more."""
        loop = asyncio.get_running_loop()
        if self._timer is None:
            self._latest = loop.time() + self._longest_s
        else:
            self._timer.cancel()
        self._timer = loop.call_at(min(loop.time() + self._quiet_s, self._latest), self._go)

    def _go(self) -> None:
        self._timer = None
        self._action()

    def stop(self) -> None:
        """Do nothing more."""
        if self._timer is not None:
            self._timer.cancel()
