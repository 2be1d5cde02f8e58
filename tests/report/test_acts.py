"""What a tester did, step by step: every call that touches the program is told, and what only reads files is not."""

import pytest

from milepost.agent.tools import TOOLS, for_seat
from milepost.domain.record import GENESIS, Event, Record
from milepost.domain.turn import Call, Reply, Usage
from milepost.domain.turns import ToolEnded, TurnEnded
from milepost.report.acts import TOUCHING, acts

READING = {"read_file", "list_files", "search_text", "show_diff", "show_commit", "read_record", "read_skill"}


def turn(name: str, outcome: str = "ok", arguments: object = None) -> list[Record]:
    """One turn with one call of a tool."""
    call = Call(id="c1", name=name, arguments=arguments if isinstance(arguments, dict) else {})
    ended = ToolEnded.model_validate({"n": 1, "call": "c1", "name": name, "outcome": outcome, "result": "r"})
    events: list[Event] = [
        TurnEnded(n=1, reply=Reply(content="", tool_calls=[call]), usage=Usage(), cost=0, model="m"), ended
    ]
    return [
        Record(seq=n, at=float(n), prev=GENESIS, by="tester.1", attempt="tester.1", event=event)
        for n, event in enumerate(events, 1)
    ]


def test_every_beginning_is_that_of_a_tool() -> None:
    """A tool that was given another name would be left out of every report without a word."""
    assert [start for start in TOUCHING if not any(name.startswith(start) for name in TOOLS)] == []


@pytest.mark.parametrize("name", ["use_library", "show_file", "http_listen", "browser_act", "terminal_send"])
def test_tool_that_touches_the_program_is_told_though_it_recorded_nothing(name: str) -> None:
    assert name in {tool.name for tool in for_seat("tester")}
    assert len(acts(turn(name))) == 1


@pytest.mark.parametrize("name", sorted(READING))
def test_reading_is_no_step(name: str) -> None:
    assert acts(turn(name)) == []


def test_call_that_did_not_work_is_no_step() -> None:
    assert acts(turn("run_command", "error", {"command": "ls"})) == []
    assert [act.said for act in acts(turn("run_command", arguments={"command": "ls"}))] == ["Run `ls`"]
