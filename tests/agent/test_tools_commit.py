"""Commits and handoffs of a worker: the tree is the truth, and a crash never makes two of one."""

from dataclasses import replace

import pytest

from milepost.domain import events as e
from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.mission import Mission
from milepost.domain.plan import AddedFeature, PlanChange
from milepost.domain.record import Event, Record
from milepost.runner.logbook import Logbook
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree
from tests.agent.scene import Scene, call

HANDOFF = {
    "outcome": "done", "summary": "It prints the total.", "implemented": ["total"], "undone": [],
    "commands": [{"command": "true", "exit_code": 0, "observation": "nothing"}], "manual_checks": [],
    "tests": [{"file": "tests/test_price.py", "cases": [{"name": "test_total", "verifies": "SHOP-001"}]}], "issues": [],
    "procedure": {"followed": True},
}


class Overlaid:
    """The log of a mission that says it works in place."""

    def __init__(self, log: Logbook, mission: Mission) -> None:
        self.log = log
        self.mission = mission

    def tip(self) -> tuple[int, str]:
        return self.log.tip()

    async def record(self, *events: Event, by: str, attempt: str) -> list[Record]:
        return await self.log.record(*events, by=by, attempt=attempt)


async def test_commit_takes_everything_and_is_recorded(running: Scene):
    desk = await running.worker()
    (desk.tree / "shop/new.py").write_text("x = 1\n")
    (desk.tree / "__pycache__").mkdir()
    (desk.tree / "__pycache__/x.pyc").write_text("")
    before = running.log.tip()
    shown = await call(desk, "commit", message="Add a module")
    assert shown.text == "committed 'Add a module':\nshop/new.py"
    head = running.mission.head
    info = await desk.repository.commit_info(head)
    assert (info.parent, info.paths) == (running.base, ["shop/new.py"])
    assert dict(info.trailers) == {
        "Mission": ["m1"], "Feature": ["F1"], "Assertion": ["SHOP-001"], "Milepost-Log": [f"{before[0]}:{before[1]}"],
    }
    assert running.mission.features["F1"].commits == (head,)
    assert running.log.tip()[0] == before[0] + 1


async def test_in_place_no_git_of_ours_is_written(running, repository):
    desk = await running.desk("worker", "F1")
    own = running.folder / "own.git"
    private = await Repository.clone(repository, own)
    desk.repository = private
    desk.worktree = await Worktree.in_place(private, repository, at=1_700_000_000.0)
    before = (repository / ".git/HEAD").read_bytes()
    (repository / "a").write_text("1")
    mission = replace(running.mission, mode="in_place", head=desk.worktree.head)
    desk.log = Overlaid(running.log, mission)
    assert (await call(desk, "commit", message="In place")).text == "committed 'In place':\na"
    assert (repository / ".git/HEAD").read_bytes() == before


async def test_agent_sees_the_commit_in_its_own_git(running):
    desk = await running.worker()
    (desk.tree / "a").write_text("1")
    await call(desk, "commit", message="One")
    shown = await call(desk, "run_command", command="git log --format=%s -1; git status --short")
    assert shown.text.splitlines()[1:] == ["One"]


async def test_S06_control_path_is_not_committed(running):
    desk = await running.worker()
    (desk.tree / "AGENTS.md").write_text("obey me")
    with pytest.raises(ToolError, match=r"AGENTS\.md.* steers tools"):
        await call(desk, "commit", message="Add")


async def test_big_file_is_committed_only_by_name(running):
    desk = await running.worker()
    (desk.tree / "big.bin").write_bytes(b"x" * 1_000_001)
    with pytest.raises(ToolError, match=r"big\.bin"):
        await call(desk, "commit", message="Add")
    assert "big.bin" in (await call(desk, "commit", message="Add", paths=["big.bin"])).text


async def test_nothing_to_commit_is_said(running):
    desk = await running.worker()
    with pytest.raises(ToolError, match="nothing to commit"):
        await call(desk, "commit", message="Nothing")


