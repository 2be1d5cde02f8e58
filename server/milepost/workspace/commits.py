"""Commits as the engine makes and reads them: who, when, why, and which trailers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from milepost.domain.errors import ToolError
from milepost.workspace.git import Git

MILEPOST = ("Milepost", "milepost@localhost")
Trailers = Mapping[str, str | Sequence[str]]
_FIELDS = "%H%x00%P%x00%T%x00%s%x00%(trailers:only=true,unfold=true)"


@dataclass(frozen=True)
class CommitInfo:
    """One commit: its tree, its first parent, what it says, and the paths it changed."""

    commit: str
    tree: str
    parent: str | None
    subject: str
    trailers: Mapping[str, list[str]]
    paths: list[str]


def compose(message: str, trailers: Trailers) -> str:
    """The text of a commit; its trailers stand in a paragraph of their own, so that none in the message counts.

    Raises ToolError for an empty message.
    """
    text = message.replace("\0", "").strip()
    if not text:
        raise ToolError("the commit message is empty; say in one line what changed and why")
    pairs = [(key, one) for key, value in trailers.items() for one in ([value] if isinstance(value, str) else value)]
    paragraph = "\n".join(f"{key}: {' '.join(one.split())}" for key, one in pairs)
    return f"{text}\n\n{paragraph}".strip() + "\n"


async def make_commit(
    git: Git, tree: str, parents: Sequence[str], text: str, *, at: float, author: tuple[str, str] = MILEPOST
) -> str:
    """The id of a new commit of that tree; its date is `at` in POSIX seconds, in UTC."""
    when = f"@{int(at)} +0000"
    dated = git.having(
        GIT_AUTHOR_NAME=author[0], GIT_AUTHOR_EMAIL=author[1], GIT_AUTHOR_DATE=when,
        GIT_COMMITTER_NAME=MILEPOST[0], GIT_COMMITTER_EMAIL=MILEPOST[1], GIT_COMMITTER_DATE=when,
    )  # fmt: skip
    options = [part for parent in parents for part in ("-p", parent)]
    return await dated.text("commit-tree", tree, *options, stdin=text.encode(errors="replace"))


async def read_log(git: Git, *revisions: str) -> list[CommitInfo]:
    """The commits those revisions select, oldest first; a merge shows what it brought to its first parent."""
    reply = await git.run("log", "-z", "--reverse", "--topo-order", f"--format={_FIELDS}", *revisions)
    fields = reply.out.decode(errors="replace").split("\0")
    rows = [fields[i : i + 5] for i in range(0, len(fields) - 4, 5)]
    paths = await _changed(git, [row[0] for row in rows])
    return [
        CommitInfo(commit, tree, parents.split(" ")[0] or None, subject, _parse(trailers), paths[commit])
        for commit, parents, tree, subject, trailers in rows
    ]


async def _changed(git: Git, commits: list[str]) -> dict[str, list[str]]:
    listing = "".join(f"{commit}\n" for commit in commits).encode()
    options = ("--stdin", "-r", "-z", "--root", "--no-renames", "--name-only", "--diff-merges=first-parent")
    found: dict[str, list[str]] = {commit: [] for commit in commits}
    ahead, current = set(commits), ""
    for field in await git.fields("diff-tree", *options, stdin=listing):
        if field in ahead:  # a commit that changed nothing is left out
            ahead.remove(field)
            current = field
        else:
            found[current].append(field)
    return found


def _parse(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, value in re.findall(r"^([\w-]+): (.*)$", text, re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found
