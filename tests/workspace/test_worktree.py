import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.workspace.git import Git
from milepost.workspace.worktree import Worktree
from tests.workspace.user_repository import AT, commit_all, commit_files, every_byte, git, mission, write

FILTERS = ("clean", "smudge", "process")
CANARY = "#!/bin/sh\ntouch '{fired}'\n"


def hostile_git(folder: Path, fired: Path) -> None:
    """A real `.git` that runs a program on almost anything git does."""
    shutil.rmtree(folder / ".git", ignore_errors=True)
    git(folder, "init", "--quiet")
    program = folder / ".git/canary"
    program.write_text(CANARY.format(fired=fired))
    program.chmod(0o755)
    for name in ("core.fsmonitor", "diff.external", "core.pager", *(f"filter.evil.{x}" for x in FILTERS)):
        git(folder, "config", name, str(program))
    hooks = ("pre-commit", "post-checkout", "post-index-change", "reference-transaction", "post-commit", "pre-push")
    for hook in hooks:
        shutil.copy(program, folder / ".git/hooks" / hook)


async def test_a_checkout_holds_the_commit_and_nothing_else(repository: Path, tmp_path: Path):
    commit_all(repository, {"a": "1", "d/e/f": "2"})
    _, tree, start = await mission(repository, tmp_path)
    first = every_byte(tree.path)
    write(tree.path, {"new": "x", "d/e/more": "x", "__pycache__/x.pyc": "ignored", "a": "changed", "empty/dir/x": "x"})
    (tree.path / "empty/dir/x").unlink()
    (tree.path / "d/e/f").unlink()
    await tree.agent_git()
    git(tree.path, "init", "--quiet", "sub")
    await tree.checkout(start)
    assert every_byte(tree.path) == first
    assert tree.head == start


