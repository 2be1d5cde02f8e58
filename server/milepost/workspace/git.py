"""The one place that starts git: a thin asyncio wrapper with a clean environment and nothing of the repository's run.

Not GitPython: its `Git` object blocks, lays its environment over ours (so an inherited `GIT_*` gets through), and
decodes what it reads, while names of files are bytes. Git itself is the plain, well-kept library here.
"""

import asyncio
import os
import re
import shutil
import signal
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from milepost.domain.errors import WorkspaceError

# Everything in a repository's configuration that could start a program while one of our commands reads it.
SAFE = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.alternateRefsCommand=true",
    "protocol.ext.allow=never",
    "credential.helper=",
    "safe.bareRepository=explicit",
    "submodule.recurse=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
)
# In the private repository files are bytes: nothing of the machine changes what is stored or laid out.
PLAIN = (
    "core.excludesFile=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.fileMode=true",
    "core.symlinks=true",
    "core.ignoreCase=false",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "core.logAllRefUpdates=false",
    "merge.directoryRenames=false",
)
DURABLE = ("core.fsync=committed,loose-object,reference,index", "core.fsyncMethod=batch")
CLEAN = {
    "HOME": "/nonexistent",
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_PAGER": "cat",
}
# What the user set about how to connect and where configuration lies; every other GIT_* could redirect a command.
USERS_OWN = {
    "GIT_SSH", "GIT_SSH_COMMAND", "GIT_ASKPASS", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
}
WALL_S = 600
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin"
REMEDIES = (
    ("dubious ownership", "the folder belongs to another user: change its owner, or start Milepost as that user"),
    ("index.lock", "another git command is at work there, or one was killed: end it, or delete the lock if none is"),
    ("cannot lock ref", "somebody moved it in between: look at where it is now, then try again"),
    ("No space left", "make room on the disk, then go on with the mission"),
    ("not a git repository", "open a folder inside a git repository"),
    ("is not a git command", "install git 2.38 or newer"),
    ("usage: git", "install git 2.38 or newer"),
)


@dataclass(frozen=True)
class Reply:
    """What one git command answered."""

    code: int
    out: bytes
    err: str
    cut: bool = False

    @property
    def text(self) -> str:
        """Standard output without the last line's end."""
        return os.fsdecode(self.out).rstrip("\n")

    @property
    def fields(self) -> list[str]:
        """Standard output of a `-z` command, split."""
        return [os.fsdecode(part) for part in self.out.split(b"\0") if part]


@dataclass(frozen=True)
class Git:
    """Git at one place: which repository, which work tree and index, under which settings."""

    place: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(repr=False)
    settings: tuple[str, ...] = SAFE
    wall_s: float = WALL_S

    @classmethod
    def private(cls, git_dir: Path, work_tree: Path | None = None, index: Path | None = None) -> "Git":
        """Git on a repository of our own, over a plain folder where one is given."""
        place = (f"--git-dir={git_dir}",) + ((f"--work-tree={work_tree}",) if work_tree else ())
        env = clean_environment() | ({"GIT_INDEX_FILE": str(index)} if index else {})
        return cls(place, work_tree or git_dir, env, SAFE + PLAIN)

    @classmethod
    def users(cls, folder: Path, *, own_settings: bool = False) -> "Git":
        """Git on the user's repository around a folder; under their own settings only where they asked for a change."""
        if own_settings:
            return cls((), folder, user_environment() | {"GIT_LITERAL_PATHSPECS": "1"}, SAFE)
        return cls((), folder, clean_environment(), SAFE)

    @classmethod
    def as_user(cls, folder: Path) -> "Git":
        """Git as the user has it, with their hooks and credential helpers: only for what they asked to be done."""
        return cls((), folder, user_environment(), ("protocol.ext.allow=never",))

    def durable(self) -> "Git":
        """The same, with everything written through to the disk."""
        return replace(self, settings=self.settings + DURABLE)

    def having(self, *settings: str, **env: str) -> "Git":
        """The same, with more settings (`name=value`) and variables."""
        return replace(self, settings=self.settings + settings, env={**self.env, **env})

    async def run(
        self, *args: str, stdin: bytes = b"", ok: Iterable[int] = (0,), limit: int | None = None
    ) -> Reply:
        """One command; output beyond `limit` bytes is not read.

        Raises WorkspaceError when it ends with another exit code than those in `ok`, or not in time.
        """
        process = await self._start(*args)
        try:
            async with asyncio.timeout(self.wall_s):
                reply = await _exchange(process, stdin, limit)
        except TimeoutError as error:
            late = f"git {args[0]!r} in {str(self.cwd)!r} took over {self.wall_s} s"
            raise WorkspaceError(f"{late}; end what holds it up, then try again") from error
        finally:
            await _end(process)
        if reply.code not in ok:
            raise WorkspaceError(self._failure(args[0], reply))
        return reply

    async def text(self, *args: str, stdin: bytes = b"") -> str:
        """Standard output of a command that must succeed."""
        return (await self.run(*args, stdin=stdin)).text

    async def fields(self, *args: str, stdin: bytes = b"") -> list[str]:
        """The fields a `-z` command prints."""
        return (await self.run(*args, stdin=stdin)).fields

    async def _start(self, *args: str) -> asyncio.subprocess.Process:
        options = [part for setting in self.settings for part in ("-c", setting)]
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                str(binary()), *options, *self.place, *args, cwd=self.cwd, env=dict(self.env),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        )  # fmt: skip
        try:
            # Cancelled half-way, asyncio would end git alone, then wait for ever for what git started.
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await _end(await starting)
            raise
        except (FileNotFoundError, NotADirectoryError) as error:
            raise WorkspaceError(f"git cannot work in {str(self.cwd)!r}: no such folder; bring it back") from error

    def _failure(self, command: str, reply: Reply) -> str:
        said = reply.err.strip()[-2000:] or "no message"
        remedy = next((do for sign, do in REMEDIES if sign in said), "see what git says")
        return f"git {command!r} in {str(self.cwd)!r} ended with {reply.code}: {said}; {remedy}"


