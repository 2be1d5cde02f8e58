"""What was read and waits for the loop: bounded, and a cancel overtakes what it cancels (defect 6)."""

import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence

from milepost.lsp.envelope import CANCEL, Id, Message, Notification, Request

LARGEST_BACKLOG = 4 * 2**20
"""Bytes that may wait; the listener stops reading until the loop has caught up."""
EACH = 1000
"""Bytes that a message counts beyond its own, as what was read of it takes several times its length."""


class Arrivals:
    """Between the listener's thread and the loop."""

    def __init__(self, wake: Callable[[], object], largest: int = LARGEST_BACKLOG) -> None:
        self._wake = wake
        self._largest = largest
        self._waiting: deque[tuple[Message, int]] = deque()
        self._requests: Counter[Id] = Counter()
        self._cancelled: set[Id] = set()
        self._bytes = 0
        self._asleep = True
        self._ended = False
        self._changed = threading.Condition()

    def put(self, messages: Sequence[tuple[Message, int]]) -> None:
        """Add what came in one read, each with its size; waits while too much is waiting."""
        with self._changed:
            self._changed.wait_for(lambda: self._bytes <= self._largest)
            for message, size in messages:
                self._add(message, size)
            self._rouse()

    def end(self) -> None:
        """Nothing comes after what is here."""
        with self._changed:
            self._ended = True
            self._rouse()

    def take(self) -> tuple[Message, bool] | None:
        """The next message, and whether it was cancelled while it waited; None while there is none."""
        with self._changed:
            if not self._waiting:
                self._asleep = True
                return None
            message, size = self._waiting.popleft()
            self._bytes -= size + EACH
            self._changed.notify_all()
            return message, isinstance(message, Request) and self._was_cancelled(message.id)

    @property
    def over(self) -> bool:
        """Whether all was taken and nothing will come."""
        with self._changed:
            return self._ended and not self._waiting

    def _add(self, message: Message, size: int) -> None:
        self._bytes += size + EACH
        if isinstance(message, Request):
            self._requests[message.id] += 1
        elif isinstance(message, Notification) and message.method == CANCEL:
            number = message.params.get("id") if isinstance(message.params, dict) else None
            if isinstance(number, int | str) and self._requests[number]:
                self._cancelled.add(number)
            self._waiting.appendleft((message, size))
            return
        self._waiting.append((message, size))

    def _was_cancelled(self, number: Id) -> bool:
        self._requests[number] -= 1
        if self._requests[number] <= 0:
            del self._requests[number]
        found = number in self._cancelled
        self._cancelled.discard(number)
        return found

    def _rouse(self) -> None:
        if self._asleep:
            self._asleep = False
            self._wake()
