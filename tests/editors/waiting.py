"""Waiting for what nobody announces: looks again and again, and says what it saw when it gives up."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from tests.lsp.wire import LIMIT

Found = TypeVar("Found")


def until(look: Callable[[], Found], why: Callable[[], str], limit: float = LIMIT) -> Found:
    """What a look brings, once that is something; `why` is asked when it never was."""
    end, tick = time.monotonic() + limit, threading.Event()
    while not (found := look()):
        assert time.monotonic() < end, f"not in time: {why()}"
        tick.wait(0.02)
    return found
