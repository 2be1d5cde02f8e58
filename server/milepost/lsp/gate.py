"""The gate in front of our own messages: a client that did not ask for them never sees one."""

from typing import Any

GATE = "milepost"
PREFIX = "milepost."
"""Of every command."""
PROTOCOL_VERSIONS = (1,)
"""Versions of our own messages that this server speaks; adding keeps the version, taking away raises it."""


def asks(experimental: Any) -> bool:
    """Whether a client's experimental capabilities say that it speaks a version of our messages that we speak too."""
    wanted = experimental.get(GATE) if isinstance(experimental, dict) else None
    return isinstance(wanted, dict) and wanted.get("protocolVersion") in PROTOCOL_VERSIONS
