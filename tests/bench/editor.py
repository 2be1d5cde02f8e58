"""Measures the language server beside others, in one run; `bench.py` writes it down."""

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from milepost.app import App
from milepost.config import Config
from milepost.domain import events as e
from milepost.domain.contract_text import parse
from milepost.domain.decide import decide
from milepost.domain.orders import ApproveMission
from milepost.domain.plan import Plan
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.services import Manifest
from milepost.domain.settings import Settings
from milepost.log.folder import MissionFolder
from milepost.runner.projection import project
from tests.bench.bystanders import servers
from tests.bench.long_log import ATTEMPT, fill
from tests.lsp.wire import Wire
from tests.runner import quick

AREAS, EACH, EVENTS, RATE = 10, 100, 100_000, 20
PAIRS, READS, EDITS, WATCH_S, IDLE_S = 7, 200, 20_000, 20.0, 20.0
CAPABILITIES = {
    "experimental": {"milepost": {"protocolVersion": 1}},
    "textDocument": {"documentSymbol": {"hierarchicalDocumentSymbolSupport": True}},
}
BLOCK = """### {id} Behaviour number {n} holds
- surface: command
- when: `tool {n}` is run
- then: it prints {n}
- fails if: it prints anything else
- evidence: receipt

"""
OURS = [sys.executable, "-m", "milepost", "lsp"]


def contract() -> str:
    """A contract of 1,000 assertions."""
    blocks = ["# Contract: bench\n\n"]
    for area in range(AREAS):
        name = f"AREA{chr(65 + area)}"
        blocks.append(f"## {name} Area number {area}\n\n")
        blocks += [BLOCK.format(id=f"{name}-{n:03}", n=n) for n in range(1, EACH + 1)]
    return "".join(blocks)


async def prepare(folder: Path) -> MissionFolder:
    """A running mission with that contract and a log of 100,000 events."""
    seats = {name: Seat(model="scripted:none", price=Price(fresh=0, out=0)) for name in SEATS}
    app = App(Config(state_dir=folder / "state", config_dir=folder / "config"), {"PATH": os.environ["PATH"]})
    made = await app.create("Bench", quick.make_repository(folder / "shop"), Settings(seats=seats), slug="bench")
    text = contract()
    ids = [a.id for a in parse(text).contract]
    features = [
        {"id": f"F{n + 1}", "milestone": "M1", "title": f"Area {n}", "description": "x", "expected": ["x"],
         "fulfills": ids[n * EACH:(n + 1) * EACH]} for n in range(AREAS)
    ]
    milestones = [{"id": "M1", "title": "All", "outcome": "all"}]
    plan = Plan.model_validate({"milestones": milestones, "features": features}).model_dump_json()
    manifest = Manifest.model_validate(quick.MANIFEST).model_dump_json()
    async with await app.log(made) as log:
        for kind, body in (("brief", "x"), ("services", manifest), ("contract", text), ("plan", plan)):
            written = {"document": kind, "name": kind, "hash": "0" * 64, "text": body}
            await log.record(e.DocumentWritten.model_validate(written))
        await log.record(e.MissionProposed(summary="s", hashes={}, estimate={}))
        await log.decide(lambda m: decide(m, ApproveMission()), by="user")
        started = e.AttemptStarted(attempt=ATTEMPT, seat="worker", subject="F1", model="m", prompt="p", start="c")
        await log.record(started, attempt=ATTEMPT)
        await fill(log, EVENTS)
        assert log.mission is not None
        project(log.mission, made)
    return made


@contextmanager
def opened(words: Sequence[str], folder: Path) -> Iterator[Wire]:
    """A server with the mission's repository open."""
    environment = {"MILEPOST_STATE_DIR": str(folder / "state"), "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    with Wire(words, folder=folder / "shop", environment=environment) as wire:
        yield wire


def initialize_ms(words: Sequence[str], folder: Path) -> float:
    """From before the process starts to the answer to `initialize`."""
    began = time.perf_counter()
    with opened(words, folder) as wire:
        wire.initialize(CAPABILITIES, folders=[folder / "shop"])
        return (time.perf_counter() - began) * 1000


@contextmanager
def appending(root: Path) -> Iterator["subprocess.Popen[str]"]:
    """A runner that appends beside us."""
    words = [sys.executable, "-m", "tests.bench.appender", str(root), str(RATE)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.wait()


def timed(ask: Callable[[], Any]) -> float:
    """Milliseconds of one question."""
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def reads(wire: Wire, uri: str, text: str) -> dict[str, list[float]]:
    """Milliseconds of hovers, lenses and symbols, each after an edit, as a person types."""
    lines, chance, version = text.count("\n"), random.Random(7), 1
    taken: dict[str, list[float]] = {"hover": [], "codeLens": [], "documentSymbol": []}
    for n in range(READS):
        version += 1
        change = {"range": place(1, 0), "text": "x" if n % 2 else ""}
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version}, "contentChanges": [change],
        })
        for name in taken:
            params: dict[str, Any] = {"textDocument": {"uri": uri}}
            if name == "hover":
                params["position"] = {"line": chance.randrange(lines), "character": 5}
            taken[name].append(timed(lambda name=name, params=params: wire.request(f"textDocument/{name}", params)))
    return taken


