"""The clean environment of every command: an allow-list, so that no secret gets in by being overlooked."""

from collections.abc import Mapping

FIXED = {
    "LANG": "C.UTF-8",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "CI": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "DEBIAN_FRONTEND": "noninteractive",
    "USER": "agent",
    "LOGNAME": "agent",
}
"""Nothing asks, pages, colours, or leaves compiled files in the tree."""


def environment(*, path: str, home: str, temporary: str, shell: str, more: Mapping[str, str]) -> dict[str, str]:
    """What commands see; `more` names where toolchains live."""
    return {**more, **FIXED, "PATH": path, "HOME": home, "TMPDIR": temporary, "SHELL": shell}
