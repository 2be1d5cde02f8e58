"""Flows side by side: the same verdicts as one after the other, each with a tester, data and a port of its own."""

import asyncio
import contextlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from milepost.domain.admission import Headroom
from milepost.domain.events import AttemptStarted, FlowsAdmitted, VerdictGiven
from milepost.domain.mission import Mission
from milepost.log.blobs import Blobs
from milepost.runner.machine import Machine
from milepost.workspace.sandbox import sandbox_available
from tests.runner import several
from tests.runner.conftest import Stage

Begin = Callable[..., Awaitable[Stage]]
PLENTY = Headroom(memory_mb=100_000, cpus=64)


def judged(mission: Mission) -> bool:
    return any(r.outcome for r in mission.rounds)


OUTCOMES = {"ONE-001": "passed", "TWO-001": "passed", "RED-001": "failed", "OUT-001": "blocked"}


async def agreed(
    begun: Begin, free: Headroom = PLENTY, port: int = 8123, sandbox: bool = False, **limits: int
) -> Stage:
    """A mission that was agreed, on a machine that has that much free."""
    wanted = several.manifest(**limits)
    wanted["services"] = [{**several.SERVICE, "port": port}]
    return await begun(
        several.script(), plan=several.plan(), manifest=wanted, repository=several.make_repository, sandbox=sandbox,
        goal="Keep notes.", contract={a: several.ASSERTION.format(area=a) for a in several.AREAS},
        machine=lambda: Machine(headroom=lambda taken: free),
    )


async def played(begun: Begin, free: Headroom = PLENTY, **limits: int) -> Stage:
    """The same up to the end of its first round."""
    made = await agreed(begun, free, **limits)
    await made.carry(judged)
    return made


async def outcomes(made: Stage) -> dict[str, str]:
    """The state of every assertion."""
    return {name: state.status for name, state in (await made.read()).assertions.items()}


async def admitted(made: Stage) -> list[FlowsAdmitted]:
    return [r.event for r in await made.records("flows_admitted") if isinstance(r.event, FlowsAdmitted)]


async def came_to(made: Stage) -> tuple[list[Any], list[Any]]:
    """Verdicts and items, with everything that tells where they come from."""
    verdicts = [r.event for r in await made.records("verdict_given")]
    mission = await made.read()
    told = [v.model_dump(exclude={"tree", "depends"}) for v in verdicts if isinstance(v, VerdictGiven)]
    return told, [(i.id, i.opened.type, i.opened.about, i.opened.owner, i.opened.text) for i in mission.items.values()]


async def most_at_once(made: Stage) -> int:
    """How many testers sat at one time, by what is in the log."""
    sitting = most = 0
    for record in await made.records("attempt_started", "attempt_ended"):
        event = record.event
        if not (record.attempt or "").startswith("tester."):
            continue
        sitting += 1 if isinstance(event, AttemptStarted) else -1
        most = max(most, sitting)
    return most


async def test_parallel_flows_give_the_verdicts_that_serial_ones_do(begun: Begin, tmp_path: Path) -> None:
    found = {}
    for most in (1, 4):
        made = await played(begun, http=most)
        assert await most_at_once(made) == most
        found[most] = await came_to(made)
        shutil.move(tmp_path / "shop", tmp_path / f"shop-{most}")
        shutil.move(tmp_path / "state", tmp_path / f"state-{most}")
    assert found[4] == found[1]
    verdicts, items = found[4]
    assert {v["assertion"]: v["outcome"] for v in verdicts} == OUTCOMES
    assert [(i[0], i[1], i[2], i[3]) for i in items] == [
        ("I1", "finding", "M1", "orchestrator"), ("I2", "finding", "M1", "orchestrator"),
        ("I3", "proposal", "M1", "orchestrator"), ("I4", "verdict", "RED-001", "orchestrator"),
        ("I5", "verdict", "OUT-001", "user"),
    ]


async def test_each_tester_has_data_account_and_logs_of_its_own_and_who_waits_is_told(begun: Begin) -> None:
    made = await played(begun, http=2)
    blobs, round = Blobs(made.place.blobs), (await made.read()).round
    assert round is not None
    for number, area in enumerate(("ONE", "OUT", "RED", "TWO"), start=1):
        attempt = f"tester.M1r1.flow-{number}.1"
        *_, listed, _ = await made.results(attempt)
        assert f'["{area}"]' in listed, "nobody else's note is in its list"
        (started,) = [r.event for r in await made.records("attempt_started") if r.attempt == attempt]
        assert isinstance(started, AttemptStarted)
        assert f"flow{number}m1r1@example.com" in blobs.get(started.prompt).decode()
        log = round.flows[f"flow-{number}"].evidence[-1]
        assert (log.kind, log.service, log.tree) == ("transcript", "web", round.tree)
        assert b"notes are served" in blobs.get(log.blob)
    first, *rest = await admitted(made)
    assert (first.flows, first.waiting, first.free_mb) == (["flow-1", "flow-2"], ["flow-3", "flow-4"], 100_000)
    assert "flow-3 waits: the manifest allows 2 on http at once" in first.reason
    assert [flow for each in rest for flow in each.flows] == ["flow-3", "flow-4"]


async def test_machine_that_is_full_seats_one_after_the_other(begun: Begin) -> None:
    made = await played(begun, free=Headroom(memory_mb=50, cpus=0.1))
    assert await most_at_once(made) == 1
    assert len(await admitted(made)) == len(several.AREAS)


async def test_F01_runner_that_left_among_flows_goes_on_with_those_that_wait(begun: Begin) -> None:
    made = await agreed(begun, http=1)
    async with made.carried():
        left = await made.until(lambda m: bool(m.round and m.round.flows))
    assert left.round and len(left.round.flows) < len(several.AREAS)
    await made.carry(judged)
    assert await outcomes(made) == OUTCOMES
    assert [i[0] for i in (await came_to(made))[1]] == ["I1", "I2", "I3", "I4", "I5"]


@pytest.mark.parametrize("sandbox", [False, True], ids=["without sandbox", "in the sandbox"])
async def test_S30_users_own_server_on_the_port_of_the_manifest_is_left_alone(begun: Begin, sandbox: bool) -> None:
    if sandbox and (reason := sandbox_available()):
        pytest.skip(reason)
    visits: list[object] = []

    async def visited(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visits.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(visited, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    made = await agreed(begun, port=port, sandbox=sandbox, http=4)
    await made.carry(judged)
    assert await outcomes(made) == OUTCOMES
    assert visits == [], "no request of the mission came to the user's server"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"still there?")
    await reader.read()
    writer.close()
    assert visits == [b"still there?"]
    server.close()
    assert not [pid for pid in all_pids() if started_by_mission(pid, made.place.scratch)]


def all_pids() -> Iterator[int]:
    return (int(entry.name) for entry in Path("/proc").glob("[0-9]*"))


def started_by_mission(pid: int, scratch: Path) -> bool:
    """Whether a process still works in a scratch checkout."""
    with contextlib.suppress(OSError):
        return str(scratch) in (Path("/proc") / str(pid) / "mountinfo").read_text() or str(scratch).encode() in (
            Path("/proc") / str(pid) / "environ"
        ).read_bytes()
    return False
