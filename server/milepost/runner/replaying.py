"""Plays the scripts of a mission beside its runner, for whoever wants to know whether everything still holds."""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from milepost.domain.errors import Refused
from milepost.domain.mission import Mission
from milepost.domain.replays import script_of
from milepost.domain.settings import Settings
from milepost.domain.shape import Shape
from milepost.log.blobs import Blobs
from milepost.log.folder import MissionFolder
from milepost.runner.player import Stage
from milepost.runner.scripting import ShownAgain, show, since
from milepost.runner.side_by_side import asking, side_by_side
from milepost.runner.testers import limits_of
from milepost.runner.workshop import Workshop
from milepost.scripts.flow_file import FlowFile
from milepost.scripts.script import Script
from milepost.workspace.preflight import RepositoryFacts
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import sandbox_available
from milepost.workspace.worktree import Worktree


class ReplayRow(Shape):
    """What the script of one assertion saw."""

    assertion: str
    title: str
    outcome: str
    """passed, failed, or none where it has no script."""
    move: int | None = None
    why: str = ""
    flow: str = ""
    """The tester whose flow was compiled."""


class Replays(Shape):
    """What came of playing every script at one commit."""

    mission: str
    commit: str
    tree: str
    rows: list[ReplayRow]
    ms: int

    @property
    def holds(self) -> bool:
        """Whether every script saw the same again."""
        return all(row.outcome != "failed" for row in self.rows)


def readable(folder: MissionFolder, mission: Mission) -> dict[str, Script]:
    """By its blob, every script that speaks of the contract as it is now."""
    blobs = Blobs(folder.blobs)
    found = {s.script for a in mission.contract.live if (s := script_of(mission, a.id)) is not None}
    return {blob: Script.model_validate_json(blobs.get(blob)) for blob in sorted(found)}


def wanted_of(mission: Mission, blob: str) -> list[str]:
    """The assertions whose script this is."""
    return [a.id for a in mission.contract.live if (s := script_of(mission, a.id)) is not None and s.script == blob]


async def replay_flows(
    folder: MissionFolder, mission: Mission, clock: Callable[[], float], commit: str | None = None
) -> Replays:
    """Play every script at a commit, the newest by default. Raises Refused where there is none to play."""
    scripts = readable(folder, mission)
    if not scripts:
        raise Refused(f"{mission.id} has no script yet: they are compiled as testers' flows pass")
    repository = Repository(folder.repository)
    at = await resolved(repository, commit or mission.head)
    shop = Workshop(
        folder, repository, Worktree(repository, folder.tree), sandbox=mission.settings.sandbox,
        granted=lambda: mission.settings.grants,
    )
    wanted = {blob: wanted_of(mission, blob) for blob in scripts}
    began = time.monotonic()
    shown = await played(shop, mission, scripts, wanted, at, clock)
    seen = {r.assertion: (r, scripts[blob]) for blob, one in shown.items() for r in one.results}
    rows = []
    for assertion in mission.contract.live:
        if assertion.id in seen:
            result, script = seen[assertion.id]
            rows.append(ReplayRow(
                assertion=assertion.id, title=assertion.title, outcome=result.outcome, move=result.move,
                why=result.why, flow=script.flow,
            ))
        elif assertion.needs_tester:
            rows.append(ReplayRow(assertion=assertion.id, title=assertion.title, outcome="none"))
    return Replays(mission=mission.id, commit=at, tree=await repository.tree_of(at), rows=rows, ms=since(began))


async def played(
    shop: Workshop, mission: Mission, scripts: Mapping[str, Script], wanted: Mapping[str, Sequence[str]], commit: str,
    clock: Callable[[], float],
) -> dict[str, ShownAgain]:
    """By script, what it saw; what drivers record on the way is thrown away."""
    with tempfile.TemporaryDirectory(prefix="milepost-replay-") as kept:
        stage = Stage(shop, mission, Blobs(Path(kept)), clock)

        async def one(blob: str) -> ShownAgain:
            return await show(stage, scripts[blob], wanted[blob], f"replay.{wanted[blob][0]}", commit)

        flows = [asking(mission, blob, wanted[blob][0]) for blob in scripts]
        return dict(zip(scripts, await side_by_side(flows, limits_of(mission), one), strict=True))


async def resolved(repository: Repository, name: str) -> str:
    """The commit of that name in the mission's clone. Raises Refused where there is none."""
    reply = await repository.git.run(
        "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", ok=(0, 1, 128)
    )
    if reply.code:
        raise Refused(f"{name!r} names no commit of the mission; expected one that `git log milepost/…` shows")
    return reply.text


# --- a script as a file, on any folder ---

def read_flow(file: Path) -> FlowFile:
    """An exported script. Raises Refused where the file is none."""
    try:
        return FlowFile.model_validate_json(file.read_bytes())
    except (OSError, ValueError) as error:
        raise Refused(f"{str(file)!r} is no exported flow: {error}") from error


async def play_file(
    flow: FlowFile, facts: RepositoryFacts, missions: Path, clock: Callable[[], float]
) -> Replays:
    """Play an exported script on a repository as it lies there, changes that are not committed included."""
    folder = MissionFolder(missions / facts.key / f".flow-{os.getpid()}")
    try:
        repository = await Repository.clone(facts.top, folder.make().repository)
        commit = (await Worktree.in_place(repository, facts.top, at=clock())).found_commit
        sandbox = sandbox_available() is None
        shop = Workshop(folder, repository, Worktree(repository, folder.tree), sandbox=sandbox)
        mission = Mission(
            id=flow.mission, goal=flow.mission, repository=str(facts.top), base=commit, mode="worktree",
            slug=flow.mission, settings=Settings(seats={}, sandbox=sandbox), created=clock(), manifest=flow.manifest,
        )
        wanted = [promise.assertion for promise in flow.script.promises]
        began = time.monotonic()
        (shown,) = (await played(shop, mission, {"": flow.script}, {"": wanted}, commit, clock)).values()
        tree = await repository.tree_of(commit)
    finally:
        shutil.rmtree(folder.root, ignore_errors=True)
    titles = {promise.assertion: promise.title for promise in flow.script.promises}
    rows = [
        ReplayRow(
            assertion=r.assertion, title=titles[r.assertion], outcome=r.outcome, move=r.move, why=r.why,
            flow=flow.script.flow,
        )
        for r in shown.results
    ]
    return Replays(mission=flow.mission, commit=commit, tree=tree, rows=rows, ms=since(began))
