"""One attempt, turn by turn: asked, answered, recorded, and ended by a tool, a limit or a hold."""

import asyncio
from itertools import pairwise

import pytest

from milepost.domain import events as e
from milepost.domain.budget import Budget, bound
from milepost.domain.errors import ConfigError, ModelError
from milepost.domain.seat import Price, Seat
from milepost.domain.turns import TurnFailed, TurnStarted
from milepost.model.messages import Completion, Request
from milepost.model.scripted import call, calls, say
from tests.agent.scene import Scene
from tests.agent.table import Table, table

RISE = call("end_turn", summary="All is well.")
READ = call("list_files")


async def test_attempt_ends_with_the_tool_that_ends_it(running: Scene) -> None:
    ending = await (await table(await running.desk("orchestrator"), READ, RISE).sit()).run()
    assert (ending.outcome, ending.summary) == ("submitted", "All is well.")


async def test_reply_is_in_the_log_before_its_calls_run(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    table_ = table(desk, call("research", questions=["Where?"]), RISE)
    order: list[str] = []

    class Engine:
        async def research(self, parent: str, questions: list[str]) -> list[str]:
            order.extend(event.kind for event in await table_.events())
            return ["there"]

    desk.engine = Engine()  # type: ignore[assignment]
    await (await table_.sit()).run()
    assert order == ["turn_started", "turn_ended"]


async def test_each_prompt_begins_with_the_one_before(running: Scene) -> None:
    """The prefix stays byte-stable, so that a provider's cache is hit."""
    looks = calls(("list_files", {}), ("read_file", {"path": "README.md"}))
    steps = (looks, say("Hm."), call("read_file", path="no"), RISE)
    table_ = table(await running.desk("orchestrator"), *steps)
    await (await table_.sit()).run()
    for shorter, longer in pairwise(table_.ears.heard):
        assert longer[: len(shorter)] == shorter
    assert len(table_.ears.heard) == 4
    started = [t for t in await table_.events("turn_started") if isinstance(t, TurnStarted)]
    assert all(now.shared == before.bytes for before, now in pairwise(started))


async def test_resumed_attempt_goes_on_with_the_same_bytes(running: Scene) -> None:
    """Whatever is in the log is shown again as it was, in the order of the calls."""
    desk = await running.desk("orchestrator")
    first = calls(("list_files", {}), ("read_file", {"path": "README.md"}), ("read_file", {"path": "none"}))
    talk = [say("Let me think."), say("Still."), say("Yet."), say("Hm.")]
    steps = (first, *talk, RISE)
    whole = table(desk, *steps)
    await (await whole.sit()).run()
    again = table(desk, *steps)
    context = (await again.sit()).context
    assert context.messages[: len(whole.ears.heard[-1])] == whole.ears.heard[-1]
    assert context.ended == "All is well." and context.nudges == 1


async def test_attempt_whose_end_was_recorded_ends_without_a_word(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    await (await table(desk, RISE).sit()).run()
    again = table(desk)
    ending = await (await again.sit()).run()
    assert (ending.outcome, ending.summary, again.ears.heard) == ("submitted", "All is well.", [])


async def test_researcher_ends_with_its_words(running: Scene) -> None:
    desk = await running.desk("researcher", "Where?")
    ending = await (await table(desk, READ, say("It is here."), ends_by_words=True).sit()).run()
    assert (ending.outcome, ending.summary) == ("submitted", "It is here.")
    again = await (await table(desk, ends_by_words=True).sit()).run()
    assert again == ending


async def test_researcher_that_was_killed_after_a_look_goes_on_reading(running: Scene) -> None:
    """A tool's result is the last message then, and no answer."""
    desk = await running.desk("researcher", "Where?")
    first = await table(desk, READ, ends_by_words=True).sit()
    assert await first.turn() is None
    await first.finish_calls()
    await first.calls.record(first.pending)
    ending = await (await table(desk, READ, say("It is here."), ends_by_words=True).sit()).run()
    assert ending.summary == "It is here."


async def test_researcher_that_says_nothing_is_no_answer(running: Scene) -> None:
    desk = await running.desk("researcher", "Where?")
    steps = (say(""), say(""), say(""), say("Here."))
    ending = await (await table(desk, *steps, ends_by_words=True).sit()).run()
    assert ending.summary == "Here."


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"max_turns": 2}, "its 2 turns are used"), ({"context": 4000}, "of 4,000 tokens of its window are used"),
    ],
)
async def test_limit_ends_the_attempt(running: Scene, limits: dict[str, int], reason: str) -> None:
    big = "x" * 20_000 if "context" in limits else "x"
    steps = (say(big), say("Two."), say("Three."))
    ending = await (await table(await running.desk("orchestrator"), *steps, **limits).sit()).run()
    assert ending.outcome == "limit" and reason in ending.reason


