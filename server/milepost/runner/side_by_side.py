"""Several flows at work without a model: at once as far as the manifest allows, as testers are."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from milepost.domain.admission import Asking, Headroom, admit
from milepost.domain.mission import Mission
from milepost.domain.services import Limits

T = TypeVar("T")


def asking(mission: Mission, flow: str, assertion: str) -> Asking:
    """A flow as it asks for its place: by the surface of one of its assertions."""
    agreed = mission.contract.get(assertion)
    return Asking(flow, agreed.surface if agreed is not None else "")


async def side_by_side(
    flows: Sequence[Asking], limits: Limits, work: Callable[[str], Coroutine[Any, Any, T]]
) -> list[T]:
    """Work on each of them; what came of each, in order. Where one fails, no other begins, and its error is raised."""
    waiting, running = list(flows), dict[asyncio.Task[T], Asking]()
    tasks: dict[str, asyncio.Task[T]] = {}
    failed = False
    try:
        while running or (waiting and not failed):
            # Unmeasured: the processors are busy with every one of them, whatever memory is free.
            found = () if failed else admit(waiting, list(running.values()), limits, Headroom(), {}).now
            for one in [flow for flow in waiting if flow.flow in found]:
                waiting.remove(one)
                tasks[one.flow] = task = asyncio.create_task(work(one.flow))
                running[task] = one
            done, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del running[task]
                failed = failed or task.exception() is not None
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    return [tasks[one.flow].result() for one in flows if one.flow in tasks]
