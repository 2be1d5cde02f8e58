"""Where the editor's process begins: nothing is imported before standard input and output are out of reach."""

import gc
import importlib

from milepost.lsp.seizure import seize


def main() -> int:
    """Serve one client over standard input and output; the exit code."""
    seize()
    # What the start makes, stays: looking it through takes a tenth of the time. `loading` ends this.
    gc.disable()
    return int(importlib.import_module("milepost.lsp.ready").main())
