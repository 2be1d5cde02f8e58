"""Brings a mission to the user's branch: the merged tree must pass gates and checks in scratch before it moves (D7)."""

from pathlib import Path

from milepost.domain.decide import decide
from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.orders import LandMission
from milepost.gates.red import examine
from milepost.log.inbox import new_id
from milepost.runner.handoffs import run_gate
from milepost.runner.office import Office
from milepost.runner.workshop import Bench
from milepost.workspace.land import LandPlan, land_merge, plan_land
from milepost.workspace.publish import publish
from milepost.workspace.push import push_text
from milepost.workspace.repository import Repository
from milepost.workspace.worktree import Worktree


def title(mission: Mission) -> str:
    """A line that says what the mission brings."""
    return mission.contract.title or mission.goal.strip().splitlines()[0][:72]


def message(mission: Mission) -> str:
    """The message of the merge."""
    return f"Merge {mission.branch}: {title(mission)}"


def expect_landable(mission: Mission, unfinished: bool, how: str = "merge") -> None:
    """Raise Refused where the mission cannot be landed now, before anything is tried."""
    if mission.head == mission.base:
        raise Refused(f"{mission.id} has made no commit; there is nothing to land")
    decide(mission, LandMission.model_validate({"how": how, "commit": mission.head, "unfinished": unfinished}))


async def planned(mission: Mission, repository: Repository, *, at: float) -> LandPlan:
    """What landing would do; nothing of the user's changes. Raises Refused as `plan_land` does."""
    return await plan_land(repository, Path(mission.repository), mission.head, message=message(mission), at=at)


async def land(office: Office, *, unfinished: bool, gates: bool) -> LandPlan:
    """Merge into the user's branch, if the merged tree passes; then it is recorded."""
    mission = office.mission
    expect_landable(mission, unfinished)

    async def check(tree: Path) -> list[str]:
        return await judge(office, tree)

    plan = await land_merge(
        office.workshop.repository, office.source(), mission.head, message=message(mission), at=office.clock(),
        check=check if gates else None,
    )
    await record(office, "merge", plan.commit, unfinished)
    return plan


async def push(office: Office, remote: str, *, unfinished: bool) -> str:
    """Publish the branch, push it to a remote of the user's, and word the pull request."""
    mission = office.mission
    expect_landable(mission, unfinished, "push")
    await publish(office.workshop.repository, office.source(), mission.branch, mission.head)
    text = await push_text(
        office.workshop.repository, office.source(), mission.branch, remote, base=mission.base, commit=mission.head,
        title=title(mission),
    )
    await record(office, "push", mission.head, unfinished)
    return text


async def record(office: Office, how: str, commit: str, unfinished: bool) -> None:
    """Put into the log that it was landed."""
    order = LandMission.model_validate({"how": how, "commit": commit, "unfinished": unfinished})
    await office.log.decide(lambda m: decide(m, order), by="user", order=new_id(office.clock))
    office.project(office.mission)


async def judge(office: Office, tree: Path) -> list[str]:
    """What is wrong with a checkout of the merged tree: red gates, and checks that held before and do not hold now."""
    mission, shop = office.mission, office.workshop
    shop.lay_checks(tree)
    async with shop.on(Worktree(shop.repository, tree), "landing", mission.manifest) as bench:
        return [*await red_gates(office, bench), *await broken_checks(office, bench)]


async def red_gates(office: Office, bench: Bench) -> list[str]:
    """The manifest's commands that are red there."""
    manifest = office.mission.manifest
    gates = [await run_gate(office, bench, name, command) for name, command in (manifest.gates() if manifest else [])]
    return [f"gate {g.gate}: {g.text}" for g in gates if g.outcome == "red"]


async def broken_checks(office: Office, bench: Bench) -> list[str]:
    """The checks of passed assertions that do not pass there."""
    mission = office.mission
    found = []
    for assertion in mission.contract.live:
        if assertion.check and mission.assertions[assertion.id].status == "passed":
            result, receipt = await examine(bench.cell, assertion, keep=office.blobs.put, env=bench.services.env())
            if result != "green":
                found.append(f"{assertion.id}: its check is {result}: {receipt.tail}")
    return found
