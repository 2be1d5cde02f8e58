"""What lies in the tree and is not the engine's: the user's edits are kept as theirs, leftovers are set aside."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.mission import Mission
from milepost.domain.turn import Reply
from milepost.model.messages import Request
from milepost.model.scripted import Step, call
from milepost.runner.edits import SUBJECT, USER, notice_edits, trailers
from tests.runner import quick
from tests.runner.conftest import Stage
from tests.runner.witness import STAYS, number

Begin = Callable[..., Any]


def git(stage: Stage, *words: str) -> str:
    """What git says of the mission's private repository."""
    argv = ["git", "-C", str(stage.place.repository), *words]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()


def tree_of(stage: Stage, mode: str) -> Path:
    """The folder a mission works in."""
    return stage.place.tree if mode == "worktree" else stage.repository


@pytest.mark.parametrize("mode", ["worktree", "in_place"])
async def test_edit_of_the_user_is_committed_as_theirs_and_what_rested_on_it_is_judged_again(
    begun: Begin, mode: str
) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))
    stage = await begun(plan=plan, mode=mode)
    mission = await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    assert mission.assertions["HELLO-001"].settled
    (tree_of(stage, mode) / "hello.sh").write_text("# mine\necho hello\n")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    noticed = next(r.event for r in await stage.records("edit_noticed"))
    assert noticed.paths == ["hello.sh"]
    assert git(stage, "show", "-s", "--format=%an %s", noticed.commit) == f"User {SUBJECT}"
    assert "Milepost-Log:" in git(stage, "show", "-s", "--format=%B", noticed.commit)
    assert git(stage, "show", f"{mission.head}:hello.sh") == "# mine\necho hello"
    judged = [r.event.milestone for r in await stage.records("verdict_given") if r.event.assertion == "HELLO-001"]
    assert len(judged) > 1 and judged[0] == "M1"


async def test_edit_that_breaks_a_sealed_assertion_is_found_out(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))
    stage = await begun(plan=plan)
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    (stage.place.tree / "hello.sh").write_text("echo nothing\n")
    mission = await stage.carry()
    assert mission.phase == "running" and mission.word == "blocked"
    assert not mission.assertions["HELLO-001"].settled


async def test_edit_of_documents_expires_nothing(begun: Begin) -> None:
    plan = quick.plan(quick.feature(1, "HELLO"), quick.feature(2, "BYE", "M2"))
    stage = await begun(plan=plan)
    await stage.carry(lambda m: m.milestones["M1"].status == "sealed")
    async with stage.app.office(stage.place) as office:
        (stage.place.tree / "README.md").write_text("# Greetings, by me\n")
        await notice_edits(office)
        assert office.mission.assertions["HELLO-001"].settled
        (stage.place.tree / "hello.sh").write_text("echo hello # by me\n")
        await notice_edits(office)
        assert office.mission.assertions["HELLO-001"].stale
    assert len(await stage.records("edit_noticed")) == 2


async def test_edit_that_was_committed_but_not_recorded_is_recorded_once(begun: Begin) -> None:
    stage = await begun()
    async with stage.app.office(stage.place) as office:
        mission, worktree = office.mission, office.workshop.worktree
        (worktree.path / "mine.txt").write_text("mine")
        made = await worktree.commit(
            SUBJECT, trailers(office), parent=mission.head, at=office.clock(), paths=["mine.txt"], author=USER
        )
        assert office.mission.head == mission.head
        await notice_edits(office)
        await notice_edits(office)
        assert office.mission.head == made.commit
    assert [r.event.paths for r in await stage.records("edit_noticed")] == [["mine.txt"]]
    assert (await stage.carry()).phase == "completed"


