from pathlib import Path

import pytest

from milepost.domain.errors import Refused
from milepost.workspace.land import land_merge
from milepost.workspace.push import push_text
from tests.workspace.user_repository import AT, commit_all, git, mission, write


async def test_a_push_runs_the_users_hooks_and_the_text_says_what_is_new(repository: Path, tmp_path: Path):
    git(tmp_path, "init", "--quiet", "--bare", "remote.git")
    git(repository, "remote", "add", "team", str(tmp_path / "remote.git"))
    private, tree, start = await mission(repository, tmp_path)
    write(tree.path, {"a": "1", "b": "2"})
    trailers = {"Fulfills": ["AUTH-001", "AUTH-002"], "Milepost-Log": "3:abc"}
    end = (await tree.commit("Add a login", trailers, parent=start, at=AT)).commit
    await land_merge(private, repository, end, message="x", at=AT)
    hook = repository / ".git/hooks/pre-push"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/fired\n")
    hook.chmod(0o755)
    text = await push_text(private, repository, "main", "team", base=start, commit=end, title="Login")
    assert text == "# Login\n\n- Add a login (AUTH-001, AUTH-002)\n\n1 commits, 2 files changed\n"
    assert git(tmp_path / "remote.git", "rev-parse", "main") == end
    assert (tmp_path / "fired").exists()


async def test_S16_a_push_is_never_forced_and_goes_only_to_a_known_remote(repository: Path, tmp_path: Path):
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "remote.git")
    git(repository, "remote", "add", "team", str(tmp_path / "remote.git"))
    start = git(repository, "rev-parse", "HEAD")
    ahead = commit_all(repository, {"a": "1"})
    git(repository, "push", "--quiet", "team", "main")
    git(repository, "reset", "--quiet", "--hard", start)
    commit_all(repository, {"b": "1"})
    private, _, end = await mission(repository, tmp_path)
    with pytest.raises(Refused, match="'main' was not pushed to 'team'"):
        await push_text(private, repository, "main", "team", base=start, commit=end, title="x")
    assert git(tmp_path / "remote.git", "rev-parse", "main") == ahead
    with pytest.raises(Refused, match=r"'--all' is not a remote there \(known: 'team'\)"):
        await push_text(private, repository, "main", "--all", base=start, commit=end, title="x")
    git(repository, "remote", "remove", "team")
    with pytest.raises(Refused, match=r"known: none"):
        await push_text(private, repository, "main", "team", base=start, commit=end, title="x")
