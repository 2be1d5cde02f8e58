"""The entry: from a process that has just begun to its exit code."""

import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

from milepost import __version__
from milepost.lsp.connection import DEFAULTS, Connection, Limits
from milepost.lsp.journal import open_journal
from milepost.lsp.seizure import seize
from milepost.lsp.server import Server

log = logging.getLogger(__name__)


def serve(build: Callable[[Server], object], folder: Path, limits: Limits = DEFAULTS) -> int:
    """Serve one client over standard input and output, and return the exit code; the log lies in `folder`.

    `build` registers the features. Call `seizure.seize()` before anything else is imported; here it is too late for
    what imports print. Where a thread would keep the process from ending, this does not return but ends it.
    """
    pipes = seize()
    open_journal(folder)
    if not os.isatty(pipes.read):
        # Ctrl-C in a terminal editor means the editor; a function, not SIG_IGN, as children would inherit that.
        signal.signal(signal.SIGINT, lambda *_: None)
    server = Server("milepost", __version__)
    build(server)
    log.info("serves, version %s", __version__)
    code = Connection(server.protocol, pipes, limits).run()
    log.info("ends with %d", code)
    return code
