"""What can be done about a mission without carrying it: looking, publishing, asking its runner to leave."""

import shutil
from collections.abc import Callable
from pathlib import Path

from milepost.domain.errors import Refused
from milepost.domain.events import HoldPlaced
from milepost.domain.mission import Mission
from milepost.domain.record import Record
from milepost.log.folder import MissionFolder
from milepost.log.lease import Lease
from milepost.log.mission_log import MissionLog
from milepost.log.views import Views
from milepost.runner import checkup, exporting, landing, leaving, origins, proof, rehearsal, replaying
from milepost.runner.checkup import Finding
from milepost.runner.origins import Origin
from milepost.runner.proof import Proof
from milepost.runner.replaying import Replays
from milepost.workspace import preflight
from milepost.workspace.land import LandPlan
from milepost.workspace.preflight import RepositoryFacts
from milepost.workspace.publish import publish
from milepost.workspace.repository import Repository
from milepost.workspace.sandbox import sandbox_available


class Bystander:
    """Stands beside the missions of one state folder."""

    def __init__(self, state_dir: Path, clock: Callable[[], float]) -> None:
        self.state_dir = state_dir
        self.clock = clock

    # --- looking ---

    async def views(self, folder: MissionFolder) -> Views:
        """Sums and excerpts of the log; to be closed."""
        return await Views.open(folder.root, folder.mission)

    async def read(self, folder: MissionFolder) -> Mission:
        """The mission as it stands. Raises Refused while it is being made."""
        async with await MissionLog.open(folder.root, folder.mission, write=False) as log:
            return made(log)

    async def look(self, folder: MissionFolder) -> tuple[Mission, list[Record]]:
        """The mission as it stands, and everything in its log. Raises Refused while it is being made."""
        async with await MissionLog.open(folder.root, folder.mission, write=False) as log:
            return made(log), await log.events.records()

    async def prove(self, folder: MissionFolder) -> Proof:
        """Whether log and blobs are as they were written."""
        return await proof.prove(folder)

    async def replay_flows(self, folder: MissionFolder, commit: str | None = None) -> Replays:
        """Play every script of a mission at a commit, the newest by default. Raises Refused where there is none."""
        return await replaying.replay_flows(folder, await self.read(folder), self.clock, commit)

    async def play_flow(self, file: Path, facts: RepositoryFacts) -> Replays:
        """Play one exported script on a repository as it lies there."""
        flow = replaying.read_flow(file)
        return await replaying.play_file(flow, facts, self.state_dir / "missions", self.clock)

    async def export_flows(self, folder: MissionFolder, target: Path) -> list[Path]:
        """Write the scripts of a mission as tests; the files. Raises Refused where there is none to write."""
        return exporting.export(folder, await self.read(folder), target)

    async def origin(self, folder: MissionFolder, head: str, name: str, line: int | None = None) -> Origin:
        """The commit of a name, or that wrote a line of the file of that name. Raises Refused where there is none."""
        repository = Repository(folder.repository)
        if line is None:
            return await origins.of_commit(repository, name)
        return await origins.of_line(repository, head, name, line)

    async def inspect(self, cwd: Path) -> RepositoryFacts:
        """The repository around a folder."""
        return await preflight.inspect(cwd)

    def sandbox_problem(self) -> str | None:
        """Why no sandbox can be made here and what to do; None where one can."""
        return sandbox_available()

    async def checkup(self, cwd: Path, browser: Path | None = None) -> list[Finding]:
        """Whether machine and repository can carry a mission; `browser` is what the user's settings name."""
        return await checkup.checkup(cwd, self.state_dir, browser)

    async def rehearse(self, folder: MissionFolder) -> list[Finding] | None:
        """Try the commands of a mission; None where it has none yet."""
        mission = await self.read(folder)
        return await rehearsal.rehearse_mission(folder, mission, mission.manifest) if mission.manifest else None

    async def rehearse_guess(self, cwd: Path) -> list[Finding]:
        """Try the test command that a repository without a mission seems to have."""
        return await rehearsal.rehearse_guess(self.state_dir / "missions", await preflight.inspect(cwd))

    # --- acting ---

    async def publish(self, folder: MissionFolder) -> Mission:
        """Lay the mission's branch into the user's repository: that ref and nothing else."""
        mission = await self.read(folder)
        if mission.head == mission.base:
            raise Refused(f"{mission.id} has made no commit yet; there is nothing to publish")
        await publish(Repository(folder.repository), Path(mission.repository), mission.branch, mission.head)
        return mission

    async def plan_landing(self, folder: MissionFolder, *, unfinished: bool = False) -> LandPlan:
        """What landing would do; nothing of the user's changes. Raises Refused where it cannot be landed."""
        mission = await self.read(folder)
        landing.expect_landable(mission, unfinished)
        return await landing.planned(mission, Repository(folder.repository), at=self.clock())

    async def send_away(self, folder: MissionFolder) -> None:
        """Have the runner leave, the mission as it stands. Raises Refused where it does not come to its end."""
        await leaving.ask_to_leave(folder)

    async def give_up(self, folder: MissionFolder, reason: str) -> None:
        """Hold a mission whose runner cannot stay alive (D23)."""
        lease = Lease(folder.root)
        if not lease.acquire():
            return
        try:
            async with await MissionLog.open(folder.root, folder.mission, clock=self.clock) as log:
                hold = HoldPlaced(hold="blocked", reason=reason)
                await log.decide(lambda m: [] if m.ended or m.holds else [hold], by="engine")
        finally:
            lease.release()

    def remove(self, folder: MissionFolder) -> None:
        """Delete a mission with everything of it under the state folder; nothing in the user's repository changes.

        Raises Refused while somebody carries it.
        """
        if Lease(folder.root).held_by_other():
            raise Refused(f"{folder.mission} is carried by a runner; `milepost cancel -m {folder.mission}` ends it")
        shutil.rmtree(folder.root, ignore_errors=True)


def made(log: MissionLog) -> Mission:
    """The mission of a log. Raises Refused where its first event is not there yet."""
    if log.mission is None:
        raise Refused(f"{log.events.mission_id} is being made; look again in a moment")
    return log.mission
