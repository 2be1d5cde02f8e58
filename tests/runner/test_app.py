"""Where everything meets: missions are made and found, orders are answered, and what cannot be done says why."""

import asyncio
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.app import slug_of
from milepost.domain import events as e
from milepost.domain.errors import ConfigError, Refused, WorkspaceError
from milepost.domain.next import Sit
from milepost.domain.seat import Seat
from milepost.log.lease import Lease
from milepost.log.views import Views
from milepost.model.scripted import call
from milepost.runner.clerk import drain
from milepost.runner.logbook import Logbook
from milepost.runner.sitting import may_begin
from milepost.runner.stopwatch import Stopwatch, read_off
from tests.runner import quick
from tests.runner.conftest import Stage
from tests.runner.witness import WAITS, release, waiting

Begin = Callable[..., Any]


def bare_of_commits(folder: Path) -> Path:
    """A repository with no commit."""
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Stage:
    """A repository of scripts, and nothing begun."""
    return Stage(tmp_path, quick.script(), repository=quick.make_repository, goal=quick.GOAL)


@pytest.mark.parametrize(
    ("goal", "slug"),
    [
        ("Add a discount to the shop", "add-discount-shop"), ("Ä ß!", "mission"), ("x" * 90, "x" * 40),
        ("Add a discount to the shop's total", "add-discount-shops-total"),
        ("Don\u2019t break users' exports", "dont-break-users-exports"), ("'quoted' words", "quoted-words"),
        ("Internationalisation of authentication messages", "internationalisation-authentication"),
    ],
)
def test_slug_is_a_few_words_of_the_goal(goal: str, slug: str) -> None:
    assert slug_of(goal) == slug


async def test_second_mission_of_a_name_gets_a_number(shop: Stage) -> None:
    first = await shop.create()
    second = await shop.create()
    assert (first.mission, second.mission) == ("greet-people", "greet-people-2")
    assert {m.mission for m in shop.app.missions()} == {"greet-people", "greet-people-2"}


async def test_mission_is_found_by_its_name_its_beginning_or_as_the_newest(shop: Stage, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="there is no mission of"):
        await shop.app.find(None, shop.repository)
    await shop.create()
    second = await shop.create()
    assert await shop.app.find("greet-people-2", tmp_path) == second
    assert await shop.app.find("e-2", tmp_path) == second
    assert await shop.app.find(None, shop.repository) == second
    with pytest.raises(Refused, match="more than one mission is called 'greet'"):
        await shop.app.find("greet", tmp_path)
    with pytest.raises(Refused, match="no mission is called 'other'; there are: "):
        await shop.app.find("other", tmp_path)


async def test_repository_that_cannot_carry_a_mission_is_refused_before_anything_is_made(shop: Stage) -> None:
    shop.repository = bare_of_commits(shop.repository.with_name("empty"))
    with pytest.raises(WorkspaceError):
        await shop.create()
    assert shop.app.missions() == []


async def test_state_inside_the_repository_is_refused(shop: Stage) -> None:
    shop.app.config = shop.app.config.model_copy(update={"state_dir": shop.repository / "state"})
    with pytest.raises(ConfigError, match="lies inside the workspace"):
        await shop.create()


async def test_mission_in_a_folder_of_its_own_has_nothing_to_undo(begun: Begin) -> None:
    stage = await begun()
    with pytest.raises(Refused, match="works in a folder of its own"):
        await stage.app.undo(stage.place)


async def test_undo_waits_until_nobody_is_at_work(begun: Begin) -> None:
    stage = await begun(mode="in_place")
    lease = Lease(stage.place.root)
    assert lease.acquire()
    with pytest.raises(Refused, match="a runner is at work"):
        await stage.app.undo(stage.place)
    assert await stage.app.clerk(stage.place) is False
    lease.release()


async def test_order_that_nobody_answers_waits_in_the_inbox(begun: Begin) -> None:
    stage = await begun()
    lease = Lease(stage.place.root)
    assert lease.acquire()
    start = stage.app.clock()
    passed = iter(range(1000))
    stage.app.clock = lambda: start + next(passed)
    with pytest.raises(Refused, match="the runner did not answer pause_mission within 3 s"):
        await stage.send("pause_mission")
    lease.release()
    assert await stage.app.clerk(stage.place) is True
    assert "paused" in (await stage.read()).holds


async def test_D19_order_that_was_answered_is_not_applied_again(begun: Begin) -> None:
    """The engine stopped after the answer and before the file was gone."""
    stage = await begun()
    await stage.send("pause_mission")
    order = (await stage.records("hold_placed"))[-1].order
    body = {"id": order, "mission": stage.place.mission, "order": "resume_mission", "by": "user"}
    (stage.place.root / "inbox" / f"{order}.json").write_text(json.dumps(body))
    (stage.place.root / "inbox" / "broken.json").write_text("{")
    async with await stage.app.log(stage.place) as log:
        assert await drain(Logbook(log), stage.place) == 2
    assert "paused" in (await stage.read()).holds
    assert not list((stage.place.root / "inbox").glob("*.json"))


