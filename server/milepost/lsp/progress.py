"""Progress in the client's own bar; its tokens end with the work (pygls keeps them for ever)."""

from collections.abc import Callable
from typing import Any

from lsprotocol import types
from pygls.progress import Progress as PyglsProgress
from pygls.protocol import LanguageServerProtocol


class Progress(PyglsProgress):
    """Reports of one token replace one another while the client does not read; begin and end are always sent."""

    def __init__(self, protocol: LanguageServerProtocol, notify: Callable[..., Any]) -> None:
        super().__init__(protocol)
        self._notify = notify

    def report(self, token: types.ProgressToken, value: types.WorkDoneProgressReport) -> None:
        self._notify(types.PROGRESS, types.ProgressParams(token=token, value=value), key=(types.PROGRESS, token))

    def end(self, token: types.ProgressToken, value: types.WorkDoneProgressEnd) -> None:
        super().end(token, value)
        if (cancelled := self.tokens.pop(token, None)) is not None:
            cancelled.cancel()
