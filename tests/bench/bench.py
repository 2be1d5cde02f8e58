"""Measures what the engine costs beside a peer, in one run, and writes `build/bench.json`. Usage: make bench."""

import asyncio
import itertools
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from milepost.agent.tool import schema
from milepost.agent.tools import for_seat
from milepost.domain import events as e
from milepost.domain.settings import Settings
from milepost.log.mission_log import MissionLog
from milepost.model.tokens import count_tokens
from milepost.text import prompts
from tests.bench.editor import measure
from tests.bench.long_log import fill

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PEERS = BUILD / "peers"
PAIRS, TURNS, LONG = 5, 100, 300


def get(port: str) -> dict[str, Any]:
    """What the endpoint noted."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as answer:
        found: dict[str, Any] = json.load(answer)
    return found


def reset(port: str, calls: int) -> None:
    """Begin anew."""
    urllib.request.urlopen(
        urllib.request.Request(f"http://127.0.0.1:{port}/reset?{calls}", data=b"", method="POST")
    ).close()


def set_up_mini() -> Path:
    """The peer's interpreter, in an environment of its own."""
    python = PEERS / "mini" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(PEERS / "mini")], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q", "mini-swe-agent", "mcp"], check=True)
    return python


def run_ours(port: str, turns: int) -> dict[str, Any]:
    """One attempt of ours; what the endpoint saw of it."""
    reset(port, turns)
    folder = Path(tempfile.mkdtemp(prefix="bench-ours-"))
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'server'}{os.pathsep}{ROOT}"}
    subprocess.run(
        [sys.executable, "-m", "tests.bench.ours", port, str(folder), str(turns + 50)],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    shutil.rmtree(folder, ignore_errors=True)
    return get(port)


def run_mini(port: str, python: Path, turns: int) -> dict[str, Any]:
    """The peer's run; what the endpoint saw of it."""
    reset(port, turns)
    folder = Path(tempfile.mkdtemp(prefix="bench-mini-"))
    mini = str(Path(__file__).with_name("mini.py"))
    subprocess.run(
        [str(python), mini, port, str(folder)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    shutil.rmtree(folder, ignore_errors=True)
    return get(port)


def gap_ms(seen: dict[str, Any], turns: int) -> float:
    """Median milliseconds from one request to the next: one turn, its command included."""
    arrived = seen["arrived"][: turns + 1]
    return statistics.median((b - a) * 1000 for a, b in itertools.pairwise(arrived))


def prefix_tokens() -> int:
    """Tokens of a worker's tools and system prompt."""
    tools = [
        {"name": t.name, "description": prompts.tool_description(t.name), "parameters": schema(t)}
        for t in for_seat("worker")
    ]
    return count_tokens(prompts.render("worker/system") + json.dumps(tools, separators=(",", ":")))


async def resume_seconds(count: int) -> float:
    """Open a log of so many events and fold it."""
    with tempfile.TemporaryDirectory(prefix="bench-log-") as name:
        folder = Path(name)
        await begun(folder, count)
        began = time.perf_counter()
        async with await MissionLog.open(folder, "bench") as log:
            assert log.mission is not None and log.mission.seq >= count
            return time.perf_counter() - began


async def begun(folder: Path, count: int) -> None:
    """A log of many turns and few facts, as a long mission has it."""
    async with await MissionLog.open(folder, "bench") as log:
        await log.record(
            e.MissionCreated(
                mission="bench", goal="g", repository="/r", base="b" * 40, settings=Settings(seats={}), slug="bench"
            )
        )
        await fill(log, count)


def main() -> None:
    """Measure everything and write it down."""
    python = set_up_mini()
    endpoint = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("endpoint.py")), "0"], stdout=subprocess.PIPE
    )
    assert endpoint.stdout is not None
    port = endpoint.stdout.readline().decode().strip()
    try:
        pairs = []
        for number in range(PAIRS):
            ours, theirs = gap_ms(run_ours(port, TURNS), TURNS), gap_ms(run_mini(port, python, TURNS), TURNS)
            pairs.append((ours, theirs))
            print(
                f"pair {number + 1}: ours {ours:.1f} ms, mini-swe-agent {theirs:.1f} ms, ratio {ours / theirs:.2f}",
                flush=True,
            )
        long = run_ours(port, LONG)
    finally:
        endpoint.terminate()
        endpoint.wait()
    shares = [s / c for s, c in zip(long["shared"][1:LONG], long["characters"][1:LONG], strict=True)]
    ratios = sorted(a / b for a, b in pairs)
    found = {
        "turn_ratio_mini_swe_agent": round(statistics.median(ratios), 3),
        "turn_ratio_range": [round(ratios[0], 3), round(ratios[-1], 3)],
        "turn_ms": round(statistics.median(a for a, _ in pairs), 2),
        "turn_ms_mini_swe_agent": round(statistics.median(b for _, b in pairs), 2),
        "prefix_tokens": prefix_tokens(),
        "prefix_shared": round(sum(long["shared"][1:LONG]) / sum(long["characters"][1:LONG]), 4),
        "prefix_shared_median": round(statistics.median(shares), 4),
        "resume_100k_s": round(asyncio.run(resume_seconds(100_000)), 3),
        **measure(BUILD / "peers"),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    BUILD.mkdir(exist_ok=True)
    (BUILD / "bench.json").write_text(json.dumps(found, indent=1) + "\n")
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
