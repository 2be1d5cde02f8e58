"""Finishing what must not be left half done when the one who asked for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def settled(work: Coroutine[Any, Any, T]) -> T:
    """Await some work; a cancellation of the caller takes effect only once the work has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        while not task.done():
            # A second cancellation must not cut the work short either; it is bounded by SQLite's own time-out.
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        raise
