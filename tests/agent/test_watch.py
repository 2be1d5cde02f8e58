"""The watch over one attempt: limits, reminders, circles, and what it remembers of an attempt that goes on."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from milepost.agent.context import Context
from milepost.agent.watch import MALFORMED, Notice, Watch
from milepost.domain import events as e
from milepost.domain.mission import Mission
from milepost.domain.record import Event, Record
from milepost.domain.seat import Seat
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import NudgeGiven, ToolEnded, ToolStarted, TurnEnded
from tests.agent.scene import Scene
from tests.agent.table import words


def watch(*, clock: Callable[[], float] = lambda: 0.0, malformed: int = 3, **limits: float) -> Watch:
    """A watch over a seat with these limits."""
    seat = Seat.model_validate({"model": "scripted:x", **limits})
    return Watch(seat, 2, words, clock, malformed_allowed=malformed)


def at(turn: int = 1, tokens: int = 0, nudges: int = 0) -> Context:
    """A context that has come so far."""
    context = Context.opened("s", ("m",))
    context.turn, context.prompt_tokens, context.nudges = turn, tokens, nudges
    return context


def takes(watching: Watch, name: str, text: str = "ok", outcome: str = "ok", **arguments: object) -> Notice | None:
    """One turn with one call."""
    watching.said("")
    watching.saw(Call(id="c", name=name, arguments=arguments), outcome, text)
    return watching.look(at(len(watching.moves) + 1))


def test_turn_is_looked_at_once() -> None:
    watching = watch()
    for _ in range(2):
        watching.said("Hm.")
        watching.look(at())
        assert watching.look(at()) is None
    watching.said("Hm.")
    found = watching.look(at())
    assert found is not None and found.detector == "talk" and not found.stop
    assert watching.look(at()) is None


def test_same_call_with_the_same_result_is_a_circle() -> None:
    watching = watch()
    found = [takes(watching, "read_file", "same", path="a") for _ in range(8)]
    assert [n.detector if n else None for n in found] == [None] * 3 + ["same_action"] + [None] * 3 + ["same_action"]
    assert found[3] is not None and found[7] is not None and (found[3].stop, found[7].stop) == (False, True)
    assert found[7].text == "same_action: 8 times, read_file"


def test_same_error_is_a_circle() -> None:
    watching = watch()
    found = [takes(watching, "edit_file", "error: no", "error", path="a") for _ in range(3)][-1]
    assert found is not None and found.detector == "same_error"


@pytest.mark.parametrize("allowed", [2, 4])
def test_calls_that_cannot_be_read_end_the_attempt_after_as_many_as_are_allowed(allowed: int) -> None:
    watching = watch(malformed=allowed)
    found = [takes(watching, "look", f"{MALFORMED}{n}", "error", n=n) for n in range(allowed)]
    assert found[-1] is not None and found[-1].stop and found[-1].text.startswith(f"malformed: {allowed} times")
    assert not any(n is not None and n.stop for n in found[:-1])


def test_file_that_is_edited_over_and_over_is_noticed_until_a_command_passes() -> None:
    watching = watch()
    for n in range(7):
        assert takes(watching, "edit_file", f"edited {n}", path="a.py") is None
    takes(watching, "run_command", "exit code 0 in 0.1 s; receipt R1", command="make")
    assert takes(watching, "edit_file", "edited 8", path="a.py") is None
    again = watch()
    found = [takes(again, "edit_file", f"edited {n}", path="a.py") for n in range(8)][-1]
    assert found is not None and found.detector == "same_file" and "a.py" in found.text


def test_edit_that_failed_is_no_edit() -> None:
    watching = watch()
    found = [takes(watching, "write_file", f"error: {n}", "error", path="a.py", n=n) for n in range(9)]
    assert not any(n is not None and n.detector == "same_file" for n in found)


@pytest.mark.parametrize(("tool", "arguments"), [("write_plan", {}), ("write_contract", {"area": "AUTH"})])
def test_document_written_over_and_over_is_churn(tool: str, arguments: dict[str, str]) -> None:
    watching = watch()
    found = [takes(watching, tool, f"written {n}", n=n, **arguments) for n in range(5)][-1]
    assert found is not None and found.detector == "same_document"


def test_document_written_anew_after_the_user_spoke_is_none() -> None:
    watching = watch()
    for n in range(4):
        assert takes(watching, "write_plan", f"written {n}", n=n) is None
    takes(watching, "ask_user", "I1 answered")
    assert takes(watching, "write_plan", "written again", n=9) is None


def test_reminder_of_the_window_comes_once() -> None:
    watching = watch(context=10_000)
    watching.said("a")
    assert watching.look(at(tokens=7_000)) is None
    watching.said("b")
    found = watching.look(at(tokens=7_001))
    assert found is not None and found.detector == "window" and "70 % of 10,000 tokens" in found.text
    watching.saw(Call(id="c", name="x", arguments={}), "ok", "y")
    assert watching.look(at(tokens=8_000)) is None


def test_reminder_of_the_last_turns_comes_once_and_not_in_a_short_attempt() -> None:
    watching = watch(max_turns=20)
    watching.said("a")
    found = watching.look(at(turn=15))
    assert found is not None and found.detector == "turns_left" and "'left': 5" in found.text
    watching.said("b")
    assert watching.look(at(turn=15)) is None
    short = watch(max_turns=8)
    short.said("a")
    assert short.look(at(turn=3)) is None


def test_limits_are_named() -> None:
    now = [0.0]
    watching = watch(clock=lambda: now[0], max_turns=3, max_minutes=2, context=4_000)
    assert watching.limit(at(turn=2)) is None
    assert watching.limit(at(turn=3)) == "its 3 turns are used"
    assert watching.limit(at(tokens=3_601)) == "3,601 of 4,000 tokens of its window are used"
    now[0] = 121.0
    assert watching.limit(at()) == "its 2 minutes are over"


def test_minutes_count_from_when_the_attempt_began() -> None:
    seat = Seat(model="scripted:x", max_minutes=2)
    assert Watch(seat, 2, words, lambda: 500.0, started=300.0).limit(at()) == "its 2 minutes are over"
    assert Watch(seat, 2, words, lambda: 500.0).limit(at()) is None


# --- remembering ---

def records(*events: Event) -> list[Record]:
    """Events as the log keeps them."""
    return [Record(seq=n, at=0.0, prev="", by="x", event=event) for n, event in enumerate(events, 1)]


def turn(n: int, *names: str) -> list[Event]:
    """One turn with its calls answered alike."""
    calls = [Call(id=f"{n}-{name}", name=name, arguments={}) for name in names]
    said = TurnEnded(n=n, reply=Reply(tool_calls=calls), usage=Usage(), cost=0.0, model="m")
    starts = [ToolStarted(n=n, call=c.id, name=c.name, arguments={}) for c in calls]
    ends = [ToolEnded(n=n, call=c.id, name=c.name, outcome="ok", result="same") for c in calls]
    return [said, *starts, *ends]


def test_L17_what_was_done_before_a_restart_counts() -> None:
    watching = watch()
    watching.remember(records(*turn(1, "look"), *turn(2, "look"), *turn(3, "look")))
    # The third was not looked at before the engine stopped: it is now.
    assert watching.look(at(turn=3)) is None
    found = takes(watching, "look", "same")
    assert found is not None and found.detector == "same_action"


def test_nudge_that_was_given_is_not_given_again() -> None:
    watching = watch(context=10_000)
    said = TurnEnded(n=1, reply=Reply(content="Hm."), usage=Usage(), cost=0.0, model="m")
    watching.remember(records(said, NudgeGiven(n=1, detector="window", text="x")))
    assert watching.look(at(tokens=9_000)) is None
    watching.said("more")
    assert watching.look(at(tokens=9_000)) is None


def test_result_of_another_call_is_passed_over() -> None:
    watching = watch()
    stray = ToolEnded(n=1, call="stray", name="look", outcome="ok", result="x")
    watching.remember(records(*turn(1), stray))
    assert watching.move is not None and watching.move.calls == ()


# --- leaving ---

@dataclass
class Here:
    """An attempt of a mission."""

    mission: Mission
    attempt: str = "orchestrator.1"
    told: list[str] = field(default_factory=list)


async def test_attempt_is_left_for_a_pause_an_end_and_an_interruption(running: Scene) -> None:
    watching = watch()
    assert watching.left(Here(running.mission)) is None
    await running.desk("orchestrator")
    assert watching.left(Here(running.mission)) is None
    await running.record(e.HoldPlaced(hold="blocked", reason="a question"))
    assert watching.left(Here(running.mission)) is None
    await running.record(e.HoldPlaced(hold="paused", reason="wait"))
    assert watching.left(Here(running.mission)) == "the mission is paused"
    await running.record(e.MissionCancelled())
    assert watching.left(Here(running.mission)) == "the mission is cancelled"
    await running.record(e.AttemptEnded(attempt="orchestrator.1", outcome="interrupted", reason="now"))
    assert watching.left(Here(running.mission)) == "orchestrator.1 was ended: now"
