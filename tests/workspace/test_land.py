from pathlib import Path

import pytest

from milepost.domain.errors import Refused
from milepost.workspace.checkout import Overlap, move_checkout
from milepost.workspace.git import Git
from milepost.workspace.land import land_merge, plan_land
from milepost.workspace.publish import send_objects
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree
from tests.workspace.user_repository import AT, commit_all, commit_files, every_byte, git, mission, write


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def land(private: Repository, user: Path, commit: str) -> str:
    return (await land_merge(private, user, commit, message="Land the mission", at=AT)).commit


async def test_a_branch_that_did_not_move_is_forwarded(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "x", "README.md": None, "d/sp ace\n": "x"})
    plan = await plan_land(private, repository, end, message="x", at=AT)
    assert (plan.branch, plan.head, plan.commit, plan.fast_forward) == ("main", start, end, True)
    assert plan.paths == ["README.md", "d/sp ace\n", "shop/cart.py"]
    assert git(repository, "rev-parse", "HEAD") == start
    assert await land(private, repository / "shop", end) == end
    assert git(repository, "rev-parse", "main") == end
    assert git(repository, "status", "--porcelain") == ""
    assert not (repository / "README.md").exists()


async def test_F18_a_branch_that_moved_is_merged_and_other_dirt_stays_byte_for_byte(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "x", "shop/price.py": None})
    head = commit_all(repository, {"theirs.py": "1", "other.py": "1"})
    write(repository, {"other.py": "dirty", "staged.py": "staged", "new.py": "untracked", "__pycache__/x": "ignored"})
    git(repository, "add", "staged.py")
    (repository / "README.md").unlink()
    kept = every_byte(repository)
    landed = await land(private, repository, end)
    assert git(repository, "rev-parse", "main", "main^1", "main^2").splitlines() == [landed, head, end]
    assert git(repository, "log", "-1", "--format=%s %an") == "Land the mission Milepost"
    status = git(repository, "status", "--porcelain").splitlines()
    assert status == [" D README.md", " M other.py", "A  staged.py", "?? new.py"]
    after = every_byte(repository)
    changed = {path for path in kept.keys() | after.keys() if kept.get(path) != after.get(path)}
    assert {path for path in changed if not path.startswith(".git/")} == {"shop/cart.py", "shop/price.py"}
    assert (await private.list_paths(landed)).count("theirs.py") == 1


async def test_F18_conflicts_are_listed_and_nothing_moves(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"README.md": "# Ours\n", "shop/price.py": None, "fine": "x"})
    head = commit_all(repository, {"README.md": "# Theirs\n", "shop/price.py": "changed\n"})
    with pytest.raises(Refused) as refused:
        await land(private, repository, end)
    assert str(refused.value).splitlines()[1:] == ["- README.md", "- shop/price.py"]
    assert git(repository, "rev-parse", "HEAD") == head
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("staged", [False, True])
async def test_F18_dirty_files_in_the_way_are_listed_and_nothing_moves(repository: Path, tmp_path: Path, staged: bool):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"README.md": "ours", "shop/new.py": "ours", "out.log": "ours", "file/x": "ours"})
    write(repository, {"README.md": "mine", "shop/new.py": "mine", "out.log": "mine", "file": "mine", "fine": "mine"})
    (repository / ".git/info/exclude").write_text("*.log\n")
    if staged:
        git(repository, "add", "README.md", "shop/new.py")
    before = every_byte(repository)
    with pytest.raises(Refused, match="commit, stash or move them") as refused:
        await land(private, repository, end)
    assert str(refused.value).splitlines()[1:] == ["- README.md", "- file", "- out.log", "- shop/new.py"]
    after = every_byte(repository)
    assert after.keys() == before.keys()
    assert {path for path, seen in before.items() if after[path] != seen} <= {".git/index"}
    assert git(repository, "rev-parse", "HEAD") == start


async def test_a_file_takes_the_place_of_a_folder_that_goes_unless_more_lies_there(repository: Path, tmp_path: Path):
    commit_all(repository, {"d/a": "1"})
    private, tree, _ = await mission(repository, tmp_path)
    (tree.path / "d/a").unlink()
    (tree.path / "d").rmdir()
    end = await commit_files(tree, {"d": "now a file"})
    (repository / ".git/info/exclude").write_text("*.log\n")
    (repository / "d/mine.log").write_text("mine")
    with pytest.raises(Refused, match=r"- d$"):
        await land(private, repository, end)
    (repository / "d/mine.log").unlink()
    await land(private, repository, end)
    assert (repository / "d").read_text() == "now a file"


async def test_files_that_are_already_as_landed_are_no_obstacle(repository: Path, tmp_path: Path):
    private = await Repository.clone(repository, tmp_path / "m/repo.git")
    tree = await Worktree.in_place(private, repository, at=AT)
    write(repository, {"shop/new.py": "x", "README.md": "changed", "go.sh": "x", "sub/deep": "x"})
    (repository / "go.sh").chmod(0o755)
    (repository / "link").symlink_to("README.md")
    (repository / "shop/price.py").unlink()
    info = await tree.commit("work", {}, parent=tree.head or "", at=AT)
    write(repository, {"later.py": "mine"})
    files = {path: seen for path, seen in every_byte(repository).items() if not path.startswith(".git")}
    assert await land(private, repository, info.commit) == info.commit
    assert git(repository, "status", "--porcelain") == "?? later.py"
    assert {path: seen for path, seen in every_byte(repository).items() if not path.startswith(".git")} == files


