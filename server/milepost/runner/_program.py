"""The program under test, as exported flows reach it: copied beside them, standard library only.

Services, commands and requests run in a copy of the repository, with ports and a home of their own.
"""

import contextlib
import hashlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from milepost.scripts.lines import answer_lines, leaves, parsed, rows
from milepost.scripts.masks import masked
from milepost.scripts.template import holes, misfit, plain, says

LOOK_S = 0.05
SEEN_S = 5.0
"""How long a page may take to show something."""
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")
_LEFT_OUT = {".git", "node_modules", ".venv", "__pycache__"}


@dataclass
class Seen:
    """What one move came to."""

    program: "Program"
    outcome: str
    text: str
    lines: tuple[str, ...]
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""

    def ends(self, outcome: str) -> None:
        """It must end so."""
        assert self.outcome == outcome, f"expected {outcome}, came to {self.outcome}: {self.text[:500]}"

    def shows(self, assertion: str, words: str) -> None:
        """These words must be seen."""
        text = plain(self.program.called(self.text))
        assert says(text, words), f"{assertion}: {words!r} was not seen; seen was {text[:500]!r}"

    def has(self, assertion: str, *lines: str, gaps: bool = False) -> None:
        """These lines must be seen, and no others; with `gaps`, others may stand between them."""
        why = misfit(lines, [self.program.called(line) for line in self.lines], gaps=gaps)
        assert not why, f"{assertion}: {why}"

    def value(
        self, name: str, place: str, path: Sequence[Any] = (), template: str = "⟨…⟩", hole: int = 0, nth: int = 0
    ) -> str:
        """A value that each run sees anew; later lines call it by its name."""
        if place == "json":
            found = [str(leaf) for at, leaf in leaves(parsed(self.body)) if list(at) == list(path)]
        else:
            found = [v for n, v in self.headers if n == path[0]] if place == "header" else list(self.lines)
        fitting = [parts for line in found if (parts := holes(template, line)) is not None]
        assert len(fitting) > nth, f"no {name} where it is taken from: {self.text[:500]}"
        self.program.values[name] = fitting[nth][hole]
        return fitting[nth][hole]


