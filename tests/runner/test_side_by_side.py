"""Flows without a model keep to the manifest's limits as testers do, and end together where one fails."""

import asyncio

import pytest

from milepost.domain.admission import Asking
from milepost.domain.errors import WorkspaceError
from milepost.domain.services import Limits
from milepost.runner.side_by_side import side_by_side


class Crowd:
    """Who is at work, and the most there ever were of a kind."""

    def __init__(self) -> None:
        self.at_work: list[str] = []
        self.most: dict[str, int] = {}
        self.begun: list[str] = []

    async def __call__(self, flow: str) -> str:
        kind = flow[0]
        self.at_work.append(kind)
        self.begun.append(flow)
        self.most[kind] = max(self.most.get(kind, 0), self.at_work.count(kind))
        for _ in range(20):
            await asyncio.sleep(0)
        self.at_work.remove(kind)
        if flow.endswith("!"):
            raise WorkspaceError("no room")
        return flow.upper()


def flows(*names: str) -> list[Asking]:
    return [Asking(name, {"b": "browser", "h": "http"}[name[0]]) for name in names]


async def test_each_is_worked_on_once_and_answers_come_in_order():
    crowd = Crowd()
    found = await side_by_side(flows("b1", "h1", "b2", "h2"), Limits(browser=2, http=2), crowd)
    assert found == ["B1", "H1", "B2", "H2"] and sorted(crowd.begun) == ["b1", "b2", "h1", "h2"]


async def test_program_that_cannot_run_twice_is_alone():
    crowd = Crowd()
    await side_by_side(flows("h1", "h2", "h3", "b1"), Limits(http=1, browser=4), crowd)
    assert crowd.most["h"] == 1


async def test_error_ends_it_before_another_begins():
    crowd = Crowd()
    with pytest.raises(WorkspaceError, match="no room"):
        await side_by_side(flows("h1!", "h2", "h3"), Limits(http=1), crowd)
    assert crowd.begun == ["h1!"] and not crowd.at_work
