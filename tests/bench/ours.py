"""One worker's attempt on the endpoint, log and sandbox on. Usage: python -m tests.bench.ours PORT FOLDER TURNS."""

import asyncio
import sys
from pathlib import Path

from milepost.app import App
from milepost.config import Config
from milepost.domain.mission import Mission
from milepost.domain.seat import SEATS, Price, Seat
from milepost.domain.settings import Settings
from tests.runner import light, story


async def main(port: str, folder: Path, turns: int) -> None:
    """Draft by script, then let the worker talk to the endpoint until its attempt ends."""
    app = App(
        Config(state_dir=folder / "state", config_dir=folder / "config"),
        {"PATH": "/usr/bin:/bin", "BENCH_KEY": "x"},
        scripts={"draft": {"orchestrator.1": light.draft()}},
    )
    free = Price(fresh=0, out=0)
    seats = {name: Seat(model="scripted:draft", price=free) for name in SEATS}
    seats["worker"] = Seat(
        model="openai/gpt-x",
        api_base=f"http://127.0.0.1:{port}/v1",
        api_key_env="BENCH_KEY",
        price=free,
        stream=False,
        context=100_000_000,
        max_turns=turns,
    )
    made = await app.create(story.GOAL, story.make_repository(folder / "shop"), Settings(seats=seats))
    mission = await app.carry(made, stop_when=lambda m: m.phase == "proposed")
    await app.send(made, "approve_mission", seen=mission.documents)
    await app.carry(made, stop_when=over)
    async with await app.log(made, write=False) as log:
        records = await log.events.turns("worker.F1.1")
    ran = [r.event.receipt for r in records if r.event.kind == "tool_ended" and r.event.receipt is not None]
    assert len(ran) >= turns - 60 and all(r.exit_code == 0 for r in ran), f"{len(ran)} commands ran as they should"


def over(mission: Mission) -> bool:
    """Whether the worker's attempt has ended."""
    return bool(mission.holds) or any(a.started.seat == "worker" and not a.is_open for a in mission.attempts.values())


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