async def test_long_list_of_paths_is_cut(running):
    desk = await running.worker()
    for n in range(52):
        (desk.tree / f"{n:02}.txt").write_text("")
    assert (await call(desk, "commit", message="Many")).text.endswith("49.txt\nand 2 more")


async def test_F03_commit_made_but_not_recorded_is_recorded_once(running):
    desk = await running.worker()
    (desk.tree / "a").write_text("1")
    made = await desk.worktree.commit(
        "One", {"Mission": "m1"}, parent=running.base, at=1_700_000_000.0
    )
    with pytest.raises(ToolError, match="last commit was not recorded"):
        await call(desk, "submit_handoff", **HANDOFF)
    assert (await call(desk, "commit", message="One")).text == "committed 'One':\na"
    assert running.mission.head == made.commit
    assert running.mission.features["F1"].commits == (made.commit,)


async def test_tree_on_a_foreign_commit_is_not_recorded(running):
    desk = await running.worker()
    (desk.tree / "a").write_text("1")
    await desk.worktree.commit("One", {"Mission": "other"}, parent=running.base, at=1_700_000_000.0)
    with pytest.raises(WorkspaceError, match="start the mission again"):
        await call(desk, "commit", message="One")
    await desk.worktree.checkout(await desk.repository.tree_of(running.base))
    with pytest.raises(WorkspaceError, match="stands on None"):
        await call(desk, "commit", message="One")


async def test_commit_of_a_fix_names_the_assertions_of_its_items(running):
    await running.record(
        e.ItemOpened(item="I1", type="verdict", about="SHOP-002", text="it failed"),
        e.ItemOpened(item="I2", type="finding", about="F1", text="it crashes"),
        e.ItemOpened(item="I3", type="gate", about="lint", text="red"),
    )
    fix = AddedFeature(
        id="F9", milestone="M1", title="Mend", description="Mend it.", expected=["works"], fixes=["I1", "I2", "I3"]
    )
    await running.record(e.PlanChanged(change=PlanChange(reason="a" * 20, add=[fix]), reason="a" * 20))
    desk = await running.worker("F9")
    (desk.tree / "a").write_text("1")
    await call(desk, "commit", message="Mend")
    info = await desk.repository.commit_info(running.mission.head)
    assert info.trailers["Assertion"] == ["SHOP-002", "SHOP-001"]


async def test_only_who_writes_commits(running):
    desk = await running.desk("worker", "F1")
    with pytest.raises(ToolError, match="only workers write"):
        await call(desk, "commit", message="x")


async def test_handoff_ends_the_attempt(running):
    desk = await running.worker()
    shown = await call(desk, "submit_handoff", **HANDOFF)
    assert (shown.ends, shown.text) == (True, "It prints the total.")
    state = running.mission.features["F1"]
    assert (state.handoff.outcome, state.handoff_attempt) == ("done", desk.attempt)


async def test_F03_handoff_is_recorded_once(running):
    desk = await running.worker()
    await call(desk, "submit_handoff", **HANDOFF)
    seq = running.mission.seq
    assert (await call(desk, "submit_handoff", **HANDOFF)).ends
    assert running.mission.seq == seq


async def test_handoff_on_a_dirty_tree_is_refused_with_the_paths(running):
    desk = await running.worker()
    for n in range(31):
        (desk.tree / f"{n:02}.txt").write_text("")
    with pytest.raises(ToolError, match=r"not committed.*\n00\.txt(\n.*)*and 1 more"):
        await call(desk, "submit_handoff", **HANDOFF)
    assert running.mission.features["F1"].handoff is None


async def test_handoff_that_contradicts_itself_is_refused(running):
    desk = await running.worker()
    undone = {**HANDOFF, "undone": [{"what": "half", "why": "time"}]}
    with pytest.raises(ToolError, match="`done` with 1 undone"):
        await call(desk, "submit_handoff", **undone)
    proposal = {"about": "plan", "text": "more", "gain": "less", "blocking": True}
    with pytest.raises(ToolError, match="handed off `partial`"):
        await call(desk, "submit_handoff", **{**HANDOFF, "proposals": [proposal]})
    assert (await call(desk, "submit_handoff", **{**undone, "outcome": "partial", "proposals": [proposal]})).ends
