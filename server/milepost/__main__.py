"""The command line starts here, the runner and the clerk too: `milepost`, or `python -m milepost`."""

import sys
from importlib import import_module

EDITOR = (["lsp"], ["lsp", "--stdio"])
"""An editor's process loads neither the command line nor a runner: it would start at a third of the speed."""


def main() -> None:
    """Run one command; ends the process with the code that says how it went."""
    if sys.argv[1:] in EDITOR:
        sys.exit(import_module("milepost.lsp.entry").main())
    import_module("milepost.cli.entry").main()


if __name__ == "__main__":
    main()
