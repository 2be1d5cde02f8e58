"""Which surfaces can be used on this machine beside those whose drivers come with every installation."""

from importlib.util import find_spec
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.drivers import browser_program


def observable(browser: Path | None) -> frozenset[str]:
    """`browser`, where there is one and what drives it; the path is the one that the user's settings name."""
    try:
        browser_program.find(browser)
    except WorkspaceError:
        return frozenset()
    return frozenset({"browser"}) if find_spec("playwright") else frozenset()
