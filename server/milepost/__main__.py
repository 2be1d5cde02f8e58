"""The command line starts here, the runner and the clerk too: `milepost`, or `python -m milepost`."""

from milepost.cli.entry import main

if __name__ == "__main__":
    main()
