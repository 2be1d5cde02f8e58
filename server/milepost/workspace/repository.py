"""A mission's private bare repository: cloned from the user's, never writing to it, and read in every way we need."""

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from milepost.domain.errors import WorkspaceError
from milepost.workspace import trees
from milepost.workspace.commits import CommitInfo, read_log
from milepost.workspace.git import Git, object_id

# Files are bytes here, whatever the tree's own .gitattributes say: no filter, no line ends, no keywords, no drivers.
ATTRIBUTES = "* -text -ident !eol !crlf !filter !diff !working-tree-encoding !merge\n"
DIFF_BYTES = 200_000
_PLAIN_DIFF = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")


class Repository:
    """Commits, trees and files of one mission; every commit and tree is named by its full id."""

    def __init__(self, git_dir: Path) -> None:
        self.git_dir = git_dir
        self.git = Git.private(git_dir)

    @classmethod
    async def clone(cls, source: Path, git_dir: Path) -> "Repository":
        """A bare clone of the repository around `source`; objects are hard links, or copies across file systems.

        Raises WorkspaceError when `source` is in no repository, or `git_dir` is there already.
        """
        _expect_room(git_dir)
        user = Git.users(source)
        top = await user.text("rev-parse", "--show-toplevel")
        part = git_dir.with_name(git_dir.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.parent.mkdir(parents=True, exist_ok=True)
        options = ("--bare", "--quiet", "--template=", "--config=core.logAllRefUpdates=false")
        # Without --local: a path is cloned by links anyway, and falls back to copies where links cannot reach.
        linked = await user.run("clone", *options, "--", top, str(part), ok=(0, 128))
        if linked.code:  # symbolic links among its objects, or the like: git refuses to link, but can still read
            shutil.rmtree(part, ignore_errors=True)
            await user.run("clone", "--no-local", *options, "--", top, str(part))
        await Git.private(part).run("config", "--remove-section", "remote.origin")
        _furnish(part, await _users_excludes(source))
        part.rename(git_dir)
        return cls(git_dir)

    async def tree_of(self, commit: str) -> str:
        """The tree of a commit."""
        return await self.git.text("rev-parse", "--verify", f"{object_id(commit)}^{{tree}}")

    async def parent_of(self, commit: str) -> str | None:
        """The first parent, or None for a first commit."""
        _, *parents = (await self.git.text("rev-list", "--parents", "-n1", object_id(commit))).split(" ")
        return parents[0] if parents else None

    async def exists(self, commit: str) -> bool:
        """Whether that commit is here."""
        return (await self.git.run("cat-file", "-e", f"{object_id(commit)}^{{commit}}", ok=(0, 1, 128))).code == 0

    async def resolve(self, ref: str) -> str | None:
        """The commit or tree a full ref name points at, or None."""
        reply = await self.git.run("rev-parse", "--verify", "--quiet", _ref(ref), ok=(0, 1))
        return reply.text or None

    async def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether `newer` already contains `older`."""
        ids = object_id(older), object_id(newer)
        return (await self.git.run("merge-base", "--is-ancestor", *ids, ok=(0, 1))).code == 0

    async def set_ref(self, ref: str, commit: str, old: str | None = None) -> None:
        """Points a ref at a commit if it still is at `old`: empty for one that must not exist yet, None for anywhere.

        Raises WorkspaceError when the ref is elsewhere.
        """
        expected = () if old is None else (old,)
        await self.git.durable().run("update-ref", "--no-deref", _ref(ref), object_id(commit), *expected)

    async def changed_paths(self, a: str, b: str) -> list[str]:
        """The paths in which two commits or trees differ; a renamed file is two of them."""
        return await trees.changed_paths(self.git, object_id(a), object_id(b))

    async def diff(self, a: str, b: str, paths: Iterable[str] = (), max_bytes: int = DIFF_BYTES) -> str:
        """The patch from one commit or tree to another, for all paths or for those; says so where it was cut."""
        ends = object_id(a), object_id(b)
        return await self._patch(max_bytes, "diff", "--find-renames", *_PLAIN_DIFF, *ends, "--", *paths)

    async def show(self, commit: str, max_bytes: int = DIFF_BYTES) -> str:
        """A commit's message and patch; says so where it was cut."""
        return await self._patch(
            max_bytes, "show", "--format=commit %H%n%n%B", "-m", "--first-parent", *_PLAIN_DIFF, object_id(commit), "--"
        )

    async def read(self, commit: str, path: str) -> bytes | None:
        """A file's content (a symbolic link's target), or None where there is no such file."""
        rows = await self.git.fields("ls-tree", "-z", "--full-tree", object_id(commit), "--", path)
        found = [row.split("\t", 1)[0].split(" ") for row in rows if row.endswith(f"\t{path}")]
        if not found or found[0][1] != "blob":
            return None
        return (await self.git.run("cat-file", "blob", found[0][2])).out

    async def list_paths(self, commit: str) -> list[str]:
        """Every file of a commit or tree."""
        return list(await trees.entries(self.git, object_id(commit)))

    async def blob_ids(self, commit: str) -> dict[str, str]:
        """Every file of a commit or tree with the id of its content."""
        return {path: entry.blob for path, entry in (await trees.entries(self.git, object_id(commit))).items()}

    async def log(self, a: str, b: str) -> list[CommitInfo]:
        """The commits that `b` has and `a` has not, oldest first."""
        return await read_log(self.git, f"{object_id(a)}..{object_id(b)}")

    async def commit_info(self, commit: str) -> CommitInfo:
        """One commit."""
        return (await read_log(self.git, "-1", object_id(commit)))[0]

    async def product_tree_hash(self, commit: str, inert: Callable[[str], bool]) -> str:
        """A hash of every file that is not inert: verdicts that saw the same one are about the same product."""
        return await trees.hash_without(self.git, object_id(commit), inert)

    async def tree_with(self, base_commit: str, put_back_from: str, paths: Iterable[str]) -> str:
        """The tree of a commit with those paths as they are in another: what was added there since is gone."""
        return await trees.with_paths_of(self.git, object_id(base_commit), object_id(put_back_from), paths)

    async def revert_range(self, start: str, end: str, onto: str) -> str:
        """The tree of `onto` without what `start..end` changed.

        Raises WorkspaceError naming the paths where later work stands on those changes.
        """
        merged = await trees.merge_over(self.git, object_id(end), object_id(onto), object_id(start))
        if merged.conflicts:
            listed = ", ".join(repr(path) for path in merged.conflicts)
            raise WorkspaceError(
                f"{start[:10]}..{end[:10]} cannot be taken back: later commits changed the same lines of {listed}; "
                "revert those first"
            )
        return merged.tree

    async def _patch(self, max_bytes: int, *args: str) -> str:
        reply = await self.git.run(*args, limit=max_bytes)
        text = reply.out.decode(errors="replace")
        return text + f"\n[cut at {max_bytes} bytes; ask for fewer paths]\n" if reply.cut else text


def _expect_room(git_dir: Path) -> None:
    if git_dir.exists():
        raise WorkspaceError(f"{str(git_dir)!r} is there already; expected no repository before the mission starts")


def _ref(name: str) -> str:
    if not name.startswith("refs/"):
        raise WorkspaceError(f"{name!r} is not a ref: expected its full name, such as 'refs/attempts/worker.F1.1'")
    return name


async def users_excludes_file(folder: Path) -> Path:
    """Where the user's own list of files to keep out of every repository lies, there or not."""
    user = Git.users(folder, own_settings=True)
    configured = (await user.run("config", "--type=path", "--get", "core.excludesFile", ok=(0, 1))).text
    home = user.env.get("XDG_CONFIG_HOME") or Path(user.env.get("HOME", "/nonexistent"), ".config")
    return Path(configured) if configured else Path(home, "git/ignore")


async def _users_excludes(source: Path) -> str:
    # What the user keeps out of commits beyond the tree's .gitignore counts for us too: secrets are among it.
    shared = Path(await Git.users(source).text("rev-parse", "--path-format=absolute", "--git-common-dir"))
    files = (await users_excludes_file(source), shared / "info/exclude")
    return "".join(_lines(file) for file in files)


def _lines(file: Path) -> str:
    try:
        return file.read_text(errors="surrogateescape").rstrip("\n") + "\n"
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        return ""  # git passes over a list it cannot read


def _furnish(git_dir: Path, excludes: str) -> None:
    (git_dir / "info").mkdir(exist_ok=True)
    (git_dir / "info/attributes").write_text(ATTRIBUTES)
    (git_dir / "info/exclude").write_text(excludes, errors="surrogateescape")
