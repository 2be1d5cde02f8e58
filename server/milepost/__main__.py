"""The command line starts here, the runner and the clerk too: `milepost`, or `python -m milepost`."""

import sys
from importlib import import_module

EDITOR = (["lsp"], ["lsp", "--stdio"])
"""An editor's process loads neither the command line nor a runner: it would start at a third of the speed."""
ASKED = ["--version", "--json"]
"""An editor asks each program that it finds who it is, and on a busy machine waits long for the whole command line."""


def main() -> None:
    """Run one command; ends the process with the code that says how it went."""
    if sys.argv[1:] in EDITOR:
        sys.exit(import_module("milepost.lsp.entry").main())
    if sys.argv[1:] == ASKED:
        sys.exit(import_module("milepost.lsp.identity").main())
    import_module("milepost.cli.entry").main()


if __name__ == "__main__":
    main()
