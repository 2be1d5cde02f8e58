"""Where the editor's process begins: nothing is imported before standard input and output are out of reach."""

import importlib

from milepost.lsp.seizure import seize


def main() -> int:
    """Serve one client over standard input and output; the exit code."""
    seize()
    return int(importlib.import_module("milepost.lsp.ready").main())
