"""Running a handler of any kind that pygls knows: plain, coroutine, generator of further handlers, or in a worker."""

import asyncio
import inspect
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Any

from pygls.feature_manager import is_thread_function

Handler = Callable[..., Any]


async def perform(handler: Handler, workers: Callable[[], Executor], *args: Any, **named: Any) -> Any:
    """The result of a handler; a plain one runs at once, in the loop: it may only read what is prepared."""
    if inspect.isgeneratorfunction(handler):
        return await _steps(handler, workers, *args, **named)
    if is_thread_function(handler):  # type: ignore[no-untyped-call]
        return await asyncio.get_running_loop().run_in_executor(workers(), partial(handler, *args, **named))
    result = handler(*args, **named)
    return await result if inspect.isawaitable(result) else result


async def _steps(handler: Handler, workers: Callable[[], Executor], *args: Any, **named: Any) -> Any:
    """pygls' own features are generators: they yield what is to run next and are sent its result."""
    generator, result = handler(*args, **named), None
    while True:
        try:
            inner, inner_args, inner_named = generator.send(result)
        except StopIteration as end:
            return end.value
        result = await perform(inner, workers, *(inner_args or ()), **(inner_named or {}))
