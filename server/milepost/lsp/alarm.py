"""A loop that notices when one of its turns took long: somebody made everybody wait (defect 7)."""

import selectors
import time
from collections.abc import Callable
from typing import Any

LONG = 0.1
"""Seconds that one turn of the loop may take."""


class AlarmedSelector(selectors.DefaultSelector):
    """Between two selects lies one turn; nothing is spent while the loop is idle."""

    def __init__(self, alarm: Callable[[float], object], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._alarm = alarm
        self._clock = clock
        self._woke = clock()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, Any]]:
        """What is ready, once something is."""
        took = self._clock() - self._woke
        if took > LONG:
            self._alarm(took)
        ready = super().select(timeout)
        self._woke = self._clock()
        return ready
