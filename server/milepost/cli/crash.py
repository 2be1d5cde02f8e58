"""A fault of ours: what happened goes into a file, and the user is told its name in one line."""

import platform
import sys
import tempfile
import time
import traceback
from pathlib import Path
from types import TracebackType

from milepost import __version__
from milepost.cli import screen


def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Python calls this with what nobody caught; its exit code is 1."""
    if issubclass(kind, KeyboardInterrupt):
        return
    place = write(error)
    screen.complain(
        f"this is a fault of ours ({kind.__name__}: {error}). Nothing of yours was lost; what happened is in "
        f"{str(place)!r}, please send it to us. `milepost run` goes on with the mission"
    )


def write(error: BaseException) -> Path:
    """The file, for the user's eyes only."""
    with tempfile.NamedTemporaryFile(
        "w", prefix=f"milepost-crash-{time.strftime('%Y%m%d-%H%M%S')}-", suffix=".txt", delete=False
    ) as file:
        file.write(f"milepost {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        file.write(f"{' '.join(sys.argv[:2])}\n\n")
        file.writelines(traceback.format_exception(error))
    return Path(file.name)
