import asyncio
import os
from dataclasses import replace
from pathlib import Path

import pytest

from milepost.domain.errors import WorkspaceError
from milepost.workspace.git import Git, find_git, object_id, user_environment
from tests.workspace.user_repository import git


def fake_git(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "git"
    program.write_text("#!/bin/sh\necho fake\n")
    program.chmod(0o755)
    return program


def is_running(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_S15_git_from_the_repositorys_own_path_entry_is_not_used(repository: Path):
    fake_git(repository / "bin")
    assert find_git(f"{repository}/bin:./bin:/usr/bin") == Path("/usr/bin/git")


def test_the_users_first_git_outside_a_checkout_is_used(tmp_path: Path):
    mine = fake_git(tmp_path / "bin")
    assert find_git(f"{mine.parent}:/usr/bin") == mine


async def test_S15_inherited_git_variables_do_not_reach_git(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("GIT_DIR", "/nonexistent")
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "user.name")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "Mallory")
    clean = Git.users(repository)
    assert await clean.text("rev-parse", "--show-toplevel") == str(repository)
    assert (await clean.run("config", "user.name", ok=(0, 1))).text == ""
    assert "GIT_DIR" not in user_environment()
    assert "GIT_CONFIG_COUNT" not in user_environment()


async def test_a_failure_names_command_place_code_and_remedy(tmp_path: Path):
    with pytest.raises(WorkspaceError, match=r"git 'log' in '.*' ended with 128: .*not a git repo.*; open a folder"):
        await Git.users(tmp_path).run("log")


async def test_a_folder_that_is_gone_is_named(tmp_path: Path):
    with pytest.raises(WorkspaceError, match=r"git cannot work in '.*/gone': no such folder"):
        await Git.users(tmp_path / "gone").run("status")


async def test_output_beyond_the_limit_is_not_read(repository: Path):
    (repository / "long.txt").write_text("x" * 3_000_000)
    git(repository, "add", "long.txt")
    reply = await Git.users(repository).run("cat-file", "blob", ":long.txt", limit=1000)
    assert (reply.cut, reply.out) == (True, b"x" * 1000)


async def test_output_of_exactly_the_limit_is_whole(repository: Path):
    reply = await Git.users(repository).run("cat-file", "blob", "HEAD:README.md", limit=len("# Shop\n"))
    assert (reply.cut, reply.out) == (False, b"# Shop\n")


async def test_F47_git_and_what_it_started_end_with_the_call_that_is_cancelled(repository: Path, tmp_path: Path):
    started = tmp_path / "started"
    os.mkfifo(started)
    git(repository, "config", "alias.linger", f"!echo $$ > {started}; exec sleep 600")
    call = asyncio.create_task(Git.users(repository).run("linger"))
    pid = int(await asyncio.to_thread(started.read_text))  # ends when the other side has written
    assert is_running(pid)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert not is_running(pid)


@pytest.mark.parametrize("turns", [1, 2, 3, 4])
async def test_a_call_cancelled_while_it_starts_ends_too(repository: Path, turns: int):
    git(repository, "config", "alias.linger", "!sleep 600")
    call = asyncio.create_task(Git.users(repository).run("linger"))
    for _ in range(turns):
        await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call


async def test_F46_git_that_does_not_end_is_ended(repository: Path):
    git(repository, "config", "alias.linger", "!sleep 600")
    with pytest.raises(WorkspaceError, match=r"git 'linger' in .* took over 0\.2 s"):
        await replace(Git.users(repository), wall_s=0.2).run("linger")


@pytest.mark.parametrize("value", ["HEAD", "--output=/etc/passwd", "abc", "refs/heads/main", "g" * 40, "a" * 41])
def test_only_a_full_id_passes_for_a_commit(value: str):
    with pytest.raises(WorkspaceError, match="expected its full id"):
        object_id(value)


def test_ids_of_both_hashes_pass():
    assert object_id("a" * 40) == "a" * 40
    assert object_id("b" * 64) == "b" * 64
