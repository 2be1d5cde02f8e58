"""The governor's detectors: when each speaks, when each ends an attempt, and what is no circle."""

from dataclasses import replace

import pytest

from milepost.domain.governor import LIMITS, Detector, Limit, Move, canonical, stuck


def did(name: str, outcome: str = "ok", result: str = "r", arguments: str = "{}") -> Move:
    return Move(calls=((name, arguments),), results=((outcome, result),))


READ, LIST = did("read_file"), did("list_files")
FAILED = did("run_command", "error")
BROKEN = did("edit_file", "malformed")
TALK = Move(text="I will now begin")
EDIT = Move(calls=(("edit_file", "{}"),), results=(("ok", "r"),), edited=("a.py",))
WRITE = Move(calls=(("write_plan", "{}"),), results=(("ok", "r"),), documents=("plan",))
WAIT = did("command_output", result="still", arguments='{"id":"c1","wait_s":30}')
LOOK = did("command_output", result="still", arguments='{"id":"c1"}')


def varied(move: Move, times: int) -> list[Move]:
    """The same kind of move with other arguments each time."""
    return [replace(move, calls=((move.calls[0][0], f'{{"n":{n}}}'),)) for n in range(times)]


def check(moves: list[Move], expected: dict[int, str], nudges: int = 0) -> None:
    """Ask after each move, as the loop does; a nudge that was given counts."""
    found = {}
    for n in range(1, len(moves) + 1):
        finding = stuck(moves[:n], nudges)
        if finding is not None:
            found[n] = f"{finding.detector} {finding.action} {finding.count} {finding.about}".strip()
            nudges += finding.action == "nudge"
    assert found == expected


@pytest.mark.parametrize(
    ("moves", "expected"),
    [
        pytest.param([], {}, id="nothing yet"),
        pytest.param([READ] * 8, {4: "same_action nudge 4 read_file", 8: "same_action stop 8 read_file"}, id="L01"),
        pytest.param([READ] * 3 + [LIST] + [READ] * 3, {}, id="L01 something else between"),
        pytest.param([did("run_command", result=str(n)) for n in range(9)], {}, id="L01 other observation"),
        pytest.param(varied(READ, 9), {}, id="L01 other arguments"),
        pytest.param([did("run_command", "error", str(n)) for n in range(6)],
                     {3: "same_error nudge 3 run_command", 6: "same_error stop 6 run_command"}, id="L02"),
        pytest.param([FAILED] * 6, {3: "same_error nudge 3 run_command", 6: "same_error stop 6 run_command"},
                     id="L02 speaks for L01 too"),
        pytest.param([FAILED, FAILED, READ, FAILED, FAILED], {}, id="L02 broken off"),
        pytest.param(varied(FAILED, 8), {}, id="L02 other arguments"),
        pytest.param([TALK] * 6, {3: "talk nudge 3", 6: "talk stop 6"}, id="L03"),
        pytest.param([TALK, TALK, READ, TALK, TALK], {}, id="L03 broken off"),
        pytest.param([READ, LIST] * 6, {6: "alternation nudge 6 read_file, list_files",
                                        12: "alternation stop 12 read_file, list_files"}, id="L04"),
        pytest.param([READ, LIST, EDIT] * 3, {}, id="L04 three of them"),
        pytest.param([READ, TALK] * 3, {}, id="L04 talk is not an action"),
        pytest.param([READ, did("list_files", result="1"), READ, did("list_files", result="2")] * 2, {},
                     id="L04 other observation"),
        pytest.param(varied(EDIT, 14), {8: "same_file nudge 8 a.py", 14: "same_file stop 14 a.py"}, id="L06"),
        pytest.param([*varied(EDIT, 8), READ, LIST, did("show_diff")], {8: "same_file nudge 8 a.py"},
                     id="L06 is spoken of once"),
        pytest.param([*varied(EDIT, 7), replace(READ, passed=True), *varied(EDIT, 7)], {},
                     id="L06 a passing command between"),
        pytest.param([m for e in varied(EDIT, 8) for m in (e, FAILED)], {15: "same_file nudge 8 a.py"},
                     id="L06 a failing command between"),
        pytest.param([replace(m, edited=(f"{n % 2}.py",)) for n, m in enumerate(varied(EDIT, 14))], {},
                     id="L06 two files"),
        pytest.param([BROKEN] * 3, {3: "malformed stop 3 edit_file"}, id="malformed"),
        pytest.param([BROKEN, BROKEN, READ, BROKEN, BROKEN], {}, id="malformed broken off"),
        pytest.param(varied(WRITE, 9), {5: "same_document nudge 5 plan", 9: "same_document stop 9 plan"}, id="churn"),
        pytest.param([m for w in varied(WRITE, 5) for m in (w, READ)], {9: "same_document nudge 5 plan"},
                     id="churn with reading between"),
        pytest.param([replace(w, told=n % 3 == 0) for n, w in enumerate(varied(WRITE, 9))], {},
                     id="no churn where a person asks for it"),
        pytest.param([replace(w, documents=(f"contract:A{n}",)) for n, w in enumerate(varied(WRITE, 9))], {},
                     id="no churn over many areas"),
        pytest.param([WAIT] * 20, {}, id="L09 polling"),
        pytest.param([LOOK] * 4, {4: "same_action nudge 4 command_output"}, id="L09 without waiting"),
        pytest.param([did("command_output", arguments="not json")] * 4, {4: "same_action nudge 4 command_output"},
                     id="L09 unreadable"),
        pytest.param([did("command_output", arguments="[]")] * 4, {4: "same_action nudge 4 command_output"},
                     id="L09 no object"),
        pytest.param([READ] * 4 + [WAIT] * 3, {4: "same_action nudge 4 read_file"}, id="L09 waiting repeats no nudge"),
        pytest.param([replace(READ, seen=False)] * 9, {}, id="L08 what was not seen is no repeat"),
    ],
)
def test_L01_L02_L03_L04_L06_L08_L09_circle_is_seen_when_it_is_one(moves: list[Move], expected: dict[int, str]) -> None:
    check(moves, expected)


