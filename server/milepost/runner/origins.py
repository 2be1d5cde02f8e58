"""Which commit something comes from, by the private repository: of a line by blame, of a commit by its name."""

import re
from pathlib import PurePosixPath

from milepost.domain.errors import Refused, WorkspaceError
from milepost.domain.shape import Shape
from milepost.workspace.repository import Repository

COMMIT = re.compile(r"[0-9a-f]{4,64}$")


class Origin(Shape):
    """A commit and what it says of itself."""

    commit: str
    subject: str
    trailers: dict[str, list[str]]
    text: str = ""
    """The line that was asked about."""


async def of_line(repository: Repository, head: str, path: str, line: int) -> Origin:
    """The commit that wrote a line as it stands at `head`. Raises Refused where there is no such line."""
    name = PurePosixPath(path).as_posix()
    try:
        reply = await repository.git.run("blame", "--porcelain", f"-L{line},{line}", head, "--", name)
    except WorkspaceError as error:
        raise Refused(f"{name!r} has no line {line} at the mission's newest commit {head[:10]}") from error
    rows = reply.out.decode(errors="replace").split("\n")
    text = next((row[1:] for row in rows if row.startswith("\t")), "")
    return (await of_commit(repository, rows[0].split(" ")[0])).model_copy(update={"text": text})


async def of_commit(repository: Repository, name: str) -> Origin:
    """The commit of that name or beginning. Raises Refused where there is none."""
    reply = await repository.git.run("rev-parse", "--verify", "--quiet", f"{name}^{{commit}}", ok=(0, 1, 128))
    if reply.code or not COMMIT.match(name):
        raise Refused(f"{name!r} is neither FILE:LINE, nor an assertion such as AUTH-003, nor a commit of this mission")
    info = await repository.commit_info(reply.text)
    return Origin(commit=info.commit, subject=info.subject, trailers={k: list(v) for k, v in info.trailers.items()})