async def test_minutes_end_the_attempt(running: Scene) -> None:
    hours = iter([0.0, 0.0, 7200.0, 7200.0])
    table_ = table(await running.desk("orchestrator"), READ, READ, READ, clock=lambda: next(hours))
    ending = await (await table_.sit()).run()
    assert (ending.outcome, ending.reason) == ("limit", "its 90 minutes are over")


async def test_attempt_that_goes_in_circles_is_nudged_then_ended(running: Scene) -> None:
    table_ = table(await running.desk("orchestrator"), *[say("Hm.")] * 9)
    ending = await (await table_.sit()).run()
    assert ending.outcome == "stuck" and ending.reason.startswith("talk: 6 times")
    nudges = await table_.events("nudge_given")
    assert [n.detector for n in nudges] == ["talk"]  # type: ignore[union-attr]
    assert table_.ears.heard[3][-1].content.startswith("nudge talk")


async def test_L17_circle_does_not_begin_anew_with_a_restart(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    first = await table(desk, *[say("Hm.")] * 9).sit()
    for _ in range(4):
        assert await first.turn() is None and await first.finish_calls() is None
    await first.calls.record(first.pending)
    again = table(desk, *[say("Hm.")] * 9)
    ending = await (await again.sit()).run()
    assert ending.reason.startswith("talk: 6 times") and len(again.ears.heard) == 2


async def test_restart_takes_no_turn_with_tools_for_talk(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    reads = [call("read_file", path="README.md", start_line=1, end_line=n) for n in range(1, 8)]
    steps = (*reads, say("Now I see."), RISE)
    first = await table(desk, *steps).sit()
    for _ in range(7):
        assert await first.turn() is None and await first.finish_calls() is None
    await first.calls.record(first.pending)
    ending = await (await table(desk, *steps).sit()).run()
    assert ending.outcome == "submitted"


# --- money ---

async def test_reservation_is_a_bound_and_the_usage_settles_it(running: Scene) -> None:
    table_ = table(await running.desk("orchestrator"), READ, RISE)
    sitting = await table_.sit()
    first = bound(
        Price(fresh=1.0, out=1.0), last_prompt=0, images=0, max_output=1000,
        bytes_added=sitting.context.bytes + sitting.calls.schema_bytes,
    )
    await sitting.run()
    started = [t for t in await table_.events("turn_started") if isinstance(t, TurnStarted)]
    assert started[0].reserved == first
    spent = sum(t.cost for t in await table_.events("turn_ended"))  # type: ignore[union-attr]
    assert 0 < spent < first and abs(table_.purse.spent.dollars - spent) < 1e-12
    assert table_.purse.set_aside == 0 and table_.purse.spent.turns == 2


async def test_call_beyond_the_budget_is_not_made(running: Scene) -> None:
    table_ = table(await running.desk("orchestrator"), READ, RISE, budget=Budget(dollars=0.0001))
    ending = await (await table_.sit()).run()
    assert ending.outcome == "blocked" and ending.reason.startswith("budget: money: 0.00 of 0.00 dollars are spent")
    assert table_.ears.heard == [] and await table_.events() == []


async def test_model_without_a_price_is_not_asked_where_there_is_a_budget(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    table_ = table(desk, RISE, budget=Budget(dollars=5.0), prices=lambda seat: None)
    ending = await (await table_.sit()).run()
    assert ending.reason == (
        "model: no price is known for 'scripted:x', so no budget holds it; "
        "`milepost set seat.orchestrator.price` names one"
    )
    free = table(desk, RISE, prices=lambda seat: None)
    assert (await (await free.sit()).run()).outcome == "submitted"


async def test_cancelled_call_costs_what_was_set_aside(running: Scene) -> None:
    asked = asyncio.Event()

    class Slow:
        async def complete(self, request: Request) -> Completion:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError("nobody answers")

    table_ = table(await running.desk("orchestrator"))
    sitting = await table_.sit()
    sitting.model = lambda seat: Slow()  # type: ignore[assignment,return-value]
    running_ = asyncio.create_task(sitting.run())
    await asked.wait()
    reserved = table_.purse.set_aside
    running_.cancel()
    await asyncio.wait([running_])
    assert reserved > 0 and (table_.purse.set_aside, table_.purse.spent.dollars) == (0, reserved)


# --- models that do not answer ---

def error(remedy: str, reason: str, retry_at: float | None = None) -> ModelError:
    """A failure."""
    return ModelError(f"it is {reason}", remedy=remedy, reason=reason, retry_at=retry_at)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("failure", "outcome", "reason"),
    [
        (error("stop", "auth"), "blocked", "credential: it is auth"),
        (error("stop", "refused"), "blocked", "model: it is"),
        (error("park", "quota", 9e9), "parked", "it is quota"),
        (error("context", "context"), "limit", "the context window is full: it is context"),
    ],
)
async def test_failure_ends_or_holds_by_its_remedy(
    running: Scene, failure: ModelError, outcome: str, reason: str
) -> None:
    table_ = table(await running.desk("orchestrator"), failure, RISE)
    ending = await (await table_.sit()).run()
    assert ending.outcome == outcome and ending.reason.startswith(reason)
    assert ending.until == failure.retry_at
    assert [t.kind for t in await table_.events()] == ["turn_started", "turn_failed"]


@pytest.mark.parametrize(("reason", "charged"), [("cut", True), ("silent", True), ("unknown", True), ("server", False)])
async def test_F33_failed_call_costs_where_the_provider_may_charge(running: Scene, reason: str, charged: bool) -> None:
    table_ = table(await running.desk("orchestrator"), error("stop", reason), RISE)
    await (await table_.sit()).run()
    started, failed = await table_.events()
    assert isinstance(started, TurnStarted) and isinstance(failed, TurnFailed)
    assert failed.cost == (started.reserved if charged else 0.0) == table_.purse.spent.dollars


async def test_retries_are_calls_of_their_own(running: Scene) -> None:
    failures = error("retry", "rate_limit", 1.0), error("retry", "cut", 1.0)
    table_ = table(await running.desk("orchestrator"), *failures, RISE)
    ending = await (await table_.sit()).run()
    assert ending.outcome == "submitted"
    kinds = [t.kind for t in await table_.events("turn_started", "turn_failed", "turn_ended")]
    assert kinds == ["turn_started", "turn_failed"] * 2 + ["turn_started", "turn_ended"]


async def test_retry_is_refused_where_the_failed_try_used_up_the_budget(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    probe = table(desk, error("retry", "cut", 1.0), RISE)
    sitting = await probe.sit()
    one = sitting.reserve(probe.seat)
    table_ = table(desk, error("retry", "cut", 1.0), RISE, budget=Budget(dollars=1.5 * one))
    ending = await (await table_.sit()).run()
    assert ending.outcome == "blocked" and ending.reason.startswith("budget: ") and len(table_.ears.heard) == 1


async def test_fallback_answers_where_the_model_does_not(running: Scene) -> None:
    asked: list[str] = []

    class First:
        def __init__(self, inner: Table) -> None:
            self.inner = inner

        async def complete(self, request: Request) -> Completion:
            asked.append(request.seat.model)
            if request.seat.model == "scripted:x":
                raise error("stop", "refused")
            return await self.inner.ears.complete(request)

    table_ = table(await running.desk("orchestrator"), RISE, fallbacks=["scripted:y"], prices=lambda s: PRICES[s.model])
    sitting = await table_.sit()
    sitting.model = lambda seat: First(table_)  # type: ignore[assignment,return-value]
    assert (await sitting.run()).outcome == "submitted"
    assert asked == ["scripted:x", "scripted:y"]
    first, second = [t.reserved for t in await table_.events("turn_started") if isinstance(t, TurnStarted)]
    assert second > first * 5


PRICES = {"scripted:x": Price(fresh=1.0, out=1.0), "scripted:y": Price(fresh=10.0, out=10.0)}


async def test_recording_that_is_not_there_is_the_models_fault(running: Scene) -> None:
    def connect(seat: Seat) -> None:
        raise ConfigError("there is no recording 'x'")

    sitting = await table(await running.desk("orchestrator")).sit()
    sitting.model = connect  # type: ignore[assignment]
    ending = await sitting.run()
    assert (ending.outcome, ending.reason) == ("blocked", "model: there is no recording 'x'")


# --- leaving ---

async def test_paused_attempt_is_left_between_two_turns(running: Scene) -> None:
    table_ = table(await running.desk("orchestrator"), READ, RISE)
    sitting = await table_.sit()
    assert await sitting.turn() is None
    await running.record(e.HoldPlaced(hold="paused", reason="wait"))
    ending = await sitting.run()
    assert (ending.outcome, ending.reason) == ("left", "the mission is paused")
    assert [t.kind for t in await table_.events()] == ["turn_started", "turn_ended", "tool_ended"]
    assert len(table_.ears.heard) == 1


async def test_attempt_that_was_ended_from_outside_is_left(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    await running.record(e.AttemptEnded(attempt=desk.attempt, outcome="interrupted", reason="now"))
    ending = await (await table(desk, RISE).sit()).run()
    assert (ending.outcome, ending.reason) == ("left", f"{desk.attempt} was ended: now")


async def test_attempt_of_an_ended_mission_is_left(running: Scene) -> None:
    desk = await running.desk("orchestrator")
    await running.record(e.MissionCancelled())
    assert (await (await table(desk, RISE).sit()).run()).reason == "the mission is cancelled"


async def test_wait_for_the_next_try_is_left_at_once(running: Scene) -> None:
    table_ = table(await running.desk("orchestrator"), error("retry", "rate_limit", 9e9), RISE)
    sitting = await table_.sit()
    before = running.mission.seq
    going = asyncio.create_task(sitting.run())
    await running.log.wait(lambda mission: mission.seq >= before + 2)
    assert [t.kind for t in await table_.events()] == ["turn_started", "turn_failed"]
    await running.record(e.HoldPlaced(hold="paused", reason="wait"))
    assert (await asyncio.wait_for(going, 10)).outcome == "left"
