"""Standard input and output belong to the protocol alone: taken away before any other import can print (defect 1).

One stray `print`, of ours, of a library or of a child process, and a client loses its place in the stream for good.
So file descriptors 0 and 1 are moved out of reach; what is left in their places is harmless: reads see the end of
the file, and what is printed lands on standard error.
"""

import os
from dataclasses import dataclass

_seized: list["Pipes"] = []


@dataclass(frozen=True, slots=True)
class Pipes:
    """The client's two ends, as descriptors that no child process inherits."""

    read: int
    write: int


def seize() -> Pipes:
    """Take 0 and 1, once for each process; later calls return what the first one took."""
    if not _seized:
        _have_errors()
        _seized.append(Pipes(os.dup(0), os.dup(1)))
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
    return _seized[0]


def _have_errors() -> None:
    """A client may start us without standard error: then the next file that is opened would take its number."""
    try:
        os.fstat(2)
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        if nowhere != 2:
            os.dup2(nowhere, 2)
            os.close(nowhere)
