"""Small events, and a log with a few of them in it."""

import sqlite3
from pathlib import Path

from milepost.domain.events import AttemptEnded, AttemptStarted, FactNoted, MissionCreated
from milepost.domain.settings import Settings
from milepost.domain.turn import Reply, Usage
from milepost.domain.turns import NudgeGiven, ToolStarted, TurnEnded, TurnFailed, TurnStarted
from milepost.log.store import EventLog

MISSION = "shop-2026"
WORKER = "worker.F1.1"


def created() -> MissionCreated:
    return MissionCreated(
        mission=MISSION, goal="A shop", repository="/home/ada/shop", base="0" * 40, slug="shop",
        settings=Settings(seats={}),
    )


def fact(number: int = 1) -> FactNoted:
    return FactNoted(text=f"fact {number}", source="worker.F1.1")


def turn(number: int = 1) -> NudgeGiven:
    return NudgeGiven(n=number, detector="repeats", text=f"turn {number}")


def sat_down(attempt: str) -> AttemptStarted:
    return AttemptStarted(attempt=attempt, seat=attempt.partition(".")[0], subject="F1", model="scripted:x", prompt="p")


def got_up(attempt: str) -> AttemptEnded:
    return AttemptEnded(attempt=attempt, outcome="submitted")


def asked(number: int, reserved: float = 0.5) -> TurnStarted:
    return TurnStarted(n=number, reserved=reserved)


def answered(number: int, cost: float, model: str = "m1") -> TurnEnded:
    usage = Usage(fresh=100, cached=10, out=5)
    return TurnEnded(n=number, reply=Reply(content="hm"), usage=usage, cost=cost, model=model)


def unanswered(number: int, cost: float) -> TurnFailed:
    return TurnFailed(n=number, reason="cut", cost=cost)


def began(number: int, tool: str) -> ToolStarted:
    return ToolStarted(n=number, call=f"c{number}", name=tool, arguments={"path": "a.py"})


async def five(folder: Path) -> list[tuple[int, str]]:
    """A closed log of five events; returns each sequence number with its row's hash."""
    async with await EventLog.open(folder, MISSION, write=True) as log:
        for number in (1, 2, 3, 4, 5):
            await log.append([fact(number)], by="engine", at=float(number))
    return [(seq, sha) for seq, sha in query(folder, "SELECT seq, hash FROM events ORDER BY seq")]


def place(folder: Path, content: bytes = b"") -> None:
    """Put a file where the log would be."""
    folder.mkdir(exist_ok=True)
    (folder / "mission.db").write_bytes(content)


def rights(folder: Path) -> dict[str, int]:
    """Who may do what with the folder (`.`) and the files in it."""
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} | {".": folder.stat().st_mode & 0o777}


def everything(folder: Path) -> bytes:
    """The content of all files in the folder."""
    return b"".join(path.read_bytes() for path in folder.iterdir())


def query(folder: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    """What somebody else's SQLite does with the database."""
    db = sqlite3.connect(folder / "mission.db")
    with db:
        rows = db.execute(sql, parameters).fetchall()
    db.close()
    return rows
