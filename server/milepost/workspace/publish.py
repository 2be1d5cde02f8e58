"""Shows the mission's branch in the user's repository: its objects and one ref, by compare-and-swap, nothing else."""

from pathlib import Path

from milepost.domain.errors import Refused, WorkspaceError
from milepost.workspace.git import Git, object_id
from milepost.workspace.repository import Repository

PREFIX = "refs/heads/milepost/"


async def publish(repository: Repository, user_folder: Path, branch: str, commit: str) -> None:
    """Points `refs/heads/milepost/<branch>` of the user's repository at a commit.

    Under the user's `.git` this adds the objects that were missing (loose, or one pack) and that ref, without a reflog.
    Raises Refused when the ref is not where we left it, or is checked out.
    """
    ref = PREFIX + branch.removeprefix("refs/heads/").removeprefix("milepost/")
    user = Git.users(user_folder)
    await user.run("check-ref-format", ref)
    now = await _value(user, ref)
    if now == object_id(commit):
        return
    await _check_unmoved(repository, ref, now)
    await _check_not_checked_out(user, ref)
    await send_objects(repository, user, commit, "refs/publishing/" + branch_of(ref))
    unlogged = user.durable().having("core.logAllRefUpdates=false")
    try:
        await unlogged.run("update-ref", "--no-deref", ref, commit, now or "")
    except WorkspaceError as error:
        raise Refused(f"{ref.removeprefix('refs/heads/')!r} was not published: {error}") from error
    await repository.set_ref("refs/published/" + branch_of(ref), commit)


async def send_objects(repository: Repository, user: Git, commit: str, through: str) -> None:
    """Copies a commit and all it needs into the user's repository; no ref, FETCH_HEAD or reflog there changes.

    `through` is a ref of the private repository to send it by; it stays.
    """
    await repository.set_ref(through, commit)
    quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-auto-maintenance", "--no-recurse-submodules")
    source = ("--no-write-commit-graph", "--refmap=", "--", str(repository.git_dir), through)
    await user.durable().run("fetch", *quiet, *source)


def branch_of(ref: str) -> str:
    """The part of a published ref that is the mission's own."""
    return ref.removeprefix(PREFIX)


async def _value(git: Git, ref: str) -> str | None:
    return (await git.run("rev-parse", "--verify", "--quiet", ref, ok=(0, 1))).text or None


async def _check_unmoved(repository: Repository, ref: str, now: str | None) -> None:
    # Two notes, before and after: a process that died between them still knows its own branch again.
    ours = [await repository.resolve(f"refs/{stage}/{branch_of(ref)}") for stage in ("published", "publishing")]
    if now is not None and now not in ours:
        raise Refused(_moved(ref, now))


async def _check_not_checked_out(user: Git, ref: str) -> None:
    folder = ""
    for field in await user.fields("worktree", "list", "--porcelain", "-z"):
        if field.startswith("worktree "):
            folder = field.removeprefix("worktree ")
        elif field == f"branch {ref}":
            raise Refused(
                f"{ref.removeprefix('refs/heads/')!r} is checked out in {folder!r} and was not moved under it: "
                "switch to another branch there, then publish again"
            )


def _moved(ref: str, now: str | None) -> str:
    name = ref.removeprefix("refs/heads/")
    return (
        f"{name!r} is at {now or 'nothing'}, where Milepost did not put it, and was left alone: "
        f"rename it with 'git branch -m {name} <other name>', then publish again"
    )
