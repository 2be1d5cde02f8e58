"""What keeps a mission from going on is a hold with its reason; when that is mended it goes on where it was."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import milepost
from milepost.domain import events as e
from milepost.domain.errors import LogConflict, ModelError
from milepost.domain.turn import Reply
from milepost.log.folder import MissionFolder
from milepost.log.mission_log import MissionLog
from milepost.model.messages import Request
from milepost.model.scripted import call
from milepost.runner import keeper
from tests.runner import quick
from tests.runner.conftest import Stage
from tests.runner.witness import WAITS, answered, comes_true, release, waiting

Begin = Callable[..., Any]


class Clock:
    """A clock that goes as the test says."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def fails_once(error: Callable[[], ModelError], reply: Reply) -> Callable[[Request], Reply]:
    """A step that fails the first time."""
    failed: list[int] = []

    def step(request: Request) -> Reply:
        if not failed:
            failed.append(request.turn)
            raise error()
        return reply

    return step


async def test_parked_mission_goes_on_by_itself_at_its_time(begun: Begin) -> None:
    clock = Clock()

    def spent() -> ModelError:
        return ModelError("no quota is left", remedy="park", reason="quota", retry_at=clock.now + 3600)

    stage = await begun(quick.script(worker_F1__=[fails_once(spent, quick.written()), *quick.build()[1:]]))
    stage.app.clock = clock
    async with stage.carried() as running:
        mission = await stage.until(lambda m: "parked" in m.holds)
        assert mission.holds["parked"].until == clock.now + 3600 and mission.open_attempts
        clock.now += 3601
        mission = await asyncio.wait_for(running, 60)
    assert mission.phase == "completed" and "worker.F1.2" not in mission.attempts, mission.holds


async def test_parked_mission_waits_for_nothing_once_another_model_is_seated(begun: Begin) -> None:
    spent = ModelError("no quota is left", remedy="park", reason="quota", retry_at=4_000_000_000.0)
    stage = await begun(quick.script(worker_F1__=[spent, *quick.build()]))
    stage.app.scripts = {**(stage.app.scripts or {}), "other": dict(quick.script())}
    async with stage.carried() as running:
        await stage.until(lambda m: "parked" in m.holds)
        await stage.send("change_setting", key="seat.worker.model", value="scripted:other")
        assert (await asyncio.wait_for(running, 60)).phase == "completed"


@pytest.mark.parametrize(("order", "phase"), [("pause_mission", "running"), ("cancel_mission", "cancelled")])
async def test_wait_before_the_next_try_ends_when_the_user_stops_the_mission(
    begun: Begin, order: str, phase: str
) -> None:
    busy = ModelError("too many requests", remedy="retry", reason="rate_limit", retry_at=4_000_000_000.0)
    stage = await begun(quick.script(worker_F1__=[busy, *quick.build()]))
    async with stage.carried():
        await answered(stage, "worker.F1.1", 1, "turn_failed")
        await stage.send(order)
    mission = await stage.read()
    assert (mission.phase, bool(mission.open_attempts)) == (phase, phase == "running")


async def test_try_that_was_left_is_made_once_the_mission_goes_on(begun: Begin) -> None:
    def busy() -> ModelError:
        return ModelError("too many requests", remedy="retry", reason="rate_limit", retry_at=4_000_000_000.0)

    stage = await begun(quick.script(worker_F1__=[fails_once(busy, quick.written()), *quick.build()[1:]]))
    async with stage.carried() as running:
        await answered(stage, "worker.F1.1", 1, "turn_failed")
        await stage.send("pause_mission")
        await stage.send("resume_mission")
        assert (await asyncio.wait_for(running, 60)).phase == "completed"


async def test_refused_key_waits_for_another_one(begun: Begin) -> None:
    def refused() -> ModelError:
        return ModelError("401: this key is not known", remedy="stop", reason="auth")

    stage = await begun(quick.script(worker_F1__=[fails_once(refused, quick.written()), *quick.build()[1:]]))
    mission = await stage.carry()
    assert mission.holds["blocked"].reason == "credential: 401: this key is not known"
    await stage.send("change_setting", key="seat.worker.api_key_env", value="OTHER_KEY")
    assert (await stage.carry()).phase == "completed"


