import os
from pathlib import Path

import pytest

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree
from tests.workspace.user_repository import AT, commit_all, every_byte, git, write


async def in_place(user: Path, folder: Path) -> tuple[Repository, Worktree]:
    private = await Repository.clone(user, folder / "mission" / "repo.git")
    return private, await Worktree.in_place(private, user, at=AT)


async def test_work_in_place_undone_leaves_the_folder_byte_for_byte(repository: Path, tmp_path: Path):
    ignored = "*.env\nnode_modules/\nbuild/\n.cache/\n"
    commit_all(repository, {".gitignore": ignored, "dos.txt": "a\r\n", ".gitattributes": "* text=auto\n"})
    write(repository, {"wip.txt": "mine", "README.md": "dirty\n", "sp ace\n": "x"})
    write(repository, {"a.env": "SECRET=1", "node_modules/x/i.js": "js"})
    git(repository, "add", "wip.txt")
    (repository / "shop/__init__.py").unlink()
    (repository / "empty/dir").mkdir(parents=True)
    (repository / "wip.txt").chmod(0o600)
    (repository / "README.md").chmod(0o664)
    (repository / "node_modules").chmod(0o711)
    (repository / "link").symlink_to("README.md")
    (repository / "node_modules/bin").symlink_to("x/i.js")
    (repository / "locked.env").write_text("x")
    (repository / "locked.env").chmod(0o400)
    before = every_byte(repository)

    _, tree = await in_place(repository, tmp_path)
    assert every_byte(repository) == before
    write(repository, {"new/a.py": "x", "README.md": "changed", "a.env": "STOLEN=1", "build/out": "x", ".cache/y": "x"})
    await tree.commit("work", {}, parent=tree.head or "", at=AT)
    write(repository, {"more.py": "x", "node_modules/x/new.js": "x"})
    for name in ("wip.txt", "link", "node_modules/bin", "dos.txt", "locked.env"):
        (repository / name).unlink()
    (repository / "node_modules/bin").symlink_to("/etc/passwd")
    (repository / "locked.env").mkdir()
    (repository / "locked.env/x").write_text("x")
    (repository / "empty/dir").rmdir()
    (repository / "shop/price.py").chmod(0o755)
    (repository / "node_modules").chmod(0o700)
    assert await tree.undo() == []
    assert every_byte(repository) == before


async def test_F25_the_first_commit_is_the_tree_as_found(repository: Path, tmp_path: Path):
    write(repository, {"wip.txt": "mine", "__pycache__/x": "ignored", ".vscode/settings.json": "{}"})
    (repository / "README.md").unlink()
    head = git(repository, "rev-parse", "HEAD")
    private, tree = await in_place(repository, tmp_path)
    assert tree.head == tree.found_commit == await private.resolve("refs/in-place/found")
    assert await private.parent_of(tree.found_commit) == head
    assert await private.changed_paths(head, tree.found_commit) == [".vscode/settings.json", "README.md", "wip.txt"]
    assert await tree.changes() == []


async def test_a_clean_folder_is_found_at_its_own_commit(repository: Path, tmp_path: Path):
    _, tree = await in_place(repository, tmp_path)
    assert tree.found_commit == git(repository, "rev-parse", "HEAD")


async def test_a_new_process_goes_on_in_place_where_the_last_one_was(repository: Path, tmp_path: Path):
    before = every_byte(repository)
    private, tree = await in_place(repository, tmp_path)
    write(repository, {"a": "1"})
    done = await tree.commit("work", {}, parent=tree.head or "", at=AT)
    again = await Worktree.in_place(private, repository, at=AT + 1)
    assert (again.head, again.found_commit) == (done.commit, tree.found_commit)
    assert await again.undo() == []
    assert every_byte(repository) == before


async def test_files_nobody_changed_are_not_written_again(repository: Path, tmp_path: Path):
    before = (repository / "shop/price.py").stat()
    _, tree = await in_place(repository, tmp_path)
    write(repository, {"README.md": "changed"})
    await tree.undo()
    await tree.undo()
    after = (repository / "shop/price.py").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