class Program:
    """A copy of the program, its services, and whoever uses it."""

    def __init__(self, root: Path, scratch: Path, services: Sequence[Mapping[str, Any]]) -> None:
        self.tree = scratch / "tree"
        self.home, self.temporary = scratch / "home", scratch / "tmp"
        self.logs = scratch / "logs"
        for folder in (self.home, self.temporary, self.logs):
            folder.mkdir(parents=True)
        copy(root, self.tree)
        self.services = {service["name"]: service for service in services}
        self.ports = {name: free_port() for name, service in self.services.items() if service.get("port")}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.cookies: dict[str, dict[str, str]] = {}
        self.values: dict[str, str] = {}
        self.began: set[str] = set()
        self.errors: list[str] = []
        """What a page wrote into its console as an error, or did not catch."""

    # --- services ---

    def start(self, name: str) -> None:
        """Start a service and those it depends on, empty the first time, and wait until it is ready."""
        service = self.services[name]
        for other in service.get("depends_on", []):
            self.start(other)
        if name in self.running and self.running[name].poll() is None:
            return
        if name not in self.began:
            self.began.add(name)
            for path in service.get("data", []):
                shutil.rmtree(self.tree / path, ignore_errors=True)
                (self.tree / path).unlink(missing_ok=True)
        with (self.logs / name).open("wb") as log:
            self.running[name] = subprocess.Popen(
                service["start"], shell=True, cwd=self.tree, env=self.environment(), stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
            )
        self.wait(name, service)
        if service.get("seed"):
            self.run(service["seed"]).ends("exit code 0")

    def wait(self, name: str, service: Mapping[str, Any]) -> None:
        """Return once a service is ready."""
        deadline = time.monotonic() + service.get("timeout_s", 60)
        while not self.is_ready(name, service["ready"]):
            said = (self.logs / name).read_text(errors="replace")[-1000:]
            ended = self.running[name].poll()
            assert ended is None or "exit" in service["ready"], f"{name} ended with {ended}: {said}"
            assert time.monotonic() < deadline, f"{name} did not become ready: {said}"
            time.sleep(LOOK_S)

    def is_ready(self, name: str, ready: Mapping[str, Any]) -> bool:
        """Whether a service says that it is ready."""
        if "exit" in ready:
            return bool(self.running[name].poll() == ready["exit"])
        if "log" in ready:
            return re.search(ready["log"], (self.logs / name).read_text(errors="replace")) is not None
        try:
            if "tcp" in ready:
                socket.create_connection(("127.0.0.1", self.ports[name]), timeout=1).close()
                return True
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[name], timeout=5)
            connection.request("GET", ready["http"])
            return bool(connection.getresponse().status == ready.get("status", 200))
        except (OSError, http.client.HTTPException):
            return False

    def stop(self, name: str) -> None:
        """End a service, with everything it started."""
        process = self.running.pop(name, None)
        if process is not None:
            for number in (signal.SIGTERM, signal.SIGKILL):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(3)

    def close(self) -> None:
        """End every service."""
        for name in list(self.running):
            self.stop(name)

    # --- using it ---

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: str | None = None
    ) -> Seen:
        """One request to a service, cookies kept, redirects not followed."""
        parts = urlsplit(url)
        service = parts.hostname or ""
        jar = self.cookies.setdefault(service, {})
        sent = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "milepost-tester", **(headers or {})}
        if jar and "Cookie" not in sent:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[service], timeout=30)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        connection.request(method, target, body.encode() if body is not None else None, sent)
        answer = connection.getresponse()
        text = self.shown(readable(answer.read(), answer.getheader("Content-Type", "no content type")))
        for said in answer.headers.get_all("Set-Cookie") or []:
            name, _, rest = said.partition("=")
            jar[name.strip()] = rest.partition(";")[0]
        got = tuple((name.lower(), self.shown(value)) for name, value in answer.getheaders())
        connection.close()
        head = "".join(f"< {name}: {value}\n" for name, value in answer.getheaders())
        whole = f"< {answer.status} {answer.reason}\n{self.shown(head)}\n{text}"
        return Seen(self, f"status {answer.status}", whole, answer_lines(got, text), got, text)

    def run(self, command: str, timeout_s: float = 120) -> Seen:
        """One command at the root of the tree, with its output and the files it touched."""
        before = dict(self.listing())
        done = subprocess.run(
            ["bash", "-c", command], cwd=self.tree, env=self.environment(), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout_s,
        )
        after = dict(self.listing())
        changed = sorted(path for path in after.keys() & before.keys() if after[path] != before[path])
        named = {"added": sorted(after.keys() - before.keys()), "changed": changed,
                 "removed": sorted(before.keys() - after.keys())}
        touched = "\n".join(f"{what}: {', '.join(paths)}" for what, paths in named.items() if paths)
        output = self.shown(_ESCAPES.sub("", done.stdout.decode("utf-8", "replace"))).strip("\n")
        seen = f"{output}\n{touched or 'no file was touched'}"
        outcome = f"exit code {done.returncode}"
        return Seen(self, outcome, f"{seen}\n[{outcome}]", rows(seen))

    def address(self, url: str) -> str:
        """Where a browser finds a service."""
        parts = urlsplit(url)
        return parts._replace(netloc=f"127.0.0.1:{self.ports[parts.hostname or '']}").geturl()

    def sees(self, page: Any, assertion: str, words: str) -> None:
        """These words must come to be on a page, as those who hear it read aloud know it."""
        deadline = time.monotonic() + SEEN_S
        while True:
            shown = f"page main is at {page.url}, titled {page.title()!r}\n{page.locator('body').aria_snapshot()}"
            text = plain(self.called(self.shown(shown)))
            if says(text, words):
                return
            assert time.monotonic() < deadline, f"{assertion}: {words!r} was not seen; seen was {text[:500]!r}"
            page.wait_for_timeout(LOOK_S * 1000)

    # --- what is another in each run ---

    def called(self, text: str) -> str:
        """A text with known values called by their names, and the clock's own times as gaps."""
        text = masked(text, time.time())
        for name, value in sorted(self.values.items(), key=lambda pair: -len(pair[1])):
            if len(value) >= 4:
                text = re.sub(rf"(?<![\w-]){re.escape(value)}(?![\w-])", f"⟨{name}⟩", text)
        return text

    def shown(self, text: str) -> str:
        """A text without the ports and folders of this run."""
        for name, port in self.ports.items():
            text = re.sub(rf"(?<![\w.])(?:127\.0\.0\.1|localhost|0\.0\.0\.0):{port}(?!\d)", name, text)
            text = re.sub(rf"(?<![\w.]){port}(?![\w]|\.\d)", f"$PORT_{variable(name)}", text)
        for path, seen in ((self.tree, "/tree"), (self.home, "/home/agent"), (self.temporary, "/tmp")):
            text = text.replace(str(path), seen)
        return text

    def environment(self) -> dict[str, str]:
        """What commands and services find."""
        ports = {f"PORT_{variable(name)}": str(port) for name, port in self.ports.items()}
        places = {"PATH": os.environ["PATH"], "HOME": str(self.home), "TMPDIR": str(self.temporary)}
        return {**places, "LANG": "C.UTF-8", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1", "CI": "1", "NO_COLOR": "1",
                **ports}

    def listing(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Every file with its size and time."""
        for folder, folders, files in os.walk(self.tree):
            folders[:] = [name for name in folders if name not in _LEFT_OUT]
            for name in files:
                path = Path(folder, name)
                with contextlib.suppress(FileNotFoundError):
                    status = path.lstat()
                    yield path.relative_to(self.tree).as_posix(), (status.st_size, status.st_mtime_ns)


def copy(root: Path, target: Path) -> None:
    """The repository as it lies there, without its history; what git ignores is linked, so that it is found."""
    names = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    # Where this runs inside a git hook, the hook's own variables would speak of another repository.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    listed = subprocess.run(names, capture_output=True, env=clean)
    if listed.returncode:
        shutil.copytree(root, target, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        return
    target.mkdir(parents=True)
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name, follow_symlinks=False)
    for name in ("node_modules", ".venv", "venv", "vendor"):
        if (root / name).is_dir() and not (target / name).exists():
            (target / name).symlink_to(root / name)


def readable(body: bytes, kind: str) -> str:
    """A body as people read it."""
    if not body:
        return "[no body]"
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    return text if "\0" not in text else f"[{kind}, {len(body)} bytes, sha256 {hashlib.sha256(body).hexdigest()[:16]}]"


def played(file: Path, root: Path) -> None:
    """Play a flow that needs Milepost's own drivers."""
    done = subprocess.run(
        ["milepost", "flows", "play", str(file), "-C", str(root), "--trust", "--json"], capture_output=True, text=True
    )
    assert done.stdout, done.stderr
    broken = [f"{r['assertion']}: move {r['move']}, {r['why']}" for r in json.loads(done.stdout)["rows"]
              if r["outcome"] != "passed"]
    assert done.returncode == 0 and not broken, "\n".join(broken) or done.stderr


def variable(name: str) -> str:
    """A service's name in a variable."""
    return name.replace("-", "_").upper()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
