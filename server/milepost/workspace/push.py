"""Pushes a branch where the user asked for it, and words the pull request that goes with it."""

from collections.abc import Sequence
from pathlib import Path

from milepost.domain.errors import Refused, WorkspaceError
from milepost.workspace.commits import CommitInfo
from milepost.workspace.git import Git
from milepost.workspace.repository import Repository


async def push_text(
    repository: Repository, user_folder: Path, branch: str, remote: str, *, base: str, commit: str, title: str
) -> str:
    """Pushes the user's `branch` to a named remote, never by force; returns a pull request's text for `base..commit`.

    Runs with the user's own git configuration, hooks and credentials. Raises Refused when the remote says no.
    """
    user = Git.as_user(user_folder)
    known = (await user.text("remote")).split("\n")
    if remote not in known:
        listed = ", ".join(repr(name) for name in known if name) or "none"
        raise Refused(f"{remote!r} is not a remote there (known: {listed}): add it with 'git remote add'")
    try:
        await user.run("push", "--quiet", "--", remote, f"refs/heads/{branch}:refs/heads/{branch}")
    except WorkspaceError as error:
        raise Refused(f"{branch!r} was not pushed to {remote!r}: {error}") from error
    return pull_request(title, await repository.log(base, commit))


def pull_request(title: str, commits: Sequence[CommitInfo]) -> str:
    """A pull request as Markdown: title, commits with what they fulfil, number of files."""
    files = {path for commit in commits for path in commit.paths}
    lines = [f"- {commit.subject}{_trailers(commit)}" for commit in commits]
    return "\n".join([f"# {title}", "", *lines, "", f"{len(commits)} commits, {len(files)} files changed", ""])


def _trailers(commit: CommitInfo) -> str:
    shown = [value for key, values in commit.trailers.items() if key != "Milepost-Log" for value in values]
    return f" ({', '.join(shown)})" if shown else ""