async def test_a_retry_in_place_keeps_what_was_ignored_and_drops_the_rest(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitignore": "*.env\nbuild/\n"})
    write(repository, {"a.env": "mine"})
    _, tree = await in_place(repository, tmp_path)
    write(repository, {"half/done.py": "x", "build/out": "kept", "README.md": "changed"})
    await tree.discard()
    assert await tree.changes() == []
    assert not (repository / "half").exists()
    assert (repository / "a.env").read_text() == "mine"
    assert (repository / "build/out").exists()


async def test_F24_what_was_ignored_when_found_is_never_committed_nor_cleaned(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitignore": "*.env\ncache/\n"})
    write(repository, {"a.env": "SECRET", "cache/deep/x": "x"})
    _, tree = await in_place(repository, tmp_path)
    write(repository, {".gitignore": "", "fresh.env": "new", "cache/deep/x": "y"})
    info = await tree.commit("work", {}, parent=tree.head or "", at=AT)
    assert info.paths == [".gitignore", "fresh.env"]
    await tree.discard()
    assert (repository / "a.env").read_text() == "SECRET"
    assert (repository / "cache/deep/x").read_text() == "y"


async def test_F24_repositories_inside_are_left_alone(repository: Path, tmp_path: Path):
    write(repository, {"mine/x": "1"})
    git(repository / "mine", "init", "--quiet")
    before = every_byte(repository)
    _, tree = await in_place(repository, tmp_path)
    assert await tree.changes() == []
    write(repository, {"theirs/x": "1", "fine": "x"})
    git(repository / "theirs", "init", "--quiet")
    with pytest.raises(ToolError, match=r"'theirs/' is a git repository of its own: delete 'theirs/\.git'"):
        await tree.commit("work", {}, parent=tree.head or "", at=AT)
    await tree.discard()
    assert (repository / "theirs/.git").is_dir()
    assert await tree.undo() == ["theirs/"]
    assert {path: seen for path, seen in every_byte(repository).items() if not path.startswith("theirs")} == before


async def test_F24_what_was_too_big_to_keep_is_reported_when_it_changed(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitignore": "*.db\n"})
    for name in ("same.db", "changed.db", "gone.db", "link.db"):
        (repository / name).write_bytes(b"x" * 1_000_001)
    _, tree = await in_place(repository, tmp_path)
    (repository / "changed.db").write_bytes(b"y")
    (repository / "gone.db").unlink()
    outside = tmp_path / "outside"
    outside.touch(0o600)
    (repository / "link.db").unlink()
    (repository / "link.db").symlink_to(outside)
    assert await tree.undo() == ["changed.db", "gone.db", "link.db"]
    assert outside.stat().st_mode & 0o777 == 0o600
    assert (repository / "same.db").stat().st_size == 1_000_001


async def test_the_users_git_folder_is_not_written_in_place(repository: Path, tmp_path: Path):
    (repository / ".git/index.lock").touch()
    before = every_byte(repository / ".git")
    _, tree = await in_place(repository, tmp_path)
    write(repository, {"a": "1"})
    await tree.commit("work", {}, parent=tree.head or "", at=AT)
    await tree.save_attempt("refs/attempts/worker.F1.1", "kept", at=AT)
    with pytest.raises(WorkspaceError, match=r"the user's own '\.git'"):
        await tree.agent_git()
    await tree.undo()
    assert every_byte(repository / ".git") == before


async def test_work_in_place_needs_the_top_folder(repository: Path, tmp_path: Path):
    private = await Repository.clone(repository, tmp_path / "repo.git")
    with pytest.raises(WorkspaceError, match=r"is inside '.*/shop': work in place needs that top folder"):
        await Worktree.in_place(private, repository / "shop", at=AT)


async def test_links_and_odd_names_among_ignored_files_come_back(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitignore": "keep/\n"})
    names = ("new\nline", "ünï", os.fsdecode(b"bad\xff"), "-dash")
    write(repository, {f"keep/{name}": name.encode(errors="surrogateescape").hex() for name in names})
    before = every_byte(repository)
    _, tree = await in_place(repository, tmp_path)
    for name in names:
        (repository / "keep" / name).unlink()
    assert await tree.undo() == []
    assert every_byte(repository) == before
