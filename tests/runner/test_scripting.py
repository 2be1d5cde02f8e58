"""What a tester showed once is shown again without one: flows are compiled, played in later rounds, and judged anew."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.mission import Mission
from milepost.model.scripted import call
from milepost.report.data import collect
from milepost.report.markdown import render
from milepost.report.why import render as told
from milepost.report.why import why_assertion
from milepost.scripts.script import Script
from tests.runner import notes, quick
from tests.runner.conftest import Stage
from tests.runner.witness import Heard

Begin = Callable[..., Awaitable[Stage]]
BROKEN = notes.COUNT.replace("len(sys.argv) - 1", "len(sys.argv)")
FIRST = ["tester.M1r1.flow-1.1", "tester.M1r1.flow-2.1", "tester.M1r1.flow-3.1"]


@pytest.fixture
def keeping(tmp_path: Path) -> Begin:
    """Makes a stage whose mission of notes was agreed and is running."""

    async def begin(
        script: dict[str, Any] | None = None, *, plan: dict[str, Any] | None = None, **options: Any
    ) -> Stage:
        agreed = plan or notes.plan()
        made = Stage(
            tmp_path, script or notes.script(agreed), repository=quick.make_repository, goal=notes.GOAL, **options
        )
        await notes.agree(made.app, await made.create(), agreed)
        return made

    return begin


def seated(mission: Mission) -> list[str]:
    """The testers who were seated."""
    return sorted(name for name, a in mission.attempts.items() if a.started.seat == "tester")


async def scripts(stage: Stage, mission: Mission) -> dict[str, Script]:
    """The script of each assertion."""
    async with stage.app.office(stage.place) as office:
        read = {a: office.blobs.get(s.script) for a, s in mission.scripts.items()}
    return {a: Script.model_validate_json(data) for a, data in read.items()}


async def test_later_rounds_seat_no_tester_where_scripts_see_the_same_again(keeping: Begin) -> None:
    stage = await keeping()
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert seated(mission) == FIRST
    played = [(r.milestone, p.results) for r in mission.rounds for p in r.plays.values()]
    assert {m for m, _ in played} == {"M2"} and sum(len(results) for _, results in played) == 4
    # Fresh evidence of the same drivers, on the tree that the round judged.
    for name, state in mission.assertions.items():
        if name != "HELLO-001":
            assert state.verdict is not None and not state.stale
            assert (state.verdict.milestone, state.verdict.tree) == ("M2", mission.rounds[-1].tree)
            assert all(piece.startswith("script.M2r1.") for piece in state.verdict.evidence)
    found = await scripts(stage, mission)
    made, read, _, gone = found["NOTE-001"].moves[1:]
    # The id is another in every run: it is taken from the answer, and must come back.
    assert [(c.name, c.place, c.path) for c in made.captures] == [("v1", "json", ["id"])]
    assert read.arguments["url"] == "http://notes/notes/⟨v1⟩" and 'id = "⟨v1⟩"' in read.lines
    assert 'text = "milk"' in read.lines and 'at = "⟨…⟩"' in read.lines
    assert (gone.outcome, gone.shows) == ("status 404", {"NOTE-002": ["no such note"]})
    assert [m.tool for m in found["MENU-001"].moves] == ["terminal_open", "terminal_send"]
    report = await collect(stage.place)
    assert {v.basis for v in report.verdicts if v.assertion != "HELLO-001"} == {"script"}
    assert "| script |" in render(report)
    chain = told(why_assertion(mission, await stage.records(), "NOTE-001"))
    assert "passed in M2r1 by script: its script, compiled from tester.M1r1.flow-3.1" in chain
    assert "script played in M2r1: the same was seen again" in chain and "E2 GET http://notes/notes/" in chain
    assert (stage.place.docs / "evidence").is_dir()


async def test_script_that_does_not_hold_seats_a_tester_who_judges(keeping: Begin) -> None:
    heard = Heard()
    broken = {"path": "count.py", "content": BROKEN}, {"path": "tests/count.sh", "content": "true\n"}
    judged = notes.verdict("CMD-001", ["E1"], {}, outcome="failed", note="it counts one too many")
    f2 = [call("write_file", **broken[0]), call("write_file", **broken[1]), *quick.build("HELLO")]
    script = {
        "worker.F2.*": f2,
        "tester.M2r1.flow-1.*": [
            heard.then(call("run_command", command="python3 count.py a b")), call("submit_verdicts", verdicts=[judged])
        ],
        **notes.script(),
    }
    script["worker.F2.*"] = f2
    stage = await keeping(script)
    mission = await stage.carry(lambda m: bool(m.open_items))
    assert seated(mission) == [*FIRST, "tester.M2r1.flow-1.1"]
    assert mission.attempts["tester.M2r1.flow-1.1"].started.assertions == ["CMD-001"]
    told_before = heard.first("tester.M2r1.flow-1.1")
    assert "CMD-001, move 1: run_command(command='python3 count.py a b'): 'words: 2' was not seen" in told_before
    # Both are on record: what the script saw, which is no verdict, and what the tester said.
    state = mission.assertions["CMD-001"]
    assert (state.status, state.verdict and state.verdict.note) == ("failed", "it counts one too many")
    results = {r.assertion: r.outcome for p in mission.rounds[-1].plays.values() for r in p.results}
    assert results == {"CMD-001": "failed", "MENU-001": "passed", "NOTE-001": "passed", "NOTE-002": "passed"}
    assert mission.rounds[-1].outcome == "failed" and not mission.assertions["NOTE-001"].stale


async def test_changed_text_has_no_script_any_more(keeping: Begin) -> None:
    again = notes.command_flow()
    stage = await keeping({"tester.M2r1.flow-1.*": again, "tester.auditr1.*": again, **notes.script()})
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    text = notes.AREAS["CMD"].partition("\n\n")[2].replace("the number of words", "how many words there are")
    change = {"op": "change", "assertion": "CMD-001", "text": text}
    await stage.send("amend_contract", changes=[change], reason="said more plainly, nothing else")
    mission = await stage.carry()
    assert mission.phase == "completed", (mission.holds, mission.open_items)
    # What was compiled for the old words is not asked; the tester's new flow is compiled anew.
    assert seated(mission) == sorted([*FIRST, "tester.auditr1.flow-1.1"])
    assert mission.scripts["CMD-001"].attempt == "tester.auditr1.flow-1.1"


async def test_step_that_is_not_the_same_each_time_is_flaky_and_not_tried_until_green(
    keeping: Begin, tmp_path: Path
) -> None:
    tally = tmp_path / "tally"
    flaky = (
        f"import pathlib, sys\n\ntally = pathlib.Path({str(tally)!r})\n"
        "runs = int(tally.read_text()) + 1 if tally.exists() else 1\ntally.write_text(str(runs))\n"
        "print('words:', len(sys.argv) - 1)\nsys.exit(runs % 3 == 0)\n"
    )
    files = {**notes.FILES, "count.py": flaky, "tests/count.sh": "grep -q words count.py\n"}
    script = {"worker.F1.*": notes.build(files)}
    again = {"tester.auditr1.*": notes.command_flow()}
    stage = await keeping({**notes.script(), **script, **again})
    mission = await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    (compiled,) = [r.event for r in await stage.records("script_compiled") if r.event.attempt == FIRST[0]]
    assert compiled.flaky == ["move 1 (run_command): it came to exit code 0, then to exit code 1"]
    assert "CMD-001" in compiled.dropped and not compiled.script and "CMD-001" not in mission.scripts
    # The tester's own run, and two more: none was made again because of what it came to.
    assert tally.read_text() == "3"
    report = await collect(stage.place)
    assert any("Not the same each time, tester.M1r1.flow-1.1" in line for line in report.mission.caveats)


async def test_recordings_that_name_no_words_play_as_before(keeping: Begin) -> None:
    flows = {"tester.auditr1.flow-1.*": notes.command_flow(shows=False),
             "tester.auditr1.flow-2.*": notes.menu_flow(shows=False),
             "tester.auditr1.flow-3.*": notes.notes_flow(shows=False)}
    stage = await keeping({**flows, **notes.script(shows=False)})
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert not mission.scripts and not await stage.records("script_compiled", "script_played")
    assert seated(mission) == sorted([*FIRST, *(f"tester.auditr1.flow-{n}.1" for n in (1, 2, 3))])