async def test_a_checkout_goes_to_any_commit_or_tree_and_back(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    first = every_byte(tree.path)
    end = await commit_files(tree, {"README.md": None, "shop/cart.py": "x"})
    await tree.checkout(await private.tree_of(start))
    assert every_byte(tree.path) == first
    assert tree.head is None
    await tree.checkout(end)
    assert (tree.path / "shop/cart.py").read_text() == "x"
    assert not (tree.path / "README.md").exists()


async def test_F20_a_work_tree_that_was_deleted_is_laid_out_again(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    first = every_byte(tree.path)
    shutil.rmtree(tree.path)
    with pytest.raises(WorkspaceError, match="no such folder"):
        await tree.changes()
    await tree.checkout(start)
    assert every_byte(tree.path) == first


async def test_F51_a_folder_swapped_for_a_link_to_its_copy_is_laid_out_again(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    first = every_byte(tree.path)
    (tree.path / "shop").rename(tree.path / "copy")
    (tree.path / "shop").symlink_to("copy")
    await tree.checkout(start)
    assert every_byte(tree.path) == first


LOCKED = """
import asyncio, concurrent.futures.thread, os, subprocess, tempfile
from pathlib import Path
from tests.workspace.user_repository import commit_all, every_byte, mission, write

async def main(folder):
    subprocess.run(["git", "init", "--quiet", folder / "user"], check=True)
    start = commit_all(folder / "user", {"shop/price.py": "x"})
    _, tree, _ = await mission(folder / "user", folder)
    first = every_byte(tree.path)
    write(tree.path, {"locked/deep/file": "x", "shop/more": "x"})
    for name in ("locked/deep", "locked", "shop", "."):
        (tree.path / name).chmod(0o500)
    await tree.checkout(start)
    (tree.path / "shop").chmod(0o755)
    print(every_byte(tree.path) == first)

with tempfile.TemporaryDirectory() as folder:
    if os.getuid() == 0:  # root may write anywhere
        os.chown(folder, 65534, 65534)
        os.setgid(65534)
        os.setuid(65534)
    asyncio.run(main(Path(folder)))
"""


def test_folders_without_write_permission_stop_no_checkout():
    # Not measured: nobody may not write where coverage is noted.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}
    env = plain | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-c", LOCKED]
    done = subprocess.run(words, env=env, cwd="/", capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("True\n", "")


async def test_changes_are_what_differs_without_what_is_ignored(repository: Path, tmp_path: Path):
    _, tree, _ = await mission(repository, tmp_path)
    assert await tree.changes() == []
    write(tree.path, {"new\nline": "x", "d/sp ace": "x", "__pycache__/x.pyc": "x", "README.md": "changed"})
    (tree.path / "shop/price.py").unlink()
    (tree.path / "shop/__init__.py").chmod(0o755)
    assert await tree.changes() == ["README.md", "d/sp ace", "new\nline", "shop/__init__.py", "shop/price.py"]


async def test_a_change_of_the_same_size_within_the_same_second_is_seen(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    status = (tree.path / "README.md").stat()
    (tree.path / "README.md").write_text("# Shoq\n")
    os.utime(tree.path / "README.md", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert await tree.changes() == ["README.md"]
    assert await private.read(await tree.write_tree(), "README.md") == b"# Shoq\n"


async def test_the_tree_as_it_is_can_be_named_without_committing(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    write(tree.path, {"new": "x", "__pycache__/x": "x"})
    as_it_is = await tree.write_tree()
    assert await private.changed_paths(start, as_it_is) == ["new"]
    assert await tree.changes() == ["new"]
    assert tree.head == start


async def test_a_commit_takes_everything_not_ignored_and_the_tree_is_clean_after(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    write(tree.path, {"new": "x", "README.md": "changed", ".gitignore": "__pycache__/\n*.log\n", "x.log": "ignored"})
    (tree.path / "shop/price.py").unlink()
    trailers = {"Milepost-Feature": "F1"}
    info = await tree.commit("Change\n\nlong text", trailers, parent=start, at=AT, author=("Ada", "a@b"))
    assert info.paths == [".gitignore", "README.md", "new", "shop/price.py"]
    assert (info.parent, info.trailers) == (start, {"Milepost-Feature": ["F1"]})
    assert (tree.head, await tree.changes()) == (info.commit, [])
    shown = git(private.git_dir, "log", "-1", "--format=%an %ae %at %cn %B", info.commit)
    assert shown == f"Ada a@b {int(AT)} Milepost Change\n\nlong text\n\nMilepost-Feature: F1"


async def test_the_same_work_makes_the_same_commit(repository: Path, tmp_path: Path):
    _, one, _ = await mission(repository, tmp_path / "one")
    _, two, _ = await mission(repository, tmp_path / "two")
    assert await commit_files(one, {"a": "1"}) == await commit_files(two, {"a": "1"})


async def test_nothing_to_commit_and_no_message_are_said(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    with pytest.raises(ToolError, match="nothing to commit"):
        await tree.commit("x", {}, parent=start, at=AT)
    write(tree.path, {"a": "1"})
    with pytest.raises(ToolError, match="message is empty"):
        await tree.commit(" \n\0", {}, parent=start, at=AT)
    assert await tree.changes() == ["a"]


@pytest.mark.parametrize(
    "path", [".vscode/tasks.json", "web/.gitattributes", ".Github/Workflows/x.yml", "CLAUDE.md", ".GIT/config"]
)
async def test_S06_a_control_path_is_not_committed(repository: Path, tmp_path: Path, path: str):
    _, tree, start = await mission(repository, tmp_path)
    write(tree.path, {path: "x", "fine": "x"})
    if path != ".GIT/config":  # never even a change
        with pytest.raises(ToolError, match="steers tools and is not yours to change"):
            await tree.commit("x", {}, parent=start, at=AT, paths=[path])
    info = await tree.commit("x", {}, parent=start, at=AT, approved=[path])
    assert ("fine" in info.paths, path in info.paths) == (True, path != ".GIT/config")


async def test_S05_deleting_or_linking_a_control_path_is_refused_too(repository: Path, tmp_path: Path):
    commit_all(repository, {".envrc": "x"})
    _, tree, start = await mission(repository, tmp_path)
    (tree.path / ".envrc").unlink()
    (tree.path / ".vscode").symlink_to("shop")
    with pytest.raises(ToolError, match=r"(?s)'\.envrc' steers.*'\.vscode' steers"):
        await tree.commit("x", {}, parent=start, at=AT)


async def test_big_files_are_refused_unless_named(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.path / "big.bin").write_bytes(b"x" * 1_000_001)
    (tree.path / "fits.bin").write_bytes(b"x" * 1_000_000)
    said = r"'big\.bin' has 1000001 bytes.*add it to \.gitignore, or name it in `paths`"
    with pytest.raises(ToolError, match=said) as refused:
        await tree.commit("x", {}, parent=start, at=AT)
    assert "fits.bin" not in str(refused.value)
    info = await tree.commit("x", {}, parent=start, at=AT, paths=["big.bin"])
    assert info.paths == ["big.bin", "fits.bin"]
    assert await private.exists(info.commit)


async def test_a_name_that_is_no_text_is_refused(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    (tree.path / os.fsdecode(b"bad\xff")).write_text("x")
    with pytest.raises(ToolError, match="not UTF-8: rename it"):
        await tree.commit("x", {}, parent=start, at=AT)
    saved = await tree.save_attempt("refs/attempts/worker.F1.1", "kept", at=AT)
    assert len(saved.paths) == 1


async def test_S17_links_and_executables_are_committed_as_such(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "key").write_text("secret")
    (tree.path / "out").symlink_to(secret)
    (tree.path / "key").symlink_to(secret / "key")
    (tree.path / "dangling").symlink_to("nowhere")
    write(tree.path, {"go.sh": "#!/bin/sh\n"})
    (tree.path / "go.sh").chmod(0o755)
    os.mkfifo(tree.path / "pipe")
    info = await tree.commit("x", {}, parent=start, at=AT)
    rows = git(private.git_dir, "ls-tree", info.commit, "out", "key", "dangling", "go.sh", "pipe").splitlines()
    assert [row.split(" ")[0] for row in rows] == ["120000", "100755", "120000", "120000"]
    assert await private.read(info.commit, "key") == os.fsencode(secret / "key")
    assert await private.read(info.commit, "out/key") is None


async def test_S17_files_behind_a_new_link_are_gone_from_the_commit(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.path / "shop").rename(tree.path / "moved")
    (tree.path / "shop").symlink_to("moved")
    write(tree.path, {"moved/price.py": "changed"})
    info = await tree.commit("x", {}, parent=start, at=AT)
    names = await private.list_paths(info.commit)
    assert "shop" in names
    assert "moved/price.py" in names
    assert "shop/price.py" not in names
    assert await tree.changes() == []


async def test_a_tracked_file_that_became_a_pipe_is_deleted_in_the_commit(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.path / "README.md").unlink()
    os.mkfifo(tree.path / "README.md")
    info = await tree.commit("x", {}, parent=start, at=AT)
    assert await private.read(info.commit, "README.md") is None


async def test_S14_a_repository_the_agent_made_is_committed_as_plain_files(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    for name in ("empty", "full"):
        write(tree.path, {f"{name}/src/a.py": "x", f"{name}/.gitignore": "*.log\n", f"{name}/x.log": "ignored"})
        (tree.path / name / "link").symlink_to("src")
        hostile_git(tree.path / name, tmp_path / "fired")
    (tree.path / "full/.git/hooks/pre-commit").unlink()
    safe = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
    git(tree.path / "full", *safe, "commit", "--allow-empty", "-qmx")
    info = await tree.commit("x", {}, parent=start, at=AT)
    assert info.paths == [f"{name}/{file}" for name in ("empty", "full") for file in (".gitignore", "link", "src/a.py")]
    assert await tree.changes() == []
    await tree.checkout(info.commit)
    assert not (tree.path / "full/.git").exists()
    assert not (tmp_path / "fired").exists()


async def test_S10_S11_S12_a_hostile_git_folder_fires_in_no_call_of_the_engine(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    fired = tmp_path / "fired"
    write(tree.path, {"README.md": "changed", "new": "x"})
    hostile_git(tree.path, fired)
    (tree.path / ".git/info/attributes").write_text("* filter=evil diff=evil\n")
    git(tree.path, "status")
    assert fired.exists(), "the canary must sing for plain git, or this test proves nothing"
    fired.unlink()
    await tree.changes()
    await tree.write_tree()
    await tree.save_attempt("refs/attempts/worker.F1.1", "kept", at=AT)
    info = await tree.commit("x", {}, parent=start, at=AT)
    await private.diff(start, info.commit)
    await tree.discard()
    hostile_git(tree.path, fired)
    await tree.agent_git()
    await tree.checkout(start)
    assert not fired.exists()


async def test_S12_a_committed_gitattributes_starts_no_filter(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitattributes": "* filter=evil text eol=crlf\n", "dos.txt": "a\r\nb\n"})
    private, tree, _ = await mission(repository, tmp_path)
    git(private.git_dir, "config", "filter.evil.clean", f"touch {tmp_path}/fired")
    git(private.git_dir, "config", "filter.evil.smudge", f"touch {tmp_path}/fired")
    end = await commit_files(tree, {"new.txt": "a\r\nb\n"})
    await tree.checkout(end)
    assert await private.read(end, "new.txt") == b"a\r\nb\n"
    assert not (tmp_path / "fired").exists()


async def test_discard_throws_away_what_is_not_committed(repository: Path, tmp_path: Path):
    _, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"a": "1"})
    kept = every_byte(tree.path)
    write(tree.path, {"a": "2", "b": "2"})
    await tree.discard()
    assert every_byte(tree.path) == kept
    assert tree.head == end
    await tree.checkout(await tree.write_tree())
    write(tree.path, {"b": "2"})
    await tree.discard()
    assert every_byte(tree.path) == kept


async def test_an_attempt_is_kept_under_a_ref_and_the_folder_stays_as_it_is(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    write(tree.path, {"half": "done", ".vscode/x": "kept all the same"})
    before = every_byte(tree.path)
    saved = await tree.save_attempt("refs/attempts/worker.F1.1", "worker.F1.1 ended: limit", at=AT)
    assert await private.resolve("refs/attempts/worker.F1.1") == saved.commit
    assert (saved.parent, saved.paths) == (start, [".vscode/x", "half"])
    assert every_byte(tree.path) == before
    assert tree.head == start
    await tree.checkout(await private.tree_of(start))
    alone = await tree.save_attempt("refs/attempts/worker.F1.2", "on no commit", at=AT)
    assert alone.parent is None


async def test_F17_a_new_process_finds_the_work_tree_as_it_was_left(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    end = await commit_files(tree, {"a": "1"})
    write(tree.path, {"b": "2"})
    (repository / ".git/index.lock").touch()
    again = Worktree(private, tree.path)
    assert again.head == end
    assert await again.changes() == ["b"]


async def test_nothing_is_read_from_a_folder_before_a_checkout(repository: Path, tmp_path: Path):
    private, tree, _ = await mission(repository, tmp_path)
    fresh = Worktree(private, tmp_path / "fresh")
    with pytest.raises(WorkspaceError, match="nothing was checked out"):
        _ = fresh.head
    with pytest.raises(WorkspaceError, match="not worked on in place"):
        _ = tree.found_commit
    tree.forget()
    with pytest.raises(WorkspaceError, match="nothing was checked out"):
        await tree.discard()


async def test_F06_commits_reach_the_disk(repository: Path, tmp_path: Path):
    _, tree, start = await mission(repository, tmp_path)
    tree.git = tree.git.having(GIT_TRACE2_EVENT=str(tmp_path / "trace"))
    write(tree.path, {"a": "1"})
    await tree.commit("x", {}, parent=start, at=AT)
    assert '"category":"fsync"' in (tmp_path / "trace").read_text()


async def test_the_agents_git_works_and_reaches_nothing_of_ours(repository: Path, tmp_path: Path):
    git(repository, "tag", "v1")
    private, tree, start = await mission(repository, tmp_path)
    end = await commit_files(tree, {"a": "1"}, "Add a")
    await tree.agent_git()
    ours = every_byte(private.git_dir)
    write(tree.path, {"a": "2", "b": "1"})
    assert git(tree.path, "status", "--porcelain").splitlines() == [" M a", "?? b"]
    assert "+2" in git(tree.path, "diff")
    assert git(tree.path, "log", "--format=%H").splitlines() == [end, start]
    assert git(tree.path, "describe", "--tags") == f"v1-1-g{end[:7]}"
    git(tree.path, "stash", "--include-untracked")
    assert git(tree.path, "status", "--porcelain") == ""
    git(tree.path, "stash", "pop")
    git(tree.path, "checkout", "-b", "other")
    git(tree.path, "add", "--all")
    git(tree.path, "commit", "-qm", "the agent's own")
    git(tree.path, "reflog", "expire", "--expire=now", "--all")
    git(tree.path, "gc", "--prune=now", "--quiet")
    assert every_byte(private.git_dir) == ours
    assert await tree.changes() == ["a", "b"]
    info = await tree.commit("ours", {}, parent=end, at=AT)
    await tree.agent_git()
    assert git(tree.path, "log", "-1", "--format=%H %s") == f"{info.commit} ours"
    assert git(tree.path, "status", "--porcelain") == ""
    assert git(tree.path, "branch", "--format=%(refname:short)") == "milepost"


async def test_S17_a_git_entry_that_is_a_link_is_replaced_and_not_followed(repository: Path, tmp_path: Path):
    _, tree, _ = await mission(repository, tmp_path)
    outside = tmp_path / "outside"
    outside.mkdir()
    (tree.path / ".git").symlink_to(outside)
    await tree.agent_git()
    assert (tree.path / ".git").is_dir() and not (tree.path / ".git").is_symlink()
    assert list(outside.iterdir()) == []
    shutil.rmtree(tree.path / ".git")
    (tree.path / ".git").write_text(f"gitdir: {outside}\n")
    await tree.agent_git()
    assert git(tree.path, "status", "--porcelain") == ""


async def test_the_agents_git_can_be_told_where_it_sees_our_objects(repository: Path, tmp_path: Path):
    _, tree, _ = await mission(repository, tmp_path)
    await tree.agent_git(Path("/objects"))
    assert (tree.path / ".git/objects/info/alternates").read_text() == "/objects\n"
    await tree.checkout(await tree.write_tree())
    with pytest.raises(WorkspaceError, match="check out a commit first"):
        await tree.agent_git()


async def test_a_shallow_history_is_shallow_for_the_agent_too(repository: Path, tmp_path: Path):
    commit_all(repository, {"a": "1"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    _, tree, start = await mission(tmp_path / "shallow", tmp_path)
    await tree.agent_git()
    assert git(tree.path, "log", "--format=%H") == start


async def test_F17_F22_a_lock_left_behind_is_in_nobodys_way(repository: Path, tmp_path: Path):
    _, tree, _ = await mission(repository, tmp_path)
    lock = tree.index.with_name(tree.index.name + ".lock")
    lock.touch()
    write(tree.path, {"a": "1"})
    assert await tree.changes() == ["a"]
    assert await tree.write_tree()
    assert Git.private(tree.repository.git_dir).env["GIT_OPTIONAL_LOCKS"] == "0"
    await tree.commit("x", {}, parent=tree.head or "", at=AT)
    await tree.checkout(tree.head or "")
    assert await tree.changes() == []


async def test_what_a_killed_process_left_half_staged_is_no_obstacle(repository: Path, tmp_path: Path):
    private, tree, start = await mission(repository, tmp_path)
    (tree.index.parent / f"{tree.index.name}.next").write_text("left by a process that died")
    write(tree.path, {"a": "1"})
    info = await tree.commit("x", {}, parent=start, at=AT)
    assert info.paths == ["a"]
    assert git(private.git_dir, "fsck", "--no-dangling") == ""
