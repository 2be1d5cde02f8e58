import hashlib
import os
from pathlib import Path

import pytest

from milepost.domain.errors import WorkspaceError
from milepost.domain.hashes import repository_key
from milepost.workspace.preflight import inspect, refusal
from tests.workspace.user_repository import commit_all, every_byte, git, write


async def test_the_facts_of_an_ordinary_repository(repository: Path, home: Path):
    write(repository, {"new\nline": "x", "README.md": "dirty", "a.swp": "x"})
    write(home / "config", {"git/ignore": "*.swp\n"})
    git(repository, "add", "README.md")
    before = every_byte(repository)
    facts = await inspect(repository / "shop")
    digest = hashlib.sha256(str(repository / ".git").encode()).hexdigest()[:8]
    assert (facts.top, facts.common_dir, facts.key) == (repository, repository / ".git", f"shop-{digest}")
    assert (facts.head_commit, facts.branch) == (git(repository, "rev-parse", "HEAD"), "main")
    assert (facts.dirty, facts.n_files, facts.empty) == (("README.md", "new\nline"), 6, False)
    assert not (facts.shallow or facts.submodules or facts.lfs or facts.sparse or facts.partial)
    assert refusal(facts) is None
    assert every_byte(repository) == before


async def test_F55_linked_worktrees_and_links_to_a_repository_share_its_key(repository: Path, tmp_path: Path):
    git(repository, "worktree", "add", "--quiet", "-b", "topic", str(tmp_path / "linked"))
    (tmp_path / "other-name").symlink_to(repository)
    keys = {(await inspect(folder)).key for folder in (repository, tmp_path / "linked", tmp_path / "other-name")}
    assert len(keys) == 1
    assert repository_key(str(tmp_path / "bare.git")).startswith("bare-")


async def test_F23_odd_repositories_are_refused_with_what_to_do(repository: Path, tmp_path: Path):
    async def why(folder: Path) -> str:
        return refusal(await inspect(folder)) or ""

    (tmp_path / "plain").mkdir()
    assert "not in a git repository" in await why(tmp_path / "plain")
    git(tmp_path, "init", "--quiet", "unborn")
    assert "no commit yet: commit what is there" in await why(tmp_path / "unborn")
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), "bare.git")
    assert "not in a git repository" in await why(tmp_path / "bare.git")
    git(repository, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--filter=tree:0", "--no-checkout", f"file://{repository}", "partial")
    assert "partial clone" in await why(tmp_path / "partial")
    git(repository, "sparse-checkout", "set", "shop")
    assert "git sparse-checkout disable" in await why(repository)
    git(repository, "sparse-checkout", "disable")
    git(repository, "switch", "--quiet", "--detach")
    assert "--base" in await why(repository)
    assert refusal(await inspect(repository), base_given=True) is None


async def test_F23_submodules_and_lfs_are_refused_by_name(repository: Path, tmp_path: Path):
    commit_all(repository, {"art/.gitattributes": "*.png filter=lfs diff=lfs merge=lfs -text\n"})
    facts = await inspect(repository)
    assert facts.lfs == ("art/.gitattributes",)
    assert "Git LFS ('art/.gitattributes')" in (refusal(facts) or "")
    head = git(repository, "rev-parse", "HEAD")
    for number in range(5):
        git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},sub{number}")
    git(repository, "commit", "-qm", "links")
    assert "submodules ('sub0', 'sub1', 'sub2' and 2 more)" in (refusal(await inspect(repository)) or "")


async def test_F23_a_shallow_clone_is_fine(repository: Path, tmp_path: Path):
    commit_all(repository, {"a": "1", ".gitattributes": "* text=auto\n"})
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository}", "shallow")
    facts = await inspect(tmp_path / "shallow")
    assert facts.shallow
    assert refusal(facts) is None


async def test_S10_S12_looking_starts_none_of_the_repositorys_programs(repository: Path, tmp_path: Path):
    commit_all(repository, {".gitattributes": "*.md filter=evil\n*.txt filter=a=b\n", "a.txt": "x"})
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.a=b.clean"):
        git(repository, "config", name, f"touch {tmp_path}/fired; cat")
    write(repository, {"README.md": "# Shoq\n", "a.txt": "y"})
    git(repository, "status")
    assert (tmp_path / "fired").exists(), "the canary must sing for plain git, or this test proves nothing"
    (tmp_path / "fired").unlink()
    git(repository, "config", "filter.evil.process", f"touch {tmp_path}/fired")
    git(repository, "config", "filter.evil.required", "true")
    assert (await inspect(repository)).dirty == ("README.md", "a.txt")
    assert not (tmp_path / "fired").exists()


async def test_a_repository_of_another_user_is_named_as_such(repository: Path):
    if (repository / ".git").stat().st_uid != 0:
        pytest.skip("not run: only root can give a folder away")
    os.chown(repository, 65534, 65534)
    os.chown(repository / ".git", 65534, 65534)
    with pytest.raises(WorkspaceError, match="belongs to another user: change its owner"):
        await inspect(repository)