async def test_prompt_that_the_provider_finds_too_long_ends_the_attempt(begun: Begin) -> None:
    def full() -> ModelError:
        return ModelError("the prompt is too long", remedy="context", reason="context")

    stage = await begun(quick.script(worker_F1_1=[fails_once(full, quick.written())]))
    mission = await stage.carry(lambda m: bool(m.open_items))
    assert mission.attempts["worker.F1.1"].outcome == "limit"
    assert mission.attempts["worker.F1.1"].reason == "the context window is full: the prompt is too long"


async def test_step_that_fails_for_a_reason_of_this_machine_holds_and_says_why(begun: Begin, home: Path) -> None:
    own = home / "config" / "milepost" / "prompts" / "worker"
    own.mkdir(parents=True)
    (own / "system.md").write_text("{% if %}")
    stage = await begun()
    mission = await stage.carry()
    assert mission.holds["blocked"].reason.startswith("ConfigError: ") and "system.md:1" in mission.word + (
        mission.holds["blocked"].reason
    )
    (own / "system.md").unlink()
    await stage.send("resume_mission")
    assert (await stage.carry()).phase == "completed"


async def test_F56_runner_whose_log_another_wrote_dies_of_it(begun: Begin) -> None:
    stage = await begun(quick.script(worker_F1__=[call("run_command", command=WAITS), *quick.build()]))
    with pytest.raises(LogConflict):
        async with stage.carried():
            await waiting(stage)
            async with await MissionLog.open(stage.place.root, stage.place.mission) as other:
                await other.record(e.MessageReceived(text="I am another writer"))
            release(stage)
            await comes_true(lambda: not stage.app.is_running(stage.place))


# --- the keeper, with real processes ---

async def test_runner_that_dies_three_times_is_given_up_and_says_where_to_look(
    begun: Begin, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    note = tmp_path / "told"
    stage = await begun(on_attention=f'echo "$MILEPOST_EVENT" >> {note}')
    # Our process has read its settings; the runners it starts find one that is wrong, and die of it.
    monkeypatch.setenv("MILEPOST_BUDGET__DOLLARS", "much")
    before = len(await stage.records())
    assert await stage.app.keep(stage.place) == 2
    hold = (await stage.read()).holds["blocked"]
    assert hold.reason == f"the runner died 3 times: {str(stage.place.runner_log)!r} says why"
    assert [r.event.kind for r in (await stage.records())[before:]] == ["hold_placed"]
    await comes_true(lambda: note.exists() and note.read_text() == "blocked\n")


async def test_runner_that_leaves_by_itself_is_not_started_again(begun: Begin, home: Path) -> None:
    stage = await begun()
    await stage.send("cancel_mission")
    assert await stage.app.keep(stage.place) == 0
    assert not (await stage.read()).holds


async def test_beginnings_are_no_progress(begun: Begin) -> None:
    """A runner that starts and dies over and over writes into the log each time: that is nothing new."""
    stage = await begun()
    reached = await keeper.newest(stage.place)
    async with await stage.app.log(stage.place) as log:
        for epoch in range(60):
            await log.record(e.RunnerStarted(epoch=epoch, version="0"))
    assert await keeper.newest(stage.place) == reached
    async with await stage.app.log(stage.place) as log:
        await log.record(e.MessageReceived(text="something new"))
    assert await keeper.newest(stage.place) == reached + 61


def test_log_that_cannot_be_read_is_no_progress(tmp_path: Path) -> None:
    folder = MissionFolder(tmp_path / "m").make()
    folder.database.write_bytes(b"no database")
    assert keeper.progress(folder) == 0


async def test_detached_runner_carries_the_mission_and_leaves(
    stage: Callable[..., Stage], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(milepost.__file__).parents[1]))
    made = stage({})
    await made.create()
    made.app.launch(made.place)
    await comes_true(lambda: made.place.runner_log.exists())
    mission = await made.until(lambda m: "blocked" in m.holds)
    assert "model" in mission.holds["blocked"].reason
    assert made.app.launch(made.place) is None
    await made.send("cancel_mission")
    await comes_true(lambda: not made.app.is_running(made.place))
