"""A loop that knows how long each of its turns took: where one was long, somebody made everybody wait (defect 7)."""

import selectors
import time
from collections.abc import Callable
from typing import Any

LONG = 0.1
"""Seconds that one turn of the loop may take."""


class TimedSelector(selectors.DefaultSelector):
    """Between two selects lies one turn, which is told with its seconds; nothing is spent while the loop is idle."""

    def __init__(self, turned: Callable[[float], object], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._turned = turned
        self._clock = clock
        self._woke = clock()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        """What is ready, once something is."""
        self._turned(self._clock() - self._woke)
        ready = super().select(timeout)
        self._woke = self._clock()
        return ready