async def test_secret_of_the_environment_is_not_kept(begun: Begin) -> None:
    prints = call("run_command", command="echo sesame-open-the-door")
    stage = await begun(quick.script(worker_F1__=[prints, *quick.build()]))
    stage.app.environ["SHOP_API_KEY"] = "sesame-open-the-door"
    await stage.carry()
    async with await stage.app.log(stage.place, write=False) as log:
        assert "sesame" not in "".join(r.model_dump_json() for r in await log.events.records())


async def test_price_of_a_seat_is_its_own_or_the_tables(shop: Stage) -> None:
    assert shop.app.price(shop.settings.seats["worker"]) is not None
    assert shop.app.price(Seat(model="nobody/knows")) is None


async def test_seat_without_a_model_says_how_to_set_one(begun: Begin) -> None:
    stage = await begun()
    async with stage.app.office(stage.place) as office:
        assert office.seat("researcher").model == "scripted:story"
        with pytest.raises(Refused, match=r"no model is set for the nobody; `milepost set seat\.nobody"):
            office.seat("nobody")


# --- what may begin ---

async def test_nothing_begins_that_an_order_overtook(begun: Begin) -> None:
    stage = await begun(plan=quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2")))
    worker = Sit("worker.F1.1", "worker", "F1", milestone="M1")
    assert may_begin(await stage.read(), worker)
    mission = await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    assert not may_begin(mission, worker) and may_begin(mission, Sit("worker.F2.1", "worker", "F2", milestone="M2"))
    assert not may_begin(mission, Sit("reviewer.F1.M1r1.2", "reviewer", "F1", "M1", 1))
    assert not may_begin(mission, Sit("reviewer.F1.M1r2.1", "reviewer", "F1", "M1", 2))
    assert not may_begin(mission, Sit("worker.F9.1", "worker", "F9", milestone="M1"))
    await stage.send("pause_mission")
    assert not may_begin(await stage.read(), Sit("orchestrator.1", "orchestrator", "mission"))


# --- the stopwatch ---

class Hours:
    """A clock in hours."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now * 3600


async def test_stopwatch_counts_work_alone_and_reads_the_same_from_the_log(begun: Begin) -> None:
    stage = await begun()
    clock = Hours()
    stage.app.clock = clock
    async with await stage.app.log(stage.place) as log:
        base = log.events.last_seq
        live = Stopwatch(clock)
        book = Logbook(log, live.saw)
        clock.now = 1_000_000
        for hours, event in (
            (1, e.RunnerStarted(epoch=1, version="0")), (2, e.HoldPlaced(hold="paused", reason="x")),
            (5, e.HoldPlaced(hold="blocked", reason="x")), (7, e.HoldLifted(hold="paused")),
            (1, e.HoldLifted(hold="blocked")), (3, e.MessageReceived(text="a word")),
            (100, e.RunnerStarted(epoch=2, version="0")), (4, e.RunnerStopped(reason="x")),
            (50, e.RunnerStarted(epoch=3, version="0")), (2, e.MessageReceived(text="b")),
        ):
            clock.now += hours
            await book.record(event)
        # From the pause on nothing, after it was lifted 3, with the second runner 4, with the third 2; 2 at first.
        assert live.seconds() == pytest.approx((2 + 3 + 4 + 2) * 3600)
        clock.now += 6
        assert live.seconds() == pytest.approx((2 + 3 + 4 + 2 + 6) * 3600)
        read = await read_off(log.events, clock)
        assert read.seconds() == pytest.approx((2 + 3 + 4 + 2) * 3600) and base > 0
        assert read.approved is not None and read.hours() == pytest.approx(11)
        clock.now += 9
        assert read.seconds() == pytest.approx(11 * 3600)


async def test_turn_before_a_crash_counts_as_work(begun: Begin) -> None:
    """The last thing a runner that was killed did need not have been a fact."""
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=WAITS), *quick.build()]))
    clock = Hours()
    clock.now = 1_000_000
    stage.app.clock = clock
    async with stage.carried():
        await waiting(stage)
        clock.now += 3
        release(stage)
        await stage.until(lambda m: m.features["F1"].audited)
    async with await stage.app.log(stage.place, write=False) as log:
        assert (await read_off(log.events, clock)).hours() == pytest.approx(3, abs=0.01)


async def test_spending_of_the_log_is_what_the_purse_begins_with(begun: Begin) -> None:
    stage = await begun()
    await stage.carry()
    async with await Views.open(stage.place.root, stage.place.mission) as views:
        turns = sum(s.turns for s in (await views.spent_by_attempt()).values())
    async with stage.app.office(stage.place) as office:
        assert office.purse.spent.turns == turns > 0


async def test_follow_shows_each_change(begun: Begin) -> None:
    stage = await begun()
    seen: list[int] = []
    async with asyncio.timeout(20):
        async for log in stage.app.follow(stage.place):
            assert log.mission is not None
            seen.append(log.mission.seq)
            if "paused" in log.mission.holds:
                break
            await stage.send("pause_mission")
    assert seen == sorted(seen) and len(seen) >= 2
