from pathlib import Path

import pytest

from milepost.domain.errors import Refused
from milepost.workspace.publish import publish
from tests.workspace.user_repository import commit_all, commit_files, every_byte, git, mission

REF = ".git/refs/heads/milepost/shop"


def what_changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> set[str]:
    return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}


@pytest.mark.parametrize("files", [2, 150])
async def test_S16_publishing_adds_objects_and_one_ref_and_nothing_else(repository: Path, tmp_path: Path, files: int):
    (repository / "wip").write_text("mine")
    git(repository, "remote", "add", "origin", str(tmp_path / "nowhere"))
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {f"d/{number}": str(number) for number in range(files)})
    before = every_byte(repository)
    await publish(private, repository, "shop", end)
    changed = what_changed(before, every_byte(repository))
    assert {path for path in changed if not path.startswith(".git/objects/")} == {".git/refs/heads/milepost", REF}
    assert not any(path in before for path in changed), "nothing that was there is another now"
    assert git(repository, "rev-parse", "milepost/shop") == end
    assert git(repository, "fsck") == ""
    assert git(repository, "status", "--porcelain") == "?? wip"


async def test_publishing_again_moves_the_ref_on(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    first = await commit_files(tree, {"a": "1"})
    await publish(private, repository, "milepost/shop", first)
    await publish(private, repository, "shop", first)
    second = await commit_files(tree, {"a": "2"})
    before = every_byte(repository)
    await publish(private, repository, "shop", second)
    changed = what_changed(before, every_byte(repository))
    assert {path for path in changed if not path.startswith(".git/objects/")} == {REF}
    git(repository, "branch", "-D", "milepost/shop")
    await publish(private, repository, "shop", second)
    assert git(repository, "rev-parse", "milepost/shop") == second


async def test_F19_a_branch_the_user_moved_is_left_alone(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    first = await commit_files(tree, {"a": "1"})
    await publish(private, repository, "shop", first)
    git(repository, "update-ref", "refs/heads/milepost/shop", start)
    second = await commit_files(tree, {"a": "2"})
    with pytest.raises(Refused, match=r"where Milepost did not put it.*git branch -m milepost/shop"):
        await publish(private, repository, "shop", second)
    assert git(repository, "rev-parse", "milepost/shop") == start


async def test_a_branch_of_that_name_that_is_not_ours_is_left_alone(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    git(repository, "branch", "milepost/shop")
    with pytest.raises(Refused, match="was left alone"):
        await publish(private, repository, "shop", await commit_files(tree, {"a": "1"}))


async def test_a_branch_where_none_can_be_is_refused_with_gits_reason(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    git(repository, "branch", "milepost")
    with pytest.raises(Refused, match=r"'milepost/shop' was not published.*'refs/heads/milepost' exists"):
        await publish(private, repository, "shop", await commit_files(tree, {"a": "1"}))


async def test_a_process_killed_while_publishing_knows_its_branch_again(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    first = await commit_files(tree, {"a": "1"})
    await publish(private, repository, "shop", first)
    git(private.git_dir, "update-ref", "-d", "refs/published/shop")
    second = await commit_files(tree, {"a": "2"})
    await publish(private, repository, "shop", second)
    assert git(repository, "rev-parse", "milepost/shop") == second


async def test_a_branch_that_is_checked_out_is_not_moved_under_it(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    first = await commit_files(tree, {"a": "1"})
    await publish(private, repository, "shop", first)
    git(repository, "worktree", "add", "--quiet", str(tmp_path / "other"), "milepost/shop")
    with pytest.raises(Refused, match=r"'milepost/shop' is checked out in '.*/other'"):
        await publish(private, repository, "shop", await commit_files(tree, {"a": "2"}))
    assert git(tmp_path / "other", "status", "--porcelain") == ""


async def test_S11_no_hook_of_the_users_fires(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-merge", "post-checkout"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/fired\n")
        (hooks / name).chmod(0o755)
    git(repository, "branch", "control")
    assert (tmp_path / "fired").exists(), "the hook must fire for plain git, or this test proves nothing"
    (tmp_path / "fired").unlink()
    await publish(private, repository, "shop", await commit_files(tree, {"a": "1"}))
    assert not (tmp_path / "fired").exists()


async def test_publishing_into_a_shallow_clone_works(repository: Path, tmp_path: Path):
    commit_all(repository, {"a": "1"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    private, tree, _ = await mission(tmp_path / "shallow", tmp_path)
    end = await commit_files(tree, {"b": "1"})
    await publish(private, tmp_path / "shallow", "shop", end)
    assert git(tmp_path / "shallow", "rev-parse", "milepost/shop") == end
