"""What a client is told when something went wrong: a few words and a number in the log, no traceback, no path."""

import itertools
import logging
import os

from pygls.exceptions import JsonRpcException

from milepost.domain.errors import MilepostError
from milepost.lsp.envelope import INTERNAL_ERROR, REQUEST_FAILED

log = logging.getLogger(__name__)
_numbers = itertools.count(1)


class Declined(JsonRpcException):
    """The request was understood and is not done; the message is for the person."""

    CODE = REQUEST_FAILED
    MESSAGE = "Declined"


def explain(error: BaseException, where: str) -> tuple[int, str]:
    """Code and words for the client; what is ours to mend is written to the log under a number."""
    if isinstance(error, JsonRpcException):
        return error.code, error.message
    if isinstance(error, MilepostError):
        return REQUEST_FAILED, str(error)
    return INTERNAL_ERROR, f"a fault of the server's: the log has it under {note(error, where)}"


def note(error: BaseException, where: str) -> str:
    """Write an error that nobody expected to the log; its number there."""
    number = f"{os.getpid()}-{next(_numbers)}"
    log.error("fault %s in %s", number, where, exc_info=error)
    return number
