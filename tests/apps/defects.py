"""The seeded defects: each is planted in a clean application, and gates and scripts must find it; clean builds pass.

`make defects` runs all of it and ends with `found N of N, clean builds failed N of N`; with names of applications or of
assertions behind the module only those are run, with `clean` the clean builds alone. A defect replaces one text of one
file (`<application>/defects.toml`).
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from milepost.domain.errors import ToolError, WorkspaceError
from milepost.domain.services import Manifest
from milepost.workspace.cell import Cell
from milepost.workspace.sandbox import open_cell, sandbox_available
from milepost.workspace.services import Services
from tests.apps import maker
from tests.apps.maker import App
from tests.apps.player import Player, Red, scripts

APPS = [App("sqlite_web"), App("isso"), App("babi")]
CLEAN = 10
ZONES = ["UTC", "Pacific/Kiritimati", "America/St_Johns", "Asia/Kathmandu", "Pacific/Pago_Pago"]


@dataclass(frozen=True, slots=True)
class Defect:
    """A text of one file and what stands there instead."""

    name: str
    breaks: str
    what: str
    file: str
    old: str
    new: str

    def plant(self, tree: Path) -> None:
        path = tree / self.file
        text = path.read_text()
        times = text.count(self.old)
        assert times == 1, f"{self.name}: expected its old text once in {self.file}, found it {times} times"
        path.write_text(text.replace(self.old, self.new))


@dataclass(frozen=True, slots=True)
class Build:
    """An application with one defect, or a clean one that differs in all that must not matter."""

    app: App
    defect: Defect | None
    number: int = 0

    @property
    def name(self) -> str:
        return self.defect.name if self.defect else f"clean build {self.number + 1}"

    @property
    def manifest(self) -> Manifest:
        """Clean builds listen on other ports and live in other time zones."""
        manifest = self.app.manifest
        if self.defect is None:
            zone = ZONES[self.number % len(ZONES)]
            moved = [
                service.model_copy(update={
                    "port": service.port and service.port + 101 * (self.number + 1),
                    "start": f"export TZ={zone}; {service.start}",
                })
                for service in manifest.services
            ]
            return manifest.model_copy(update={"services": moved})
        return manifest


@dataclass(frozen=True, slots=True)
class Result:
    """What found something, and how long it took."""

    build: Build
    gates: tuple[str, ...]
    scripts: tuple[str, ...]
    first: str
    seconds: float

    @property
    def red(self) -> bool:
        return bool(self.gates or self.scripts)


def defects(app: App) -> list[Defect]:
    """The defects of an application."""
    return [Defect(**each) for each in tomllib.loads((app.folder / "defects.toml").read_text())["defect"]]


async def judge(build: Build) -> Result:
    """Runs the gates, and the scripts until one is red, that of the broken assertion first."""
    started = time.monotonic()
    async with _opened(build) as (cell, player):
        gates = [name for name, command in build.manifest.gates() if not await _green(cell, command.run)]
        played = scripts(build.app.folder)
        broken = build.defect.breaks if build.defect else ""
        red, first = [], ""
        for assertion in sorted(played, key=lambda name: name != broken):
            try:
                await player.play(played[assertion])
            except (Red, ToolError, WorkspaceError) as error:
                red, first = [assertion], str(error)
                break
    return Result(build, tuple(gates), tuple(red), first, time.monotonic() - started)


async def _green(cell: Cell, command: str) -> bool:
    finished = await cell.run(command.replace("{report}", "report.xml"), timeout_s=300)
    return finished.exit_code == 0


@asynccontextmanager
async def _opened(build: Build) -> AsyncIterator[tuple[Cell, Player]]:
    """A fresh copy in a folder of its own, and the drivers of its cell."""
    venv = await maker.dependencies(build.app)
    with tempfile.TemporaryDirectory(prefix=f"{build.app.name}-{build.number}-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / ("work" if build.defect else f"other place {build.number}")
        tree = place / "tree"
        place.mkdir()
        await asyncio.to_thread(maker.copied, build.app, tree)
        if build.defect:
            build.defect.plant(tree)
        walls = sandbox_available() is None
        if not walls:
            await asyncio.to_thread(shutil.copytree, venv, tree / ".venv", symlinks=True)
        over = [(venv, ".venv")] if walls else []
        cell = await open_cell(tree, sandbox=walls, scratch=place / "home", readonly=over)
        services = Services(cell, build.manifest, place)
        try:
            yield cell, Player(cell, services, build.manifest)
        finally:
            await services.stop_all()
            await cell.close()


@contextmanager
def _loaded() -> Iterator[None]:
    """Keeps half of the cores busy; the builds, as many as there are cores, want them all."""
    half = max(1, (os.cpu_count() or 1) // 2)
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(half)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


async def _all(builds: Sequence[Build], told: Callable[[Result], None]) -> list[Result]:
    """Judges as many at a time as there are cores, and tells each as it ends."""
    places = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(build: Build) -> Result:
        async with places:
            result = await judge(build)
        told(result)
        return result

    work: list[Awaitable[Result]] = [one(build) for build in builds]
    return await asyncio.gather(*work)


def chosen(words: Sequence[str]) -> tuple[list[Build], list[Build]]:
    """The builds with a defect and the clean ones that those words name; all of them without words."""
    names = [app for app in APPS if (app.folder / "defects.toml").exists()]
    planted = [
        Build(app, defect, number) for app in names for number, defect in enumerate(defects(app))
        if not words or {app.name, defect.breaks} & set(words)
    ]
    apps = [app for app in names if not words or {app.name, "clean"} & set(words)]
    clean = [Build(apps[number % len(apps)], None, number) for number in range(CLEAN if apps else 0)]
    return planted, clean


async def main(words: Sequence[str]) -> int:
    """Runs all of it and says what came of it; 1 unless every defect was found and no clean build failed."""
    started = time.monotonic()
    planted, clean = chosen(words)
    for app in {build.app for build in [*planted, *clean]}:
        await maker.dependencies(app)
    count = 0

    def told(result: Result) -> None:
        nonlocal count
        count += 1
        build = result.build
        by = ", ".join([*(f"gate {name}" for name in result.gates), *result.scripts])
        said = (f"found by {by}" if by else "NOT FOUND") if build.defect else (f"FAILED {by}" if by else "ok")
        place = f"[{count}/{len(planted) + len(clean)}] {build.app.name:10} {build.name:30}"
        print(f"{place} {said} ({result.seconds:.1f} s)", flush=True)
        if build.defect is None and result.red:
            print(f"    {result.first}", flush=True)

    found = [result for result in await _all(planted, told) if result.red]
    with _loaded():
        failed = [result for result in await _all(clean, told) if result.red]
    exact = [r for r in found if r.build.defect and r.build.defect.breaks in r.scripts]
    gates = [r for r in found if r.gates]
    print(f"{len(exact)} by the script of the assertion they break, {len(gates)} by gates; "
          f"{time.monotonic() - started:.0f} s")
    print(f"found {len(found)} of {len(planted)}, clean builds failed {len(failed)} of {len(clean)}")
    return 0 if len(found) == len(planted) and not failed else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
