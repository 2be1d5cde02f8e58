"""Starts the server that misbehaves on demand, the way `milepost lsp` starts: descriptors first, then everything else.

    python -m tests.lsp.probe FOLDER [LIMIT=VALUE …]
"""

from importlib import import_module

from milepost.lsp.seizure import seize

if __name__ == "__main__":
    seize()
    raise SystemExit(import_module("tests.lsp.misbehaviour").main())
