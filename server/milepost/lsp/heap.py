"""One heap for all threads: they run one at a time, and the C library would give each a heap of its own."""

import ctypes

ARENA_MAX = -8
"""The option's number in glibc's malloc.h."""


def share() -> None:
    """What one thread freed, another may use; does nothing where the C library is not glibc."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(ARENA_MAX, 1)
