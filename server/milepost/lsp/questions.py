"""What the server asked the client: each question has its time, and every outcome reaches who waits (defect 4)."""

import itertools
import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from pygls.exceptions import JsonRpcException

from milepost.lsp.envelope import Answer

log = logging.getLogger(__name__)
SECONDS = 30.0
"""For what a client answers by itself."""
SECONDS_FOR_A_PERSON = 600.0
PERSONAL = {"window/showMessageRequest", "window/showDocument", "workspace/applyEdit"}
"""Questions that a client may put to its user."""


def seconds_for(method: str) -> float:
    """How long an answer may take."""
    return SECONDS_FOR_A_PERSON if method in PERSONAL else SECONDS


class Unanswered(JsonRpcException):
    """The client did not answer in time, is gone, or sent what does not fit."""


@dataclass(frozen=True, slots=True)
class Question:
    """One that waits for its answer."""

    method: str
    future: Future[Any]
    structure: Callable[[Any], Any]


class Questions:
    """Those that wait; used from any thread."""

    def __init__(self) -> None:
        self._open: dict[int, Question] = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._open)

    def add(self, method: str, structure: Callable[[Any], Any]) -> tuple[int, Future[Any]]:
        """Its id and what will hold the answer; the asker may cancel it."""
        number, future = next(self._numbers), Future[Any]()
        self._open[number] = Question(method, future, structure)
        future.add_done_callback(lambda _: self._open.pop(number, None))
        return number, future

    def settle(self, answer: Answer) -> None:
        """Hand an answer to who waits for it."""
        known = isinstance(answer.id, int)
        question = self._open.get(int(answer.id)) if known and answer.id is not None else None
        if question is None:
            log.warning("an answer to nothing: id %.40r", answer.id)
        elif answer.failed:
            _fail(question, JsonRpcException(**_error(answer.error)))
        else:
            self._fit(question, answer.result)

    def expire(self, number: int) -> bool:
        """Its time is over; whether it was still open."""
        question = self._open.get(number)
        return question is not None and _fail(question, Unanswered(f"no answer to {question.method} in time"))

    def end(self) -> None:
        """The client is gone: nothing waits any longer."""
        for question in list(self._open.values()):
            _fail(question, Unanswered(f"no answer to {question.method}: the client is gone"))

    def _fit(self, question: Question, result: Any) -> None:
        try:
            value = question.structure(result)
        except (ValueError, TypeError, KeyError, AttributeError, ExceptionGroup) as error:
            log.warning("the answer to %s does not fit: %s", question.method, error)
            _fail(question, Unanswered(f"the client's answer to {question.method} does not fit"))
        else:
            if question.future.set_running_or_notify_cancel():
                question.future.set_result(value)


def _fail(question: Question, error: JsonRpcException) -> bool:
    if not question.future.set_running_or_notify_cancel():
        return False
    question.future.set_exception(error)
    return True


def _error(error: Any) -> dict[str, Any]:
    """What a client's error says, whatever its shape."""
    said = error if isinstance(error, dict) else {"message": str(error)}
    code = said.get("code")
    return {
        "code": code if isinstance(code, int) else -32603, "message": str(said.get("message", ""))[:500],
        "data": said.get("data"),
    }