def joined(paths: Iterable[str]) -> bytes:
    """Paths as a `-z --stdin` command reads them."""
    return b"".join(os.fsencode(path) + b"\0" for path in paths)


def object_id(value: str) -> str:
    """The value if it is a full object id, so that nothing else (an option, a ref) reaches git as one.

    Raises WorkspaceError otherwise.
    """
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", value):
        raise WorkspaceError(f"{value!r} is not a commit or tree: expected its full id in hexadecimal")
    return value


def clean_environment() -> dict[str, str]:
    """An environment in which nothing of the user's or the repository's is set."""
    return CLEAN | {"PATH": f"{binary().parent}:{SYSTEM_PATH}"}


def user_environment() -> dict[str, str]:
    """The user's environment without the GIT_* that would point a command elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GIT_") or k in USERS_OWN}
    return kept | {"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}


@cache
def binary() -> Path:
    """The git program, found once."""
    return find_git(os.environ.get("PATH", ""))


def find_git(path: str) -> Path:
    """The first git on an absolute PATH entry outside any checkout, which a repository could have filled.

    Raises WorkspaceError if there is none.
    """
    folders = [Path(entry) for entry in path.split(":") if entry.startswith("/")]
    outside = [str(folder) for folder in folders if not _is_in_checkout(folder)]
    found = shutil.which("git", path=":".join([*outside, SYSTEM_PATH]))
    if found is None:
        raise WorkspaceError("git was not found on the PATH; install git 2.38 or newer")
    return Path(found)


def _is_in_checkout(folder: Path) -> bool:
    try:
        return any((above / ".git").exists() for above in (folder, *folder.parents))
    except PermissionError:
        return True


async def _exchange(process: asyncio.subprocess.Process, stdin: bytes, limit: int | None) -> Reply:
    if limit is None:
        out, err = await process.communicate(stdin)
        return Reply(process.returncode or 0, out, err.decode(errors="replace"))
    assert process.stdin and process.stdout and process.stderr
    process.stdin.close()
    read = bytearray()
    while len(read) <= limit and (chunk := await process.stdout.read(65536)):
        read += chunk
    if len(read) > limit:
        return Reply(0, bytes(read[:limit]), "", cut=True)
    err = await process.stderr.read()
    return Reply(await process.wait(), bytes(read), err.decode(errors="replace"))


async def _end(process: asyncio.subprocess.Process) -> None:
    """Ends the command and what it started; asyncio sees the end only once every pipe is read to its own."""
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.communicate()
