"""Waiting for a file descriptor, whatever its number and whoever made it non-blocking."""

import select


def until_readable(descriptor: int) -> None:
    """Return when there is something to read, or will never be."""
    _wait(descriptor, select.POLLIN)


def until_writable(descriptor: int) -> None:
    """Return when there is room to write, or nobody reads any more."""
    _wait(descriptor, select.POLLOUT)


def _wait(descriptor: int, event: int) -> None:
    waiting = select.poll()
    waiting.register(descriptor, event)
    waiting.poll()