async def test_commit_the_log_does_not_know_is_set_aside(begun: Begin) -> None:
    """The engine stopped between the commit that takes a feature back and its record."""
    stage = await begun()
    async with stage.app.office(stage.place) as office:
        mission, worktree = office.mission, office.workshop.worktree
        (worktree.path / "stray.txt").write_text("stray")
        made = await worktree.commit("Take back F1", trailers(office), parent=mission.head, at=office.clock())
        (worktree.path / "mine.txt").write_text("not yet noticed")
        await notice_edits(office)
        assert office.mission.head == mission.head == worktree.head
    kept = f"refs/attempts/stray-{made.commit[:12]}"
    assert git(stage, "show", f"{kept}:stray.txt") == "stray"
    assert git(stage, "show", f"{kept}:mine.txt") == "not yet noticed"
    assert not (stage.place.tree / "stray.txt").exists()


async def test_leftovers_of_an_attempt_are_no_edits_of_the_user(begun: Begin) -> None:
    """Killed in the middle of an attempt, which is then interrupted while nobody carries the mission."""
    stage = await begun(
        quick.script(
            orchestrator_1=[quick.resolve("I1", "reopen", "it is built anew from the beginning now")],
            worker_F1_1=[call("write_file", path="half.sh", content="echo half\n"), call("run_command", command=STAYS)],
        )
    )
    async with stage.carried():
        await number(stage)
    assert (stage.place.tree / "half.sh").exists()
    await stage.send("interrupt_mission")
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert not (stage.place.tree / "half.sh").exists() and not await stage.records("edit_noticed")
    assert git(stage, "show", "refs/attempts/worker.F1.1:half.sh") == "echo half"


async def test_commit_of_an_attempt_that_was_cut_off_is_kept_apart(begun: Begin) -> None:
    """The commit was made, and the engine stopped before it was in the log; then the user ended the attempt."""
    script = quick.script(
        orchestrator_1=[quick.resolve("I1", "reopen", "it is built anew from the beginning now")],
        worker_F1_1=[call("run_command", command=STAYS)],
    )
    stage = await begun(script)
    async with stage.carried():
        await number(stage)
    async with stage.app.office(stage.place) as office:
        (office.workshop.worktree.path / "lost.txt").write_text("lost")
        await office.workshop.worktree.commit("Lost", trailers(office), parent=office.mission.head, at=office.clock())
    await stage.send("interrupt_mission")
    await stage.send("resume_mission")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert git(stage, "show", "refs/attempts/worker.F1.1:lost.txt") == "lost"
    assert "lost.txt" not in git(stage, "ls-tree", "-r", "--name-only", mission.head)


async def test_in_place_the_users_own_file_survives_the_mission(begun: Begin) -> None:
    stage = await begun(mode="in_place")
    (stage.repository / "notes.txt").write_text("mine")
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert (stage.repository / "notes.txt").read_text() == "mine"
    assert (stage.repository / "hello.sh").read_text() == "echo hello\n"


async def test_edit_between_the_audit_and_the_end_is_not_lost(begun: Begin) -> None:
    def edits(stage: list[Stage]) -> list[Step]:
        def step(request: Request) -> Reply:
            (stage[0].place.tree / "README.md").write_text("# by me\n")
            return call("submit_audit", outcome="passed", findings=[])

        return [step]

    stages: list[Stage] = []
    stage = await begun(quick.script(auditor__=edits(stages)))
    stages.append(stage)
    mission: Mission = await stage.carry()
    assert mission.phase == "completed"
    assert (stage.place.tree / "README.md").read_text() == "# by me\n"


async def test_taken_back_feature_is_built_anew(begun: Begin) -> None:
    stage = await begun()
    await stage.carry(lambda m: m.features["F1"].proved)
    (stage.place.tree / "notes.txt").write_text("mine")
    commit = await stage.app.take_back(stage.place, "F1")
    assert "Take back F1: Say hello" in git(stage, "show", "-s", "--format=%s", commit)
    assert not (stage.place.tree / "hello.sh").exists() and (stage.place.tree / "notes.txt").exists()
    stage.script["worker.F1.*"] = quick.build()
    mission = await stage.carry()
    assert mission.phase == "completed", mission.holds
    assert mission.attempts["worker.F1.2"].started.start == commit


