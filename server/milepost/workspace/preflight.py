"""What a folder's repository is like, and whether a mission can work on it; looks, and changes nothing."""

from dataclasses import dataclass, replace
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.domain.hashes import repository_key
from milepost.workspace.git import Git
from milepost.workspace.repository import users_excludes_file

GITLINK = "160000"


@dataclass(frozen=True)
class RepositoryFacts:
    """A repository before a mission; without `common_dir` the folder is in none."""

    top: Path
    common_dir: Path | None
    key: str = ""
    head_commit: str | None = None
    branch: str | None = None
    dirty: tuple[str, ...] = ()
    n_files: int = 0
    shallow: bool = False
    submodules: tuple[str, ...] = ()
    lfs: tuple[str, ...] = ()
    sparse: bool = False
    partial: bool = False

    @property
    def empty(self) -> bool:
        """Whether it has no commit yet."""
        return self.head_commit is None


async def inspect(folder: Path) -> RepositoryFacts:
    """The facts about the repository around a folder; none of its programs is started."""
    git = await without_filters(Git.users(folder))
    where = await git.run("rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", ok=(0, 128))
    if where.code:
        if "dubious ownership" in where.err:
            raise WorkspaceError(f"{str(folder)!r} belongs to another user: change its owner, or start as that user")
        return RepositoryFacts(folder, None)
    top, common = (Path(line) for line in where.text.split("\n"))
    at_top = replace(git.having(f"core.excludesFile={await users_excludes_file(top)}"), cwd=top)
    head = (await git.run("rev-parse", "--verify", "--quiet", "HEAD^{commit}", ok=(0, 1))).text or None
    partial = await _has(git, r"^(extensions\.partialclone|remote\..*\.promisor)$")
    # In a partial clone a look at a file may fetch it from somewhere.
    names, submodules, lfs = await _contents(at_top, head) if head and not partial else ([], (), ())
    return RepositoryFacts(
        top=top, common_dir=common, key=repository_key(str(common.resolve())), head_commit=head,
        branch=(await git.run("symbolic-ref", "--quiet", "--short", "HEAD", ok=(0, 1))).text or None,
        dirty=() if partial else tuple(await dirty_paths(at_top)), n_files=len(names), submodules=submodules, lfs=lfs,
        shallow=(await git.text("rev-parse", "--is-shallow-repository")) == "true",
        sparse=await _is_on(git, "core.sparseCheckout"), partial=partial,
    )  # fmt: skip


def refusal(facts: RepositoryFacts, *, base_given: bool = False) -> str | None:
    """Why a mission cannot start there and what to do about it, or None."""
    here = repr(str(facts.top))
    if facts.common_dir is None:
        return f"{here} is not in a git repository: open one, or make one with 'git init' and a first commit"
    if facts.empty:
        return f"{here} has no commit yet: commit what is there, then start the mission"
    if facts.submodules:
        return f"{here} has submodules ({_some(facts.submodules)}), which missions do not support: open one by itself"
    if facts.lfs:
        return f"{here} uses Git LFS ({_some(facts.lfs)}), which missions do not support: work in a repository without"
    if facts.sparse:
        return f"{here} is a sparse checkout, which missions do not support: run 'git sparse-checkout disable' first"
    if facts.partial:
        return f"{here} is a partial clone, whose missing objects a mission cannot fetch: clone it without --filter"
    if facts.branch is None and not base_given:
        return f"{here} is on no branch (detached HEAD): switch to one, or name the commit to start from with --base"
    return None


async def dirty_paths(git: Git, *, untracked: bool = True) -> list[str]:
    """The paths that differ from the last commit, staged or not."""
    mode = "--untracked-files=all" if untracked else "--untracked-files=no"
    rows = await git.fields("status", "--porcelain=v1", "-z", "--no-renames", "--ignore-submodules=all", mode)
    return [row[3:] for row in rows]


async def without_filters(git: Git) -> Git:
    """Git that runs no clean or smudge program the repository's configuration names."""
    names = r"^filter\..*\.(clean|smudge|process|required)$"
    found = (await git.run("config", "-z", "--name-only", "--get-regexp", names, ok=(0, 1, 128))).fields
    # By variables and not by -c, which a name with an equals sign in it would get round.
    blank = {"GIT_CONFIG_COUNT": str(len(found))}
    for number, name in enumerate(found):
        blank |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": "false" if name.endswith("d") else ""}
    return git.having(**blank)


async def _contents(git: Git, head: str) -> tuple[list[str], tuple[str, ...], tuple[str, ...]]:
    rows = await git.fields("ls-tree", "-r", "-z", "--full-tree", head)
    names = [row.split("\t", 1)[1] for row in rows]
    links = tuple(row.split("\t", 1)[1] for row in rows if row.startswith(GITLINK))
    attributes = [name for name in names if name.rsplit("/", 1)[-1] == ".gitattributes"]
    if not attributes:
        return names, links, ()
    found = await git.run("grep", "-z", "-l", "-e", "filter=lfs", head, "--", *attributes, ok=(0, 1))
    return names, links, tuple(name.removeprefix(f"{head}:") for name in found.fields)


async def _is_on(git: Git, name: str) -> bool:
    return (await git.run("config", "--type=bool", "--get", name, ok=(0, 1, 128))).text == "true"


async def _has(git: Git, pattern: str) -> bool:
    return (await git.run("config", "--name-only", "--get-regexp", pattern, ok=(0, 1))).code == 0


def _some(paths: tuple[str, ...]) -> str:
    return ", ".join(repr(path) for path in paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
