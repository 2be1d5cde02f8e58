"""Measures the language server beside others, in one run; `bench.py` writes it down.

What a person waits for is measured from the frame that asks to the last byte of the answer, as an editor would see it.
"""

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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
from tests.bench.client import Client
from tests.bench.long_log import ATTEMPT, fill
from tests.runner import quick

AREAS, EACH, EVENTS, RATE = 10, 100, 100_000, 20
PAIRS, READS, EDITS, WATCH_S, IDLE_S = 7, 200, 20_000, 30.0, 20.0
PAUSE_S = 0.2
"""How long a person looks, now and then."""
LATEST_S = 5.0
"""After this long a verdict must be shown."""
SETTLED_S = 2.0
"""How long after it was opened a contract has all its diagnoses."""
AT = 3_503
"""The line of the contract that is edited: it is in the middle, and belongs to an assertion."""
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
def opened(words: Sequence[str], folder: Path) -> Iterator[Client]:
    """A server with the mission's repository open."""
    environment = {"MILEPOST_STATE_DIR": str(folder / "state"), "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    with Client(words, folder / "shop", environment) as client:
        client.initialize(CAPABILITIES, folder / "shop")
        yield client


@contextmanager
def shown(folder: Path, uri: str, text: str) -> Iterator[Client]:
    """Our server with the contract open, once it has read the mission."""
    with opened(OURS, folder) as client:
        client.wait_for(lambda body: b'"method":"milepost/status"' in body)
        client.open(uri, text, "milepost-contract")
        client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})
        yield client


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


def initialize_ms(words: Sequence[str], folder: Path) -> float:
    """From before the process starts to the answer to `initialize`."""
    began = time.perf_counter()
    with opened(words, folder):
        return (time.perf_counter() - began) * 1000


def reads(client: Client, uri: str, text: str, count: int) -> dict[str, list[float]]:
    """Milliseconds of hovers, lenses and symbols, each after an edit, as a person types."""
    lines, chance, version = text.count("\n"), random.Random(7), 1
    taken: dict[str, list[float]] = {"hover": [], "codeLens": [], "documentSymbol": []}
    for n in range(count):
        for name, rows in taken.items():
            version += 1
            client.notify("textDocument/didChange", typed(uri, version))
            params: dict[str, Any] = {"textDocument": {"uri": uri}}
            if name == "hover":
                params["position"] = {"line": chance.randrange(lines), "character": 5}
            began = time.perf_counter()
            client.request(f"textDocument/{name}", params)
            rows.append((time.perf_counter() - began) * 1000)
        # What happens in between is not asked for by anybody: it may not be what a request pays for.
        for _ in client.frames(time.time() + PAUSE_S * (n % 2)):
            pass
    return taken


def typed(uri: str, version: int) -> dict[str, Any]:
    """A letter typed in the middle of the contract, or deleted again."""
    start = {"line": AT, "character": 10}
    end = {"line": AT, "character": 10 + version % 2}
    change = {"range": {"start": start, "end": end}, "text": "" if version % 2 else "x"}
    return {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}


def event_to_diagnostic_ms(client: Client, process: "subprocess.Popen[str]", uri: str, seconds: float) -> list[float]:
    """From a verdict on disk to the diagnostics of the contract on the wire."""
    until = time.time() + seconds
    start, about = b'"method":"textDocument/publishDiagnostics"', uri.encode()
    published = [(body, at) for body, at in client.frames(until) if start in body[:80] and about in body[:800]]
    process.kill()
    assert process.stdout is not None
    taken = []
    for line in process.stdout:
        number, at = line.split()
        if until - seconds < float(at) < until - LATEST_S:
            seen = (came for body, came in published if came > float(at) and b'seen %s"' % number.encode() in body)
            taken.append((next(seen) - float(at)) * 1000)
    return taken


def rss_mb(pid: int) -> float:
    """Resident memory of a process."""
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return int(fields["VmRSS"].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    """CPU seconds of the threads of a process so far; by the scheduler, as its clock's ticks are longer than we are."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9


def share(values: Sequence[float], part: float) -> float:
    """The value below which so many lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def edited(client: Client, uri: str, count: int) -> float:
    """Megabytes by which the server grew over so many edits."""
    client.request("textDocument/hover", {"textDocument": {"uri": uri}, "position": {"line": 4, "character": 5}})
    before = rss_mb(client.process.pid)
    for n in range(count):
        client.notify("textDocument/didChange", typed(uri, 10_000 + n))
        if n % 500 == 0:
            client.request("milepost/ping", {})
    client.request("milepost/ping", {})
    return rss_mb(client.process.pid) - before


def ours(folder: Path, made: MissionFolder, part: float) -> dict[str, Any]:
    """Everything but the start."""
    document = next(made.docs.glob("*.contract.md"))
    uri, text = document.as_uri(), document.read_text()
    with shown(folder, uri, text) as client, appending(made.root):
        taken = reads(client, uri, text, int(READS * part))
    with shown(folder, uri, text) as client, appending(made.root) as process:
        delays = event_to_diagnostic_ms(client, process, uri, WATCH_S * part + LATEST_S)
    with shown(folder, uri, text) as client:
        for _ in client.frames(time.time() + SETTLED_S):
            pass
        rss = rss_mb(client.process.pid)
        began, cpu = time.monotonic(), cpu_s(client.process.pid)
        for _ in client.frames(time.time() + IDLE_S * part):
            pass
        idle = (cpu_s(client.process.pid) - cpu) / (time.monotonic() - began) * 100
        growth = edited(client, uri, int(EDITS * part))
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


def measure(peers: Path, part: float = 1.0) -> dict[str, Any]:
    """The language server's figures; with a part of everything, in so much less time."""
    with tempfile.TemporaryDirectory(prefix="bench-lsp-") as name:
        folder = Path(name)
        made = asyncio.run(prepare(folder))
        others = servers(peers)
        starts: dict[str, list[float]] = {"ours": [], **{name: [] for name in others}}
        for _ in range(max(1, int(PAIRS * part))):
            for name, words in {"ours": OURS, **others}.items():
                starts[name].append(initialize_ms(words, folder))
        ratios = [a / b for a, b in zip(starts["ours"], starts["pygls_trivial"], strict=True)]
        return {
            "lsp_initialize_ratio": round(statistics.median(ratios), 3),
            "lsp_initialize_ms": {name: round(statistics.median(rows), 1) for name, rows in starts.items()},
            **ours(folder, made, part),
        }


if __name__ == "__main__":
    # `python -m tests.bench.editor 0.1` takes a tenth of each measure.
    print(measure(Path("build/peers"), *map(float, sys.argv[1:2])))
