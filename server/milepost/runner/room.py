"""Where an attempt sits: the mission's own tree, or a scratch checkout of the commit it judges (D8)."""

from contextlib import AsyncExitStack

from milepost.domain.next import Sit
from milepost.runner.office import Office
from milepost.runner.workshop import Bench

IN_THE_TREE = frozenset({"orchestrator", "researcher"})
"""Seats that read the mission's tree as it lies there."""


class Room:
    """The bench of one attempt: the mission's tree for the worker and the orchestrator, a checkout for the rest."""

    def __init__(self, office: Office, step: Sit, commit: str) -> None:
        self.office = office
        self.step = step
        self.commit = commit
        self.stack = AsyncExitStack()

    async def __aenter__(self) -> Bench:
        shop, mission, seat = self.office.workshop, self.office.mission, self.step.seat
        name = self.step.attempt
        if seat == "worker":
            await self.lay_out()
            return await self.stack.enter_async_context(shop.on(shop.worktree, name, mission.manifest))
        if seat in IN_THE_TREE:
            on = shop.on(shop.worktree, name, mission.manifest, read_only=True)
            return await self.stack.enter_async_context(on)
        # What was agreed is no business of whoever compares the goal with the tree.
        checks = seat != "auditor"
        return await self.stack.enter_async_context(shop.bench(name, self.commit, mission.manifest, checks=checks))

    async def __aexit__(self, *exc: object) -> None:
        await self.stack.aclose()

    async def lay_out(self) -> None:
        """The worker's tree: with the checks in it, and, in a folder of our own, with a throw-away `.git`."""
        shop = self.office.workshop
        shop.lay_checks(shop.worktree.path)
        if self.office.mission.mode == "worktree":
            await shop.worktree.agent_git()
