"""The services of a manifest in one cell: started in order, ready before anybody relies on them, reached by name."""

import asyncio
import contextlib
import os
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.services import ExitReady, LogReady, Manifest, Service
from milepost.workspace import readiness
from milepost.workspace.cell import Cell
from milepost.workspace.output import cap, decode, strip
from milepost.workspace.process import Background

EXCERPT = 2_000
"""Characters of a log that an error shows, of its beginning and its end."""
_LOOK_S = 0.03
_SEARCHED = 1_000_000
_STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Started:
    """A service that is ready: its address as models speak of it, its real port, its log."""

    name: str
    url: str | None
    port: int | None
    log: Path


class Services:
    """Starts, finds and stops the services of one cell."""

    def __init__(self, cell: Cell, manifest: Manifest, logs: Path) -> None:
        self._cell = cell
        self._services = {service.name: service for service in manifest.services}
        self._logs = logs
        self._running: dict[str, Background] = {}
        """In the order in which they were started; one that has done its work is here too."""
        self._seeded: set[str] = set()
        self._turn = asyncio.Lock()

    async def start(self, name: str) -> Started:
        """Starts a service after those it depends on, waits until it is ready, and seeds it the first time.

        One that is ready already is left alone.

        Raises:
            ToolError: there is no such service.
            WorkspaceError: it, or one it depends on, did not become ready; the message holds its log.
        """
        service = self._named(name)
        async with self._turn:
            for each in self._in_order(service):
                if not self._is_ready(each):
                    await self._bring_up(each)
        return self._started(service)

    async def stop(self, name: str) -> None:
        """Stops a service, by its own command first where it has one."""
        service = self._named(name)
        async with self._turn:
            await self._take_down(service)

    async def stop_all(self) -> None:
        """Stops every service, the last started first."""
        async with self._turn:
            for name in reversed(list(self._running)):
                await self._take_down(self._services[name])

    async def reset(self, name: str) -> None:
        """Stops a service and removes its data, so that the next start finds none and seeds anew.

        Raises:
            WorkspaceError: its data cannot be removed.
        """
        service = self._named(name)
        async with self._turn:
            await self._take_down(service)
            self._seeded.discard(name)
            paths = [path for path in service.data if self._may_remove(service, path)]
            if paths:
                # Done inside, where a link that was put in its way leads nowhere that matters.
                finished = await self._cell.run(f"rm -rf -- {shlex.join(paths)}", timeout_s=60)
                if finished.exit_code != 0:
                    said = self._excerpt(finished.output)
                    raise WorkspaceError(f"the data {paths!r} of service {name!r} cannot be removed: {said}")

    def has(self, name: str) -> bool:
        """Whether the manifest has a service of that name."""
        return name in self._services

    def printed(self, name: str) -> bytes:
        """What a service printed since it was started last, of very much the beginning and the end."""
        path = self._log(self._named(name))
        if not path.exists():
            return b""
        with path.open("rb") as stream:
            head = stream.read(_SEARCHED)
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(len(head), size - _SEARCHED))
            left_out = stream.tell() - len(head)
            return head + (f"\n[… {left_out} bytes …]\n".encode() if left_out else b"") + stream.read()

    def env(self) -> dict[str, str]:
        """`PORT_<NAME>` for each service with a port."""
        return {
            f"PORT_{service.name.replace('-', '_').upper()}": str(self._cell.port(service.name, service.port))
            for service in self._with_port()
        }

    def resolve(self, url: str) -> str:
        """The real address for a `http://<service>/…`.

        Raises:
            ToolError: it names no service with a port.
        """
        known = {service.name: service for service in self._with_port()}
        try:
            parts = urlsplit(url)
        except ValueError as error:
            raise ToolError(f"{url!r} is no address: {error}; expected http://<service>/path") from error
        service = known.get(parts.hostname or "")
        if service is None:
            names = ", ".join(f"http://{name}/" for name in known) or "none: no service has a port"
            raise ToolError(f"{url!r} names no service; expected one of {names}")
        user, at, _ = parts.netloc.rpartition("@")
        place = f"127.0.0.1:{self._cell.port(service.name, service.port)}"
        return urlunsplit(parts._replace(netloc=f"{user}{at}{place}"))

    def mask(self, text: str) -> str:
        """The text with real addresses turned back into names, and ports that were not asked for into variables."""
        for service in self._with_port():
            port = self._cell.port(service.name, service.port)
            hosts = r"(?:127\.0\.0\.1|localhost|0\.0\.0\.0|\[::1?\])"
            text = re.sub(rf"(?<![\w.]){hosts}:{port}(?!\d)", service.name, text)
            if port != service.port:
                text = re.sub(rf"(?<![\w.]){port}(?![\w]|\.\d)", f"$PORT_{_variable(service.name)}", text)
        return text

    def _named(self, name: str) -> Service:
        if name not in self._services:
            known = ", ".join(self._services) or "none: the manifest has no services"
            raise ToolError(f"no service {name!r}; expected one of {known}")
        return self._services[name]

    def _with_port(self) -> Iterable[Service]:
        return [service for service in self._services.values() if service.port is not None]

    def _in_order(self, service: Service, above: tuple[str, ...] = ()) -> list[Service]:
        """The service after all it depends on, each once.

        Raises:
            WorkspaceError: it depends on itself, or on one that is not there.
        """
        path = (*above, service.name)
        if service.name in above:
            raise WorkspaceError(f"services depend on each other in a circle, {' -> '.join(path)}; take one arrow out")
        ordered: dict[str, Service] = {}
        for name in service.depends_on:
            if name not in self._services:
                raise WorkspaceError(f"service {service.name!r} depends on {name!r}, which is not in the manifest")
            ordered |= {each.name: each for each in self._in_order(self._services[name], path)}
        return [*ordered.values(), service]

    def _is_ready(self, service: Service) -> bool:
        background = self._running.get(service.name)
        return background is not None and (background.alive or isinstance(service.ready, ExitReady))

    async def _bring_up(self, service: Service) -> None:
        readiness.check(service)
        self._running.pop(service.name, None)
        background = await self._cell.start(service.start, log=self._log(service), env=self.env())
        try:
            await self._until_ready(service, background)
            await self._seed(service)
            self._running[service.name] = background
        finally:
            if service.name not in self._running:
                await background.stop(0)

    async def _until_ready(self, service: Service, background: Background) -> None:
        """Whichever comes first: it is ready, it ends, its time is over."""
        if isinstance(service.ready, ExitReady):
            if not await background.ended(service.timeout_s):
                raise self._not_ready(service, background, f"it did not end within {service.timeout_s} s")
            if background.exit_code != 0:
                raise self._not_ready(service, background, f"it {how_ended(background)}, expected 0")
            return
        look = asyncio.ensure_future(self._look(service, background))
        end = asyncio.ensure_future(background.ended(service.timeout_s + _STOP_S))
        try:
            await asyncio.wait((look, end), return_when=asyncio.FIRST_COMPLETED)
            if not background.alive:
                raise self._not_ready(service, background, f"it {how_ended(background)}")
            if (seen := await look) is not None:
                raise self._not_ready(service, background, f"{seen} after {service.timeout_s} s")
        finally:
            for waiting in (look, end):
                waiting.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await waiting

    async def _look(self, service: Service, background: Background) -> str | None:
        """None as soon as the service is ready; what was seen instead when its time is over."""
        if isinstance(service.ready, LogReady):
            return await self._look_into_log(service, service.ready.log, background)
        port = self._cell.port(service.name, service.port)
        return await readiness.answers(self._cell, service, port, service.timeout_s)

    async def _look_into_log(self, service: Service, pattern: str, background: Background) -> str | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + service.timeout_s
        text, read_to = b"", 0
        while (left := until - loop.time()) > 0:
            new, read_to = background.output(read_to)
            text += new
            if new and await readiness.says(self._cell, pattern, text, left):
                return None
            # What is cut off was searched: a word that is lost in a flood was seen before it.
            text = text[-_SEARCHED:]
            await asyncio.sleep(_LOOK_S)
        return f"its log does not match {pattern!r}"

    async def _seed(self, service: Service) -> None:
        if service.seed is None or service.name in self._seeded:
            return
        finished = await self._cell.run(service.seed, timeout_s=service.timeout_s, env=self.env())
        if finished.exit_code != 0:
            how = "ran out of time" if finished.timed_out else f"ended with exit code {finished.exit_code}"
            said = self._excerpt(finished.output)
            raise WorkspaceError(f"the seed {service.seed!r} of service {service.name!r} {how}; it printed:\n{said}")
        self._seeded.add(service.name)

    async def _take_down(self, service: Service) -> None:
        background = self._running.pop(service.name, None)
        if background is None or not background.alive:
            return
        if service.stop is not None:
            await self._cell.run(service.stop, timeout_s=_STOP_S, env=self.env())
        await background.stop()

    def _may_remove(self, service: Service, path: str) -> bool:
        """Whether it is there.

        Raises:
            WorkspaceError: it is no part of the tree, or all of it.
        """
        root = self._cell.host_tree.resolve()
        place = root / path
        if path == "." or path.split("/")[0] == ".git" or not place.parent.resolve().is_relative_to(root):
            raise WorkspaceError(f"{path!r} cannot be data of service {service.name!r}; expected a path of its own")
        return place.is_symlink() or place.exists()

    def _not_ready(self, service: Service, background: Background, why: str) -> WorkspaceError:
        said = self._excerpt(background.tail(_SEARCHED)) or "nothing"
        return WorkspaceError(f"service {service.name!r} is not ready: {self.mask(why)}. Its log:\n{said}")

    def _excerpt(self, data: bytes) -> str:
        """The beginning and the end: what went wrong first is often the reason for what follows."""
        return self.mask(self._cell.show(cap(strip(decode(data)).strip(), EXCERPT)))

    def _started(self, service: Service) -> Started:
        port = None if service.port is None else self._cell.port(service.name, service.port)
        return Started(service.name, None if port is None else f"http://{service.name}/", port, self._log(service))

    def _log(self, service: Service) -> Path:
        return self._logs / f"{service.name}.log"


def how_ended(background: Background) -> str:
    """How a service that should not have ended did, and what that means."""
    if background.flooded:
        return "was ended, since it flooded its log"
    hint = ": a service must stay in the foreground" if background.exit_code == 0 else ""
    return f"ended with exit code {background.exit_code}{hint}"


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()
