"""What an editor must know of a program before it starts the server: who it is, and what it speaks."""

import json
import sys
from pathlib import Path

from milepost import __version__
from milepost.lsp.gate import PROTOCOL_VERSIONS


def identity() -> str:
    """The answer to `milepost --version --json`."""
    return json.dumps({
        "version": __version__, "protocolVersions": list(PROTOCOL_VERSIONS), "python": sys.executable,
        "location": str(Path(__file__).parents[1]),
    }, indent=2)


def main() -> int:
    """Say it; the exit code."""
    sys.stdout.write(identity() + "\n")
    return 0
