import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from milepost.domain.errors import WorkspaceError
from milepost.workspace.repository import Repository
from tests.workspace.user_repository import AT, commit_all, commit_files, every_byte, git, mission

ODD = ("sp ace.txt", "new\nline.txt", "ünï/cødé.txt", '"quoted"\t.txt', "-dash", ":(glob)x", "*star*")


async def test_S10_cloning_and_working_changes_no_byte_of_the_users_folder(repository: Path, tmp_path: Path):
    (repository / "notes.txt").write_text("not committed\n")
    (repository / ".git/config").open("a").write("[core]\n\tfsmonitor = touch fired\n")
    before = every_byte(repository)
    private, tree, start = await mission(repository / "shop", tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "CART = 1\n"})
    await private.diff(start, end)
    assert every_byte(repository) == before
    assert git(private.git_dir, "remote") == ""


async def test_a_clone_shares_objects_by_links_and_keeps_tags(repository: Path, tmp_path: Path):
    git(repository, "tag", "v1")
    private = await Repository.clone(repository, tmp_path / "m/repo.git")
    loose = next(path for path in (repository / ".git/objects").glob("??/*"))
    assert (private.git_dir / loose.relative_to(repository / ".git")).samefile(loose)
    assert await private.resolve("refs/tags/v1") == git(repository, "rev-parse", "HEAD")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system."""
    if not Path("/dev/shm").is_dir() or Path("/dev/shm").stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("not run: /dev/shm is no file system of its own here")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Path(folder)


async def test_a_clone_onto_another_file_system_copies(repository: Path, elsewhere: Path):
    private = await Repository.clone(repository, elsewhere / "repo.git")
    assert await private.exists(git(repository, "rev-parse", "HEAD"))


async def test_a_linked_worktree_a_shallow_clone_and_linked_objects_can_be_cloned(repository: Path, tmp_path: Path):
    head = commit_all(repository, {"a": "1"})
    git(repository, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"))
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    shutil.copytree(repository, tmp_path / "odd")
    (tmp_path / "odd/.git/objects/info/link").symlink_to("/dev/null")
    for name in ("linked", "shallow", "odd"):
        private = await Repository.clone(tmp_path / name, tmp_path / f"{name}.git")
        assert await private.exists(head)


async def test_a_clone_is_not_made_twice_nor_from_nowhere(repository: Path, tmp_path: Path):
    (tmp_path / "repo.git").mkdir()
    with pytest.raises(WorkspaceError, match="is there already"):
        await Repository.clone(repository, tmp_path / "repo.git")
    with pytest.raises(WorkspaceError, match="open a folder inside a git repository"):
        await Repository.clone(tmp_path, tmp_path / "other.git")


async def test_what_a_clone_that_died_left_behind_is_no_obstacle(repository: Path, tmp_path: Path):
    (tmp_path / "repo.git.part/objects").mkdir(parents=True)
    private = await Repository.clone(repository, tmp_path / "repo.git")
    assert await private.exists(git(repository, "rev-parse", "HEAD"))


async def test_commits_are_read_as_they_are(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "CART = 1\n", "README.md": None})
    assert await private.parent_of(end) == start
    assert await private.parent_of(start) is None
    assert await private.tree_of(end) == git(private.git_dir, "rev-parse", f"{end}^{{tree}}")
    assert await private.changed_paths(start, end) == ["README.md", "shop/cart.py"]
    assert await private.read(end, "shop/cart.py") == b"CART = 1\n"
    assert await private.read(end, "README.md") is None
    assert await private.read(end, "shop") is None
    assert "shop/cart.py" in await private.list_paths(end)
    assert (await private.blob_ids(end))["shop/cart.py"] == git(private.git_dir, "rev-parse", f"{end}:shop/cart.py")
    assert await private.exists(end)
    assert not await private.exists("0" * 40)
    assert not await private.exists(await private.tree_of(end))
    with pytest.raises(WorkspaceError, match="rev-parse"):
        await private.tree_of("0" * 40)


async def test_odd_names_come_through_unharmed(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {name: name for name in ODD})
    assert await private.changed_paths(start, end) == sorted(ODD, key=os.fsencode)
    assert (await private.commit_info(end)).paths == sorted(ODD, key=os.fsencode)
    for name in ODD:
        assert await private.read(end, name) == name.encode()
        assert name in await private.blob_ids(end)
    assert "+*star*" in await private.diff(start, end, ["*star*"])
    assert "sp ace" not in await private.diff(start, end, ["*star*"])
    put_back = await private.tree_with(end, start, ODD)
    assert put_back == await private.tree_of(start)


async def test_a_patch_says_where_it_was_cut(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"long.txt": "line\n" * 1000}, "Add a long file")
    assert "[cut at" not in await private.diff(start, end)
    cut = await private.diff(start, end, max_bytes=500)
    assert cut.endswith("[cut at 500 bytes; ask for fewer paths]\n")
    shown = await private.show(end)
    assert "Add a long file" in shown
    assert "+line" in shown
    assert (await private.show(end, max_bytes=60)).endswith("ask for fewer paths]\n")


async def test_S13_a_diff_driver_in_the_tree_forges_nothing(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitattributes": "*.py diff=forged -diff filter=forged ident\n"})
    git(repository, "config", "diff.forged.command", f"touch {tmp_path}/fired; echo")
    git(repository, "config", "filter.forged.clean", f"touch {tmp_path}/fired; echo")
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"shop/cart.py": "$Id$ REAL = 1\r\n"})
    assert "+$Id$ REAL = 1\r\n" in await private.diff(start, end)
    assert await private.read(end, "shop/cart.py") == b"$Id$ REAL = 1\r\n"
    assert not (tmp_path / "fired").exists()


async def test_the_log_is_oldest_first_with_trailers_and_paths(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.path / "a").write_text("1")
    trailers = {"Milepost-Feature": ["F1"], "Fulfills": ["AUTH-001", "AUTH-002"], "Milepost-Log": ["7:abc"]}
    first = await tree.commit("Add a\n\nFulfills: FAKE-001", trailers, parent=start, at=AT)
    second = await commit_files(tree, {"b": "2", "shop/price.py": None})
    log = await private.log(start, second)
    assert [(c.commit, c.parent, c.subject, c.paths) for c in log] == [
        (first.commit, start, "Add a", ["a"]),
        (second, first.commit, "work", ["b", "shop/price.py"]),
    ]
    assert log[0].trailers == trailers
    assert log[0] == first
    assert await private.log(second, second) == []
    assert (await private.commit_info(start)).parent is None
    assert "shop/price.py" in (await private.commit_info(start)).paths


async def test_a_merge_shows_what_it_brought(repository: Path, tmp_path: Path):
    git(repository, "switch", "--quiet", "-c", "side")
    commit_all(repository, {"side": "1"})
    git(repository, "switch", "--quiet", "main")
    base = commit_all(repository, {"main": "1"})
    git(repository, "merge", "--quiet", "--no-edit", "side")
    merge = git(repository, "rev-parse", "HEAD")
    private = await Repository.clone(repository, tmp_path / "repo.git")
    log = await private.log(base, merge)
    assert [c.paths for c in log] == [["side"], ["side"]]
    assert "+1" in await private.show(merge)


async def test_a_commit_that_changed_nothing_is_in_the_log(repository: Path, tmp_path: Path):
    start = git(repository, "rev-parse", "HEAD")
    commit_all(repository, {}, "empty")
    end = commit_all(repository, {"a": "1"}, "full")
    private = await Repository.clone(repository, tmp_path / "repo.git")
    assert [(c.subject, c.paths) for c in await private.log(start, end)] == [("empty", []), ("full", ["a"])]


async def test_S16_a_ref_moves_only_from_where_it_was_seen(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"a": "1"})
    ref = "refs/heads/mission"
    await private.set_ref(ref, start, "")
    with pytest.raises(WorkspaceError, match="cannot lock ref"):
        await private.set_ref(ref, end, "")
    with pytest.raises(WorkspaceError, match=r"cannot lock ref.*somebody moved it"):
        await private.set_ref(ref, start, end)
    await private.set_ref(ref, end, start)
    assert await private.resolve(ref) == end
    await private.set_ref(ref, start)
    assert await private.resolve(ref) == start
    assert await private.resolve("refs/heads/none") is None
    with pytest.raises(WorkspaceError, match="'HEAD' is not a ref"):
        await private.set_ref("HEAD", start)


async def test_the_product_hash_sees_content_mode_and_name_and_nothing_inert(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)

    async def product(commit: str) -> str:
        return await private.product_tree_hash(commit, lambda path: path.endswith(".md"))

    first = await product(start)
    documented = await commit_files(tree, {"README.md": "changed\n", "NEW.md": "x"})
    assert await product(documented) == first
    (tree.path / "shop/price.py").chmod(0o755)
    runnable = await commit_files(tree, {})
    text = (tree.path / "shop/price.py").read_text()
    renamed = await commit_files(tree, {"shop/price.py": None, "shop/cost.py": text})
    assert len({first, await product(runnable), await product(renamed)}) == 3


async def test_a_tree_for_vacuity_has_the_tests_of_the_end_and_the_rest_of_the_start(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    work = {"shop/price.py": "changed", "shop/new.py": "added", "shop/__init__.py": None, "tests/test_new.py": "test"}
    end = await commit_files(tree, work)
    product = [path for path in await private.changed_paths(start, end) if not path.startswith("tests/")]
    vacuous = await private.tree_with(end, start, product)
    assert await private.changed_paths(start, vacuous) == ["tests/test_new.py"]
    assert await private.read(vacuous, "shop/new.py") is None


async def test_a_file_that_became_a_folder_is_put_back(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.path / "README.md").unlink()
    end = await commit_files(tree, {"README.md/index": "now a folder"})
    back = await private.tree_with(end, start, await private.changed_paths(start, end))
    assert back == await private.tree_of(start)


async def test_a_feature_is_taken_back_from_under_a_later_one(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    first = await commit_files(tree, {"shop/a.py": "one\n", "README.md": None})
    second = await commit_files(tree, {"shop/b.py": "two\n"})
    reverted = await private.revert_range(start, first, second)
    assert await private.changed_paths(start, reverted) == ["shop/b.py"]


async def test_a_feature_that_a_later_one_stands_on_is_not_taken_back(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    first = await commit_files(tree, {"shop/a.py": "one\n", "x y": "1\n"})
    second = await commit_files(tree, {"shop/a.py": "one, and more\n"})
    with pytest.raises(WorkspaceError, match=r"changed the same lines of 'shop/a\.py'; revert those first"):
        await private.revert_range(start, first, second)


async def test_what_the_user_keeps_out_of_commits_is_kept_out_here(repository: Path, tmp_path: Path, home: Path):
    ignore = home / "config/git/ignore"
    ignore.parent.mkdir(parents=True)
    ignore.write_text("*.swp\n")
    (repository / ".git/info/exclude").write_text("secret.env")
    _, tree, _ = await mission(repository, tmp_path)
    for name in ("a.swp", "secret.env", "kept.txt"):
        (tree.path / name).write_text("x")
    assert await tree.changes() == ["kept.txt"]


async def test_sha256_repositories_work(tmp_path: Path):
    user = tmp_path / "user"
    user.mkdir()
    git(user, "init", "--quiet", "--object-format=sha256")
    commit_all(user, {"a": "1"})
    private, tree, start = await mission(user, tmp_path)
    end = await commit_files(tree, {"b": "2"})
    await tree.agent_git()
    assert len(end) == 64
    assert git(tree.path, "status", "--porcelain") == ""
    assert await private.tree_with(end, start, ["b"]) == await private.tree_of(start)
