"""A mission at work, for its tools: a real log, a real private repository, a real tree and a plain cell."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from milepost.agent.desk import Desk, DryRun
from milepost.agent.tool import Shown, parse
from milepost.agent.tools import TOOLS
from milepost.domain import events as e
from milepost.domain.contract import Assertion
from milepost.domain.errors import ToolError
from milepost.domain.mission import Mission
from milepost.domain.plan import Plan
from milepost.domain.record import Event
from milepost.domain.services import Manifest
from milepost.domain.turns import ToolEnded, ToolStarted
from milepost.log.blobs import Blobs
from milepost.runner.logbook import Logbook
from milepost.text.skills import Skill, Skills
from milepost.workspace.cell import Cell
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import open_cell
from milepost.workspace.services import Services
from milepost.workspace.worktree import Worktree

CONTRACT = """\
## SHOP The shop

### SHOP-001 A total is printed
- surface: command
- when: `python -m shop 2 3` is run
- then: it prints 5
- fails if: it prints anything else
- evidence: receipt
- check: `python checks/shop_001.py`

### SHOP-002 A price is served
- surface: http
- when: `/price` is asked for
- then: it answers 200
- fails if: it answers otherwise
- evidence: request

### SHOP-003 A price is shown
- surface: terminal
- when: the shop is opened
- then: a price stands on the screen
- fails if: the screen is empty
- evidence: screen
"""
PLAN = {
    "milestones": [
        {"id": "M1", "title": "Totals", "outcome": "a person sees a total"},
        {"id": "M2", "title": "Prices", "outcome": "a person sees prices"},
    ],
    "features": [
        {"id": "F1", "milestone": "M1", "title": "Total", "description": "Print the total.", "expected": ["a total"],
         "fulfills": ["SHOP-001"]},
        {"id": "F2", "milestone": "M1", "title": "Serve", "description": "Serve prices.", "expected": ["a price"],
         "fulfills": ["SHOP-002"]},
        {"id": "F3", "milestone": "M2", "title": "Show", "description": "Show prices.", "expected": ["a screen"],
         "fulfills": ["SHOP-003"], "skill": "build"},
    ],
}
SERVER = (
    "exec python3 -c \"import http.server, os; "
    "http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT_APP'])), "
    "http.server.SimpleHTTPRequestHandler).serve_forever()\""
)
MANIFEST: dict[str, Any] = {
    "commands": {"test": {"run": "python3 -m pytest --junitxml={report}", "report": "junit"}},
    "services": [
        {"name": "app", "start": SERVER, "port": 8000, "ready": {"tcp": True}, "data": ["data"], "timeout_s": 30},
    ],
}
BRIEF = "1. Totals and prices."


@dataclass
class Answers:
    """An engine that answers what it was given and remembers what it was asked."""

    checks: Path
    runs: list[DryRun] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    dry_runs: int = 0
    asked: list[str] = field(default_factory=list)

    async def dry_run(self, manifest: Manifest) -> list[DryRun]:
        self.dry_runs += 1
        return self.runs

    async def examine_base(self, assertions: Sequence[Assertion]) -> e.BaseExamined:
        return e.BaseExamined(checks=[])

    async def research(self, parent: str, questions: Sequence[str]) -> list[str]:
        self.asked += questions
        return [f"{parent} was told about {q}" for q in questions]

    async def write_check(self, path: str, content: str) -> None:
        if path == "tests/test_price.py":
            raise ToolError(f"{path!r} is in the repository already; a check needs a path of its own")
        target = self.checks / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    async def propose(self, summary: str, attempt: str) -> str:
        if self.problems:
            raise ToolError("\n".join(self.problems))
        return f"proposed: {summary}"


@dataclass
class Scene:
    """One mission and everything around it."""

    folder: Path
    source: Path
    base: str
    repository: Repository
    log: Logbook
    blobs: Blobs
    engine: Answers
    cells: list[Cell] = field(default_factory=list)
    all_services: list[Services] = field(default_factory=list)

    @property
    def mission(self) -> Mission:
        return self.log.mission

    @property
    def tree(self) -> Path:
        return self.folder / "tree"

    @property
    def checks(self) -> Path:
        return self.folder / "checks"

    async def record(self, *events: Event, by: str = "engine", attempt: str | None = None) -> None:
        await self.log.record(*events, by=by, attempt=attempt)

    async def document(self, kind: e.DocumentKind, name: str, text: str) -> None:
        sha = self.blobs.put(text)
        await self.record(e.DocumentWritten(document=kind, name=name, hash=sha, text=text), by="orchestrator.1")

    async def approve(self) -> None:
        """The mission runs: its first milestone is open."""
        plan = e.DocumentWritten(document="plan", name="plan", hash="p", text=json_of(Plan, PLAN))
        await self.record(
            e.DocumentWritten(document="brief", name="brief", hash="b", text=BRIEF),
            e.DocumentWritten(document="contract", name="SHOP", hash="c", text=CONTRACT), plan,
            e.DocumentWritten(document="services", name="services", hash="s", text=json_of(Manifest, MANIFEST)),
            e.MissionProposed(summary="s", hashes={}, estimate={}),
            e.MissionApproved(hashes={}, base_commit=self.base),
        )

    async def start(self, seat: str, subject: str, **more: Any) -> str:
        """An attempt of that seat, begun; its id."""
        attempt = self.mission.next_attempt(seat, subject, more.get("milestone"), more.get("round"))
        begun: list[Event] = [e.FeatureStarted(feature=subject, start=self.mission.head)] if seat == "worker" else []
        started = e.AttemptStarted(
            attempt=attempt, seat=seat, subject=subject, model="scripted:x", prompt="p", start=self.mission.head, **more
        )
        await self.record(*begun, started, attempt=attempt)
        return attempt

    async def round(self, milestone: str = "M1", number: int = 1) -> None:
        """A round that judges the newest commit."""
        head = self.mission.head
        tree = await self.repository.tree_of(head)
        await self.record(e.RoundStarted(milestone=milestone, round=number, commit=head, tree=tree, scope=["SHOP-001"]))

    async def desk(self, seat: str, subject: str = "mission", **more: Any) -> Desk:
        """The desk of a new attempt, its tree a plain copy of the base."""
        attempt = await self.start(seat, subject, **more)
        if not self.tree.exists():
            shutil.copytree(self.source, self.tree, ignore=shutil.ignore_patterns(".git"))
        cell = await open_cell(self.tree, sandbox=False, scratch=self.folder / attempt)
        self.cells.append(cell)
        manifest = self.mission.manifest
        services = Services(cell, manifest, self.folder / "logs") if manifest else None
        self.all_services += [services] if services else []
        return Desk(
            attempt=attempt, seat=seat, subject=subject, log=self.log, blobs=self.blobs, engine=self.engine, cell=cell,
            tree=self.tree, tree_id=self.no_tree, repository=self.repository, skills=SKILLS, checks=self.checks,
            services=services, milestone=more.get("milestone"), round=more.get("round"),
            assertions=tuple(more.get("assertions", ())), start=self.mission.head, logs=self.folder / "logs",
            clock=lambda: 1_700_000_000.0,
        )

    async def worker(self, feature: str = "F1") -> Desk:
        """A worker's desk, with a real work tree of a repository of its own."""
        own = self.folder / "repo.git"
        if not own.exists():
            shutil.copytree(self.repository.git_dir, own)
        self.repository = Repository(own)
        worktree = Worktree(self.repository, self.tree)
        await worktree.checkout(self.mission.head)
        desk = await self.desk("worker", feature)
        desk.worktree = worktree
        desk.tree_id = worktree.write_tree
        return desk

    async def no_tree(self) -> str:
        raise AssertionError("this desk has no work tree to write")

    async def close(self) -> None:
        for services in self.all_services:
            await services.stop_all()
        for cell in self.cells:
            await cell.close()
        await self.log.log.close()


SKILLS = Skills([Skill("build", "How to build", "Build well.", "shipped")])


def json_of(shape: type[Plan] | type[Manifest], data: dict[str, Any]) -> str:
    """A document as the log keeps it."""
    return shape.model_validate(data).model_dump_json()


async def call(desk: Desk, name: str, /, **arguments: Any) -> Shown:
    """A tool called as the loop calls it."""
    tool = TOOLS[name]
    assert desk.seat in tool.seats
    return await tool.run(desk, parse(tool, arguments))


async def logged(desk: Desk, name: str, /, **arguments: Any) -> Shown:
    """A tool called and recorded, as the loop leaves it in the log."""
    started = ToolStarted(n=1, call=f"{name}-{len(desk.receipts)}", name=name, arguments=arguments)
    shown = await call(desk, name, **arguments)
    ended = ToolEnded(
        n=1, call=started.call, name=name, outcome="ok", result=shown.text, receipt=shown.receipt,
        receipt_id=next((i for i, r in desk.receipts if r is shown.receipt), None), evidence=list(shown.evidence),
    )
    await desk.log.record(started, ended, by=desk.attempt, attempt=desk.attempt)
    return shown