def test_L08_parallel_identical_calls_count_once() -> None:
    four = Move(calls=READ.calls * 4, results=READ.results * 4)
    assert stuck([four], 0) is None
    check([four, READ, four, READ], {4: "same_action nudge 4 read_file"})


def test_order_of_parallel_calls_does_not_matter() -> None:
    both = Move(calls=(*READ.calls, *LIST.calls), results=(("ok", "1"), ("ok", "2")))
    turned = Move(calls=(*LIST.calls, *READ.calls), results=(("ok", "2"), ("ok", "1")))
    check([both, turned] * 2, {4: "same_action nudge 4 list_files, read_file"})


@pytest.mark.parametrize(
    ("moves", "detector"),
    [([READ] * 4, "same_action"), ([FAILED] * 3, "same_error"), ([TALK] * 3, "talk"), ([READ, LIST] * 3, "alternation"),
     (varied(EDIT, 8), "same_file"), (varied(WRITE, 5), "same_document"), ([BROKEN] * 3, "malformed")],
)
def test_L15_every_detector_ends_the_attempt_once_the_nudges_are_used_up(moves: list[Move], detector: str) -> None:
    finding = stuck(moves, 2)
    assert finding is not None
    assert (finding.detector, finding.action) == (detector, "stop")
    assert stuck(moves[:-1], 2) is None


def test_an_end_goes_before_a_nudge() -> None:
    finding = stuck([*varied(EDIT, 10), *[EDIT] * 4], 0)
    assert finding is not None
    assert (finding.detector, finding.action) == ("same_file", "stop")
    again = stuck([EDIT] * 4, 0)
    assert again is not None
    assert (again.detector, again.action) == ("same_action", "nudge")


def test_L09_limits_can_be_changed() -> None:
    limits: dict[Detector, Limit] = {**LIMITS, "same_action": Limit(2, 3)}
    found = [stuck([READ] * n, 0, limits=limits) for n in (1, 2, 3)]
    assert [f.action if f else None for f in found] == [None, "nudge", "stop"]


def test_nudges_allowed_can_be_changed() -> None:
    finding = stuck([READ] * 4, 2, nudges_allowed=3)
    assert finding is not None
    assert finding.action == "nudge"


def test_arguments_are_equal_whatever_their_order() -> None:
    assert canonical({"b": 1, "a": "ä"}) == canonical({"a": "ä", "b": 1}) == '{"a":"ä","b":1}'
    assert canonical("{broken") == "{broken"