async def test_a_red_check_refuses_and_a_green_one_saw_the_merged_tree(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"ours": "1"})
    head = commit_all(repository, {"theirs": "1"})
    seen: list[set[str]] = []

    async def red(folder: Path) -> list[str]:
        seen.append(names_in(folder))
        return ["gate 'test' is red", "AUTH-001 does not hold"]

    with pytest.raises(Refused, match=r"(?s)did not pass; nothing was moved:\n- gate 'test' is red\n- AUTH-001"):
        await land_merge(private, repository, end, message="x", at=AT, check=red)
    assert git(repository, "rev-parse", "HEAD") == head

    async def green(folder: Path) -> list[str]:
        seen.append(names_in(folder))
        return []

    await land_merge(private, repository, end, message="x", at=AT, check=green)
    assert all({"ours", "theirs"} <= names for names in seen)
    assert len(seen) == 2
    assert names_in(private.git_dir.parent) == {"repo.git", "tree"}


async def test_F19_what_the_user_did_during_the_check_refuses(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"ours": "1"})

    async def commits(folder: Path) -> list[str]:
        commit_all(repository, {"theirs": "1"})
        return []

    with pytest.raises(Refused, match="moved while the merge was judged: land again"):
        await land_merge(private, repository, end, message="x", at=AT, check=commits)
    assert not (repository / "ours").exists()

    async def edits(folder: Path) -> list[str]:
        write(repository, {"ours": "mine"})
        return []

    with pytest.raises(Refused, match="- ours"):
        await land_merge(private, repository, end, message="x", at=AT, check=edits)
    (repository / "ours").unlink()

    async def switches(folder: Path) -> list[str]:
        git(repository, "switch", "--quiet", "-c", "other")
        return []

    with pytest.raises(Refused, match="left 'main' while"):
        await land_merge(private, repository, end, message="x", at=AT, check=switches)
    assert git(repository, "status", "--porcelain") == ""


async def test_F17_a_locked_index_refuses_before_anything_moves(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"ours": "1"})
    (repository / ".git/index.lock").touch()
    with pytest.raises(Refused, match="nothing was moved"):
        await land(private, repository, end)
    assert git(repository, "rev-parse", "HEAD") == start
    assert not (repository / "ours").exists()


async def test_a_move_that_fails_half_way_moves_the_branch_back(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"ours": "1"})
    user = Git.users(repository)
    await send_objects(private, user, end, "refs/landing/result")
    swaps: list[bool] = []

    async def swap(on: bool) -> None:
        swaps.append(on)
        (repository / ".git/index.lock").touch()

    with pytest.raises(Refused, match="nothing was moved"):
        await move_checkout(private, user, start, end, Overlap([], {}), swap)
    assert swaps == [True, False]


async def test_F23_there_must_be_a_branch_and_something_to_land(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"ours": "1"})
    with pytest.raises(Refused, match="already contains"):
        await land(private, repository, start)
    (repository / ".git/MERGE_HEAD").write_text(start)
    with pytest.raises(Refused, match="in the middle of something"):
        await land(private, repository, end)
    (repository / ".git/MERGE_HEAD").unlink()
    git(repository, "switch", "--quiet", "--detach")
    with pytest.raises(Refused, match="detached HEAD"):
        await land(private, repository, end)


async def test_S11_the_users_hooks_do_not_run_and_their_filters_do(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitattributes": "*.up filter=upper\n"})
    git(repository, "config", "filter.upper.smudge", "tr a-z A-Z")
    git(repository, "config", "filter.upper.clean", "tr A-Z a-z")
    hooks = repository / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("reference-transaction", "post-merge", "post-checkout", "post-index-change", "pre-merge-commit"):
        (hooks / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/fired\n")
        (hooks / name).chmod(0o755)
    private, tree, _ = await mission(repository, tmp_path)
    (tmp_path / "fired").unlink(missing_ok=True)
    await land(private, repository, await commit_files(tree, {"loud.up": "hello"}))
    assert (repository / "loud.up").read_text() == "HELLO"
    assert not (tmp_path / "fired").exists()
    assert git(repository, "status", "--porcelain") == ""


async def test_landing_from_a_linked_worktree_moves_its_branch(repository: Path, tmp_path: Path):
    git(repository, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "linked"))
    before = every_byte(repository / "shop")
    private, tree, _ = await mission(tmp_path / "linked", tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "x"})
    await land(private, tmp_path / "linked", end)
    assert git(repository, "rev-parse", "topic") == end
    assert git(tmp_path / "linked", "status", "--porcelain") == ""
    assert every_byte(repository / "shop") == before