def place(line: int, character: int) -> dict[str, Any]:
    """An empty range."""
    spot = {"line": line, "character": character}
    return {"start": spot, "end": spot}


def event_to_diagnostic_ms(wire: Wire, process: "subprocess.Popen[str]", uri: str) -> list[float]:
    """From a verdict on disk to the diagnostics of the contract on the wire."""
    taken, until = [], time.monotonic() + WATCH_S
    assert process.stdout is not None
    while time.monotonic() < until:
        number, at = process.stdout.readline().split()
        mark = f"seen {number}"

        def shows(message: dict[str, Any], mark: str = mark) -> bool:
            params = message.get("params") or {}
            return message.get("method") == "textDocument/publishDiagnostics" and params.get("uri") == uri and any(
                row["message"].rstrip().endswith(mark) or f"{mark}\n" in row["message"] for row in params["diagnostics"]
            )

        if int(number) % 20:
            wire.wait_for(shows, since=max(0, len(wire.messages) - 50))
            taken.append((time.time() - float(at)) * 1000)
    return taken


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """CPU seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def share(values: Sequence[float], part: float) -> float:
    """A quantile."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def edited(wire: Wire, uri: str) -> float:
    """Megabytes by which the server grew over 20,000 edits."""
    wire.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 5}})
    before = rss_mb(wire.process.pid)
    for n in range(EDITS):
        change = {"range": place(1, 0), "text": ""}
        wire.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": 10_000 + n}, "contentChanges": [change],
        })
        if n % 500 == 0:
            wire.request("milepost/ping", {})
    wire.request("milepost/ping", {})
    return rss_mb(wire.process.pid) - before


def ours(folder: Path, made: MissionFolder) -> dict[str, Any]:
    """Everything but the start."""
    document = next(made.docs.glob("*.contract.md"))
    uri, text = document.as_uri(), document.read_text()
    with opened(OURS, folder) as wire, appending(made.root) as process:
        wire.initialize(CAPABILITIES, folders=[folder / "shop"])
        wire.notification("milepost/status", limit=120)
        wire.open(uri, text, "milepost-contract")
        taken = reads(wire, uri, text)
        delays = event_to_diagnostic_ms(wire, process, uri)
    with opened(OURS, folder) as wire:
        wire.initialize(CAPABILITIES, folders=[folder / "shop"])
        wire.notification("milepost/status", limit=120)
        wire.open(uri, text, "milepost-contract")
        wire.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        rss = rss_mb(wire.process.pid)
        began, cpu = time.monotonic(), cpu_s(wire.process.pid)
        threading.Event().wait(IDLE_S)
        idle = (cpu_s(wire.process.pid) - cpu) / (time.monotonic() - began) * 100
        growth = edited(wire, uri)
    every = [ms for rows in taken.values() for ms in rows]
    return {
        "lsp_p50_ms": round(share(every, 0.5), 2), "lsp_p99_ms": round(share(every, 0.99), 2),
        **{f"lsp_{name}_p50_ms": round(share(rows, 0.5), 2) for name, rows in taken.items()},
        **{f"lsp_{name}_p99_ms": round(share(rows, 0.99), 2) for name, rows in taken.items()},
        "event_to_diagnostic_p50_ms": round(share(delays, 0.5), 1),
        "event_to_diagnostic_p95_ms": round(share(delays, 0.95), 1),
        "lsp_rss_mb": round(rss, 1), "lsp_growth_mb_20k_edits": round(growth, 1),
        "lsp_idle_cpu_percent": round(idle, 2),
    }


def measure(peers: Path) -> dict[str, Any]:
    """The language server's figures."""
    with tempfile.TemporaryDirectory(prefix="bench-lsp-") as name:
        folder = Path(name)
        made = asyncio.run(prepare(folder))
        others = servers(peers)
        starts: dict[str, list[float]] = {"ours": [], **{name: [] for name in others}}
        for _ in range(PAIRS):
            for name, words in {"ours": OURS, **others}.items():
                starts[name].append(initialize_ms(words, folder))
        ratios = [a / b for a, b in zip(starts["ours"], starts["pygls_trivial"], strict=True)]
        return {
            "lsp_initialize_ratio": round(statistics.median(ratios), 3),
            "lsp_initialize_ms": {name: round(statistics.median(rows), 1) for name, rows in starts.items()},
            **ours(folder, made),
        }


if __name__ == "__main__":
    print(measure(Path("build/peers")))
