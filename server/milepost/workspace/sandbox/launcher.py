"""The two programs of the system that make a sandbox, and what to do where they are missing or forbidden."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.errors import WorkspaceError

FOLDERS = ("/usr/bin", "/bin", "/usr/local/bin", "/run/current-system/sw/bin")
"""Where they are looked for: never on the path, which a repository may have had a hand in."""
_OR = "or say --no-sandbox for this mission, if what it runs may touch whatever you may"
_SYSCTLS = (
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=15000"),
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "kernel.apparmor_restrict_unprivileged_userns=0"),
)


@dataclass(frozen=True, slots=True)
class Launcher:
    """Absolute paths of bubblewrap and of the program that enters a namespace."""

    bwrap: str
    nsenter: str


def find(folders: Sequence[str] = FOLDERS) -> Launcher:
    """Both programs.

    Raises:
        WorkspaceError: one is missing; the message says how to install it.
    """
    if sys.platform != "linux":
        raise WorkspaceError(f"the sandbox needs Linux, this is {sys.platform!r}: work in a Linux container, {_OR}")
    bwrap, nsenter = (_program(name, folders) for name in ("bwrap", "nsenter"))
    missing = [name for name, path in (("bubblewrap", bwrap), ("util-linux", nsenter)) if not path]
    if missing:
        words = " ".join(missing)
        raise WorkspaceError(f"the sandbox needs {words}, which is not here: sudo apt-get install {words}, {_OR}")
    return Launcher(bwrap, nsenter)


def sandbox_available(folders: Sequence[str] = FOLDERS) -> str | None:
    """None where a sandbox can be made; otherwise what is missing, a colon, and the command that mends it."""
    try:
        launcher = find(folders)
    except WorkspaceError as error:
        return str(error)
    argv = [
        launcher.bwrap, "--unshare-user", "--unshare-net", "--unshare-pid", "--unshare-ipc", "--unshare-uts",
        "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", launcher.nsenter, "--version",
    ]
    tried = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL, env={})
    return None if tried.returncode == 0 else explain(tried.stderr)


def explain(said: str, sysctls: Path = Path("/proc/sys")) -> str:
    """What bubblewrap's complaint means here, and the command that mends it."""
    complaint = said.strip() or "nothing"
    for name, forbidden, setting in _SYSCTLS:
        path = sysctls / name
        if path.exists() and path.read_text().strip() == forbidden:
            return f"this system forbids the sandbox: sudo sysctl -w {setting}, {_OR} (bubblewrap said {complaint!r})"
    return (
        "bubblewrap cannot make a sandbox here: a container must allow user namespaces and an unmasked /proc "
        f"(docker run --security-opt seccomp=unconfined --security-opt systempaths=unconfined), {_OR} "
        f"(bubblewrap said {complaint!r})"
    )


def _program(name: str, folders: Sequence[str]) -> str:
    paths = (f"{folder}/{name}" for folder in folders)
    # The real path: inside the walls a link to it may lead nowhere.
    return next((os.path.realpath(path) for path in paths if os.access(path, os.X_OK)), "")
