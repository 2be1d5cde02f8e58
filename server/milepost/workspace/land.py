"""Brings a mission's commit into the user's branch and checkout: merged, judged in scratch, then moved whole or not."""

import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path

from milepost.domain.errors import Refused, WorkspaceError
from milepost.workspace import trees
from milepost.workspace.checkout import Overlap, find_overlap, move_checkout
from milepost.workspace.commits import MILEPOST, compose, make_commit
from milepost.workspace.git import Git, object_id
from milepost.workspace.publish import send_objects
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree

Check = Callable[[Path], Awaitable[list[str]]]
"""Judges a checkout of the merged tree; returns what is wrong with it."""
RESULT = "refs/landing/result"
_UNDERWAY = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


@dataclass(frozen=True)
class LandPlan:
    """What landing would do: move `branch` from `head` to `commit`, which changes `paths`."""

    branch: str
    head: str
    commit: str
    tree: str
    fast_forward: bool
    paths: list[str]


async def plan_land(
    repository: Repository, user_folder: Path, commit: str, *, message: str, at: float,
    author: tuple[str, str] = MILEPOST,
) -> LandPlan:  # fmt: skip
    """Merges the commit with the user's branch in the private repository; nothing of the user's changes.

    Raises Refused with the list when they conflict, when uncommitted changes overlap, or without a branch to move.
    """
    user = await _users_checkout(user_folder)
    branch = await _branch(user)
    head = await user.text("rev-parse", "--verify", "HEAD^{commit}")
    await _fetch_head(repository, user, head)
    if await repository.is_ancestor(object_id(commit), head):
        raise Refused(f"{branch!r} already contains {commit[:10]}: there is nothing to land")
    fast = await repository.is_ancestor(head, commit)
    result = commit if fast else await _merge(repository, branch, head, commit, message, at, author)
    paths = await repository.changed_paths(head, result)
    plan = LandPlan(branch, head, result, await repository.tree_of(result), fast, paths)
    await _overlap(repository, user, plan)
    return plan


async def land_merge(
    repository: Repository, user_folder: Path, commit: str, *, message: str, at: float, check: Check | None = None,
    author: tuple[str, str] = MILEPOST,
) -> LandPlan:  # fmt: skip
    """Does what `plan_land` plans, if `check` finds nothing wrong with the merged tree.

    Unrelated uncommitted changes stay byte for byte; the user's hooks do not run.
    Raises Refused as `plan_land` does, when `check` objects, and when the branch moved meanwhile.
    """
    plan = await plan_land(repository, user_folder, commit, message=message, at=at, author=author)
    if check:
        await _judge(repository, plan, check)
    user = await _users_checkout(user_folder)
    if await _branch(user) != plan.branch:
        raise Refused(f"the checkout left {plan.branch!r} while the merge was judged: switch back, then land again")
    overlap = await _overlap(repository, user, plan)
    await send_objects(repository, user, plan.commit, RESULT)
    await move_checkout(repository, user, plan.head, plan.commit, overlap, lambda on: _swap(user, plan, on))
    return plan


async def _swap(user: Git, plan: LandPlan, on: bool) -> None:
    old, new = (plan.head, plan.commit) if on else (plan.commit, plan.head)
    note = f"milepost: {'landed' if on else 'could not land'} {plan.commit[:10]}"
    try:
        await user.durable().run("update-ref", "-m", note, f"refs/heads/{plan.branch}", new, old)
    except WorkspaceError as error:
        raise Refused(f"{plan.branch!r} moved while the merge was judged: land again, on what is new") from error


async def _users_checkout(folder: Path) -> Git:
    # The checkout is the user's and they asked for it: line ends and filters are as their own git would have them.
    user = Git.users(folder, own_settings=True)
    top = Path(await user.text("rev-parse", "--show-toplevel"))
    return replace(user, cwd=top)


async def _branch(user: Git) -> str:
    branch = (await user.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))).text
    if not branch:
        raise Refused(f"{str(user.cwd)!r} is on no branch (detached HEAD): switch to the branch to land on")
    if underway := _underway(Path(await user.text("rev-parse", "--absolute-git-dir"))):
        raise Refused(f"{str(user.cwd)!r} is in the middle of something ({underway}): finish or abort it first")
    return branch


def _underway(git_dir: Path) -> str | None:
    return next((name for name in _UNDERWAY if (git_dir / name).exists()), None)


async def _fetch_head(repository: Repository, user: Git, head: str) -> None:
    quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules")
    await repository.git.run("fetch", *quiet, "--", str(user.cwd), "+HEAD:refs/landing/head")
    if not await repository.exists(head):
        raise Refused(f"{str(user.cwd)!r} moved to another commit just now: land again")


async def _merge(
    repository: Repository, branch: str, head: str, commit: str, message: str, at: float, author: tuple[str, str]
) -> str:
    merged = await trees.merge(repository.git, head, commit)
    if merged.conflicts:
        raise Refused(f"{branch!r} and the mission are in conflict; nothing was moved:\n" + _list(merged.conflicts))
    return await make_commit(repository.git, merged.tree, (head, commit), compose(message, {}), at=at, author=author)


async def _overlap(repository: Repository, user: Git, plan: LandPlan) -> Overlap:
    target = await trees.entries(repository.git, plan.commit)
    overlap = await find_overlap(user, {path: target.get(path) for path in plan.paths}, plan.head)
    if overlap.differing:
        raise Refused(
            "uncommitted changes in your checkout are in the way; commit, stash or move them, then land again:\n"
            + _list(overlap.differing)
        )
    return overlap


async def _judge(repository: Repository, plan: LandPlan, check: Check) -> None:
    beside = repository.git_dir.parent
    with tempfile.TemporaryDirectory(prefix="landing-", dir=beside, ignore_cleanup_errors=True) as folder:
        scratch = Worktree(repository, Path(folder) / "tree")
        try:
            await scratch.checkout(plan.commit)
            problems = await check(scratch.path)
        finally:
            scratch.forget()
    if problems:
        raise Refused("the merged tree did not pass; nothing was moved:\n" + _list(problems))


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
